//! Nested graphs that are stopped: they go on where they were, with the answers and the effects of
//! the work that these were for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use vpaura_graph::store::At;
use vpaura_graph::testkit::replay;
use vpaura_graph::{
    Ask, Ctx, END, Graph, GraphBuilder, JoinPolicy, NodeError, Outcome, Store, Usage,
};

use super::{Held, held, memory, resumed};
use crate::logs::{Count, Log, LogUpdate, Made, empty, ms, says, slow};

/// Each time it begins it finds other work. Somebody approves it, and then it is done and paid.
fn approving(picks: &Count, paid: &Count, held: &Held) -> Graph<Log> {
    let (picks, paid, held) = (picks.clone(), paid.clone(), Arc::clone(held));
    let mut g = GraphBuilder::<Log>::new("approving");
    let pick = g.node("pick", move |ctx: Ctx<Log>| {
        let nth = picks.up();
        async move { Made::Ok(ctx.update().log(format!("work {nth}"))) }
    });
    let approve = g.node("approve", async |ctx: Ctx<Log>| -> Made {
        let by: String = ctx.interrupt("approve", &ctx.state().log.last()).await?;
        Ok(ctx.update().log(by))
    });
    let act = g.node("act", move |ctx: Ctx<Log>| {
        let (paid, held) = (paid.clone(), held.load(Ordering::SeqCst));
        async move {
            let nth = ctx.once("pay", async |_| Ok::<_, NodeError>(paid.up())).await?;
            let part = ctx.partial(|said: String| empty().log(said));
            part.edit(|said| said.push_str("paying"));
            if held {
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log(format!("paid {nth}")))
        }
    });
    g.start(pick).edge(pick, approve).edge(approve, act).edge(act, END);
    g.build().expect("builds")
}

/// What a nested graph wrote.
fn wrote(inner: Log) -> LogUpdate {
    empty().extend_log(inner.log)
}

/// The graph as the only node of another, or in a lane of it behind another node.
fn around(inner: &Graph<Log>, in_lane: bool) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("around");
    let s = g.subgraph("s", inner, |_| Log::default(), wrote);
    if in_lane {
        let first = says(&mut g, "first");
        let lane = g.lane("lane", [first, s]);
        g.start(lane).edge(lane, END);
    } else {
        g.start(s).edge(s, END);
    }
    g.build().expect("builds")
}

async fn asks(graph: &Graph<Log>, store: &Arc<dyn Store>) -> Vec<Ask> {
    let asked = graph.run(empty()).thread(Arc::clone(store), "t").outcome().await;
    match asked.expect("asks") {
        Outcome::Interrupted(_, asks) => asks,
        other => panic!("no question: {other:?}"),
    }
}

/// Goes on, with an answer if there is one, until nothing more happens, and is stopped there.
async fn stopped(graph: &Graph<Log>, store: &Arc<dyn Store>, answered: Option<&Ask>) -> Log {
    let run = graph.resume().thread(Arc::clone(store), "t");
    let run = match answered {
        Some(ask) => run.answer(&ask.id, &"approved"),
        None => run,
    };
    let run = run.start();
    tokio::time::sleep(ms(1_000)).await;
    run.cancel();
    match run.outcome().await {
        Ok(Outcome::Cancelled(state)) => state,
        other => panic!("not stopped: {other:?}"),
    }
}

async fn kept(graph: &Graph<Log>, store: &Arc<dyn Store>) -> Vec<String> {
    let found = graph.thread(Arc::clone(store), "t").get(At::Head).await;
    found.expect("loads").expect("is there").state.log
}

/// What was approved is what is done, once, however often it is stopped and however deep.
#[tokio::test(start_paused = true)]
async fn an_answer_holds_for_what_was_asked() {
    for (depth, in_lane) in [(1, false), (2, false), (1, true), (3, true)] {
        let (picks, paid, held, store) = (Count::default(), Count::default(), held(), memory());
        let inner = approving(&picks, &paid, &held);
        let graph = (0..depth).fold(inner, |inner, level| around(&inner, in_lane && level == 0));
        let first: &[&str] = if in_lane { &["first"] } else { &[] };
        let ask = asks(&graph, &store).await.remove(0);
        assert_eq!(ask.question, "work 1");
        for again in [false, true] {
            let state = stopped(&graph, &store, Some(&ask).filter(|_| !again)).await;
            let expected = [first, &["work 1", "approved", "paying"]].concat();
            assert_eq!(state.log, expected, "{depth}, {again}: what it had is shown");
            assert_eq!(kept(&graph, &store).await, expected, "{depth}, {again}");
        }
        held.store(false, Ordering::SeqCst);
        let expected = [first, &["work 1", "approved", "paid 1"]].concat();
        assert_eq!(resumed(&graph, &store).await.log, expected, "{depth}");
        assert_eq!((picks.get(), paid.get()), (1, 1), "{depth}: nothing is done twice");
        assert_eq!(kept(&graph, &store).await, expected, "{depth}");
        replay(&graph, &*store, "t").await.no_divergence();
    }
}

