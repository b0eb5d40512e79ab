//! The test kit: kills, schedules, scripts and replays, and that they find what is wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use vpaura_graph::store::At;
use vpaura_graph::testkit::{Fault, FaultStore, Recovered, TestGraph, replay};
use vpaura_graph::{
    Ctx, Durability, END, Failure, Graph, GraphBuilder, GraphError, JoinPolicy, MemoryStore,
    NodeError, OnUnknown, Outcome, Step, Store,
};

use crate::support::{Count, Log, Made, chain, left, lines, memory, named, say};

/// A fan-out, a lane, a subgraph and a persistent one, joined; an effect in each kind of place;
/// twice around.
fn everything(policy: OnUnknown) -> Graph<Log> {
    let effect = |ctx: Ctx<Log>| async move {
        let name = ctx.node();
        let key: String = ctx.once("effect", async |key| Ok::<_, NodeError>(key)).await?;
        assert!(key.contains(name), "the key names its node");
        Made::Ok(ctx.update().log(name))
    };
    let mut child = GraphBuilder::<Log>::new("child");
    let (c1, c2) = (child.node("c1", effect), named(&mut child, "c2"));
    child.tune(c1).on_unknown(policy);
    child.start(c1).edge(c1, c2).edge(c2, END);
    let child = child.build().expect("builds");
    let mut memory = GraphBuilder::<Log>::new("memory");
    let m = memory.node("m", async |ctx: Ctx<Log>| -> Made {
        Ok(ctx.update().log(format!("m{}", ctx.state().log.len())))
    });
    memory.start(m).edge(m, END);
    let memory = memory.build().expect("builds");

    let mut g = GraphBuilder::<Log>::new("everything");
    let w = g.worker("w", async |ctx: Ctx<Log>, n: u32| -> Made {
        let path = ctx.path().to_string();
        ctx.once("effect", async |_| Ok::<_, NodeError>(())).await?;
        Ok(ctx.update().log(format!("{path}:{n}")))
    });
    let plan = g.node("plan", move |ctx: Ctx<Log>| async move {
        let step = Step::update(ctx.update().n(ctx.state().n + 1));
        Ok::<_, NodeError>((0..3).fold(step, |step, n| step.send(w, n)))
    });
    let (l1, l2) = (g.node("l1", effect), named(&mut g, "l2"));
    let lane = g.lane("lane", [l1, l2]);
    let sub = g.subgraph("sub", &child, |_: &Log| Log::default(), lines);
    let kept = g.persistent_subgraph("kept", &memory, |_: &Log| say("in"), lines);
    let merge = named(&mut g, "merge");
    g.tune(l1).on_unknown(policy);
    g.tune(w).on_unknown(policy);
    g.start(plan).sends(plan, w).edge(plan, [lane, sub, kept]);
    g.join((w, lane, sub, kept), merge, JoinPolicy::all());
    g.route(merge, |s| s.n < 2, move |more| if more { plan.into() } else { END.into() });
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn every_kill_recovers_to_the_same_state() {
    let kills = TestGraph::new(&everything(OnUnknown::Retry)).kill_at_every_commit(say("in")).await;
    assert!(kills.points.len() >= 38, "only {} kills", kills.points.len());
    kills.same_state().finished_once();
    assert_eq!(kills.unknowns(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_done_once_or_unknown() {
    let kills = TestGraph::new(&everything(OnUnknown::Fail)).kill_at_every_commit(say("in")).await;
    kills.same_state().finished_once().effects_once();
    assert!(kills.unknowns() > 0, "a kill within an effect cannot be told apart");
}

#[tokio::test(start_paused = true)]
async fn every_kill_recovers_in_the_other_modes_too() {
    for durability in [Durability::Async, Durability::Exit] {
        let t = TestGraph::new(&everything(OnUnknown::Retry)).durability(durability);
        let kills = t.kill_at_every_commit(say("in")).await;
        assert!(!kills.points.is_empty());
        kills.same_state();
    }
}

#[tokio::test(start_paused = true)]
async fn kills_around_questions_lose_no_answer() {
    let mut g = GraphBuilder::<Log>::new("ask");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        let first: String = ctx.interrupt("first", &()).await?;
        let second: String = ctx.interrupt("second", &()).await?;
        Ok(ctx.update().log(format!("{first} {second}")))
    });
    let b = named(&mut g, "b");
    g.start(a).start(b).edge(a, END).edge(b, END);
    let t = TestGraph::new(&g.build().expect("builds")).answering(|ask| Some(ask.key.clone()));
    t.kill_at_every_commit(say("in")).await.same_state().finished_once();
    assert_eq!(t.run(say("in")).await.state().log, ["in", "first second", "b"]);
}

#[tokio::test(start_paused = true)]
async fn sixty_four_completion_orders_leave_the_same() {
    let t = TestGraph::new(&everything(OnUnknown::Retry));
    t.schedules(say("in"), 64).await.same_state().same_log();
}

/// The orders do differ, so that the test above means something.
#[tokio::test(start_paused = true)]
async fn schedules_do_permute() {
    let mut g = GraphBuilder::<Log>::new("order");
    let order = Arc::new(Mutex::new(Vec::new()));
    for name in ["a", "b", "c", "d"] {
        let order = Arc::clone(&order);
        let node = g.node(name, move |ctx: Ctx<Log>| {
            let order = Arc::clone(&order);
            async move {
                order.lock().expect("no panic").push(name);
                Made::Ok(ctx.update())
            }
        });
        g.start(node).edge(node, END);
    }
    TestGraph::new(&g.build().expect("builds")).schedules(say("in"), 16).await.same_state();
    let order = order.lock().expect("no panic").clone();
    let mut orders: Vec<&[&str]> = order.chunks(4).collect();
    orders.sort_unstable();
    orders.dedup();
    assert!(orders.len() > 5, "{orders:?}");
}

#[tokio::test]
#[should_panic(expected = "the state of schedule")]
async fn a_node_that_depends_on_the_order_is_found() {
    let calls = Count::default();
    let mut g = GraphBuilder::<Log>::new("order");
    for name in ["a", "b", "c"] {
        let calls = calls.clone();
        let node = g.node(name, move |ctx: Ctx<Log>| {
            let calls = calls.clone();
            async move { Made::Ok(ctx.update().log(format!("{}", calls.add() % 3))) }
        });
        g.start(node).edge(node, END);
    }
    TestGraph::new(&g.build().expect("builds")).schedules(say("in"), 16).await.same_state();
}

#[tokio::test]
async fn an_effect_outside_once_is_not_called_recovered() {
    let calls = Count::default();
    let mut g = GraphBuilder::<Log>::new("bad");
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let calls = calls.clone();
        async move { Made::Ok(ctx.update().log(format!("{}", calls.add()))) }
    });
    g.start(a).edge(a, END);
    let kills = TestGraph::new(&g.build().expect("builds")).kill_at_every_commit(say("in")).await;
    assert!(kills.points.iter().any(|point| matches!(point.recovered, Recovered::Different(_))));
}

