//! Topologies made by hand, and any at all.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::view::{Edge, EdgeKind, FieldShape, NodeKind, NodeShape, Topology};

/// A graph of which nothing is known but its name.
pub(super) fn graph(name: &str) -> Topology {
    let graph = name.into();
    Topology { graph, version: 1, fields: vec![], entries: vec![], nodes: vec![], edges: vec![] }
}

impl Topology {
    pub(super) fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    pub(super) fn field(mut self, name: &str, ty: &str, reducer: &str) -> Self {
        let (name, ty, reducer) = (name.into(), ty.into(), reducer.into());
        self.fields.push(FieldShape { name, reducer, ty, ephemeral: false });
        self
    }

    pub(super) fn entry(mut self, name: &str) -> Self {
        self.entries.push(name.into());
        self
    }

    pub(super) fn nodes<const N: usize>(self, names: [&str; N]) -> Self {
        names.into_iter().fold(self, |graph, name| graph.kind(name, NodeKind::Node))
    }

    pub(super) fn kind(mut self, name: &str, kind: NodeKind) -> Self {
        self.nodes.push(NodeShape { name: name.into(), kind, join: false });
        self
    }

    pub(super) fn worker(self, name: &str, payload: &str) -> Self {
        self.kind(name, NodeKind::Worker { payload: payload.into() })
    }

    pub(super) fn lane<const N: usize>(self, name: &str, nodes: [&str; N]) -> Self {
        self.kind(name, NodeKind::Lane { nodes: nodes.map(str::to_owned).into(), graphs: None })
    }

    pub(super) fn subgraph(self, name: &str, inner: Topology, persistent: bool) -> Self {
        self.kind(name, NodeKind::Subgraph { graph: Box::new(inner), persistent, payload: None })
    }

    /// Makes the last node a join.
    pub(super) fn join(mut self) -> Self {
        self.nodes.last_mut().unwrap().join = true;
        self
    }

    /// Edges from each to the next; "" is the end.
    pub(super) fn path<const N: usize>(self, names: [&str; N]) -> Self {
        names.windows(2).fold(self, |graph, pair| graph.edge(pair[0], pair[1], EdgeKind::Always))
    }

    pub(super) fn edge(mut self, from: &str, to: &str, kind: EdgeKind) -> Self {
        let to = (!to.is_empty()).then(|| to.to_owned());
        self.edges.push(Edge { from: from.into(), to, kind });
        self
    }

    pub(super) fn route(self, from: &str, choice: &str, to: &str) -> Self {
        self.edge(from, to, EdgeKind::Route { choice: choice.into() })
    }
}

/// A model and its tools in a loop.
pub(super) fn tool_loop() -> Topology {
    graph("answer")
        .field("messages", "Vec<Message>", "append")
        .field("intent", "Option<Intent>", "set")
        .entry("context")
        .nodes(["context", "model", "tools", "reply"])
        .path(["context", "model"])
        .route("model", "Tools", "tools")
        .route("model", "Reply", "reply")
        .path(["tools", "model"])
        .edge("model", "reply", EdgeKind::OnBudget)
        .path(["reply", ""])
}

/// Five workers and a lane at once, joined.
pub(super) fn planning() -> Topology {
    let workers = [
        ("weather", "WeatherRequest"),
        ("events", "EventSearch"),
        ("maps", "Area"),
        ("hotels", "Stay"),
        ("places", "Interests"),
    ];
    let mut graph = graph("planning").entry("plan").nodes(["plan"]);
    for (name, payload) in workers {
        graph = graph.worker(name, payload).edge("plan", name, EdgeKind::Send);
    }
    graph = graph.lane("trip", ["flights", "fares"]).path(["plan", "trip"]);
    graph = graph.nodes(["merge"]).join();
    for name in ["weather", "events", "maps", "hotels", "places", "trip"] {
        graph = graph.edge(name, "merge", EdgeKind::Join);
    }
    graph
        .nodes(["apologise"])
        .edge("plan", "apologise", EdgeKind::OnError)
        .path(["apologise", ""])
        .path(["merge", ""])
}

/// A subgraph in a subgraph.
pub(super) fn nested() -> Topology {
    let search = graph("search")
        .entry("query")
        .nodes(["query", "rank"])
        .path(["query", "rank"])
        .route("rank", "Again", "query")
        .route("rank", "Enough", "");
    let research = graph("research")
        .entry("split")
        .nodes(["split"])
        .subgraph("search", search, false)
        .nodes(["read", "write"])
        .path(["split", "search", "read", "write", ""])
        .edge("read", "split", EdgeKind::Goto);
    graph("report")
        .version(3)
        .entry("ask")
        .nodes(["ask"])
        .subgraph("research", research, true)
        .nodes(["review", "publish"])
        .path(["ask", "research", "review"])
        .route("review", "Revise", "research")
        .route("review", "Retry", "review")
        .route("review", "Accept", "publish")
        .path(["publish", ""])
}