/// Where new input comes instead, what the graph had stays, and counts once.
#[tokio::test(start_paused = true)]
async fn what_a_stopped_graph_had_is_there_for_new_input() {
    for by_hand in [false, true] {
        let (picks, paid, held, store) = (Count::default(), Count::default(), held(), memory());
        let graph = around(&approving(&picks, &paid, &held), false);
        let ask = asks(&graph, &store).await.remove(0);
        stopped(&graph, &store, Some(&ask)).await;
        let mut expected = vec!["work 1", "approved", "paying"];
        let thread = graph.thread(Arc::clone(&store), "t");
        if by_hand {
            thread.update(empty().log("by hand"), None).await.expect("changes");
            assert_eq!(kept(&graph, &store).await, ["by hand", "work 1", "approved", "paying"]);
            expected.insert(0, "by hand");
        }
        let run = graph.run(empty().log("new")).thread(Arc::clone(&store), "t").outcome().await;
        let Ok(Outcome::Interrupted(state, asks)) = run else { panic!("no question: {run:?}") };
        expected.push("new");
        assert_eq!(state.log, expected);
        assert_eq!((asks.len(), asks[0].question.clone()), (1, "work 2".into()), "is asked anew");
        assert_eq!(kept(&graph, &store).await, expected, "also when it is read again");
        replay(&graph, &*store, "t").await.no_divergence();
    }
}

/// A change in the stopped node's name takes its place: what the graph had stays as it is.
#[tokio::test(start_paused = true)]
async fn what_a_stopped_graph_had_stays_behind_a_change_in_its_name() {
    let (held, store) = (held(), memory());
    let inner = approving(&Count::default(), &Count::default(), &held);
    let mut g = GraphBuilder::<Log>::new("named");
    let s = g.subgraph("s", &inner, |_| Log::default(), wrote);
    let then = says(&mut g, "then");
    g.start(s).edge(s, then).edge(then, END);
    let graph = g.build().expect("builds");
    let ask = asks(&graph, &store).await.remove(0);
    stopped(&graph, &store, Some(&ask)).await;
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.update(empty().log("for s"), Some(s)).await.expect("changes");
    let expected = ["work 1", "approved", "paying", "for s", "then"];
    assert_eq!(resumed(&graph, &store).await.log, expected);
}

/// It goes on from what it began with, whatever its siblings wrote meanwhile.
#[tokio::test(start_paused = true)]
async fn a_stopped_graph_goes_on_from_what_it_began_with() {
    for persistent in [false, true] {
        let (held, store) = (held(), memory());
        let inner = {
            let mut g = GraphBuilder::<Log>::new("inner");
            let (x, y) = (says(&mut g, "x"), super::waits(&mut g, "y", &held));
            g.start(x).edge(x, y).edge(y, END);
            g.build().expect("builds")
        };
        let mut g = GraphBuilder::<Log>::new("outer");
        let a = says(&mut g, "a");
        let begin = |log: &Log| format!("with {}", log.log.len());
        let s = if persistent {
            g.persistent_subgraph("s", &inner, move |log| empty().log(begin(log)), wrote)
        } else {
            let into = move |log: &Log| Log { log: vec![begin(log)], ..Log::default() };
            g.subgraph("s", &inner, into, wrote)
        };
        g.start(a).start(s).edge(a, END).edge(s, END);
        let graph = g.build().expect("builds");
        for resumes in [false, true, true] {
            let state = super::stopped(&graph, &store, resumes).await;
            assert_eq!(state.log, ["a", "with 0", "x"]);
        }
        held.store(false, Ordering::SeqCst);
        assert_eq!(resumed(&graph, &store).await.log, ["a", "with 0", "x", "y"]);
        replay(&graph, &*store, "t").await.no_divergence();
    }
}

/// In another branch all is asked and done anew.
#[tokio::test(start_paused = true)]
async fn a_stopped_graph_begins_anew_in_another_branch() {
    let (picks, paid, held, store) = (Count::default(), Count::default(), held(), memory());
    let graph = around(&approving(&picks, &paid, &held), false);
    let ask = asks(&graph, &store).await.remove(0);
    stopped(&graph, &store, Some(&ask)).await;
    let thread = graph.thread(Arc::clone(&store), "t");
    let seq = thread.get(At::Head).await.expect("loads").expect("is there").seq;
    let forked = graph.resume().thread(Arc::clone(&store), "t").at(seq).outcome().await;
    let Ok(Outcome::Interrupted(_, asks)) = forked else { panic!("no question: {forked:?}") };
    assert_eq!(asks[0].question, "work 2");
}

