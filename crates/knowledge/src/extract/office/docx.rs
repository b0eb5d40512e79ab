//! Word: headings, lists, tables, text boxes, charts and diagrams, and notes at the end. What a tracked change deleted
//! or moved away is left out, and
//! so is what it changed the looks from.

mod lists;
mod styles;

use lists::Lists;
use styles::Styles;

use std::collections::{HashMap, HashSet};

use super::graphic::{Mention, Unread};
use super::package::{Attributes, Node, Package};
use crate::extract::error::Result;
use crate::extract::extracted::{Extracted, TextBuilder, TextFormat};
use crate::extract::markdown::{Table, heading, list_item, one_line, paragraph};

/// Elements whose content is not read: what was moved away, and the second wording of what is
/// already there.
const SKIPPED: [&str; 2] = ["moveFrom", "Fallback"];
/// The parts that hold notes, the element of one note, and what their numbers begin with.
const NOTES: [(&str, &str, &str); 2] =
    [("footnotes", "footnote", ""), ("endnotes", "endnote", "e")];

/// The text of a Word file whose main part has this name.
pub(super) fn extract(mut package: Package, main: &str, text_bytes: u64) -> Result<Extracted> {
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let styles = Styles::read(&mut package, &format!("{folder}/styles.xml"))?;
    let lists = Lists::read(&mut package, &format!("{folder}/numbering.xml"))?;
    let title = package.title()?;
    let mut document = Document::new(TextBuilder::new(text_bytes), styles, lists);
    let mut unread = Unread::default();
    document.graphics = graphics(&mut package, main, text_bytes, &mut unread)?;
    package.read(main, |node| document.take(node))?;
    document.end_open_table()?;
    for (part, element, prefix) in NOTES {
        document.begin_notes(element, prefix);
        package.read(&format!("{folder}/{part}.xml"), |node| document.take(node))?;
    }
    unread.noted_on(document.out.finish(TextFormat::Markdown, title.as_deref()))
}

/// What the charts and diagrams say that a part shows, by the ids of their relations.
fn graphics(
    package: &mut Package,
    part: &str,
    text_bytes: u64,
    unread: &mut Unread,
) -> Result<HashMap<String, String>> {
    let mut relations = package.relations(part)?;
    relations.retain(|to| matches!(to.kind.as_str(), "chart" | "diagramData"));
    let mut graphics = HashMap::new();
    // Most texts have none and need not be read for them.
    if relations.is_empty() {
        return Ok(graphics);
    }
    let shown = shown(package, part)?;
    for to in relations.into_iter().filter(|to| shown.contains(&to.id)) {
        let mention = match to.kind.as_str() {
            "chart" => Mention::Chart(to.id),
            _ => Mention::Diagram(to.id),
        };
        let mut out = TextBuilder::new(text_bytes);
        mention.write(package, &to.target, &mut out, unread)?;
        graphics.insert(mention.id().to_owned(), out.into_text());
    }
    Ok(graphics)
}

