//! Time travel: replaying, forking, changing by hand, keeping a thread small.

use std::sync::Arc;

use vpaura_graph::store::{At, Page, Source};
use vpaura_graph::testkit::{Call, Fault, FaultStore};
use vpaura_graph::{
    Ctx, END, Graph, GraphBuilder, GraphError, MemoryStore, Outcome, Retry, Store, StoreError,
};

use crate::support::{Count, Log, LogUpdate, Made, chain, done, left, lines, memory, named, say};

const ALL: Page = Page { before: None, limit: u32::MAX };

/// Nodes that say how often they have run.
fn counted(names: &[&'static str]) -> (Graph<Log>, Vec<Count>) {
    let mut g = GraphBuilder::<Log>::new("counted");
    let counts: Vec<Count> = names.iter().map(|_| Count::default()).collect();
    let mut last = None;
    for (&name, count) in names.iter().zip(&counts) {
        let count = count.clone();
        let node = g.node(name, move |ctx: Ctx<Log>| {
            let count = count.clone();
            async move { Made::Ok(ctx.update().log(format!("{name}{}", count.add()))) }
        });
        match last {
            None => g.start(node),
            Some(last) => g.edge(last, node),
        };
        last = Some(node);
    }
    g.edge(last.expect("some"), END);
    (g.build().expect("builds"), counts)
}

#[tokio::test]
async fn replay_reruns_nodes_after_checkpoint() {
    let (graph, counts) = counted(&["a", "b"]);
    let store = memory();
    done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    // 1 is the input, 2 is after a.
    let state = done(graph.resume().thread(Arc::clone(&store), "t").at(2).outcome().await);
    assert_eq!(state.log, ["in", "a1", "b2"]);
    assert_eq!((counts[0].get(), counts[1].get()), (1, 2));
    let listed = graph.thread(store, "t").history(ALL).await.expect("lists");
    let listed: Vec<_> =
        listed.iter().map(|it| (it.seq, it.branch, it.parent, it.source)).collect();
    let expected = [
        (5, 1, Some(4), Source::Step),
        (4, 1, Some(2), Source::Fork),
        (3, 0, Some(2), Source::Step),
        (2, 0, Some(1), Source::Step),
        (1, 0, None, Source::Input),
    ];
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn a_thread_can_be_forked_twice_from_the_same_checkpoint() {
    let (graph, _) = counted(&["a", "b"]);
    let store = memory();
    done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    for (fork, expected) in [("x", ["in", "a1", "x", "b2"]), ("y", ["in", "a1", "y", "b3"])] {
        let run = graph.resume().thread(Arc::clone(&store), "t").at(2).update(say(fork));
        assert_eq!(done(run.outcome().await).log, expected);
    }
    let thread = graph.thread(Arc::clone(&store), "t");
    let branches: Vec<u32> =
        thread.history(ALL).await.expect("lists").iter().map(|it| it.branch).collect();
    assert_eq!(branches, [2, 2, 1, 1, 0, 0, 0]);
    // The other branches can still be looked at, and gone on from.
    let old = thread.get(At::Seq(5)).await.expect("loads").expect("is there");
    assert_eq!(
        (old.state.log.as_slice(), old.branch),
        (["in", "a1", "x", "b2"].map(String::from).as_slice(), 1)
    );
    let state = done(graph.resume().thread(store, "t").at(4).outcome().await);
    assert_eq!(state.log, ["in", "a1", "x", "b4"]);
}

#[tokio::test]
async fn a_checkpoint_that_is_not_there_is_missing() {
    let (graph, store) = (chain(&["a"]), memory());
    done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    let error = graph.resume().thread(store, "t").at(9).outcome().await.expect_err("not there");
    assert!(matches!(error, GraphError::Store(StoreError::Missing { seq: 9, .. })), "{error}");
}

#[tokio::test]
async fn a_thread_that_is_not_there_cannot_be_resumed() {
    let graph = chain(&["a"]);
    let error = graph.resume().thread(memory(), "t").outcome().await.expect_err("not there");
    assert!(matches!(error, GraphError::NothingToResume { .. }), "{error}");
}

#[tokio::test]
async fn a_fork_asks_anew() {
    let mut g = GraphBuilder::<Log>::new("ask");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("q", &()).await?;
        Ok(ctx.update().log(answer))
    });
    g.start(a).edge(a, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let run = graph.run(say("in")).thread(Arc::clone(&store), "t");
    let first = run.outcome().await.expect("asks").asks().to_vec();
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&first[0].id, &"one");
    done(run.outcome().await);
    let run = graph.resume().thread(Arc::clone(&store), "t").at(1);
    let second = run.outcome().await.expect("asks").asks().to_vec();
    assert_ne!(first[0].id, second[0].id);
    let run = graph.resume().thread(store, "t").answer(&second[0].id, &"two");
    assert_eq!(done(run.outcome().await).log, ["in", "two"]);
}

