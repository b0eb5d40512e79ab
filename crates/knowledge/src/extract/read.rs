//! Reads a file of a kind: each kind has a reader of its own.

use std::fs::File;

use super::error::Result;
use super::extracted::{Extracted, TextFormat};
use super::kind::{FileKind, Format};
use super::{csv, html, json, office, pdf, text};

/// The version of what the readers make of files. It goes up with every change by which the same file
/// gives another text or notice: what was kept of an older one is read again when its document is.
pub const READERS: u32 = 2;

/// The text of a file, at most `text_bytes` bytes of it, in this process. A hostile file can make
/// it take any amount of memory and time, or end the process: only the child calls it, but for small
/// texts that are kept as they are.
pub fn extract(kind: &FileKind, input: File, text_bytes: u64) -> Result<Extracted> {
    match kind.format {
        Format::Plain => text::extract(input, TextFormat::Plain, text_bytes),
        Format::Markdown => text::extract(input, TextFormat::Markdown, text_bytes),
        Format::Code(language) => {
            text::extract(input, TextFormat::Code(language.to_owned()), text_bytes)
        }
        Format::Table => csv::extract(input, text_bytes),
        Format::Html => html::extract(input, text_bytes),
        Format::Json => json::extract(input, text_bytes),
        Format::JsonLines => json::extract_lines(input, text_bytes),
        Format::Office => office::extract(input, text_bytes),
        Format::Pdf => pdf::extract(input, text_bytes),
    }
}
