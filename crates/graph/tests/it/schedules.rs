//! Permuted schedules reach what they are to reach.

use std::sync::{Arc, Mutex};

use vpaura_graph::testkit::TestGraph;
use vpaura_graph::{Ctx, END, GraphBuilder};

use crate::logs::{Log, Made, empty};

#[tokio::test]
async fn graphs_side_by_side_are_permuted_apart() {
    let begun: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut inner = GraphBuilder::<Log>::new("inner");
    let [a, b] = ["a", "b"].map(|name| {
        let begun = Arc::clone(&begun);
        inner.node(name, move |ctx: Ctx<Log>| {
            begun.lock().expect("is whole").push(ctx.path().to_string());
            async move { Made::Ok(ctx.update().log(ctx.node())) }
        })
    });
    inner.start(a).start(b).edge(a, END).edge(b, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let out = |inner: Log| empty().extend_log(inner.log);
    let s = g.subgraph("s", &inner, |_| Log::default(), out);
    let t = g.subgraph("t", &inner, |_| Log::default(), out);
    g.start(s).start(t).edge(s, END).edge(t, END);
    let runs = TestGraph::new(&g.build().expect("builds")).schedules(empty(), 32).await;
    runs.same_state().same_log();
    let begun = begun.lock().expect("is whole");
    let at = |run: &[String], path: &str| run.iter().position(|it| it == path).expect("ran");
    let apart = begun
        .chunks(4)
        .filter(|run| (at(run, "s/a") < at(run, "s/b")) != (at(run, "t/a") < at(run, "t/b")));
    assert!(apart.count() > 0, "always in the same order");
}
