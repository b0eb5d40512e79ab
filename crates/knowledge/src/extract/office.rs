//! Office files. Which one a file is, its own table of parts says, whatever its name is.

mod chart;
mod compound;
mod diagram;
mod docx;
mod graphic;
mod number_format;
mod numbers;
mod package;
mod pptx;
mod sheets;

use std::fs::File;
use std::io::{Read, Seek};

use super::error::{ExtractError, Result};
use super::extracted::Extracted;
use package::Package;

/// The text of an office file: a zip archive, or an OLE compound file.
pub(super) fn extract(mut input: File, text_bytes: u64) -> Result<Extracted> {
    let mut start = [0; 2];
    input.read_exact(&mut start)?;
    input.rewind()?;
    if &start != b"PK" {
        return compound::extract(input, text_bytes);
    }
    let mut copy = input.try_clone()?;
    let mut package = Package::open(input)?;
    let main = package.main_part()?;
    if main.starts_with("word/") {
        return docx::extract(package, &main, text_bytes);
    }
    if main.starts_with("ppt/") {
        return pptx::extract(package, &main, text_bytes);
    }
    let title = package.title()?;
    drop(package);
    copy.rewind()?;
    if main.starts_with("xl/") && main.ends_with(".bin") {
        return Err(ExtractError::Unsupported(
            "binary Excel workbooks (.xlsb) cannot be read: save it as .xlsx".to_owned(),
        ));
    }
    if main.starts_with("xl/") {
        return sheets::xlsx(copy, text_bytes, title.as_deref());
    }
    if main == package::SPREADSHEET {
        return sheets::ods(copy, text_bytes);
    }
    Err(ExtractError::Unsupported(
        "this kind of office file cannot be read: save it as .docx, .pptx, .xlsx or PDF".to_owned(),
    ))
}
