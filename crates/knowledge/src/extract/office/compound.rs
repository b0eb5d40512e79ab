//! OLE compound files: Excel before 2007, and every encrypted office file.

use std::fs::File;
use std::io::{Read, Seek};

use super::sheets;
use crate::extract::error::{ExtractError, Result};
use crate::extract::extracted::Extracted;

/// How much is looked at at once.
const WINDOW: usize = 1 << 20;
/// What of a window is looked at again with the next one: more than the longest name.
const OVERLAP: usize = 128;

pub(super) fn extract(mut input: File, text_bytes: u64) -> Result<Extracted> {
    let named = ["EncryptedPackage", "WordDocument", "PowerPoint Document"];
    let [encrypted, word, slides] = holds_streams(&mut input, named)?;
    input.rewind()?;
    if encrypted {
        return Err(ExtractError::Encrypted);
    }
    if word {
        return Err(old("Word's format of before 2007 (.doc)", ".docx"));
    }
    if slides {
        return Err(old("PowerPoint's format of before 2007 (.ppt)", ".pptx"));
    }
    sheets::xls(input, text_bytes)
}

fn old(what: &str, new: &str) -> ExtractError {
    ExtractError::Unsupported(format!("{what} cannot be read: save the file as {new} or PDF"))
}

/// Whether the table of streams holds these names, which it keeps as UTF-16.
fn holds_streams<const N: usize>(input: &mut File, names: [&str; N]) -> Result<[bool; N]> {
    let names =
        names.map(|name| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    let mut found = [false; N];
    let mut window = Vec::with_capacity(WINDOW + OVERLAP);
    loop {
        let read = input.by_ref().take(WINDOW as u64).read_to_end(&mut window)?;
        for (found, name) in found.iter_mut().zip(&names) {
            *found = *found || memchr::memmem::find(&window, name).is_some();
        }
        if read == 0 {
            return Ok(found);
        }
        window.drain(..window.len().saturating_sub(OVERLAP));
    }
}