#[tokio::test]
async fn an_update_as_a_node_leads_where_the_node_leads() {
    let mut g = GraphBuilder::<Log>::new("as");
    let [a, b, c] = ["a", "b", "c"].map(|name| named(&mut g, name));
    g.start(a).edge(b, END).edge(c, END);
    g.route(a, |s| s.n == 1, move |one| if one { b.into() } else { c.into() });
    let (graph, store) = (g.build().expect("builds"), memory());
    assert_eq!(
        done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).log,
        ["in", "a", "c"]
    );
    let thread = graph.thread(Arc::clone(&store), "t");
    let update = LogUpdate::default().n(1).log("by hand");
    let seq = thread.update(update, Some(a)).await.expect("free");
    let now = thread.get(At::Head).await.expect("loads").expect("is there");
    assert_eq!((now.seq, now.waiting.nodes), (seq, vec!["b".to_owned()]));
    let state = done(graph.resume().thread(store, "t").outcome().await);
    assert_eq!(state.log, ["in", "a", "c", "by hand", "b"]);
}

#[tokio::test]
async fn an_update_as_nobody_leaves_what_is_due_and_asked() {
    let mut g = GraphBuilder::<Log>::new("ask");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("q", &()).await?;
        Ok(ctx.update().log(format!("{answer} {}", ctx.state().n)))
    });
    g.start(a).edge(a, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let run = graph.run(say("in")).thread(Arc::clone(&store), "t");
    let asks = run.outcome().await.expect("asks").asks().to_vec();
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.update(LogUpdate::default().n(5), None).await.expect("free");
    let now = thread.get(At::Head).await.expect("loads").expect("is there");
    assert_eq!((&now.asks, now.state.n), (&asks, 5));
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &"yes");
    assert_eq!(done(run.outcome().await).log, ["in", "yes 5"]);
}

/// What is refused changes nothing: the update that came with a bad answer is not stored either.
#[tokio::test]
async fn a_refused_answer_takes_its_update_with_it() {
    let mut g = GraphBuilder::<Log>::new("ask");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        ctx.interrupt::<String>("q", &()).await?;
        Ok(ctx.update())
    });
    g.start(a).edge(a, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await.expect("asks");
    let run = graph.resume().thread(Arc::clone(&store), "t").update(say("x")).answer("no", &1);
    let error = run.outcome().await.expect_err("nobody asked");
    assert!(matches!(error, GraphError::UnknownAsk { .. }), "{error}");
    assert_eq!(left(&store, "t").await.head.seq, 1);
}

#[tokio::test]
async fn a_held_thread_is_not_changed_by_hand() {
    let (graph, store) = (chain(&["a"]), memory());
    done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    let claim = vpaura_graph::store::Claim {
        ttl: std::time::Duration::from_secs(60),
        steal: false,
        epoch: None,
    };
    store.claim(&"t".into(), claim).await.expect("free");
    let error = graph.thread(store, "t").update(say("x"), None).await.expect_err("held");
    assert!(matches!(error, GraphError::Store(StoreError::Busy { .. })), "{error}");
}

/// G one input a checkpoint. W only the newest are kept. T what is left reads as before.
#[tokio::test]
async fn retention_keeps_the_newest() {
    let (graph, store) = (chain(&["a"]), memory());
    for n in 0..5 {
        done(graph.run(say(&format!("{n}"))).thread(Arc::clone(&store), "t").outcome().await);
    }
    let thread = graph.thread(Arc::clone(&store), "t");
    let before = thread.get(At::Head).await.expect("loads").expect("is there").state;
    thread.retain(20).await.expect("free");
    assert_eq!(thread.history(ALL).await.expect("lists").len(), 10, "fewer than that: nothing");
    thread.retain(3).await.expect("free");
    let seqs: Vec<u64> =
        thread.history(ALL).await.expect("lists").iter().map(|it| it.seq).collect();
    assert_eq!(seqs, [10, 9, 8]);
    assert_eq!(thread.get(At::Head).await.expect("loads").expect("is there").state, before);
    let state = done(graph.run(say("5")).thread(store, "t").outcome().await);
    assert_eq!(state.log.len(), 12);
}

