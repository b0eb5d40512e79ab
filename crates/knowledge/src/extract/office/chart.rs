//! Charts: their titles and, from what they keep of their sheet, a table of categories and values.

use std::collections::BTreeMap;

use super::numbers::value_shown;
use super::package::{Attributes, Node, Package};
use crate::extract::error::Result;
use crate::extract::extracted::TextBuilder;
use crate::extract::markdown::{Table, one_line, paragraph};

/// What of a series says nothing of its own: labels of its values, errors and trends.
const SKIPPED: [&str; 4] = ["dLbls", "errBars", "trendline", "extLst"];

/// Values by their numbers.
type Values = BTreeMap<usize, String>;

/// What a chart shows.
#[derive(Debug, Default)]
pub(super) struct Chart {
    /// Its title, then those of its axes.
    titles: Vec<String>,
    series: Vec<Series>,
}

#[derive(Debug, Default)]
struct Series {
    name: String,
    categories: Values,
    values: Values,
}

/// What of a series is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Categories,
    Values,
}

/// A chart that is being read.
#[derive(Debug, Default)]
struct Reading {
    chart: Chart,
    in_title: bool,
    field: Option<Field>,
    /// Whether what is read now are numbers, not words that may look like some.
    numeric: bool,
    /// Whether days are counted from 1904.
    from_1904: bool,
    /// The format of the numbers, that of the next one alone, and the place of that.
    code: String,
    own_code: Option<String>,
    number: usize,
    text: String,
    /// Whether what is read now is a text.
    listens: bool,
    skipping: usize,
}

impl Chart {
    /// Reads the part of a chart, which must be there.
    pub(super) fn read(package: &mut Package, part: &str) -> Result<Self> {
        let mut reading = Reading::default();
        package.read_needed(part, |node| {
            reading.take(node);
            Ok(())
        })?;
        Ok(reading.chart)
    }

    /// Writes its titles, and one table of all series, or one of each where their categories differ.
    pub(super) fn write(self, out: &mut TextBuilder) -> Result<()> {
        for title in &self.titles {
            paragraph(out, &one_line(title))?;
        }
        let alike =
            |a: &Series, b: &Series| b.categories.is_empty() || a.categories == b.categories;
        for series in self.series.chunk_by(alike) {
            write_table(series, out)?;
        }
        Ok(())
    }
}

/// A row for each category, a column for each series.
fn write_table(series: &[Series], out: &mut TextBuilder) -> Result<()> {
    let Some(first) = series.first() else { return Ok(()) };
    let mut numbers: Vec<usize> = first.categories.keys().copied().collect();
    numbers.extend(series.iter().flat_map(|series| series.values.keys()));
    numbers.sort_unstable();
    numbers.dedup();
    let mut table = Table::default();
    let names = series.iter().map(|series| one_line(&series.name));
    table.row(out, std::iter::once(String::new()).chain(names).collect())?;
    for number in numbers {
        let of = |values: &Values| values.get(&number).cloned().unwrap_or_default();
        let values = series.iter().map(|series| of(&series.values));
        table.row(out, std::iter::once(of(&first.categories)).chain(values).collect())?;
    }
    table.finish(out)
}

impl Reading {
    fn take(&mut self, node: Node<'_>) {
        match node {
            Node::Open(name, _) if SKIPPED.contains(&name) => self.skipping += 1,
            Node::Close(name) if SKIPPED.contains(&name) => {
                self.skipping = self.skipping.saturating_sub(1);
            }
            _ if self.skipping > 0 => {}
            Node::Open(name, attributes) => self.open(name, &attributes),
            Node::Text(text) if self.listens => self.text.push_str(text),
            Node::Text(_) => {}
            Node::Close(name) => self.close(name),
        }
    }

    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        match name {
            "title" => {
                self.in_title = true;
                self.chart.titles.push(String::new());
            }
            "ser" => self.chart.series.push(Series::default()),
            "tx" if !self.in_title => self.field = Some(Field::Name),
            "cat" | "xVal" => self.field = Some(Field::Categories),
            "val" | "yVal" => self.field = Some(Field::Values),
            "date1904" => self.from_1904 = attributes.get("val").is_none_or(|val| is_true(&val)),
            "numCache" | "numLit" => {
                self.numeric = true;
                self.code.clear();
            }
            "pt" => {
                self.number = attributes.number("idx").unwrap_or(0);
                self.own_code = attributes.get("formatCode");
            }
            "t" | "v" | "formatCode" => {
                self.listens = true;
                self.text.clear();
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "title" => self.in_title = false,
            "tx" | "cat" | "xVal" | "val" | "yVal" => self.field = None,
            "numCache" | "numLit" => self.numeric = false,
            "p" if self.in_title => self.say(" "),
            "t" | "v" => {
                self.listens = false;
                let text = std::mem::take(&mut self.text);
                if self.in_title { self.say(&text) } else { self.put(&text) }
            }
            "formatCode" => {
                self.listens = false;
                self.code = std::mem::take(&mut self.text);
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        if let Some(title) = self.chart.titles.last_mut() {
            title.push_str(text);
        }
    }

    fn put(&mut self, text: &str) {
        let Some(series) = self.chart.series.last_mut() else { return };
        let code = self.own_code.as_deref().unwrap_or(&self.code);
        let shown = || match self.numeric {
            true => value_shown(text, code, self.from_1904),
            false => text.to_owned(),
        };
        match self.field {
            Some(Field::Name) => series.name.push_str(text),
            // Of several levels the first is the finest.
            Some(Field::Categories) => {
                series.categories.entry(self.number).or_insert_with(shown);
            }
            Some(Field::Values) => {
                series.values.insert(self.number, shown());
            }
            None => {}
        }
    }
}

/// Whether an attribute says yes.
fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true")
}
