//! Texts that are kept as they are: plain, Markdown, source code.

use std::fs::File;
use std::io::Read;

use super::charset::Charset;
use super::decode::{chosen, decode};
use super::error::Result;
use super::extracted::{Extracted, TextBuilder, TextFormat, too_much_text};

pub(super) fn extract(text: String, format: TextFormat, text_bytes: u64) -> Result<Extracted> {
    let mut builder = TextBuilder::new(text_bytes);
    builder.push(&text)?;
    drop(text);
    let title = match format {
        TextFormat::Markdown => builder.first_heading(),
        _ => None,
    };
    builder.finish(format, title.as_deref())
}

/// The characters of a file, of which no more than `text_bytes` can be kept. What its sender names
/// comes mostly before what it says of itself ([`chosen`]).
pub(super) fn read(input: File, charset: Option<Charset>, text_bytes: u64) -> Result<String> {
    // No encoding takes more than twice the bytes of UTF-8, beside a mark.
    let most = text_bytes.saturating_mul(2).saturating_add(4);
    let size = input.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most) + 1).unwrap_or(0));
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_much_text(usize::try_from(text_bytes).unwrap_or(usize::MAX)));
    }
    let chosen = chosen(charset.map(Charset::encoding), &bytes);
    decode(bytes, chosen)
}