/// A young branch is not kept alone: its line goes back into the branch it left.
#[tokio::test]
async fn retention_follows_the_line_of_the_head() {
    let (graph, store) = (chain(&["a", "b", "c"]), memory());
    done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    done(graph.resume().thread(Arc::clone(&store), "t").at(3).outcome().await);
    let thread = graph.thread(Arc::clone(&store), "t");
    // The line is 1, 2, 3, 5 (the fork), 6.
    thread.retain(4).await.expect("free");
    let mut seqs: Vec<u64> =
        thread.history(ALL).await.expect("lists").iter().map(|it| it.seq).collect();
    seqs.retain(|seq| *seq != 4);
    assert_eq!(seqs, [6, 5, 3, 2]);
    let state = thread.get(At::Head).await.expect("loads").expect("is there").state;
    assert_eq!(state.log, ["in", "a", "b", "c"]);
}

fn remembering() -> Graph<Log> {
    let mut child = GraphBuilder::<Log>::new("child");
    let c = child.node("c", async |ctx: Ctx<Log>| -> Made {
        Ok(ctx.update().n(ctx.state().n + 1).log(format!("call {}", ctx.state().n + 1)))
    });
    child.start(c).edge(c, END);
    let child = child.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("remembering");
    let last = |child: Log| child.log.last().map_or_else(LogUpdate::default, |line| say(line));
    let sub = g.persistent_subgraph("sub", &child, |_: &Log| say("in"), last);
    g.start(sub).edge(sub, END);
    g.build().expect("builds")
}

#[tokio::test]
async fn a_persistent_subgraph_outlives_runs_and_pruning() {
    let (graph, store) = (remembering(), memory());
    for _ in 0..3 {
        done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    }
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.retain(1).await.expect("free");
    let state = done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    assert_eq!(state.log.last().expect("some"), "call 4");
    // A state put in from outside leaves it alone.
    let state = done(graph.run_from(Log::default()).thread(store, "t").outcome().await);
    assert_eq!(state.log, ["call 5"]);
}

#[tokio::test]
async fn a_persistent_subgraph_in_a_lane_and_in_a_graph_keeps_its_state() {
    let (graph, store) = (remembering(), memory());
    let mut g = GraphBuilder::<Log>::new("lane");
    let sub = g.persistent_subgraph("again", &graph, |_: &Log| LogUpdate::default(), lines);
    let other = named(&mut g, "other");
    let lane = g.lane("lane", [other, sub]);
    g.start(lane).edge(lane, END);
    let outer = g.build().expect("builds");
    for expected in ["call 1", "call 2", "call 3"] {
        let state = done(outer.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
        assert_eq!(state.log.last().expect("some"), expected);
    }
    // Without a thread it stays for the run, and no longer.
    for _ in 0..2 {
        let state = done(outer.run(say("in")).outcome().await);
        assert_eq!(state.log.last().expect("some"), "call 1");
    }
}

#[tokio::test]
async fn stateless_state_resets() {
    let mut child = GraphBuilder::<Log>::new("child");
    let c = child.node("c", async |ctx: Ctx<Log>| -> Made {
        Ok(ctx.update().log(format!("saw {}", ctx.state().log.len())))
    });
    child.start(c).edge(c, END);
    let child = child.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("sub", &child, |_: &Log| Log::default(), lines);
    g.start(sub).edge(sub, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    for _ in 0..2 {
        let state = done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
        assert_eq!(state.log.last().expect("some"), "saw 0");
    }
}

/// G fields a and b. W a step changes a. T what is stored of it is only that.
#[tokio::test]
async fn put_incremental_channel_update() {
    let mut g = GraphBuilder::<Log>::new("fields");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made { Ok(ctx.update().n(7)) });
    g.start(a).edge(a, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    done(
        graph
            .run(say("a long text that is stored once"))
            .thread(Arc::clone(&store), "t")
            .outcome()
            .await,
    );
    let loaded = left(&store, "t").await;
    assert!(!loaded.line[1].body.contains("long text"), "{}", loaded.line[1].body);
    let state =
        graph.thread(store, "t").get(At::Head).await.expect("loads").expect("is there").state;
    assert_eq!((state.n, state.log.len()), (7, 1));
}

/// 100 steps that add 1 KB each store about 100 KB, and 1,000 ten times as much.
#[tokio::test]
async fn storage_grows_with_what_is_added() {
    let mut g = GraphBuilder::<Log>::new("grow");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        Ok(ctx.update().n(ctx.state().n + 1).log("x".repeat(1000)))
    });
    let b = g.node("b", async |ctx: Ctx<Log>| -> Made {
        Ok(ctx.update().n(ctx.state().n + 1).log("x".repeat(1000)))
    });
    let more = |s: &Log| s.n % 1000 != 100 && s.n < 1000;
    g.start(a).route(a, more, move |more| if more { b.into() } else { END.into() });
    g.route(b, |s| s.n != 100 && s.n < 1000, move |more| if more { a.into() } else { END.into() });
    let graph = g.build().expect("builds");
    let mut stored = Vec::new();
    for begin in [0, 100] {
        let store = memory();
        let input = LogUpdate::default().n(begin);
        let input = if begin == 0 { input } else { LogUpdate::default().n(101) };
        let run = graph.run(input).thread(Arc::clone(&store), "t").step_limit(2000);
        let state = done(run.outcome().await);
        let listed = graph.thread(store, "t").history(ALL).await.expect("lists");
        let bytes: u64 = listed.iter().map(|it| it.bytes).sum();
        stored.push((bytes, state.log.len() as u64));
    }
    let (few, many) = (stored[0], stored[1]);
    assert_eq!((few.1, many.1), (100, 899));
    assert!(few.0 < 110_000, "{few:?}");
    assert!(many.0 / many.1 < 1_250, "{many:?}: at most a quarter more for snapshots");
}

