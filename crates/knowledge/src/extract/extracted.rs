//! What comes out of a file, and how it is put together within its limit.

use serde::{Deserialize, Serialize};

use super::error::{ExtractError, Result};

/// How a text is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// Words and lines.
    Plain,
    /// Markdown: headings, lists, tables.
    Markdown,
    /// Source code or data in this language, as Markdown names it after a code fence.
    Code(String),
}

/// The text of a file. Lines end with `\n`; of the control characters only `\n` and `\t` remain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// The text.
    pub text: String,
    /// How it is to be read.
    pub format: TextFormat,
    /// At which character (Unicode scalar values from 0) page, slide or sheet n begins, ascending.
    /// Empty where a file has no pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<u32>,
    /// The title that the file gives itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What of the file could not be read while the rest could, in sentences for people: which pages,
    /// why, and what to do. At most 500 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// The most characters that a title keeps.
const TITLE_CHARS: usize = 200;

/// A text under construction, normalised and bounded as it grows.
#[derive(Debug)]
pub(super) struct TextBuilder {
    text: String,
    max_bytes: usize,
    pages: Vec<u32>,
    /// How many characters the first `counted` bytes are.
    chars: usize,
    counted: usize,
}

impl TextBuilder {
    /// An empty text that may grow to `max_bytes` bytes of UTF-8.
    pub(super) fn new(max_bytes: u64) -> Self {
        // Offsets are 32 bits wide.
        let max_bytes = usize::try_from(max_bytes.min(u64::from(u32::MAX))).unwrap_or(usize::MAX);
        Self { text: String::new(), max_bytes, pages: Vec::new(), chars: 0, counted: 0 }
    }

    /// Adds text. Carriage returns become line breaks; other control characters vanish.
    pub(super) fn push(&mut self, text: &str) -> Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(is_foreign) {
            self.push_clean(&rest[..at])?;
            let mut chars = rest[at..].chars();
            let foreign = chars.next();
            rest = chars.as_str();
            match foreign {
                // The line feed of CR LF follows by itself.
                Some('\r') if rest.starts_with('\n') => {}
                Some('\r' | '\u{b}' | '\u{c}' | '\u{85}') => self.push_clean("\n")?,
                _ => {}
            }
        }
        self.push_clean(rest)
    }

    fn push_clean(&mut self, text: &str) -> Result<()> {
        if self.text.len() + text.len() > self.max_bytes {
            return Err(too_much_text(self.max_bytes));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// The first heading of the highest level, if it is one.
    pub(super) fn first_heading(&self) -> Option<String> {
        let heading = self.text.lines().take(100).find_map(|line| line.strip_prefix("# "))?;
        Some(heading.trim_end_matches('#').to_owned())
    }

    /// Ends the line, if one is open, and leaves one line empty.
    pub(super) fn blank_line(&mut self) -> Result<()> {
        if self.text.is_empty() || self.text.ends_with("\n\n") {
            return Ok(());
        }
        let end = if self.text.ends_with('\n') { "\n" } else { "\n\n" };
        self.push_clean(end)
    }

    /// From here on it is the next page.
    pub(super) fn begin_page(&mut self) -> Result<()> {
        self.blank_line()?;
        self.chars += self.text[self.counted..].chars().count();
        self.counted = self.text.len();
        self.pages.push(u32::try_from(self.chars).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The text as it is now.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The text as it is now, in this format. Nothing but blanks is an error.
    pub(super) fn finish(mut self, format: TextFormat, title: Option<&str>) -> Result<Extracted> {
        self.text.truncate(self.text.trim_end().len());
        if self.text.is_empty() {
            return Err(ExtractError::Empty);
        }
        // Empty pages at the end must not point behind the text.
        self.chars = self.text.chars().count();
        let end = u32::try_from(self.chars).unwrap_or(u32::MAX);
        for page in &mut self.pages {
            *page = (*page).min(end);
        }
        let title = title.map(clean_title).filter(|title| !title.is_empty());
        Ok(Extracted { text: self.text, format, pages: self.pages, title, notice: None })
    }
}

/// The error of a text beyond its limit.
pub(super) fn too_much_text(max_bytes: usize) -> ExtractError {
    let limit = match max_bytes {
        0..1_000_000 => format!("{max_bytes} bytes"),
        _ => format!("{} MB", max_bytes / 1_000_000),
    };
    ExtractError::too_large(format!("more than {limit} of text (files.extract_text_bytes)"))
}

/// Whether a text must not hold this character.
fn is_foreign(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || c == '\u{FEFF}'
}

/// One line of at most 200 characters.
fn clean_title(title: &str) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    words.join(" ").chars().filter(|&c| !is_foreign(c)).take(TITLE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(parts: &[&str]) -> String {
        let mut builder = TextBuilder::new(1_000);
        parts.iter().for_each(|part| builder.push(part).unwrap());
        builder.finish(TextFormat::Plain, None).unwrap().text
    }

    #[test]
    fn lines_end_one_way_and_control_characters_vanish() {
        assert_eq!(built(&["\u{FEFF}a\r\nb\rc\u{c}d\u{0}e\u{1b}\tf\n \n"]), "a\nb\nc\nde\tf");
    }

    #[test]
    fn pages_are_counted_in_characters() {
        let mut builder = TextBuilder::new(1_000);
        for page in ["äö", "", "ü"] {
            builder.begin_page().unwrap();
            builder.push(page).unwrap();
        }
        builder.begin_page().unwrap();
        let text = builder.finish(TextFormat::Plain, Some(" a\n b ")).unwrap();
        assert_eq!(text.text, "äö\n\nü");
        assert_eq!(text.pages, [0, 4, 4, 5]);
        assert_eq!(text.title.as_deref(), Some("a b"));
    }

    #[test]
    fn a_text_beyond_its_limit_is_refused() {
        let mut builder = TextBuilder::new(4);
        builder.push("abcd").unwrap();
        assert!(matches!(builder.push("e"), Err(ExtractError::TooLarge { .. })));
    }
}
