//! A comparison as lines: `+` added, `-` removed, `~` changed.

use std::fmt;

use super::{Change, Diff};
use crate::view::label::visible;
use crate::view::topology::{Edge, EdgeKind, FieldShape, NodeKind, NodeShape};

impl fmt::Display for Diff {
    /// A line for each difference, without a line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        collect(self, "", &mut lines);
        if lines.is_empty() {
            lines.push("no difference".to_owned());
        }
        f.write_str(&lines.join("\n"))
    }
}

fn collect(diff: &Diff, indent: &str, lines: &mut Vec<String>) {
    let mut add = |line: String| lines.push(format!("{indent}{line}"));
    if let Some((older, newer)) = &diff.renamed {
        add(format!("~ graph {} → {}", visible(older), visible(newer)));
    }
    if diff.older_version != diff.newer_version {
        add(format!("~ state version {} → {}", diff.older_version, diff.newer_version));
    }
    diff.fields.iter().for_each(|change| add(written(change, field, field_change)));
    diff.entries.iter().for_each(|change| {
        add(written(change, |name| format!("entry {}", visible(name)), |_, new| new.clone()));
    });
    diff.nodes.iter().for_each(|change| add(written(change, node, node_change)));
    diff.edges.iter().for_each(|change| {
        add(written(change, edge, |old, new| format!("{} (was {})", edge(new), end(old))));
    });
    for inner in &diff.subgraphs {
        lines.push(format!("{indent}~ inside {}", visible(&inner.node)));
        collect(&inner.diff, &format!("{indent}  "), lines);
    }
}

fn written<T>(
    change: &Change<T>,
    one: impl Fn(&T) -> String,
    both: impl Fn(&T, &T) -> String,
) -> String {
    match change {
        Change::Added(new) => format!("+ {}", one(new)),
        Change::Removed(old) => format!("- {}", one(old)),
        Change::Changed { older, newer } => format!("~ {}", both(older, newer)),
    }
}

fn field(field: &FieldShape) -> String {
    let life = if field.ephemeral { ", ephemeral" } else { "" };
    let FieldShape { name, reducer, ty, .. } = field;
    format!("field {}: {}, {}{life}", visible(name), visible(ty), visible(reducer))
}

fn field_change(older: &FieldShape, newer: &FieldShape) -> String {
    let mut parts = Vec::new();
    if older.ty != newer.ty {
        parts.push(format!("type {} → {}", visible(&older.ty), visible(&newer.ty)));
    }
    if older.reducer != newer.reducer {
        let (older, newer) = (visible(&older.reducer), visible(&newer.reducer));
        parts.push(format!("reducer {older} → {newer}"));
    }
    if older.ephemeral != newer.ephemeral {
        parts.push(if newer.ephemeral { "now ephemeral" } else { "no longer ephemeral" }.into());
    }
    format!("field {}: {}", visible(&newer.name), parts.join(", "))
}

fn node(node: &NodeShape) -> String {
    let join = if node.join { ", a join" } else { "" };
    format!("node {}: {}{join}", visible(&node.name), kind(&node.kind))
}

fn node_change(older: &NodeShape, newer: &NodeShape) -> String {
    let mut parts = Vec::new();
    let (old, new) = (kind(&older.kind), kind(&newer.kind));
    if old != new {
        parts.push(format!("{old} → {new}"));
    }
    if older.join != newer.join {
        parts.push(if newer.join { "now a join" } else { "no longer a join" }.into());
    }
    format!("node {}: {}", visible(&newer.name), parts.join(", "))
}

fn kind(kind: &NodeKind) -> String {
    match kind {
        NodeKind::Node => "function".into(),
        NodeKind::Worker { payload } => format!("worker of {}", visible(payload)),
        NodeKind::Lane { nodes, .. } => {
            let nodes: Vec<_> = nodes.iter().map(|name| visible(name)).collect();
            format!("lane of {}", nodes.join(", "))
        }
        NodeKind::Subgraph { payload: Some(payload), .. } => {
            format!("subgraph of {}", visible(payload))
        }
        NodeKind::Subgraph { persistent: true, .. } => "persistent subgraph".into(),
        NodeKind::Subgraph { persistent: false, .. } => "subgraph".into(),
    }
}

fn edge(edge: &Edge) -> String {
    let when = match &edge.kind {
        EdgeKind::Always => String::new(),
        EdgeKind::Route { choice } => format!(" on {}", visible(choice)),
        EdgeKind::Join => ", joined".into(),
        EdgeKind::Send => " by send".into(),
        EdgeKind::Goto => " by goto".into(),
        EdgeKind::OnError => " on error".into(),
        EdgeKind::OnBudget => " on budget".into(),
    };
    format!("edge {} → {}{when}", visible(&edge.from), end(edge))
}

fn end(edge: &Edge) -> String {
    edge.to.as_deref().map_or_else(|| "end".into(), |name| visible(name).into_owned())
}
