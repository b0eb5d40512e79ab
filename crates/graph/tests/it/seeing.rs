//! What can be seen of a graph and of its runs.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use vpaura_graph::view::{Verdict, Waiting};
use vpaura_graph::{Ctx, END, Graph, GraphBuilder, MemoryStore, NodeError, Retry, State, Step};

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Count {
    #[reduce(append)]
    log: Vec<String>,
}

async fn note(ctx: Ctx<Count>) -> Result<CountUpdate, NodeError> {
    Ok(ctx.update().log(ctx.node()))
}

#[test]
fn a_lane_shows_its_nodes_and_the_graph_does_not_show_them_again() {
    let mut g = GraphBuilder::<Count>::new("lane");
    let (a, b) = (g.node("a", note), g.node("b", note));
    let lane = g.lane("both", [a, b]);
    g.start(lane).edge(lane, END);
    let shape = g.build().expect("builds").topology();
    let names: Vec<_> = shape.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["both"]);
}

/// The fields of a span, by name.
type Fields = BTreeMap<String, String>;

/// Collects spans, as an exporter would.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(&'static str, Fields)>>>);

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("vpaura_graph")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::new();
        span.record(&mut Reader(&mut fields));
        let mut spans = self.0.lock().expect("not poisoned");
        spans.push((span.metadata().name(), fields));
        Id::from_u64(spans.len() as u64)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.0.lock().expect("not poisoned");
        let at = usize::try_from(span.into_u64()).expect("a place") - 1;
        values.record(&mut Reader(&mut spans[at].1));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn runs_and_attempts_are_spans_with_names_that_exporters_know() {
    let spans = Spans::default();
    let _default = tracing::subscriber::set_default(spans.clone());
    let mut g = GraphBuilder::<Count>::new("traced");
    let a = g.node("a", |ctx: Ctx<Count>| async move {
        if ctx.attempt() == 1 {
            return Err(NodeError::transient("once"));
        }
        Ok(ctx.update())
    });
    g.tune(a).retry(Retry::transient(2));
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let store = Arc::new(MemoryStore::new());
    graph.run(CountUpdate::default()).thread(store, "t1").outcome().await.expect("runs");

    let spans = spans.0.lock().expect("not poisoned");
    let names: Vec<_> = spans.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["graph.run", "graph.node", "graph.node"]);
    let run = &spans[0].1;
    assert_eq!((run["otel.name"].as_str(), run["graph.thread"].as_str()), ("graph traced", "t1"));
    assert_eq!(run["otel.status_code"], "OK");
    let of = |at: usize, field: &str| spans[at].1[field].as_str();
    assert_eq!((of(1, "otel.name"), of(1, "graph.attempt")), ("node a", "1"));
    assert_eq!((of(1, "otel.status_code"), of(2, "otel.status_code")), ("ERROR", "OK"));
}

/// A thread whose sends to a subgraph wait, under the graph that they were sent in.
#[tokio::test]
async fn sends_that_wait_for_a_subgraph_survive_a_graph_that_takes_them() {
    fn fan<P: vpaura_graph::Payload + Default>(wide: bool) -> Graph<Count> {
        let mut inner = GraphBuilder::<Count>::new("inner");
        let x = inner.node("x", note);
        inner.start(x).edge(x, END);
        if wide {
            let y = inner.node("y", note);
            inner.start(y).edge(y, END);
        }
        let inner = inner.build().expect("builds");
        let mut g = GraphBuilder::<Count>::new("outer");
        let w = g.subgraph_worker::<P, Count>(
            "w",
            &inner,
            |_, _| Count::default(),
            |_| CountUpdate::default(),
        );
        let a = g.node("a", move |ctx: Ctx<Count>| async move {
            Ok::<_, NodeError>(Step::update(ctx.update()).send(w, P::default()))
        });
        g.start(a).sends(a, w).edge(w, END);
        g.build().expect("builds")
    }
    let waiting = Waiting { nodes: Vec::new(), workers: vec!["w".to_owned()], version: 1 };
    let (old, same) = (fan::<u32>(false).topology(), fan::<u32>(false).topology());
    assert_eq!(same.diff(&old).rate(&waiting), Verdict::Safe);
    let json = serde_json::to_string(&old).expect("JSON");
    assert_eq!(serde_json::from_str::<vpaura_graph::view::Topology>(&json).expect("reads"), old);
    match fan::<String>(false).topology().diff(&old).rate(&waiting) {
        Verdict::Breaking { why } => assert_eq!(why, ["w is sent to and takes another payload"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(fan::<u32>(true).topology().diff(&old).rate(&waiting), Verdict::Safe);
}

/// What changes in a subgraph that is in a lane is found as anywhere else.
#[test]
fn a_subgraph_in_a_lane_is_compared() {
    fn laned(wide: bool, persistent: bool) -> Graph<Count> {
        let mut inner = GraphBuilder::<Count>::new("inner");
        let x = inner.node(if wide { "y" } else { "x" }, note);
        inner.start(x).edge(x, END);
        let inner = inner.build().expect("builds");
        let mut g = GraphBuilder::<Count>::new("outer");
        let out = |_: Count| CountUpdate::default();
        let s = match persistent {
            true => g.persistent_subgraph("s", &inner, |_| CountUpdate::default(), out),
            false => g.subgraph("s", &inner, |_| Count::default(), out),
        };
        let a = g.node("a", note);
        let lane = g.lane("lane", [a, s]);
        g.start(lane).edge(lane, END);
        g.build().expect("builds")
    }
    let waiting =
        |node: &str| Waiting { nodes: vec![node.to_owned()], workers: vec![], version: 1 };
    let (old, new) = (laned(false, false).topology(), laned(true, false).topology());
    let json = serde_json::to_string(&old).expect("JSON");
    assert_eq!(serde_json::from_str::<vpaura_graph::view::Topology>(&json).expect("reads"), old);
    assert!(old.diff(&old).is_empty());
    let diff = new.diff(&old);
    assert_eq!(diff.subgraphs.len(), 1, "{diff}");
    let Verdict::Breaking { why } = diff.rate(&waiting("lane")) else { panic!("{diff}") };
    assert_eq!(why, ["lane / s / x is due and is gone"]);
    assert_eq!(diff.rate(&waiting("other")).to_string(), "breaking: other is due and is gone");
    let kept = laned(false, true).topology().diff(&old);
    let Verdict::Breaking { why } = kept.rate(&waiting("lane")) else { panic!("{kept}") };
    assert_eq!(why, ["lane is due and a graph in its lane is another"]);
}
