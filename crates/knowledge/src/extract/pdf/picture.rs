//! A page of a PDF as a picture.

use std::fs::File;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::extract::error::{ExtractError, Result};

/// The highest picture, in pixels: a page may be a long strip.
const MAX_HEIGHT: f32 = 8_000.0;

/// The picture of a PDF's page (from 1) as PNG, `width` pixels wide, or less where it would be
/// higher than 8,000. In this process: only the child calls it.
pub fn page_image(input: File, page: u32, width: u32) -> Result<Vec<u8>> {
    let pdf = super::open(input)?;
    let index = usize::try_from(page).ok().and_then(|page| page.checked_sub(1));
    let found = index.and_then(|index| pdf.pages().get(index));
    let shown = found
        .ok_or_else(|| ExtractError::Unsupported(format!("the document has no page {page}")))?;
    let (across, down) = shown.render_dimensions();
    let scale = (width as f32 / across.max(1.0)).min(MAX_HEIGHT / down.max(1.0));
    let pixmap = render(
        shown,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
    );
    pixmap.into_png().map_err(|_| ExtractError::damaged("the page cannot be drawn"))
}
