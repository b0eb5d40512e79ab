//! Text in an image: how wide it is about, since fonts are the reader's, and how it is escaped.

use std::borrow::Cow;

use crate::view::label::{self, clipped, visible};

/// The fonts of the style sheet.
#[derive(Clone, Copy)]
pub(super) enum Font {
    Title,
    Name,
    Small,
}

impl Font {
    /// About how wide a text is; rather too wide than too narrow.
    pub(super) fn width(self, text: &str) -> f64 {
        let size = match self {
            Self::Title => 16.0,
            Self::Name => 13.0,
            Self::Small => 11.0,
        };
        text.chars().map(share).sum::<f64>() * size
    }
}

/// The width of a character as a share of the font's size.
fn share(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '·' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '\\' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.95,
        'A'..='Z' => 0.72,
        '\u{1100}'.. => 1.1,
        _ => 0.6,
    }
}

/// A name as an image has room for it.
pub(super) fn fitting(text: &str, most: usize) -> Cow<'_, str> {
    match visible(text) {
        Cow::Borrowed(text) => clipped(text, most),
        Cow::Owned(text) => Cow::Owned(clipped(&text, most).into_owned()),
    }
}

/// A text as XML, in an element or an attribute.
pub(super) fn escaped(text: &str) -> String {
    label::escaped(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    })
}