/// The ids of the graphics that the text of a part shows: what an older version of it showed may
/// still be among its relations.
fn shown(package: &mut Package, part: &str) -> Result<HashSet<String>> {
    let (mut ids, mut skipping) = (HashSet::new(), 0_usize);
    package.read(part, |node| {
        match node {
            Node::Open(name, _) if is_skipped(name) => skipping += 1,
            Node::Close(name) if is_skipped(name) => skipping = skipping.saturating_sub(1),
            Node::Open(name, attributes) if skipping == 0 => {
                let mention = Mention::of(name, &attributes);
                ids.extend(mention.map(|mention| mention.id().to_owned()));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(ids)
}

/// Whether an element is not read: the properties that something had before (`pPrChange`,
/// `tcPrChange`) are written as those that it has.
fn is_skipped(name: &str) -> bool {
    SKIPPED.contains(&name) || name.ends_with("Change")
}

/// A paragraph that is being read. Those of text boxes lie within others.
#[derive(Default)]
struct Paragraph {
    text: String,
    style: Option<String>,
    level: Option<usize>,
    list: Option<usize>,
    depth: Option<usize>,
}

/// What is being read, and what was written of it.
struct Document {
    out: TextBuilder,
    styles: Styles,
    lists: Lists,
    paragraphs: Vec<Paragraph>,
    graphics: HashMap<String, String>,
    /// Those that come behind the paragraph or the outermost table.
    mentioned: Vec<String>,
    /// The outermost table; those within it become words of its cells.
    table: Option<Table>,
    tables: usize,
    row: Vec<String>,
    cell: String,
    /// Columns that the cell takes.
    span: usize,
    in_text: bool,
    in_properties: bool,
    skipping: usize,
    /// The element of a note and what its number begins with, among the notes.
    notes: Option<(&'static str, &'static str)>,
    /// The number of the note that is being read, until its first words.
    note: Option<String>,
}

impl Document {
    fn new(out: TextBuilder, styles: Styles, lists: Lists) -> Self {
        Self {
            out,
            styles,
            lists,
            paragraphs: Vec::new(),
            graphics: HashMap::new(),
            mentioned: Vec::new(),
            table: None,
            tables: 0,
            row: Vec::new(),
            cell: String::new(),
            span: 1,
            in_text: false,
            in_properties: false,
            skipping: 0,
            notes: None,
            note: None,
        }
    }

    fn begin_notes(&mut self, element: &'static str, prefix: &'static str) {
        self.notes = Some((element, prefix));
    }

    fn take(&mut self, node: Node<'_>) -> Result<()> {
        match node {
            Node::Open(name, _) if is_skipped(name) => self.skipping += 1,
            Node::Close(name) if is_skipped(name) => {
                self.skipping = self.skipping.saturating_sub(1);
            }
            _ if self.skipping > 0 => {}
            Node::Text(text) if self.in_text => self.write(text),
            Node::Text(_) => {}
            Node::Open(name, attributes) if self.in_properties => self.property(name, &attributes),
            Node::Open(name, attributes) => self.open(name, &attributes),
            Node::Close(name) => return self.close(name),
        }
        Ok(())
    }

    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        match name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "pPr" => self.in_properties = true,
            "t" => self.in_text = true,
            "tab" => self.write("\t"),
            "br" | "cr" => self.write("\n"),
            "noBreakHyphen" => self.write("-"),
            "footnoteReference" | "endnoteReference" => {
                let prefix = if name == "endnoteReference" { "e" } else { "" };
                if let Some(id) = attributes.get("id") {
                    self.write(&format!("[^{prefix}{id}]"));
                }
            }
            "tbl" => {
                self.tables += 1;
                self.table.get_or_insert_default();
            }
            "gridSpan" if self.tables == 1 => {
                self.span = attributes.number("val").unwrap_or(1).clamp(1, 64);
            }
            _ if self.notes.is_some_and(|(element, _)| element == name) => {
                // Those with a type are rules between text and notes.
                let prefix = self.notes.map_or("", |(_, prefix)| prefix);
                let number = attributes.get("id").filter(|_| attributes.get("type").is_none());
                self.note = number.map(|number| format!("{prefix}{number}"));
            }
            // The relations of notes are others.
            name if self.notes.is_none() => {
                let mention = Mention::of(name, attributes);
                self.mentioned.extend(mention.map(|mention| mention.id().to_owned()));
            }
            _ => {}
        }
    }

    /// What a paragraph says of itself.
    fn property(&mut self, name: &str, attributes: &Attributes<'_>) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        match name {
            "pStyle" => paragraph.style = attributes.get("val"),
            "outlineLvl" => paragraph.level = attributes.number("val").map(|level| level + 1),
            "numId" => paragraph.list = attributes.number("val"),
            "ilvl" => paragraph.depth = attributes.number("val"),
            _ => {}
        }
    }

    fn write(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn close(&mut self, name: &str) -> Result<()> {
        match name {
            "t" => self.in_text = false,
            "pPr" => self.in_properties = false,
            "p" => {
                self.end_paragraph()?;
                if self.tables == 0 {
                    return self.write_graphics();
                }
            }
            "tc" if self.tables == 1 => {
                self.row.push(std::mem::take(&mut self.cell));
                self.row.resize(self.row.len() + self.span - 1, String::new());
                self.span = 1;
            }
            "tr" if self.tables == 1 => {
                let row = std::mem::take(&mut self.row);
                if let Some(table) = &mut self.table {
                    table.row(&mut self.out, row)?;
                }
            }
            "tbl" => {
                self.tables = self.tables.saturating_sub(1);
                if self.tables == 0 {
                    self.end_open_table()?;
                    return self.write_graphics();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_open_table(&mut self) -> Result<()> {
        self.table.take().map_or(Ok(()), |table| table.finish(&mut self.out))
    }

    fn write_graphics(&mut self) -> Result<()> {
        for id in std::mem::take(&mut self.mentioned) {
            if let Some(text) = self.graphics.get(&id) {
                self.out.blank_line()?;
                self.out.push(text)?;
                self.out.blank_line()?;
            }
        }
        Ok(())
    }

    fn end_paragraph(&mut self) -> Result<()> {
        let Some(ended) = self.paragraphs.pop() else { return Ok(()) };
        let text = ended.text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if self.tables > 0 {
            if !self.cell.is_empty() {
                self.cell.push(' ');
            }
            self.cell.push_str(text);
            return Ok(());
        }
        if self.notes.is_some() {
            let number = self.note.take().map(|number| format!("[^{number}]: "));
            return paragraph(&mut self.out, &format!("{}{text}", number.unwrap_or_default()));
        }
        let style = ended.style.as_deref().and_then(|style| self.styles.get(style));
        let level = ended.level.or(style.as_ref().and_then(|style| style.level));
        if let Some(level) = level.filter(|level| (1..=9).contains(level)) {
            return heading(&mut self.out, level, text);
        }
        let list =
            ended.list.or(style.as_ref().and_then(|style| style.list)).filter(|list| *list != 0);
        match list {
            Some(list) => {
                let depth =
                    ended.depth.or(style.as_ref().and_then(|style| style.depth)).unwrap_or(0);
                let mark = self.lists.mark(list, depth);
                list_item(&mut self.out, depth, &mark, &one_line(text))
            }
            None => paragraph(&mut self.out, text),
        }
    }
}
