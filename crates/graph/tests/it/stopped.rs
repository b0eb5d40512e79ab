//! A step that is stopped half way: what had returned leads on only when the rest has returned too,
//! as in a run that nobody stopped.

mod claims;
mod fleeting;
mod graphs;
mod lanes;
mod steps;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vpaura_graph::store::At;
use vpaura_graph::testkit::replay;
use vpaura_graph::{
    Budget, Ctx, END, Graph, GraphBuilder, JoinPolicy, MemoryStore, Node, NodeError, Outcome, Step,
    Store, Worker,
};

use crate::logs::{Log, Made, empty, ms, says};

pub(crate) type Held = Arc<AtomicBool>;

/// A node that goes on once it is not held.
pub(crate) fn waits(g: &mut GraphBuilder<Log>, name: &'static str, held: &Held) -> Node<Log> {
    let held = Arc::clone(held);
    g.node(name, move |ctx: Ctx<Log>| {
        let held = Arc::clone(&held);
        async move {
            if held.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log(name))
        }
    })
}

pub(crate) fn held() -> Held {
    Arc::new(AtomicBool::new(true))
}

pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

/// Runs until nothing more happens by itself, and stops it there.
async fn stopped(graph: &Graph<Log>, store: &Arc<dyn Store>, resumes: bool) -> Log {
    let run = if resumes { graph.resume() } else { graph.run(empty()) };
    let run = run.thread(Arc::clone(store), "t").start();
    tokio::time::sleep(ms(1_000)).await;
    run.cancel();
    match run.outcome().await {
        Ok(Outcome::Cancelled(state)) => state,
        other => panic!("not stopped: {other:?}"),
    }
}

async fn resumed(graph: &Graph<Log>, store: &Arc<dyn Store>) -> Log {
    match graph.resume().thread(Arc::clone(store), "t").outcome().await {
        Ok(Outcome::Done(state)) => state,
        other => panic!("not done: {other:?}"),
    }
}

/// `a` returns and `b` does not; behind each is one that writes what the other writes.
fn rivals(held: &Held) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("rivals");
    let a = says(&mut g, "a");
    let still = Arc::clone(held);
    let b = g.node("b", move |ctx: Ctx<Log>| {
        let held = still.load(Ordering::SeqCst);
        async move {
            if held {
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log("b").one(Some("b".to_owned())))
        }
    });
    let then = g.node("then", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().log("then").one(Some("then".to_owned())))
    });
    g.start(a).start(b).edge(a, then).edge(b, END).edge(then, END);
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn nodes_of_different_steps_do_not_meet_when_the_first_was_stopped() {
    let (held, store) = (held(), memory());
    let graph = rivals(&held);
    for resumes in [false, true, true] {
        assert_eq!(stopped(&graph, &store, resumes).await.log, ["a"]);
        let found = graph.thread(Arc::clone(&store), "t").get(At::Head).await;
        let found = found.expect("loads").expect("is there");
        assert_eq!(found.waiting.nodes, ["b", "then"], "what is held back is waiting too");
    }
    held.store(false, Ordering::SeqCst);
    let state = resumed(&graph, &store).await;
    assert_eq!((state.log.join(" "), state.one.as_deref()), ("a b then".into(), Some("then")));
    replay(&graph, &*store, "t").await.no_divergence();
}

/// From the stopped step in another branch, and after a change by hand: as from the step itself.
#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_there_in_a_fork_and_after_a_change_by_hand() {
    let (held, store) = (held(), memory());
    let graph = rivals(&held);
    stopped(&graph, &store, false).await;
    let thread = graph.thread(Arc::clone(&store), "t");
    let seq = thread.get(At::Head).await.expect("loads").expect("is there").seq;
    held.store(false, Ordering::SeqCst);
    let forked = graph.resume().thread(Arc::clone(&store), "t").at(seq).outcome().await;
    let Ok(Outcome::Done(state)) = forked else { panic!("not done: {forked:?}") };
    assert_eq!(state.log.join(" "), "a b then");
    held.store(true, Ordering::SeqCst);
    let other = memory();
    stopped(&graph, &other, false).await;
    let thread = graph.thread(Arc::clone(&other), "t");
    thread.update(empty().log("by hand"), None).await.expect("changes");
    held.store(false, Ordering::SeqCst);
    assert_eq!(resumed(&graph, &other).await.log.join(" "), "a by hand b then");
    replay(&graph, &*other, "t").await.no_divergence();
}

/// A change by hand that says what is due next is what is due next.
#[tokio::test(start_paused = true)]
async fn nothing_is_held_back_behind_a_change_in_a_nodes_name() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("named");
    let (a, b) = (says(&mut g, "a"), waits(&mut g, "b", &held));
    let (then, other) = (says(&mut g, "then"), says(&mut g, "other"));
    g.start(a).start(b).edge(a, then).edge(b, other).edge(then, END).edge(other, END);
    let graph = g.build().expect("builds");
    stopped(&graph, &store, false).await;
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.update(empty().log("for b"), Some(b)).await.expect("changes");
    assert_eq!(resumed(&graph, &store).await.log.join(" "), "a for b other");
}

/// A join begins behind the step, not beside the nodes that were stopped in it, whether they lead to
/// it or not.
#[tokio::test(start_paused = true)]
async fn a_join_does_not_begin_beside_what_was_stopped() {
    for leads in [false, true] {
        let (held, store) = (held(), memory());
        let mut g = GraphBuilder::<Log>::new("join");
        let (a, b) = (says(&mut g, "a"), waits(&mut g, "b", &held));
        let (c, both) = (says(&mut g, "c"), says(&mut g, "both"));
        g.start(a).start(b).start(c).edge(both, END).join((a, c), both, JoinPolicy::all());
        match leads {
            true => g.edge(b, both),
            false => g.edge(b, END),
        };
        let graph = g.build().expect("builds");
        assert_eq!(stopped(&graph, &store, false).await.log, ["a", "c"]);
        held.store(false, Ordering::SeqCst);
        assert_eq!(resumed(&graph, &store).await.log, ["a", "c", "b", "both"]);
        replay(&graph, &*store, "t").await.no_divergence();
    }
}