#[tokio::test(start_paused = true)]
async fn scripts_stand_in_for_nodes() {
    let t = TestGraph::new(&chain(&["a", "b", "c"])).script("a", [say("scripted")]).stand_in(
        "b",
        async |ctx: Ctx<Log>| -> Made {
            ctx.token("he").await?;
            tokio::time::sleep(Duration::from_secs(60)).await;
            ctx.token("llo").await?;
            Ok(ctx.update().log("stood in"))
        },
    );
    let ran = t.run(say("in")).await;
    ran.path(["a", "b", "c"]).tokens("hello");
    assert_eq!(ran.state().log, ["in", "scripted", "stood in", "c"]);
    assert!(ran.elapsed >= Duration::from_secs(60));
    let again = t.run(say("in")).await;
    assert_eq!(again.state(), ran.state(), "each run begins the scripts anew");
}

#[tokio::test]
async fn a_script_that_is_too_short_says_so() {
    let mut g = GraphBuilder::<Log>::new("loop");
    let a = named(&mut g, "a");
    g.start(a).route(a, |s| s.log.len() < 4, move |more| if more { a.into() } else { END.into() });
    let graph = g.build().expect("builds");
    let ran = TestGraph::new(&graph).script("a", [say("1"), say("2")]).run(say("in")).await;
    let error = ran.error().to_string();
    assert!(error.contains("the script of `a` ends after 2 calls"), "{error}");
}

#[tokio::test]
#[should_panic(expected = "has no node `nobody`")]
async fn a_script_for_nobody_panics() {
    let _t = TestGraph::new(&chain(&["a"])).script("nobody", [say("x")]);
}

