//! Whole graphs.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vpaura_graph::{
    Ctx, END, Event, EventKind, GraphBuilder, JoinPolicy, MemoryStore, NodeError, Outcome, Route,
    State, Step, Store,
};

#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
struct Trip {
    #[reduce(append)]
    log: Vec<String>,
    n: u32,
}

#[derive(Route, Clone, Copy, PartialEq, Debug)]
enum Next {
    Again,
    Finish,
}

type Made = Result<TripUpdate, NodeError>;

#[tokio::test]
async fn a_loop_ends_and_is_stored() {
    let mut g = GraphBuilder::<Trip>::new("loop");
    let a = g.node("a", async |ctx: Ctx<Trip>| -> Made {
        let n = ctx.state().n + 1;
        ctx.token("x").await?;
        Ok(ctx.update().n(n).log(format!("a{n}")))
    });
    g.start(a).route(
        a,
        |s| if s.n < 3 { Next::Again } else { Next::Finish },
        move |next| match next {
            Next::Again => a.into(),
            Next::Finish => END.into(),
        },
    );
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut run = graph.run(TripUpdate::default()).thread(Arc::clone(&store), "t").start();
    let mut tokens = 0;
    while let Some(Event { kind, .. }) = run.next().await {
        if let EventKind::Token(_) = kind {
            tokens += 1;
        }
    }
    let Outcome::Done(state) = run.outcome().await.expect("runs") else { panic!("not done") };
    assert_eq!((state.n, tokens), (3, 3));
    let again = graph.run(TripUpdate::default().log("again")).thread(store, "t").outcome().await;
    let state = again.expect("runs").into_state();
    assert_eq!(state.log, ["a1", "a2", "a3", "again", "a4"]);
}

#[tokio::test(start_paused = true)]
async fn a_fan_out_is_joined() {
    let mut g = GraphBuilder::<Trip>::new("fan");
    let w = g.worker("w", async |ctx: Ctx<Trip>, n: u32| -> Made {
        tokio::time::sleep(Duration::from_millis(u64::from(10 - n))).await;
        Ok(ctx.update().log(format!("w{n}")))
    });
    let plan = g.node("plan", move |ctx: Ctx<Trip>| async move {
        let step = Step::update(ctx.update().log("plan"));
        Ok((0..3).fold(step, |step, n| step.send(w, n)))
    });
    let b = g.node("b", async |ctx: Ctx<Trip>| -> Made { Ok(ctx.update().log("b")) });
    let c = g.node("c", async |ctx: Ctx<Trip>| -> Made { Ok(ctx.update().log("c")) });
    let merge = g.node("merge", async |ctx: Ctx<Trip>| -> Made { Ok(ctx.update().log("merge")) });
    g.start(plan).sends(plan, w).edge(plan, b).edge(b, c).edge(merge, END);
    g.join((w, c), merge, JoinPolicy::all());
    let graph = g.build().expect("builds");
    let done = graph.run(TripUpdate::default()).outcome().await.expect("runs");
    assert_eq!(done.state().log, ["plan", "b", "w0", "w1", "w2", "c", "merge"]);
}

#[tokio::test]
async fn an_interrupt_is_answered() {
    let mut g = GraphBuilder::<Trip>::new("ask");
    let a = g.node("a", async |ctx: Ctx<Trip>| -> Made {
        let done: u32 = ctx.once("work", async |_key| Ok::<_, NodeError>(7)).await?;
        let yes: bool = ctx.interrupt("sure", &"Sure?").await?;
        Ok(ctx.update().log(format!("{yes} {done}")))
    });
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let first = graph.run(TripUpdate::default()).thread(Arc::clone(&store), "t").outcome().await;
    let first = first.expect("runs");
    let Outcome::Interrupted(_, asks) = first else { panic!("not interrupted") };
    let run = graph.resume().thread(store, "t").answer(asks[0].id.clone(), &true);
    assert_eq!(run.outcome().await.expect("runs").state().log, ["true 7"]);
}