/// A join that has what it asks for does not wait for the stopped either: the step is over.
#[tokio::test(start_paused = true)]
async fn a_stopped_step_is_over_where_nobody_waits_for_the_rest() {
    let store = memory();
    let mut g = GraphBuilder::<Log>::new("quorum");
    let token = tokio_util::sync::CancellationToken::new();
    let stop = token.clone();
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let stop = stop.clone();
        async move {
            stop.cancel();
            Made::Ok(ctx.update().log("a").flash(Some("of a".to_owned())))
        }
    });
    let b = waits(&mut g, "b", &held());
    let first = g.node("first", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().log(format!("{:?}", ctx.state().flash)))
    });
    g.start(a).start(b).edge(first, END).join((a, b), first, JoinPolicy::all().quorum(1));
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).thread(Arc::clone(&store), "t").cancel(token);
    let ended = run.outcome().await;
    assert!(matches!(&ended, Ok(Outcome::Cancelled(state)) if state.log == ["a"]), "{ended:?}");
    assert_eq!(resumed(&graph, &store).await.log, ["a", "Some(\"of a\")"]);
    replay(&graph, &*store, "t").await.no_divergence();
}

/// What leads to a join by an edge of its own does not count among those that the join asks for:
/// nobody is dropped for it.
#[tokio::test(start_paused = true)]
async fn who_is_still_waited_for_is_due_again() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("edge");
    let (x, a, c) = (says(&mut g, "x"), waits(&mut g, "a", &held), waits(&mut g, "c", &held));
    let both = says(&mut g, "both");
    g.start(x).start(a).start(c).edge(x, both).edge(both, END);
    g.join((a, c), both, JoinPolicy::all().quorum(1));
    let graph = g.build().expect("builds");
    assert_eq!(stopped(&graph, &store, false).await.log, ["x"]);
    held.store(false, Ordering::SeqCst);
    let state = resumed(&graph, &store).await;
    assert_eq!(state.log[..2], ["x", "a"], "{:?}", state.log);
    assert_eq!(state.log.last().map(String::as_str), Some("both"));
}

/// A branch that came too late is not waited for again because somebody else was stopped.
#[tokio::test(start_paused = true)]
async fn a_branch_that_was_dropped_is_not_due_again() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("late");
    let (a, b, c) = (says(&mut g, "a"), waits(&mut g, "b", &held), waits(&mut g, "c", &held));
    let (both, last) = (says(&mut g, "both"), says(&mut g, "last"));
    g.start(a).start(b).start(c).edge(c, last).edge(both, END).edge(last, END);
    g.join((a, b), both, JoinPolicy::deadline(ms(10)).proceed());
    let graph = g.build().expect("builds");
    assert_eq!(stopped(&graph, &store, false).await.log, ["a"]);
    held.store(false, Ordering::SeqCst);
    assert_eq!(resumed(&graph, &store).await.log, ["a", "c", "both", "last"]);
    replay(&graph, &*store, "t").await.no_divergence();
}

/// The same payload twice is two tasks, each with the effects of its own.
#[tokio::test(start_paused = true)]
async fn the_effects_of_equal_sends_are_kept_apart() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("twice");
    let (still, did) = (Arc::clone(&held), crate::logs::Count::default());
    let counted = did.clone();
    let worker: Worker<Log, u32> = g.worker("w", move |ctx: Ctx<Log>, _: u32| {
        let (held, did) = (still.load(Ordering::SeqCst), counted.clone());
        async move {
            let nth = ctx.once("count", async |_| Ok::<_, NodeError>(did.up())).await?;
            if held {
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log(nth.to_string()))
        }
    });
    let a = g.node("a", move |ctx: Ctx<Log>| async move {
        let send = vpaura_graph::Send::to(worker, 1);
        Ok(Step::<Log>::update(ctx.update()).send_all([send.clone(), send]))
    });
    g.start(a).sends(a, worker).edge(a, END).edge(worker, END);
    let graph = g.build().expect("builds");
    stopped(&graph, &store, false).await;
    held.store(false, Ordering::SeqCst);
    assert_eq!((resumed(&graph, &store).await.log, did.up()), (vec!["1".into(), "2".into()], 3));
}

/// A run that has no time at all left still takes in what had finished before it.
#[tokio::test(start_paused = true)]
async fn a_finished_sibling_is_recalled_in_a_run_whose_time_is_up() {
    let store = memory();
    let mut g = GraphBuilder::<Log>::new("time");
    let (a, then) = (says(&mut g, "a"), says(&mut g, "then"));
    let b = g.node("b", async |ctx: Ctx<Log>| {
        let _sure: bool = ctx.interrupt("sure", &"Sure?").await?;
        std::future::pending::<Made>().await
    });
    g.start(a).start(b).edge(a, then).edge(b, END).edge(then, END);
    let graph = g.build().expect("builds");
    let asked = graph.run(empty()).thread(Arc::clone(&store), "t").outcome().await;
    let Ok(Outcome::Interrupted(_, asks)) = &asked else { panic!("no question: {asked:?}") };
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &true);
    let ended = run.budget(Budget::new().wall(ms(0))).outcome().await;
    let Ok(Outcome::Exhausted(state, _)) = ended else { panic!("has time: {ended:?}") };
    assert_eq!(state.log, ["a"]);
}
