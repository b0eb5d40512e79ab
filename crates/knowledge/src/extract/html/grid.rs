//! The cells of a table at their places: some take several columns or rows.

use dom_query::NodeRef;

/// A table whose cells have more than this is there for the looks.
const CELL_CHARS: usize = 2_000;
/// The most columns that one cell takes.
const MOST_COLUMNS: usize = 64;
/// The most rows that one cell takes.
const MOST_ROWS: usize = 1_000;
/// The widest row that cells of rows above can make.
const MOST_PLACES: usize = 1_024;
/// A longer text is not said again in each row that its cell takes.
const SAID_AGAIN_CHARS: usize = 200;
/// The most places in one direction that count to tell whether a table holds data.
const WIDE: usize = 8;

/// The row that is being read, and what reaches into it from above.
#[derive(Default)]
pub(super) struct Grid {
    row: Vec<String>,
    /// By column: what a cell above says there, and in how many rows from this one on.
    above: Vec<(String, usize)>,
    /// The columns and rows that the cell takes.
    spans: (usize, usize),
}

impl Grid {
    /// Begins a cell.
    pub(super) fn begin_cell(&mut self, cell: &NodeRef<'_>) {
        self.spans = spans(cell);
    }

    /// Ends a cell. It stands in its first column; in further rows it is said again, since a row
    /// that is found alone has to tell what it is of.
    pub(super) fn end_cell(&mut self, text: String) {
        self.reach_down();
        let (columns, rows) = std::mem::take(&mut self.spans);
        let at = self.row.len();
        if rows > 1 && at + columns <= MOST_PLACES {
            let is_short = text.chars().nth(SAID_AGAIN_CHARS).is_none();
            self.above.resize(self.above.len().max(at + columns), (String::new(), 0));
            for (place, above) in self.above[at..at + columns].iter_mut().enumerate() {
                let again = if place == 0 && is_short { text.clone() } else { String::new() };
                // This row counts too, and is taken off at its end.
                *above = (again, rows);
            }
        }
        self.row.push(text);
        self.row.resize(at + columns.max(1), String::new());
    }

    /// Fills the places up to the next free one with what reaches into them.
    fn reach_down(&mut self) {
        while let Some((text, 1..)) = self.above.get(self.row.len()) {
            self.row.push(text.clone());
        }
    }

    /// Ends the row. One without cells of its own says nothing.
    pub(super) fn end_row(&mut self) -> Vec<String> {
        if !self.row.is_empty() {
            let last = self.above.iter().rposition(|(_, rows)| *rows > 0);
            while last.is_some_and(|last| self.row.len() <= last) {
                let above = self.above.get(self.row.len()).filter(|(_, rows)| *rows > 0);
                self.row.push(above.map(|(text, _)| text.clone()).unwrap_or_default());
            }
        }
        for (_, rows) in &mut self.above {
            *rows = rows.saturating_sub(1);
        }
        std::mem::take(&mut self.row)
    }

    /// Ends a group of rows: no cell reaches beyond.
    pub(super) fn end_group(&mut self) {
        self.above.clear();
    }
}

/// How many columns and rows a cell takes. Of no rows are all to the end of their group.
fn spans(cell: &NodeRef<'_>) -> (usize, usize) {
    let number = |name| cell.attr(name).and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1);
    let rows = Some(number("rowspan")).filter(|rows| *rows > 0).unwrap_or(MOST_ROWS);
    (number("colspan").clamp(1, MOST_COLUMNS), rows.min(MOST_ROWS))
}

/// Whether a table holds data, and is not there for the looks: at least two rows and columns, no
/// table, heading or list within, and no long texts.
pub(super) fn is_data(table: &NodeRef<'_>) -> bool {
    let (mut rows, mut cells) = (0_usize, 0_usize);
    for node in table.descendants_it() {
        if node.is_text() {
            if node.text().chars().nth(CELL_CHARS).is_some() {
                return false;
            }
            continue;
        }
        match node.node_name().as_deref() {
            Some("table" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" | "pre" | "form") => {
                return false;
            }
            Some("tr") => rows += 1,
            Some("td" | "th") => {
                // One that takes several places fills them all.
                let (columns, rows) = spans(&node);
                cells += columns.min(WIDE) * rows.min(WIDE);
            }
            _ => {}
        }
    }
    rows >= 2 && cells >= rows * 2
}