/// What a way out was taken for counts at once: nothing is due again.
#[tokio::test(start_paused = true)]
async fn what_a_graph_had_counts_where_its_node_takes_the_way_out() {
    let mut g = GraphBuilder::<Log>::new("inner");
    let x = says(&mut g, "x");
    let y = g.node("y", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(200)).await?;
        Ok(ctx.update())
    });
    g.start(x).edge(x, y).edge(y, END);
    let inner = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), wrote);
    let reply = says(&mut g, "reply");
    g.tune(s).on_budget(reply);
    g.start(s).edge(s, END).edge(reply, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let budget = vpaura_graph::Budget::new().tokens(100);
    let run = graph.run(empty()).thread(Arc::clone(&store), "t").budget(budget);
    let ended = run.outcome().await;
    assert!(matches!(&ended, Ok(Outcome::Exhausted(state, _)) if state.log == ["x", "reply"]));
    assert_eq!(kept(&graph, &store).await, ["x", "reply"]);
}

/// A graph that was drained waits for its run to go on: no join goes on without it, however long
/// the others take.
#[tokio::test(start_paused = true)]
async fn a_drained_graph_is_not_late() {
    let store = memory();
    let mut g = GraphBuilder::<Log>::new("inner");
    let (x, y) = (slow(&mut g, "x", 10), says(&mut g, "y"));
    g.start(x).edge(x, y).edge(y, END);
    let inner = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let (a, other) = (says(&mut g, "a"), slow(&mut g, "other", 100));
    let s = g.subgraph("s", &inner, |_| Log::default(), wrote);
    let both = says(&mut g, "both");
    g.start(a).start(s).start(other).edge(other, END).edge(both, END);
    g.join((a, s), both, JoinPolicy::deadline(ms(50)).proceed());
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).thread(Arc::clone(&store), "t").start();
    tokio::time::sleep(ms(1)).await;
    run.drain();
    let drained = run.outcome().await;
    assert!(matches!(drained, Ok(Outcome::Drained(_))), "{drained:?}");
    let log = resumed(&graph, &store).await.log;
    assert_eq!(log.join(" "), "a other x y both");
}

/// Wherever its reader stalls when it is stopped, and however long that takes.
#[tokio::test(start_paused = true)]
async fn a_graph_that_overruns_its_grace_goes_on_from_what_it_began_with() {
    for buffer in 1..16 {
        let (held, store, runs) = (held(), memory(), Count::default());
        let mut g = GraphBuilder::<Log>::new("inner");
        let counted = runs.clone();
        let a = g.node("a", move |ctx: Ctx<Log>| {
            counted.up();
            async move { Made::Ok(ctx.update().log(format!("a saw {:?}", ctx.state().log))) }
        });
        let still = Arc::clone(&held);
        let b = g.node("b", move |ctx: Ctx<Log>| {
            let held = still.load(Ordering::SeqCst);
            async move {
                let _listens = ctx.is_cancelled();
                if held {
                    std::future::pending::<()>().await;
                }
                Made::Ok(ctx.update().log(format!("b saw {:?}", ctx.state().log)))
            }
        });
        let c = says(&mut g, "c");
        g.start(a).edge(a, b).edge(b, c).edge(c, END);
        let inner = g.build().expect("builds");
        let mut g = GraphBuilder::<Log>::new("around");
        let into = |state: &Log| Log { log: state.log.clone(), ..Log::default() };
        let s = g.subgraph("s", &inner, into, |inner: Log| empty().last(inner.log.join(", ")));
        let x = says(&mut g, "x");
        g.start(s).start(x).edge(s, END).edge(x, END);
        let graph = g.build().expect("builds");
        let run = graph.run(empty()).thread(Arc::clone(&store), "t").buffer(buffer).start();
        tokio::time::sleep(ms(1_000)).await;
        run.cancel();
        // Asked how it ended, it would know that nobody reads.
        tokio::time::sleep(ms(60_000)).await;
        let stopped = run.outcome().await.expect("stops");
        assert!(matches!(stopped, Outcome::Cancelled(_)), "{buffer}: {stopped:?}");
        held.store(false, Ordering::SeqCst);
        let done = resumed(&graph, &store).await;
        assert_eq!(done.log, ["x"], "{buffer}");
        let saw = done.last.as_str();
        assert!(
            saw == "a saw [], b saw [\"a saw []\"], c"
                || runs.get() == 1 && saw.starts_with("a saw [\"x\"]"),
            "{buffer}: {} times, {saw}",
            runs.get()
        );
    }
}
