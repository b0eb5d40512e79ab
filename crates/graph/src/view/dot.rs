//! A topology as Graphviz text.

use super::figure::{Arrow, Figure, Item, Shape};
use super::label::{escaped, line};
use super::topology::{EdgeKind, Topology};

impl Topology {
    /// The graph in the language of Graphviz.
    ///
    /// Workers are stacks, joins have six sides, lanes and subgraphs are clusters. Edges differ as
    /// in [`Topology::mermaid`].
    pub fn dot(&self) -> String {
        let name = quoted(&self.graph);
        let mut out = String::new();
        line(&mut out, 0, format_args!("digraph {name} {{"));
        line(&mut out, 1, format_args!("graph [label={name}, labelloc=t, compound=true]"));
        line(&mut out, 1, format_args!("node [shape=box, style=rounded]"));
        figure(&mut out, &Figure::of(self), "n", 1);
        line(&mut out, 0, format_args!("}}"));
        out
    }
}

fn figure(out: &mut String, figure: &Figure<'_>, prefix: &str, indent: usize) {
    for (index, one) in figure.items.iter().enumerate() {
        item(out, one, &Item::id(prefix, index), indent);
    }
    for one in &figure.arrows {
        arrow(out, figure, one, prefix, indent);
    }
}

fn item(out: &mut String, item: &Item<'_>, id: &str, indent: usize) {
    let label = quoted(&item.caption());
    if let Some(inner) = item.inner() {
        let width = if item.join { 2 } else { 1 };
        line(out, indent, format_args!("subgraph cluster_{id} {{"));
        line(out, indent + 1, format_args!("graph [label={label}, penwidth={width}]"));
        figure(out, inner, &format!("{id}_"), indent + 1);
        line(out, indent, format_args!("}}"));
        return;
    }
    let shape = match item.shape {
        Shape::Start => "shape=circle, style=solid",
        Shape::End => "shape=doublecircle, style=solid",
        Shape::Worker { .. } => "shape=box3d, style=solid",
        Shape::Missing => "style=dashed",
        _ if item.join => "shape=hexagon, style=solid, penwidth=2",
        _ => "shape=box",
    };
    line(out, indent, format_args!("{id} [label={label}, {shape}]"));
}

fn arrow(out: &mut String, figure: &Figure<'_>, arrow: &Arrow<'_>, prefix: &str, indent: usize) {
    let (from, to) = (&figure.items[arrow.from], &figure.items[arrow.to]);
    let (tail, head) = (Item::id(prefix, arrow.from), Item::id(prefix, arrow.to));
    let mut attributes = Vec::new();
    // Edges lead to nodes only; `compound` cuts them off at the cluster's frame. Within one cluster
    // there is nothing to cut off.
    if arrow.from != arrow.to {
        if from.inner().is_some() {
            attributes.push(format!("ltail=cluster_{tail}"));
        }
        if to.inner().is_some() {
            attributes.push(format!("lhead=cluster_{head}"));
        }
    }
    if let Some(label) = arrow.label() {
        attributes.push(format!("label={}", quoted(&label)));
    }
    let style = match arrow.kind {
        EdgeKind::Always => None,
        EdgeKind::Route { .. } => Some("style=dotted"),
        EdgeKind::Join => Some("penwidth=2"),
        EdgeKind::Send => Some("color=blue3"),
        EdgeKind::Goto => Some("style=dashed, color=purple3"),
        EdgeKind::OnError => Some("style=dashed, color=red3"),
        EdgeKind::OnBudget => Some("style=dashed, color=darkorange3"),
    };
    attributes.extend(style.map(str::to_owned));
    let (tail, head) = (from.leaf(tail, true), to.leaf(head, false));
    match attributes.is_empty() {
        true => line(out, indent, format_args!("{tail} -> {head}")),
        false => line(out, indent, format_args!("{tail} -> {head} [{}]", attributes.join(", "))),
    }
}

/// A quoted string: Graphviz reads backslashes and HTML entities in it.
fn quoted(text: &str) -> String {
    let text = escaped(text, |c| match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '&' => Some("&amp;"),
        _ => None,
    });
    format!("\"{text}\"")
}
