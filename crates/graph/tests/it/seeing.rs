//! What can be seen of a graph and of its runs.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use vpaura_graph::{Ctx, END, GraphBuilder, MemoryStore, NodeError, Retry, State};

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
