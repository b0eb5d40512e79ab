//! Writes a tree of HTML as Markdown. It walks with a stack of its own: trees may be deep.

use dom_query::NodeRef;

use super::grid::{Grid, is_data};
use super::pre::laid_out;
use crate::extract::error::Result;
use crate::extract::extracted::TextBuilder;
use crate::extract::markdown::{Table, heading, list_item, one_line, paragraph};

/// Elements whose content is not there to be read, or not part of the page's text.
const SKIPPED: [&str; 18] = [
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "annotation",
    "nav",
    "footer",
    "aside",
    "iframe",
    "object",
    "canvas",
    "audio",
    "video",
    "button",
    "select",
    "head",
    "dialog",
];
/// Elements that begin a line of their own.
pub(super) const BLOCKS: [&str; 36] = [
    "address",
    "article",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "form",
    "header",
    "hr",
    "html",
    "legend",
    "main",
    "p",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
];
/// What is still to be done.
enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(String),
}

/// A list that is being written.
struct List {
    /// The number of the last entry, where they are counted.
    count: Option<usize>,
}

/// Markdown that is being written.
pub(super) struct Writer {
    out: TextBuilder,
    /// The words of the line that is open.
    line: String,
    /// Where in the line raised letters begin that have not ended.
    raised: Option<usize>,
    lists: Vec<List>,
    /// The mark of the entry that has begun.
    mark: Option<String>,
    table: Option<Table>,
    grid: Grid,
    cell: String,
}

impl Writer {
    pub(super) fn new(out: TextBuilder) -> Self {
        Self {
            out,
            line: String::new(),
            raised: None,
            lists: Vec::new(),
            mark: None,
            table: None,
            grid: Grid::default(),
            cell: String::new(),
        }
    }

