//! What lives for one step, where the step is stopped.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use vpaura_graph::store::At;
use vpaura_graph::testkit::replay;
use vpaura_graph::{
    Ctx, Durable, END, Field, GraphBuilder, NodeError, ReduceError, Reducer, State, Step, Worker,
};

use super::{held, memory, resumed, stopped, waits};
use crate::logs::{Log, Made, ms, says};

/// Payloads are sent on when the step is over, and what lives for one step is seen by the step behind
/// and by no other.
#[tokio::test(start_paused = true)]
async fn what_was_sent_and_what_lives_for_one_step_waits_too() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("sends");
    let worker: Worker<Log, u32> = g.worker("w", async |ctx: Ctx<Log>, n: u32| {
        Made::Ok(ctx.update().log(format!("w{n} sees {:?}", ctx.state().flash)))
    });
    let first = g.node("first", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().log("first").flash(Some("of first".to_owned())))
    });
    let a = g.node("a", move |ctx: Ctx<Log>| async move {
        let said = ctx.update().log("a").heard("of a");
        Ok(Step::<Log>::update(said).send(worker, 1).send(worker, 2))
    });
    let still = Arc::clone(&held);
    let b = g.node("b", move |ctx: Ctx<Log>| {
        let held = still.load(Ordering::SeqCst);
        async move {
            if held {
                std::future::pending::<()>().await;
            }
            let seen = (ctx.state().flash.clone(), ctx.state().heard.clone());
            Made::Ok(ctx.update().log(format!("b sees {seen:?}")).heard("of b"))
        }
    });
    let last = g.node("last", async |ctx: Ctx<Log>| {
        let seen = (ctx.state().flash.clone(), ctx.state().heard.clone());
        Made::Ok(ctx.update().log(format!("last sees {seen:?}")))
    });
    g.start(first).edge(first, (a, b)).sends(a, worker);
    g.edge(a, END).edge(b, last).edge(last, END).edge(worker, END);
    let graph = g.build().expect("builds");
    for resumes in [false, true] {
        let left = stopped(&graph, &store, resumes).await;
        assert_eq!(left.log, ["first", "a"]);
    }
    held.store(false, Ordering::SeqCst);
    assert_eq!(
        resumed(&graph, &store).await.log,
        [
            "first",
            "a",
            "b sees (Some(\"of first\"), [])",
            "last sees (None, [\"of a\", \"of b\"])",
            "w1 sees None",
            "w2 sees None",
        ]
    );
    replay(&graph, &*store, "t").await.no_divergence();
}

/// A route sees what its own node wrote, not what siblings did before the step was stopped.
#[tokio::test(start_paused = true)]
async fn a_route_of_a_stopped_node_sees_nothing_of_siblings_in_what_lives_for_one_step() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("routes");
    let a = g.node("a", async |ctx: Ctx<Log>| Made::Ok(ctx.update().log("a").heard("of a")));
    let b = waits(&mut g, "b", &held);
    let (clean, mixed) = (says(&mut g, "clean"), says(&mut g, "mixed"));
    g.start(a).start(b).edge(a, END).edge(clean, END).edge(mixed, END);
    let is_clean = |state: &Log| state.heard.is_empty();
    g.route(b, is_clean, move |is_clean| if is_clean { clean.into() } else { mixed.into() });
    let graph = g.build().expect("builds");
    stopped(&graph, &store, false).await;
    held.store(false, Ordering::SeqCst);
    assert_eq!(resumed(&graph, &store).await.log, ["a", "b", "clean"]);
    replay(&graph, &*store, "t").await.no_divergence();
}

/// A state that is written by hand and does not say what lives for one step.
#[tokio::test(start_paused = true)]
async fn what_a_state_by_hand_is_told_is_merged_once() {
    #[derive(Clone, Default, Debug, Serialize, Deserialize)]
    struct Plain(Vec<String>);
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct More(Vec<String>);
    impl From<More> for Step<Plain> {
        fn from(more: More) -> Self {
            Self::update(more)
        }
    }
    impl State for Plain {
        type Update = More;
        type Context = ();
        type Event = ();
        const FIELDS: &'static [Field] =
            &[Field { name: "0", reducer: Reducer::Append, ty: "Vec<String>", ephemeral: true }];
        fn apply(&mut self, more: More) -> Result<(), ReduceError> {
            self.0.extend(more.0);
            Ok(())
        }
    }
    impl Durable for Plain {}
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Plain>::new("by hand");
    fn said(name: &str) -> More {
        More(vec![name.to_owned()])
    }
    let a = g.node("a", async |_: Ctx<Plain>| Ok::<_, NodeError>(said("a")));
    let still = Arc::clone(&held);
    let b = g.node("b", move |_: Ctx<Plain>| {
        let held = still.load(Ordering::SeqCst);
        async move {
            if held {
                std::future::pending::<()>().await;
            }
            Ok::<_, NodeError>(said("b"))
        }
    });
    g.start(a).start(b).edge(a, END).edge(b, END);
    let graph = g.build().expect("builds");
    let run = graph.run(More::default()).thread(Arc::clone(&store), "t").start();
    tokio::time::sleep(ms(1_000)).await;
    run.cancel();
    run.outcome().await.expect("runs");
    held.store(false, Ordering::SeqCst);
    let ended = graph.resume().thread(Arc::clone(&store), "t").outcome().await.expect("runs");
    assert_eq!(ended.into_state().0, ["a", "b"]);
    let found = graph.thread(store, "t").get(At::Head).await.expect("loads").expect("is there");
    assert_eq!(found.state.0, ["a", "b"]);
}
