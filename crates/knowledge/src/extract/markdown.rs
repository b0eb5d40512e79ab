//! Writes Markdown: headings, paragraphs and tables, so that their words cannot be mistaken for
//! marks.

use super::error::Result;
use super::extracted::TextBuilder;

/// Rows that are looked at before a table's width is settled.
const LOOK_ROWS: usize = 64;

/// Writes a heading of this level, 1 to 6, if it has words.
pub(super) fn heading(out: &mut TextBuilder, level: usize, words: &str) -> Result<()> {
    let words = one_line(words);
    if words.is_empty() {
        return Ok(());
    }
    out.blank_line()?;
    out.push(&"######"[..level.clamp(1, 6)])?;
    out.push(" ")?;
    out.push(&words)?;
    out.blank_line()
}

/// Writes a paragraph, whose lines stay lines, if it has words.
pub(super) fn paragraph(out: &mut TextBuilder, text: &str) -> Result<()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(());
    }
    out.blank_line()?;
    for line in text.lines() {
        // It is no heading, whatever it begins with.
        if line.trim_start_matches('#').starts_with(' ') && line.starts_with('#') {
            out.push("\\")?;
        }
        out.push(line.trim_end())?;
        out.push("\n")?;
    }
    out.blank_line()
}

/// Writes an entry of a list, indented by its depth (from 0), if it has words.
pub(super) fn list_item(out: &mut TextBuilder, depth: usize, mark: &str, text: &str) -> Result<()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(());
    }
    let indent = "  ".repeat(depth.min(8));
    out.push(&indent)?;
    out.push(mark)?;
    out.push(" ")?;
    for (n, line) in text.lines().enumerate() {
        if n > 0 {
            out.push(&indent)?;
            out.push("  ")?;
        }
        out.push(line.trim())?;
        out.push("\n")?;
    }
    Ok(())
}

/// The words in one line, with single blanks.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// A table under construction. The first row is its header. Rows and columns at the edges that are
/// empty are left out; what a later row has left of the edge stands in its first cell.
#[derive(Debug, Default)]
pub(super) struct Table {
    waiting: Vec<Vec<String>>,
    begun: bool,
    /// The columns that are written.
    from: usize,
    width: usize,
}

impl Table {
    /// Adds a row.
    pub(super) fn row(&mut self, out: &mut TextBuilder, cells: Vec<String>) -> Result<()> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.begun {
            return self.write(out, &cells);
        }
        self.waiting.push(cells);
        if self.waiting.len() == LOOK_ROWS { self.begin(out) } else { Ok(()) }
    }

    /// Ends the table.
    pub(super) fn finish(mut self, out: &mut TextBuilder) -> Result<()> {
        if !self.begun {
            self.begin(out)?;
        }
        out.blank_line()
    }

    fn begin(&mut self, out: &mut TextBuilder) -> Result<()> {
        self.begun = true;
        let rows = std::mem::take(&mut self.waiting);
        let filled = |cell: &String| !cell.trim().is_empty();
        let first = |row: &Vec<String>| row.iter().position(filled);
        let last = |row: &Vec<String>| row.iter().rposition(filled).map(|at| at + 1);
        self.from = rows.iter().filter_map(first).min().unwrap_or(0);
        self.width = rows.iter().filter_map(last).max().unwrap_or(0);
        let mut rows = rows.into_iter();
        let Some(header) = rows.next() else { return Ok(()) };
        out.blank_line()?;
        self.write(out, &header)?;
        out.push("|")?;
        for _ in self.from..self.width {
            out.push(" --- |")?;
        }
        out.push("\n")?;
        rows.try_for_each(|row| self.write(out, &row))
    }

    fn write(&self, out: &mut TextBuilder, cells: &[String]) -> Result<()> {
        out.push("|")?;
        let blank = |cell: &&String| cell.trim().is_empty();
        let used = cells.len() - cells.iter().rev().take_while(blank).count();
        for column in self.from..self.width.max(used) {
            out.push(" ")?;
            // The edge was settled before this row was seen.
            let first = if column == self.from { 0 } else { column };
            let cell = cells.get(first..cells.len().min(column + 1)).unwrap_or_default().join(" ");
            out.push(&one_line(&cell).replace('|', "\\|"))?;
            out.push(" |")?;
        }
        out.push("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::TextFormat;

    fn table(rows: &[&[&str]]) -> String {
        let mut out = TextBuilder::new(10_000);
        let mut table = Table::default();
        for row in rows {
            table.row(&mut out, row.iter().map(ToString::to_string).collect()).unwrap();
        }
        table.finish(&mut out).unwrap();
        out.finish(TextFormat::Markdown, None).unwrap().text
    }

    #[test]
    fn a_table_is_as_wide_as_its_rows() {
        assert_eq!(
            table(&[&["", ""], &["", "a", "b|c"], &["", "1", "", ""], &["", "2\n3", "4", "5"]]),
            "| a | b\\|c |  |\n| --- | --- | --- |\n| 1 |  |  |\n| 2 3 | 4 | 5 |"
        );
    }

    #[test]
    fn what_stands_left_of_the_edge_is_not_lost() {
        let mut rows: Vec<&[&str]> = vec![&["", "", "item", "price"]];
        rows.resize(LOOK_ROWS, &["", "", "rope", "3"]);
        rows.push(&["Grand total", "of", "all", "192"]);
        rows.push(&["Checked"]);
        let text = table(&rows);
        assert!(text.starts_with("| item | price |\n| --- | --- |\n| rope | 3 |\n"), "{text}");
        assert!(
            text.ends_with("| rope | 3 |\n| Grand total of all | 192 |\n| Checked |  |"),
            "{text}"
        );
    }

    #[test]
    fn words_are_no_marks() {
        let mut out = TextBuilder::new(1_000);
        heading(&mut out, 9, " a\n b ").unwrap();
        heading(&mut out, 1, "  ").unwrap();
        paragraph(&mut out, "# include\n#no\nend").unwrap();
        list_item(&mut out, 1, "-", "x\ny").unwrap();
        let text = out.finish(TextFormat::Markdown, None).unwrap().text;
        assert_eq!(text, "###### a b\n\n\\# include\n#no\nend\n\n  - x\n    y");
    }
}