    /// Writes a tree.
    pub(super) fn write(&mut self, root: &NodeRef<'_>) -> Result<()> {
        let mut steps = vec![Step::Enter(*root)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(name) => self.leave(&name)?,
                Step::Enter(node) if node.is_text() => self.words(&node.text()),
                Step::Enter(node) => {
                    let name = node.node_name().map(|name| name.to_string()).unwrap_or_default();
                    if node.is_element()
                        && (is_hidden(&node, &name) || !self.enter(&node, &name)?)
                    {
                        continue;
                    }
                    steps.push(Step::Leave(name));
                    steps.extend(node.children_it(true).map(Step::Enter));
                }
            }
        }
        self.flush()
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.out.into_text()
    }

    /// Begins an element. Whether its children are still to be written.
    fn enter(&mut self, node: &NodeRef<'_>, name: &str) -> Result<bool> {
        match name {
            "br" => self.line.push('\n'),
            "hr" => self.flush()?,
            "sup" => self.raised = Some(self.line.len()),
            "img" => self.words(&node.attr_or("alt", "")),
            "pre" if self.table.is_none() => {
                self.flush()?;
                self.code(&laid_out(node))?;
                return Ok(false);
            }
            "code" | "kbd" | "samp" => self.line.push('`'),
            "ul" | "ol" => {
                self.flush()?;
                let first = node.attr("start").and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
                let count = (name == "ol").then(|| first.saturating_sub(1));
                self.lists.push(List { count });
            }
            "li" => {
                self.flush()?;
                let count = self.lists.last_mut().and_then(|list| list.count.as_mut());
                self.mark = Some(count.map_or("-".to_owned(), |count| {
                    *count = count.saturating_add(1);
                    format!("{count}.")
                }));
            }
            "table" => {
                self.flush()?;
                if self.table.is_none() && is_data(node) {
                    self.table = Some(Table::default());
                    self.grid = Grid::default();
                }
            }
            "td" | "th" if self.table.is_some() => {
                self.flush()?;
                self.grid.begin_cell(node);
            }
            _ if BLOCKS.contains(&name) => self.flush()?,
            _ => {}
        }
        Ok(true)
    }

    fn leave(&mut self, name: &str) -> Result<()> {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.table.is_none() => {
                let level = usize::from(name.as_bytes()[1] - b'0');
                heading(&mut self.out, level, &std::mem::take(&mut self.line))?;
            }
            "code" | "kbd" | "samp" => self.line.push('`'),
            "sup" => self.set_apart(),
            "li" => {
                self.flush()?;
                self.mark = None;
            }
            "ul" | "ol" => {
                self.flush()?;
                self.lists.pop();
                if self.lists.is_empty() && self.table.is_none() {
                    self.out.blank_line()?;
                }
            }
            "td" | "th" if self.table.is_some() => {
                self.flush()?;
                self.grid.end_cell(std::mem::take(&mut self.cell));
            }
            "tr" => {
                self.flush()?;
                let row = self.grid.end_row();
                if let Some(table) = &mut self.table {
                    table.row(&mut self.out, row)?;
                }
            }
            "thead" | "tbody" | "tfoot" => {
                self.flush()?;
                self.grid.end_group();
            }
            // Tables of data hold no tables, so it is the one that was begun.
            "table" => {
                self.flush()?;
                if let Some(table) = self.table.take() {
                    table.finish(&mut self.out)?;
                }
            }
            _ if BLOCKS.contains(&name) => self.flush()?,
            _ => {}
        }
        Ok(())
    }

    /// Adds words to the line: white space is one blank.
    fn words(&mut self, text: &str) {
        for (n, word) in text.split(char::is_whitespace).enumerate() {
            if n > 0 && !self.line.ends_with([' ', '\n']) && !self.line.is_empty() {
                self.line.push(' ');
            }
            self.line.extend(word.chars().filter(|&c| c != '\u{AD}'));
        }
    }

    /// Sets raised letters apart from the word that they stand at: a note's number or letter would
    /// make another word of it. The end of an ordinal number (`1st`, `2e`) belongs to it.
    fn set_apart(&mut self) {
        let Some(at) = self.raised.take() else { return };
        let (Some(before), Some(raised)) = (self.line.get(..at), self.line.get(at..)) else {
            return;
        };
        let mut letters = raised.chars();
        let (first, is_one) = (letters.next(), letters.next().is_none());
        let is_mark = match (before.chars().next_back(), first) {
            (Some(last), Some(first)) if last.is_alphanumeric() => {
                first.is_numeric() || is_one && first.is_alphabetic() && last.is_alphabetic()
            }
            _ => false,
        };
        if is_mark {
            self.line.insert(at, '^');
        }
    }

    /// Ends the line that is open.
    fn flush(&mut self) -> Result<()> {
        self.raised = None;
        let line = std::mem::take(&mut self.line);
        let line = line.replace("``", "");
        let line = line.trim();
        if line.is_empty() {
            return Ok(());
        }
        if self.table.is_some() {
            self.cell.push_str(line);
            self.cell.push(' ');
            return Ok(());
        }
        match (self.mark.take(), self.lists.len()) {
            (Some(mark), depth) => list_item(&mut self.out, depth.saturating_sub(1), &mark, line),
            (None, 0) => paragraph(&mut self.out, line),
            // A further paragraph of an entry.
            (None, depth) => list_item(&mut self.out, depth, "", &one_line(line)),
        }
    }

    fn code(&mut self, text: &str) -> Result<()> {
        let text = text.trim_matches('\n');
        if text.trim().is_empty() {
            return Ok(());
        }
        self.out.blank_line()?;
        self.out.push("```\n")?;
        self.out.push(text)?;
        self.out.push("\n```\n")?;
        self.out.blank_line()
    }
}

/// Whether an element is not shown, or not there to be read.
pub(super) fn is_hidden(node: &NodeRef<'_>, name: &str) -> bool {
    SKIPPED.contains(&name) || node.has_attr("hidden")
}
