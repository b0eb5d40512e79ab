//! A topology as Mermaid text.

use std::collections::BTreeMap;

use super::figure::{Arrow, Figure, Item, Shape};
use super::label::{line, visible};
use super::topology::{EdgeKind, Topology};

impl Topology {
    /// The graph as a Mermaid flowchart, for documents and pull requests.
    ///
    /// Workers have double sides, joins six, lanes and subgraphs are blocks around their nodes.
    /// Routes are dotted and bear the choice; edges into joins are thick; sends, gotos and what
    /// follows an error or a used-up budget bear their kind and a colour.
    pub fn mermaid(&self) -> String {
        let mut flowchart = Flowchart::default();
        // A JSON string is a YAML string.
        let title = serde_json::Value::from(visible(&self.graph).as_ref());
        line(&mut flowchart.text, 0, format_args!("---\ntitle: {title}\n---\nflowchart TD"));
        flowchart.figure(&Figure::of(self), "n", 1);
        flowchart.finish()
    }
}

#[derive(Default)]
struct Flowchart {
    text: String,
    /// How many arrows are written: styles name them by number.
    arrows: usize,
    /// The arrows of each style.
    styles: BTreeMap<&'static str, Vec<String>>,
    /// The items of each class.
    classes: BTreeMap<&'static str, Vec<String>>,
}

impl Flowchart {
    fn figure(&mut self, figure: &Figure<'_>, prefix: &str, indent: usize) {
        for (index, item) in figure.items.iter().enumerate() {
            self.item(item, &Item::id(prefix, index), indent);
        }
        for arrow in &figure.arrows {
            self.arrow(figure, arrow, prefix, indent);
        }
    }

    fn item(&mut self, item: &Item<'_>, id: &str, indent: usize) {
        let label = quoted(&item.caption());
        if let Some(inner) = item.inner() {
            line(&mut self.text, indent, format_args!("subgraph {id}[{label}]"));
            line(&mut self.text, indent + 1, format_args!("direction TB"));
            self.figure(inner, &format!("{id}_"), indent + 1);
            line(&mut self.text, indent, format_args!("end"));
        } else {
            let (open, close) = match item.shape {
                Shape::Start | Shape::End => ("([", "])"),
                Shape::Worker { .. } => ("[[", "]]"),
                _ if item.join => ("{{", "}}"),
                _ => ("[", "]"),
            };
            line(&mut self.text, indent, format_args!("{id}{open}{label}{close}"));
        }
        if item.join {
            self.classes.entry("waits").or_default().push(id.to_owned());
        }
        if matches!(item.shape, Shape::Missing) {
            self.classes.entry("missing").or_default().push(id.to_owned());
        }
    }

    fn arrow(&mut self, figure: &Figure<'_>, arrow: &Arrow<'_>, prefix: &str, indent: usize) {
        let mut tail = Item::id(prefix, arrow.from);
        let mut head = Item::id(prefix, arrow.to);
        if arrow.from == arrow.to {
            // Mermaid cannot draw an arrow from a block to itself; one inside it, it can.
            let item = &figure.items[arrow.from];
            (tail, head) = (item.leaf(tail, true), item.leaf(head, false));
        }
        let stroke = match arrow.kind {
            EdgeKind::Always | EdgeKind::Send | EdgeKind::OnError | EdgeKind::OnBudget => "-->",
            EdgeKind::Route { .. } | EdgeKind::Goto => "-.->",
            EdgeKind::Join => "==>",
        };
        let label = arrow.label().map(|label| format!("|{}|", quoted(&label))).unwrap_or_default();
        line(&mut self.text, indent, format_args!("{tail} {stroke}{label} {head}"));
        let style = match arrow.kind {
            EdgeKind::Always | EdgeKind::Join | EdgeKind::Route { .. } => None,
            EdgeKind::Send => Some("stroke:#2563eb"),
            EdgeKind::Goto => Some("stroke:#7c3aed"),
            EdgeKind::OnError => Some("stroke:#dc2626"),
            EdgeKind::OnBudget => Some("stroke:#d97706"),
        };
        if let Some(style) = style {
            self.styles.entry(style).or_default().push(self.arrows.to_string());
        }
        self.arrows += 1;
    }

    fn finish(mut self) -> String {
        for (style, arrows) in &self.styles {
            line(&mut self.text, 1, format_args!("linkStyle {} {style}", arrows.join(",")));
        }
        for (class, items) in &self.classes {
            let style = if *class == "waits" { "stroke-width:3px" } else { "stroke-dasharray:4" };
            line(&mut self.text, 1, format_args!("classDef {class} {style}"));
            line(&mut self.text, 1, format_args!("class {} {class}", items.join(",")));
        }
        self.text
    }
}

/// A label in quotes. Punctuation is written as a number, because Mermaid reads Markdown and HTML
/// in labels; between two letters or digits most of it means nothing and stays.
fn quoted(text: &str) -> String {
    let text = visible(text);
    let mut out = String::from("\"");
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        let inside = is_word(before.as_ref()) && is_word(rest.peek());
        if c == ' ' || !c.is_ascii_punctuation() || (inside && matches!(c, '_' | '-' | '.' | ',')) {
            out.push(c);
        } else {
            out.push_str(&format!("#{};", u32::from(c)));
        }
        before = Some(c);
    }
    // Mermaid takes no empty label.
    if text.trim().is_empty() {
        out.push_str("#32;");
    }
    out.push('"');
    out
}
