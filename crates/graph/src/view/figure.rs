//! A topology as a figure: items by number, and arrows between them. All pictures draw this.

use std::borrow::Cow;
use std::collections::HashMap;

use super::label::visible;
use super::topology::{Edge, EdgeKind, NodeKind, NodeShape, Topology};

static ALWAYS: EdgeKind = EdgeKind::Always;

/// What is drawn of one graph, or of the inside of a node.
pub(super) struct Figure<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) arrows: Vec<Arrow<'a>>,
}

/// Something with a name and an outline.
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    pub(super) join: bool,
    pub(super) shape: Shape<'a>,
}

pub(super) enum Shape<'a> {
    Start,
    End,
    Node,
    Worker {
        payload: &'a str,
    },
    Lane(Figure<'a>),
    Subgraph {
        inner: Figure<'a>,
        persistent: bool,
    },
    /// Named by an edge or as an entry, but not among the nodes.
    Missing,
}

/// An edge between two items, by their numbers.
pub(super) struct Arrow<'a> {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: &'a EdgeKind,
}

impl<'a> Figure<'a> {
    /// The figure of a graph. The start is its first item; the end, if anything leads there, its
    /// last.
    pub(super) fn of(topology: &'a Topology) -> Self {
        let mut figure = Self { items: vec![Item::new("start", Shape::Start)], arrows: Vec::new() };
        figure.items.extend(topology.nodes.iter().map(Item::of));
        let mut numbers = HashMap::new();
        for (index, node) in topology.nodes.iter().enumerate() {
            numbers.entry(node.name.as_str()).or_insert(index + 1);
        }
        let mut number = |items: &mut Vec<Item<'a>>, name: &'a str| {
            *numbers.entry(name).or_insert_with(|| {
                items.push(Item::new(name, Shape::Missing));
                items.len() - 1
            })
        };
        for name in &topology.entries {
            let to = number(&mut figure.items, name);
            figure.arrows.push(Arrow { from: 0, to, kind: &ALWAYS });
        }
        // The end is put last, when the number of all others is known.
        let mut to_end = Vec::new();
        for Edge { from, to, kind } in &topology.edges {
            let from = number(&mut figure.items, from);
            let to = match to {
                Some(name) => number(&mut figure.items, name),
                None => {
                    to_end.push(figure.arrows.len());
                    0
                }
            };
            figure.arrows.push(Arrow { from, to, kind });
        }
        if !to_end.is_empty() {
            let end = figure.items.len();
            figure.items.push(Item::new("end", Shape::End));
            for index in to_end {
                figure.arrows[index].to = end;
            }
        }
        figure
    }

    /// The figure of a lane: its nodes in a row, with what is in those that run a graph.
    fn of_lane(nodes: &'a [String], graphs: &'a [NodeShape]) -> Self {
        let item = |name: &'a String| {
            let graph = graphs.iter().find(|graph| graph.name == *name);
            graph.map_or_else(|| Item::new(name, Shape::Node), Item::of)
        };
        let items = nodes.iter().map(item).collect();
        let arrows = (1..nodes.len()).map(|to| Arrow { from: to - 1, to, kind: &ALWAYS }).collect();
        Self { items, arrows }
    }
}

impl<'a> Item<'a> {
    fn new(name: &'a str, shape: Shape<'a>) -> Self {
        Self { name, join: false, shape }
    }

    fn of(node: &'a NodeShape) -> Self {
        let shape = match &node.kind {
            NodeKind::Node => Shape::Node,
            NodeKind::Worker { payload } => Shape::Worker { payload },
            NodeKind::Lane { nodes, graphs } => {
                Shape::Lane(Figure::of_lane(nodes, graphs.as_deref().unwrap_or_default()))
            }
            NodeKind::Subgraph { graph, persistent, .. } => {
                Shape::Subgraph { inner: Figure::of(graph), persistent: *persistent }
            }
        };
        Self { name: &node.name, join: node.join, shape }
    }

    /// The name, and behind it what else there is to know.
    pub(super) fn caption(&self) -> String {
        let (name, note) = (visible(self.name), self.note());
        if note.is_empty() { name.into_owned() } else { format!("{name} · {note}") }
    }

    /// What is inside it, if that can be drawn.
    pub(super) fn inner(&self) -> Option<&Figure<'a>> {
        match &self.shape {
            Shape::Lane(inner) | Shape::Subgraph { inner, .. } if !inner.items.is_empty() => {
                Some(inner)
            }
            _ => None,
        }
    }

    /// The id of what is first, or last, in the item whose id is `id`: itself if it has no inside.
    pub(super) fn leaf(&self, mut id: String, last: bool) -> String {
        let mut item = self;
        while let Some(inner) = item.inner() {
            let index = if last { inner.items.len() - 1 } else { 0 };
            id = Self::id(&format!("{id}_"), index);
            item = &inner.items[index];
        }
        id
    }

    /// The id of an item of the figure whose ids begin with `prefix`.
    pub(super) fn id(prefix: &str, index: usize) -> String {
        format!("{prefix}{index}")
    }

    /// What there is to know beside the name; may be empty.
    pub(super) fn note(&self) -> String {
        let own = match &self.shape {
            Shape::Start | Shape::End | Shape::Node => None,
            Shape::Worker { payload } => Some(visible(payload)),
            Shape::Lane(_) => Some(Cow::Borrowed("lane")),
            Shape::Subgraph { persistent: false, .. } => Some(Cow::Borrowed("subgraph")),
            Shape::Subgraph { persistent: true, .. } => Some(Cow::Borrowed("persistent subgraph")),
            Shape::Missing => Some(Cow::Borrowed("missing")),
        };
        match (self.join, own) {
            (true, Some(own)) => format!("join · {own}"),
            (true, None) => "join".into(),
            (false, own) => own.unwrap_or_default().into_owned(),
        }
    }
}

impl Arrow<'_> {
    /// What is written beside it.
    pub(super) fn label(&self) -> Option<Cow<'_, str>> {
        match self.kind {
            EdgeKind::Always | EdgeKind::Join => None,
            EdgeKind::Route { choice } => Some(visible(choice)),
            EdgeKind::Send => Some("send".into()),
            EdgeKind::Goto => Some("goto".into()),
            EdgeKind::OnError => Some("on error".into()),
            EdgeKind::OnBudget => Some("on budget".into()),
        }
    }
}