/// A retry inside a nested graph goes on behind the steps that are done, in a thread.
#[tokio::test(start_paused = true)]
async fn a_subgraph_that_is_tried_again_goes_on_behind_its_steps() {
    let (first, tried) = (Count::default(), Count::default());
    let (counted, failing) = (first.clone(), tried.clone());
    let mut child = GraphBuilder::<Log>::new("child");
    let a = child.node("a", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move { Made::Ok(ctx.update().log(format!("a{}", counted.add()))) }
    });
    let b = child.node("b", move |ctx: Ctx<Log>| {
        let failing = failing.clone();
        async move {
            if failing.add() < 3 {
                return Err(vpaura_graph::NodeError::transient("busy"));
            }
            Made::Ok(ctx.update().log("b"))
        }
    });
    child.start(a).edge(a, b).edge(b, END);
    let child = child.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("sub", &child, |_: &Log| Log::default(), lines);
    g.tune(sub).retry(Retry::any(5).when(|_| true));
    g.start(sub).edge(sub, END);
    let outcome = g.build().expect("builds").run(say("in")).thread(memory(), "t").outcome().await;
    match outcome {
        Ok(Outcome::Done(state)) => assert_eq!(state.log, ["in", "a1", "b"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(first.get(), 1);
}

/// Another branch from a stopped step: what a lane's nodes had written is in the state already.
#[tokio::test]
async fn a_fork_of_a_stopped_lane_goes_on_behind_what_it_had_done() {
    let mut g = GraphBuilder::<Log>::new("lane");
    let calls = Count::default();
    let called = calls.clone();
    let first = named(&mut g, "first");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let called = called.clone();
        async move {
            if called.add() == 1 {
                ctx.token("paying").await?;
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log("paid"))
        }
    });
    let lane = g.lane("lane", [first, pay]);
    g.start(lane).edge(lane, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let mut run = graph.run(say("in")).thread(Arc::clone(&store), "t").start();
    while let Some(event) = run.next().await {
        if matches!(event.kind, vpaura_graph::EventKind::Token(_)) {
            run.cancel();
        }
    }
    assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
    let stopped = left(&store, "t").await.head.seq;
    let resumed = graph.resume().thread(Arc::clone(&store), "t").outcome().await;
    assert_eq!(done(resumed).log.join(" "), "in first paid");
    let forked = graph.resume().thread(store, "t").at(stopped).outcome().await;
    assert_eq!(done(forked).log.join(" "), "in first paid");
}

/// What was changed is changed, also when the lease could not be given back.
#[tokio::test]
async fn an_update_whose_lease_is_not_given_back_has_been_made() {
    let graph = chain(&["a"]);
    let inner = MemoryStore::new();
    done(graph.run(say("in")).thread(Arc::new(inner.clone()), "t").outcome().await);
    let store = FaultStore::new(inner).at_call(Call::Release, 1, Fault::Fail);
    let thread = graph.thread(Arc::new(store.clone()), "t");
    thread.update(say("by hand"), None).await.expect("it is stored");
    let state = thread.get(At::Head).await.expect("loads").expect("is there").state;
    assert_eq!(state.log, ["in", "a", "by hand"]);
}