#[tokio::test]
#[should_panic(expected = "the nodes that ran")]
async fn another_path_panics() {
    TestGraph::new(&chain(&["a", "b"])).run(say("in")).await.path(["b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn a_recorded_thread_replays() {
    let ran = TestGraph::new(&everything(OnUnknown::Fail)).run(say("in")).await;
    ran.state();
    let replayed = replay(&everything(OnUnknown::Fail), &*ran.store, "test").await;
    assert!(replayed.checkpoints >= 6, "{replayed:?}");
    replayed.no_divergence();
}

#[tokio::test]
async fn a_changed_graph_diverges() {
    let ran = TestGraph::new(&chain(&["a", "b", "c", "d"])).run(say("in")).await;
    let mut g = GraphBuilder::<Log>::new("chain");
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| named(&mut g, name));
    g.start(a).edge(a, b).edge(b, d).edge(d, c).edge(c, END);
    let replayed = replay(&g.build().expect("builds"), &*ran.store, "test").await;
    let divergence = replayed.divergence.expect("b leads elsewhere");
    assert_eq!((divergence.seq, divergence.what), (3, "due nodes"));
    assert_eq!((&*divergence.expected, &*divergence.found), ("{\"c\"}", "{\"d\"}"));
}

#[tokio::test]
async fn a_failure_that_was_handled_replays() {
    let mut g = GraphBuilder::<Log>::new("handled");
    let a = g.node("a", async |_: Ctx<Log>| -> Made { Err(NodeError::message("no")) });
    let (b, c) = (named(&mut g, "b"), named(&mut g, "c"));
    let handler = g.worker("handler", async |ctx: Ctx<Log>, _: Failure| -> Made {
        Ok(ctx.update().log("handled"))
    });
    g.tune(a).on_error(handler);
    g.start(a).start(b).edge(a, c).edge(b, END).edge(c, END).edge(handler, c);
    let graph = g.build().expect("builds");
    let ran = TestGraph::new(&graph).run(say("in")).await;
    assert_eq!(ran.state().log, ["in", "b", "handled", "c"]);
    replay(&graph, &*ran.store, "test").await.no_divergence();
}

/// G store failing at any call. T that error; nothing committed is lost; others are unharmed.
#[tokio::test(start_paused = true)]
async fn checkpoint_errors() {
    let graph = everything(OnUnknown::Retry);
    let whole = TestGraph::new(&graph).run(say("in")).await;
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let mut failed = 0;
        for (nth, fault) in (1..60).flat_map(|nth| [(nth, Fault::Fail), (nth, Fault::Lose)]) {
            let case = format!("{durability:?}, call {nth}, {fault:?}");
            let store = FaultStore::new(MemoryStore::new()).at(nth, fault);
            let shared: Arc<dyn Store> = Arc::new(store.clone());
            let run = graph.run(say("in")).thread(Arc::clone(&shared), "t");
            let first = run.durability(durability).outcome().await;
            if store.log().len() < nth {
                continue;
            }
            match first {
                Err(GraphError::Store(_)) => failed += 1,
                // To give a lease back is a courtesy.
                Ok(Outcome::Done(_)) => {}
                other => panic!("{case}: {other:?}"),
            }
            // Another thread of the same store does not notice.
            let other = graph.run(say("in")).thread(Arc::clone(&shared), "other").outcome();
            assert_eq!(other.await.expect("unharmed").state(), whole.state(), "{case}");
            let known = store.inner().load(&"t".into(), At::Head).await.expect("loads").is_some();
            let run = if known { graph.resume() } else { graph.run(say("in")) };
            let again = run.thread(Arc::clone(&shared), "t").steal().outcome().await;
            assert_eq!(again.expect("the store works").state(), whole.state(), "{case}");
        }
        assert!(failed > 6, "{durability:?}: {failed}");
    }
}

#[tokio::test(start_paused = true)]
async fn put_writes_cleared_on_next_checkpoint() {
    let store = memory();
    let graph = everything(OnUnknown::Retry);
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let thread = format!("{durability:?}");
        let run = graph.run(say("in")).thread(Arc::clone(&store), &thread).durability(durability);
        run.outcome().await.expect("runs");
        assert_eq!(left(&store, &thread).await.records, [], "{durability:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_join_that_went_on_without_anybody_replays() {
    let mut g = GraphBuilder::<Log>::new("late");
    let late = g.node("late", async |ctx: Ctx<Log>| -> Made {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(ctx.update().log("late"))
    });
    let (a, d) = (named(&mut g, "a"), named(&mut g, "d"));
    g.start(a).edge(a, late).edge(d, END);
    g.join(late, d, JoinPolicy::deadline(Duration::from_secs(1)).proceed());
    let graph = g.build().expect("builds");
    let ran = TestGraph::new(&graph).run(say("in")).await;
    assert_eq!(ran.state().log, ["in", "a", "d"]);
    replay(&graph, &*ran.store, "test").await.no_divergence();
}

#[tokio::test]
async fn a_lane_that_sent_before_it_failed_replays() {
    let mut g = GraphBuilder::<Log>::new("lane");
    let worker = g.worker("worker", async |ctx: Ctx<Log>, n: u32| -> Made {
        Ok(ctx.update().log(format!("worker {n}")))
    });
    let handler = g.worker("handler", async |ctx: Ctx<Log>, _: Failure| -> Made {
        Ok(ctx.update().log("handled"))
    });
    let sends = g.node("sends", move |ctx: Ctx<Log>| async move {
        Ok::<_, NodeError>(Step::<Log>::update(ctx.update().log("sends")).send(worker, 7))
    });
    let fails = g.node("fails", async |_: Ctx<Log>| -> Made { Err(NodeError::message("no")) });
    let lane = g.lane("lane", [sends, fails]);
    g.tune(lane).on_error(handler);
    g.start(lane).sends(lane, worker).edge(lane, END).edge(worker, END).edge(handler, END);
    let graph = g.build().expect("builds");
    let ran = TestGraph::new(&graph).run(say("in")).await;
    assert_eq!(ran.state().log, ["in", "sends", "worker 7", "handled"]);
    replay(&graph, &*ran.store, "test").await.no_divergence();
}
