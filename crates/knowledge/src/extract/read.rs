//! Reads a file of a kind: each kind has a reader of its own.

use std::fs::File;

use super::charset::Charset;
use super::error::Result;
use super::extracted::{Extracted, TextFormat};
use super::kind::{FileKind, Format};
use super::{csv, html, json, office, pdf, text};

/// The version of what the readers make of files. It goes up with every change by which the same file
/// gives another text or notice: what was kept of an older one is read again when its document is.
pub const READERS: u32 = 3;

/// The text of a file, at most `text_bytes` bytes of it, in this process. A hostile file can make
/// it take any amount of memory and time, or end the process: only the child calls it, but for small
/// texts that are kept as they are. `charset` is what whoever sent a text names.
pub fn extract(
    kind: &FileKind,
    charset: Option<Charset>,
    input: File,
    text_bytes: u64,
) -> Result<Extracted> {
    let read = |input| text::read(input, charset, text_bytes);
    match kind.format {
        Format::Plain => text::extract(read(input)?, TextFormat::Plain, text_bytes),
        Format::Markdown => text::extract(read(input)?, TextFormat::Markdown, text_bytes),
        Format::Code(language) => {
            text::extract(read(input)?, TextFormat::Code(language.to_owned()), text_bytes)
        }
        Format::Table => csv::extract(&read(input)?, text_bytes),
        Format::Html => html::extract(&read(input)?, text_bytes),
        Format::Json => json::extract(&read(input)?, text_bytes),
        Format::JsonLines => json::extract_lines(&read(input)?, text_bytes),
        Format::Office => office::extract(input, text_bytes),
        Format::Pdf => pdf::extract(input, text_bytes),
    }
}
