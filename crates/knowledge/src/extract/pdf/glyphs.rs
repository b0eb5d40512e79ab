//! Collects the letters that a page shows, each with its place.

use hayro::hayro_interpret::font::{Glyph as Shown, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::hayro_syntax::object::Dict;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};
use hayro::kurbo::{Affine, BezPath, Point};

use super::letters;
use super::unread::Unread;

/// The units of a glyph's own space that make one size of its font.
const UNITS: f64 = 1_000.0;
/// How wide a glyph is that does not say so, in sizes of its font.
const USUAL_WIDTH: f64 = 0.5;
/// The part of a page that pictures cover at least where they are what it shows: a logo is less.
const PICTURED: f64 = 0.05;
/// Lines and curves of a drawing that may be letters: frames, rules and backgrounds have less.
const DRAWN: usize = 200;

/// A letter, or what one glyph stands for. Places are in points, from the top left of the page;
/// those of turned letters are as if the page were turned for them.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) text: String,
    /// Where it begins, on its base line.
    pub(super) x: f32,
    pub(super) y: f32,
    /// Where the next one begins.
    pub(super) end: f32,
    /// The size of its font.
    pub(super) size: f32,
    /// Quarters of a circle that it is turned.
    pub(super) turned: u8,
    /// Whether it is marked as no part of the text, as page numbers are.
    pub(super) artifact: bool,
}

/// What a page shows.
#[derive(Default)]
pub(super) struct Glyphs {
    pub(super) all: Vec<Glyph>,
    /// Whether anything but letters is drawn.
    pub(super) pictures: bool,
    /// How much pictures cover, in square points.
    covered: f64,
    /// Lines and curves that are drawn.
    drawn: usize,
    pub(super) named: usize,
    pub(super) nameless: usize,
    /// For each mark that is open, whether it says that what follows is no part of the text.
    marks: Vec<bool>,
}

impl Glyphs {
    /// What a page of this area, in square points, shows that is no text, if it is more than an
    /// ornament.
    pub(super) fn shows_unread(&self, area: f64) -> Option<Unread> {
        if self.nameless > self.named {
            Some(Unread::Letters)
        } else if self.covered >= PICTURED * area && self.covered > 0.0 || self.drawn >= DRAWN {
            Some(Unread::Pictures)
        } else {
            None
        }
    }

    /// Whether what is shown now is marked as no part of the text.
    fn is_artifact(&self) -> bool {
        self.marks.contains(&true)
    }

    fn add(&mut self, shown: &Shown<'_>, transform: Affine) {
        let text = match shown.as_unicode() {
            Some(BfString::Char(c)) => letters::plain(c),
            Some(BfString::String(text)) => text.chars().map(letters::plain).collect(),
            None => String::new(),
        };
        if text.is_empty() {
            self.nameless += 1;
            return;
        }
        self.named += 1;
        let advance = match shown {
            Shown::Outline(glyph) => glyph.advance_width(),
            Shown::Type3(glyph) => glyph.advance_width(),
        };
        let advance = advance.map_or(USUAL_WIDTH * UNITS, f64::from);
        let begin = transform * Point::ZERO;
        let end = transform * Point::new(advance, 0.0);
        let top = transform * Point::new(0.0, UNITS);
        let size = (top - begin).hypot() as f32;
        let along = transform * Point::new(UNITS, 0.0) - begin;
        let turned = match (along.x.abs() >= along.y.abs(), along.x >= 0.0, along.y >= 0.0) {
            (true, true, _) => 0,
            (false, _, true) => 1,
            (true, false, _) => 2,
            (false, _, false) => 3,
        };
        let upright = |point: Point| match turned {
            0 => (point.x, point.y),
            1 => (point.y, -point.x),
            2 => (-point.x, -point.y),
            _ => (-point.y, point.x),
        };
        let ((x, y), (end, _)) = (upright(begin), upright(end));
        if size.is_finite() && size > 0.0 && x.is_finite() && y.is_finite() && end.is_finite() {
            let artifact = self.is_artifact();
            let (x, y, end) = (x as f32, y as f32, end as f32);
            self.all.push(Glyph { text, x, y, end, size, turned, artifact });
        }
    }
}

impl<'a> Device<'a> for Glyphs {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        // What is filled and stroked comes twice, the strokes second.
        let repeated = matches!(mode, DrawMode::Stroke(_))
            && run.glyphs().len() <= self.all.len()
            && run.glyphs().first().is_some_and(|first| {
                let begin = props.transform * first.transform() * Point::ZERO;
                let before = &self.all[self.all.len() - run.glyphs().len()];
                (f64::from(before.x) - begin.x).abs() < 0.01
                    && (f64::from(before.y) - begin.y).abs() < 0.01
            });
        if !repeated {
            for glyph in run.glyphs() {
                self.add(glyph, props.transform * glyph.transform());
            }
        }
    }

    fn begin_marked_content(&mut self, tag: &[u8], _: Option<&Dict<'_>>) {
        self.marks.push(tag == b"Artifact");
    }

    fn end_marked_content(&mut self) {
        self.marks.pop();
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.pictures = true;
        if !self.is_artifact() {
            let pixels = f64::from(image.width()) * f64::from(image.height());
            self.covered += props.transform.determinant().abs() * pixels;
        }
    }

    fn draw_path(&mut self, path: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.pictures = true;
        if !self.is_artifact() {
            self.drawn += path.elements().len();
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