/// One of every kind of node and edge.
pub(super) fn everything() -> Topology {
    let inner = graph("inner").entry("one").nodes(["one"]).path(["one", ""]);
    graph("every kind")
        .entry("a")
        .nodes(["a"])
        .worker("w", "Vec<Url>")
        .lane("l", ["l1", "l2"])
        .lane("empty", [])
        .subgraph("s", inner, true)
        .nodes(["j"])
        .join()
        .path(["a", "l", "s"])
        .route("a", "More { n: 1 }", "a")
        .edge("a", "w", EdgeKind::Send)
        .edge("w", "j", EdgeKind::Join)
        .edge("s", "j", EdgeKind::Join)
        .edge("s", "s", EdgeKind::Goto)
        .edge("a", "gone", EdgeKind::OnError)
        .edge("a", "j", EdgeKind::OnBudget)
        .path(["empty", "j", ""])
}

/// Names that would break out of what they are written into.
pub(super) const NASTY: [&str; 12] = [
    "",
    "end",
    "a\"b",
    "\\",
    "<script>alert(1)</script>",
    "a & b &amp; c",
    "]]>",
    "two\nlines\r\n\u{0}",
    "%%{init: {}}%%",
    "1. `code` *bold*",
    "行程 ünï 🧭 \u{202e}txet",
    "a very long name, a very long name, a very long name, a very long name, a very long name, \
     a very long name, a very long name, a very long name, a very long name, a very long name.",
];

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-h]",
        1 => any::<String>(),
        1 => prop::sample::select(&NASTY[..]).prop_map(str::to_owned),
    ]
}

fn any_edge() -> impl Strategy<Value = Edge> {
    let kind = prop_oneof![
        Just(EdgeKind::Always),
        any_name().prop_map(|choice| EdgeKind::Route { choice }),
        Just(EdgeKind::Join),
        Just(EdgeKind::Send),
        Just(EdgeKind::Goto),
        Just(EdgeKind::OnError),
        Just(EdgeKind::OnBudget),
    ];
    (any_name(), prop::option::weighted(0.8, any_name()), kind).prop_map(|(from, to, kind)| Edge {
        from,
        to,
        kind,
    })
}

fn any_graph(kind: BoxedStrategy<NodeKind>) -> impl Strategy<Value = Topology> {
    let field = (any_name(), any_name(), any_name(), any::<bool>())
        .prop_map(|(name, reducer, ty, ephemeral)| FieldShape { name, reducer, ty, ephemeral });
    let node = (any_name(), kind, any::<bool>()).prop_map(|(name, kind, join)| NodeShape {
        name,
        kind,
        join,
    });
    (
        any_name(),
        0_u32..3,
        vec(field, 0..4),
        vec(any_name(), 0..3),
        vec(node, 0..9),
        vec(any_edge(), 0..16),
    )
        .prop_map(|(graph, version, fields, entries, nodes, edges)| Topology {
            graph,
            version,
            fields,
            entries,
            nodes,
            edges,
        })
}

/// Any topology, sound or not, with subgraphs.
pub(super) fn any_topology() -> impl Strategy<Value = Topology> {
    let flat = prop_oneof![
        4 => Just(NodeKind::Node),
        1 => any_name().prop_map(|payload| NodeKind::Worker { payload }),
        1 => vec(any_name(), 0..4).prop_map(|nodes| NodeKind::Lane { nodes, graphs: None }),
    ]
    .boxed();
    let deep = (0..2).fold(flat.clone(), |inner, _| {
        let subgraph = (any_graph(inner), any::<bool>()).prop_map(|(graph, persistent)| {
            NodeKind::Subgraph { graph: Box::new(graph), persistent, payload: None }
        });
        let subgraph = subgraph.boxed();
        let lane = (any_name(), subgraph.clone(), any_name());
        let lane = lane.prop_map(|(before, kind, name)| NodeKind::Lane {
            nodes: vec![before, name.clone()],
            graphs: Some(vec![NodeShape { name, kind, join: false }]),
        });
        prop_oneof![12 => flat.clone(), 2 => subgraph, 1 => lane].boxed()
    });
    any_graph(deep)
}
