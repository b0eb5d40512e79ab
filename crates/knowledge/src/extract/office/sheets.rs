//! Spreadsheets: each sheet is a page with a heading and one table. Numbers are written as their
//! formats show them in `.xlsx`, and else with at most 15 digits; dates as ISO 8601.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek};

use calamine::{Data, DataRef, DataType, Ods, OdsError, Reader, Xls, XlsError, Xlsx, XlsxError};

use super::number_format::NumberFormat;
use super::numbers::{number_shown, time_shown};
use crate::extract::error::{ExtractError, Result};
use crate::extract::extracted::{Extracted, TextBuilder, TextFormat};
use crate::extract::markdown::{Table, heading};

/// Columns that a sheet can have.
const COLUMNS: usize = 16_384;

/// Excel since 2007.
pub(super) fn xlsx(input: File, text_bytes: u64, title: Option<&str>) -> Result<Extracted> {
    let mut book = Xlsx::new(BufReader::new(input)).map_err(of_xlsx)?;
    let mut out = TextBuilder::new(text_bytes);
    // By the number of the style, which all sheets share.
    let mut formats: HashMap<usize, Option<NumberFormat>> = HashMap::new();
    for name in book.sheet_names() {
        let mut cells = match book.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            // A sheet that is a chart or a dialogue has no cells.
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(of_xlsx(error)),
        };
        let mut sheet = Sheet::begin(&mut out, &name)?;
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(of_xlsx)? {
            let (row, column) = cell.get_position();
            let code = cells.styles().get(style).and_then(|style| style.number_format.as_ref());
            let format = code.and_then(|code| {
                let parse = || NumberFormat::parse(&code.format_code);
                formats.entry(style).or_insert_with(parse).as_ref()
            });
            let text = shown_ref(cell.get_value(), format);
            sheet.cell(&mut out, row, column as usize, text)?;
        }
        sheet.finish(&mut out)?;
    }
    finish(out, title)
}

/// Excel before 2007.
pub(super) fn xls(input: File, text_bytes: u64) -> Result<Extracted> {
    let book = Xls::new(BufReader::new(input)).map_err(|error| match error {
        XlsError::Password => ExtractError::Encrypted,
        _ => broken(),
    })?;
    dense(book, text_bytes)
}

/// OpenDocument.
pub(super) fn ods(input: File, text_bytes: u64) -> Result<Extracted> {
    let book = Ods::new(BufReader::new(input)).map_err(|error| match error {
        OdsError::Password => ExtractError::Encrypted,
        _ => broken(),
    })?;
    dense(book, text_bytes)
}

fn dense<R: Read + Seek>(mut book: impl Reader<R>, text_bytes: u64) -> Result<Extracted> {
    let mut out = TextBuilder::new(text_bytes);
    for name in book.sheet_names() {
        let Ok(range) = book.worksheet_range(&name) else { return Err(broken()) };
        let mut sheet = Sheet::begin(&mut out, &name)?;
        for (row, column, value) in range.used_cells() {
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            sheet.cell(&mut out, row, column, shown(value))?;
        }
        sheet.finish(&mut out)?;
    }
    finish(out, None)
}

fn finish(out: TextBuilder, title: Option<&str>) -> Result<Extracted> {
    out.finish(TextFormat::Markdown, title)
}

/// A sheet that is being written. Cells come row by row; with the first that is not empty comes the
/// sheet's name, so that nothing is written of a sheet without any.
struct Sheet<'a> {
    name: Option<&'a str>,
    table: Table,
    row: u32,
    cells: Vec<String>,
}

impl<'a> Sheet<'a> {
    fn begin(out: &mut TextBuilder, name: &'a str) -> Result<Self> {
        out.begin_page()?;
        Ok(Self { name: Some(name), table: Table::default(), row: 0, cells: Vec::new() })
    }

    fn cell(&mut self, out: &mut TextBuilder, row: u32, column: usize, text: String) -> Result<()> {
        if row != self.row {
            self.table.row(out, std::mem::take(&mut self.cells))?;
            self.row = row;
        }
        if text.trim().is_empty() || column >= COLUMNS {
            return Ok(());
        }
        if let Some(name) = self.name.take() {
            heading(out, 1, name)?;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(())
    }

    fn finish(mut self, out: &mut TextBuilder) -> Result<()> {
        self.table.row(out, self.cells)?;
        self.table.finish(out)
    }
}

fn shown_ref(value: &DataRef<'_>, format: Option<&NumberFormat>) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::String(text) => text.clone(),
        DataRef::Float(number) => {
            format.and_then(|format| format.show(*number)).unwrap_or_else(|| number_shown(*number))
        }
        DataRef::DateTime(time) => time_shown(time),
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
    }
}

fn shown(value: &Data) -> String {
    match value {
        Data::Float(number) => number_shown(*number),
        Data::DateTime(time) => time_shown(time),
        Data::Error(_) => String::new(),
        value => value.as_string().unwrap_or_else(|| value.to_string()),
    }
}

fn of_xlsx(error: XlsxError) -> ExtractError {
    match error {
        XlsxError::Password => ExtractError::Encrypted,
        _ => broken(),
    }
}

fn broken() -> ExtractError {
    ExtractError::damaged("its sheets are broken")
}
