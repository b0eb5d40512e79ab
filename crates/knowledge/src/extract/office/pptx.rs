//! PowerPoint: each slide is a page with its title as heading, its texts, tables, charts, diagrams and
//! notes.

use std::collections::HashMap;

use super::graphic::{Mention, Unread};
use super::package::{Attributes, Node, Package, Relation};
use crate::extract::error::Result;
use crate::extract::extracted::{Extracted, TextBuilder, TextFormat};
use crate::extract::markdown::{Table, heading, list_item, one_line, paragraph};

/// Placeholders that say nothing: date, number and footer of each slide, and the slide's picture
/// among its notes.
const SILENT: [&str; 4] = ["dt", "sldNum", "ftr", "sldImg"];

/// The text of a presentation whose main part has this name.
pub(super) fn extract(mut package: Package, main: &str, text_bytes: u64) -> Result<Extracted> {
    let title = package.title()?;
    let targets = package.targets(main)?;
    let mut ids = Vec::new();
    package.read(main, |node| {
        if let Node::Open("sldId", attributes) = node {
            ids.extend(attributes.related());
        }
        Ok(())
    })?;
    let (mut out, mut unread) = (TextBuilder::new(text_bytes), Unread::default());
    for slide in ids.iter().filter_map(|id| targets.get(id)) {
        out.begin_page()?;
        let shapes = Shapes::read(&mut package, slide)?;
        let relations = package.relations(slide)?;
        let notes = relations.iter().find(|to| to.kind == "notesSlide");
        let notes = notes.map(|Relation { target, .. }| target.clone());
        let parts = relations.into_iter().map(|to| (to.id, to.target)).collect();
        let mut beside = Beside { package: &mut package, parts, unread: &mut unread };
        shapes.write(&mut beside, &mut out, 1)?;
        if let Some(target) = notes {
            let notes = Shapes::read(&mut package, &target)?;
            if !notes.is_empty() {
                heading(&mut out, 2, "Notes")?;
                let parts = package.targets(&target)?;
                let mut beside = Beside { package: &mut package, parts, unread: &mut unread };
                notes.write(&mut beside, &mut out, 3)?;
            }
        }
    }
    unread.noted_on(out.finish(TextFormat::Markdown, title.as_deref()))
}

/// Where the parts are that a slide names, and which could not be read.
struct Beside<'a> {
    package: &'a mut Package,
    /// By the ids of their relations.
    parts: HashMap<String, String>,
    unread: &'a mut Unread,
}

/// A text of a shape.
enum Block {
    /// Its words and how deep it is indented.
    Paragraph(String, usize),
    Rows(Vec<Vec<String>>),
    Graphic(Mention),
}

/// Something on a slide that holds text.
#[derive(Default)]
struct Shape {
    /// What the slide's layout has it for.
    place: Option<String>,
    blocks: Vec<Block>,
}

/// The shapes of a slide, in the order in which they lie on one another.
#[derive(Default)]
struct Shapes {
    done: Vec<Shape>,
    shape: Shape,
    text: String,
    depth: usize,
    in_text: bool,
    /// The rows of the table that is being read.
    rows: Option<Vec<Vec<String>>>,
    cell: String,
    skipping: usize,
}

impl Shapes {
    fn read(package: &mut Package, part: &str) -> Result<Self> {
        let mut shapes = Self::default();
        package.read(part, |node| {
            shapes.take(node);
            Ok(())
        })?;
        Ok(shapes)
    }

    fn take(&mut self, node: Node<'_>) {
        match node {
            Node::Open("Fallback", _) => self.skipping += 1,
            Node::Close("Fallback") => self.skipping = self.skipping.saturating_sub(1),
            _ if self.skipping > 0 => {}
            Node::Text(text) if self.in_text => self.text.push_str(text),
            Node::Text(_) => {}
            Node::Open(name, attributes) => self.open(name, &attributes),
            Node::Close(name) => self.close(name),
        }
    }

    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        match name {
            "sp" | "graphicFrame" => self.shape = Shape::default(),
            "ph" => {
                self.shape.place = Some(attributes.get("type").unwrap_or_else(|| "body".into()))
            }
            "pPr" => self.depth = attributes.number("lvl").unwrap_or(0),
            "t" => self.in_text = true,
            "br" => self.text.push('\n'),
            "tbl" => self.rows = Some(Vec::new()),
            "tr" => self.rows.iter_mut().for_each(|rows| rows.push(Vec::new())),
            name => {
                let mention = Mention::of(name, attributes);
                self.shape.blocks.extend(mention.map(Block::Graphic));
            }
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            "p" => {
                let text = std::mem::take(&mut self.text);
                let depth = std::mem::take(&mut self.depth);
                if text.trim().is_empty() {
                } else if self.rows.is_some() {
                    self.cell.push_str(&text);
                    self.cell.push(' ');
                } else {
                    self.shape.blocks.push(Block::Paragraph(text, depth));
                }
            }
            "tc" => {
                let cell = std::mem::take(&mut self.cell);
                if let Some(row) = self.rows.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(cell);
                }
            }
            "tbl" => self.shape.blocks.extend(self.rows.take().map(Block::Rows)),
            "sp" | "graphicFrame" => {
                let shape = std::mem::take(&mut self.shape);
                let silent = shape.place.as_deref().is_some_and(|place| SILENT.contains(&place));
                if !silent && !shape.blocks.is_empty() {
                    self.done.push(shape);
                }
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// Writes the title as a heading of this level, then the other shapes.
    fn write(self, beside: &mut Beside<'_>, out: &mut TextBuilder, level: usize) -> Result<()> {
        let is_title = |shape: &Shape| matches!(shape.place.as_deref(), Some("title" | "ctrTitle"));
        let (titles, others): (Vec<_>, Vec<_>) = self.done.into_iter().partition(is_title);
        for block in titles.into_iter().flat_map(|shape| shape.blocks) {
            if let Block::Paragraph(text, _) = block {
                heading(out, level, &text)?;
            }
        }
        others.into_iter().try_for_each(|shape| shape.write(beside, out))
    }
}

impl Shape {
    fn write(self, beside: &mut Beside<'_>, out: &mut TextBuilder) -> Result<()> {
        let listed = self.place.is_some() && self.blocks.len() > 1;
        for block in self.blocks {
            match block {
                Block::Paragraph(text, depth) if listed => {
                    list_item(out, depth, "-", &one_line(&text))?;
                }
                Block::Paragraph(text, _) => paragraph(out, &text)?,
                Block::Graphic(mention) => {
                    if let Some(part) = beside.parts.get(mention.id()) {
                        mention.write(beside.package, part, out, beside.unread)?;
                    }
                }
                Block::Rows(rows) => {
                    let mut table = Table::default();
                    rows.into_iter().try_for_each(|row| table.row(out, row))?;
                    table.finish(out)?;
                }
            }
        }
        out.blank_line()
    }
}
