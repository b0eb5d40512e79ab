//! A lane that is stopped half way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vpaura_graph::testkit::replay;
use vpaura_graph::{Ctx, END, GraphBuilder, Outcome};

use super::{Held, held, memory, resumed, stopped, waits};
use crate::logs::{Log, Made, empty, says};

/// The one that stops does not undo what a lane has done: a lane that has asked goes on behind the
/// node that asks, on what the nodes before wrote.
#[tokio::test(start_paused = true)]
async fn a_lane_that_asks_keeps_what_it_has_when_a_sibling_is_stopped() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("asks");
    let first = says(&mut g, "first");
    let second = g.node("second", async |ctx: Ctx<Log>| {
        let so_far = ctx.state().log.join(" ");
        let answer: String = ctx.interrupt("which", &"Which?").await?;
        Made::Ok(ctx.update().log(format!("{answer} after {so_far}")))
    });
    let b = waits(&mut g, "b", &held);
    let lane = g.lane("lane", [first, second]);
    g.start(lane).start(b).edge(lane, END).edge(b, END);
    let graph = g.build().expect("builds");
    assert_eq!(stopped(&graph, &store, false).await.log, ["first"]);
    held.store(false, Ordering::SeqCst);
    let resumed = graph.resume().thread(Arc::clone(&store), "t").outcome().await;
    let Ok(Outcome::Interrupted(_, asks)) = &resumed else { panic!("no question: {resumed:?}") };
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &"this");
    let ended = run.outcome().await;
    let Ok(Outcome::Done(state)) = ended else { panic!("not done: {ended:?}") };
    assert_eq!(state.log, ["first", "b", "this after first"]);
}

/// What a lane's nodes wrote that lives for one step is the lane's: its later nodes and its routes
/// see it, its siblings do not.
#[tokio::test(start_paused = true)]
async fn a_half_done_lane_keeps_what_lives_for_one_step_to_itself() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("lane");
    let lit = g.node("lit", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().log("lit").flash(Some("of lit".to_owned())))
    });
    let sees = |name: &'static str, held: &Held| {
        let held = Arc::clone(held);
        move |ctx: Ctx<Log>| {
            let held = held.load(Ordering::SeqCst);
            async move {
                if held {
                    std::future::pending::<()>().await;
                }
                Made::Ok(ctx.update().log(format!("{name} sees {:?}", ctx.state().flash)))
            }
        }
    };
    let inner = g.node("inner", sees("inner", &held));
    let beside = g.node("beside", sees("beside", &held));
    let never = Arc::new(AtomicBool::new(false));
    let then = g.node("then", sees("then", &never));
    let dark = says(&mut g, "dark");
    let lane = g.lane("lane", [lit, inner]);
    g.start(lane).start(beside).edge(beside, END).edge(then, END).edge(dark, END);
    let is_lit = |state: &Log| state.flash.is_some();
    g.route(lane, is_lit, move |is_lit| if is_lit { then.into() } else { dark.into() });
    let graph = g.build().expect("builds");
    for resumes in [false, true] {
        assert_eq!(stopped(&graph, &store, resumes).await.log, ["lit"]);
    }
    held.store(false, Ordering::SeqCst);
    assert_eq!(
        resumed(&graph, &store).await.log,
        ["lit", "beside sees None", "inner sees Some(\"of lit\")", "then sees Some(\"of lit\")"]
    );
    replay(&graph, &*store, "t").await.no_divergence();
}

/// A persistent graph in a lane remembers what it has done, also when its lane is stopped behind it
/// and never goes on.
#[tokio::test(start_paused = true)]
async fn a_persistent_graph_in_a_stopped_lane_remembers() {
    let store = memory();
    let mut g = GraphBuilder::<Log>::new("inner");
    let counts = g.node("counts", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().log(format!("call {}", ctx.state().log.len() + 1)))
    });
    g.start(counts).edge(counts, END);
    let inner = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let out = |inner: Log| empty().extend_log(inner.log.last().cloned());
    let memory = g.persistent_subgraph("memory", &inner, |_| empty(), out);
    let held = held();
    let then = waits(&mut g, "then", &held);
    let lane = g.lane("lane", [memory, then]);
    g.start(lane).edge(lane, END);
    let graph = g.build().expect("builds");
    assert_eq!(stopped(&graph, &store, false).await.log, ["call 1"]);
    // Not resumed: new input.
    assert_eq!(stopped(&graph, &store, false).await.log, ["call 1", "call 2"]);
}
