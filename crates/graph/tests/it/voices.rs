//! Whose text counts: what a discard is of, and what it is not.

use std::sync::Arc;

use vpaura_graph::testkit::TestGraph;
use vpaura_graph::{
    Ctx, END, Event, EventKind, Failure, GraphBuilder, MemoryStore, NodeError, Retry, Store,
};

use crate::logs::{Count, Log, Made, empty, ms, watch};

/// What was said and not taken back.
pub(crate) fn said(events: &[Event<String>]) -> String {
    let mut said: Vec<(u64, String)> = Vec::new();
    for event in events {
        match &event.kind {
            EventKind::Token(text) => {
                said.push((event.call, String::from_utf8_lossy(text).into_owned()));
            }
            EventKind::Discard => said.retain(|(call, _)| *call != event.call),
            _ => {}
        }
    }
    said.into_iter().map(|(_, text)| text).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_discarded_says_nothing_more() {
    let mut g = GraphBuilder::<Log>::new("late");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        ctx.token(format!("{}", ctx.attempt())).await?;
        if ctx.attempt() == 1 {
            let late = ctx.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ms(50)).await;
                late.token("late").await
            });
            return Err(NodeError::transient(std::io::Error::other("again")));
        }
        tokio::time::sleep(ms(500)).await;
        Ok(ctx.update().log("a"))
    });
    g.tune(a).retry(Retry::transient(2));
    g.start(a).edge(a, END);
    let (events, outcome) = watch(g.build().expect("builds").run(empty()).start()).await;
    assert_eq!(outcome.expect("runs").state().log, ["a"]);
    assert_eq!(said(&events), "2");
}

/// Nor does what runs in a graph that was discarded as a whole.
#[tokio::test(start_paused = true)]
async fn what_was_discarded_with_its_graph_says_nothing_more() {
    let calls = Count::default();
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = inner.node("x", move |ctx: Ctx<Log>| {
        let call = calls.up();
        async move {
            ctx.token(call.to_string()).await?;
            let late = ctx.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ms(50)).await;
                late.token(if call == 1 { "late" } else { "." }).await
            });
            tokio::time::sleep(ms(if call == 1 { 5000 } else { 30 })).await;
            Made::Ok(ctx.update().log("x"))
        }
    });
    inner.start(x).edge(x, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
    g.tune(s).timeout(ms(40)).retry(Retry::transient(2));
    g.start(s).edge(s, END);
    let (events, _) = watch(g.build().expect("builds").run(empty()).start()).await;
    assert!(!said(&events).contains("late"), "{:?}", said(&events));
}

#[tokio::test(start_paused = true)]
async fn a_discard_is_of_one_call() {
    let calls = Count::default();
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = inner.node("x", move |ctx: Ctx<Log>| {
        let call = calls.up();
        async move {
            ctx.token(call.to_string()).await?;
            if call == 2 {
                return Err(NodeError::transient(std::io::Error::other("again")));
            }
            Ok(ctx.update().log("x"))
        }
    });
    inner.tune(x).retry(Retry::transient(2));
    inner.start(x).edge(x, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
    g.start(s);
    g.route(s, |state| state.log.len() < 2, move |more| if more { s.into() } else { END.into() });
    let run = TestGraph::new(&g.build().expect("builds")).run(empty()).await;
    run.tokens("13");
    let begun = run.events.iter().filter(|event| matches!(event.kind, EventKind::NodeStarted));
    let calls: Vec<u64> = begun.map(|event| event.call).collect();
    assert_eq!(calls, (1..=calls.len() as u64).collect::<Vec<_>>(), "each has its own number");
}

/// What its nodes said counts while the graph can go on behind them, and not when it cannot.
#[tokio::test(start_paused = true)]
async fn a_graph_that_failed_for_good_has_said_nothing() {
    for in_thread in [false, true] {
        let mut inner = GraphBuilder::<Log>::new("inner");
        let x = inner.node("x", async |ctx: Ctx<Log>| -> Made {
            ctx.token("x").await?;
            Ok(ctx.update().log("x"))
        });
        let y = inner.node("y", async |ctx: Ctx<Log>| -> Made {
            ctx.token("y").await?;
            Err(NodeError::transient(std::io::Error::other("broken")))
        });
        inner.start(x).edge(x, y).edge(y, END);
        let inner = inner.build().expect("builds");
        let mut middle = GraphBuilder::<Log>::new("middle");
        let out = |inner: Log| empty().extend_log(inner.log);
        let m = middle.subgraph("m", &inner, |_| Log::default(), out);
        middle.start(m).edge(m, END);
        let middle = middle.build().expect("builds");
        let mut g = GraphBuilder::<Log>::new("outer");
        let s = g.subgraph("s", &middle, |_| Log::default(), out);
        let handler = g.worker("handler", async |ctx: Ctx<Log>, _: Failure| -> Made {
            ctx.token("sorry").await?;
            Ok(ctx.update().log("sorry"))
        });
        g.tune(s).retry(Retry::any(2)).on_error(handler);
        g.start(s).edge(s, END).edge(handler, END);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let graph = g.build().expect("builds");
        let run = graph.run(empty());
        let run = if in_thread { run.thread(store, "t") } else { run };
        let (events, outcome) = watch(run.start()).await;
        assert_eq!(outcome.expect("runs").state().log, ["sorry"]);
        assert_eq!(said(&events), "sorry", "in a thread: {in_thread}");
    }
}
