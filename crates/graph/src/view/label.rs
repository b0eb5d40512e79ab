//! Names as they can be shown: on one line, nothing hidden, not too long.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with control characters, what reorders text and what has no width written as Rust
/// escapes.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hidden(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Not only for the eye: XML cannot hold most of these at all.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// At most `most` characters; what is longer ends with an ellipsis.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(most.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// `text` with each character that `escape` knows replaced.
pub(super) fn escaped(text: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match escape(c) {
            Some(replacement) => out.push_str(replacement),
            None => out.push(c),
        }
    }
    out
}

/// Adds a formatted line to a text.
pub(super) fn line(out: &mut String, indent: usize, text: std::fmt::Arguments<'_>) {
    // A `String` takes everything that is written to it.
    let _ = writeln!(out, "{:width$}{text}", "", width = indent * 4);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(visible("plain – ünï"), "plain – ünï");
        assert_eq!(visible("a\nb\u{0}\u{202e}c"), "a\\nb\\u{0}\\u{202e}c");
        assert_eq!(visible("a\u{61c}b\u{200b}c\u{2060}"), "a\\u{61c}b\\u{200b}c\\u{2060}");
    }

    #[test]
    fn long_names_are_clipped_by_characters() {
        assert_eq!(clipped("äöü", 3), "äöü");
        assert_eq!(clipped("äöüß", 3), "äö…");
    }
}
