//! PDF: the text of each page, its lines put together again as paragraphs, larger letters as
//! headings; and pictures of pages.
//!
//! The order is that in which the page was written, which is the order of reading for all usual
//! programs; a page whose pieces jump about is ordered by place.

mod glyphs;
mod letters;
mod lines;
mod paragraphs;
mod picture;
mod unread;

use std::fs::File;
use std::io::{Read, Seek};

use hayro::hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings, TransformExt, interpret_page,
};
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::kurbo::Rect;

pub use picture::page_image;

use super::error::{ExtractError, Result};
use super::extracted::{Extracted, TextBuilder, TextFormat, too_much_text};
use glyphs::Glyphs;
use lines::Line;
use unread::Unread;

pub(super) fn extract(input: File, text_bytes: u64) -> Result<Extracted> {
    let pdf = open(input)?;
    let cache = InterpreterCache::new();
    let settings = InterpreterSettings::default();
    let (mut pages, mut unread) = (Vec::new(), Vec::new());
    let (mut bytes, mut seen) = (0, Seen::default());
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let place = page.initial_transform(true).to_kurbo();
        let mut context = Context::new(place, area, &cache, page.xref(), settings.clone());
        let mut glyphs = Glyphs::default();
        interpret_page(page, &mut context, &mut glyphs);
        seen.pictures |= glyphs.pictures;
        seen.nameless += glyphs.nameless;
        seen.named += glyphs.named;
        let shows = glyphs.shows_unread(area.area());
        let lines = lines::of(glyphs.all);
        // What stands beside text belongs to it, as far as that can be told.
        unread.push(shows.filter(|what| lines.is_empty() || *what == Unread::Letters));
        bytes += lines.iter().map(|line| line.text.len() as u64).sum::<u64>();
        if bytes > text_bytes {
            return Err(too_much_text(usize::try_from(text_bytes).unwrap_or(usize::MAX)));
        }
        pages.push(lines);
    }
    seen.check(&pages)?;
    let mut out = TextBuilder::new(text_bytes);
    paragraphs::write(&mut out, &pages)?;
    let title = pdf.metadata().title.as_deref().map(letters::of_metadata);
    // Some programs call every file this.
    let title = title.filter(|title| !title.eq_ignore_ascii_case("untitled"));
    let extracted = out.finish(TextFormat::Markdown, title.as_deref())?;
    Ok(Extracted { notice: unread::notice(&unread), ..extracted })
}

/// Reads the whole file and its table of objects.
fn open(mut input: File) -> Result<Pdf> {
    let mut data = Vec::new();
    input.rewind()?;
    input.read_to_end(&mut data)?;
    Pdf::new(data).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => ExtractError::Encrypted,
        LoadPdfError::Decryption(_) => ExtractError::Unsupported(
            "the PDF is encrypted in a way that cannot be read: remove the protection and upload it again"
                .to_owned(),
        ),
        LoadPdfError::Invalid => ExtractError::damaged("it is no whole PDF"),
    })
}

/// What there was on all pages.
#[derive(Default)]
struct Seen {
    pictures: bool,
    /// Glyphs whose fonts do not say which letters they are, and those whose fonts do.
    nameless: usize,
    named: usize,
}

impl Seen {
    /// Says why there is no text, if there is none.
    fn check(&self, pages: &[Vec<Line>]) -> Result<()> {
        if self.nameless > self.named {
            return Err(ExtractError::Unsupported(
                "the fonts of the PDF do not say which letters they show: run text recognition (OCR) \
                 over it, and upload the result"
                    .to_owned(),
            ));
        }
        match pages.iter().all(Vec::is_empty) {
            false => Ok(()),
            true if self.pictures => Err(ExtractError::ImageOnly),
            true => Err(ExtractError::Empty),
        }
    }
}
