//! Effects that are done once, and what an unfinished step has used up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use vpaura_graph::testkit::{Call, Fault, FaultStore};
use vpaura_graph::{
    Budget, Ctx, Durability, END, Graph, GraphBuilder, GraphError, Limit, MemoryStore, NodeError,
    OnUnknown, Outcome, Retry, Step, Store, UnknownEffect, Usage, Verdict,
};

use crate::support::{Count, Log, Made, chain, done, lines, memory, named, say};

/// A node with one effect, which is counted and returns its count.
fn paying(policy: OnUnknown, paid: &Count) -> Graph<Log> {
    let paid = paid.clone();
    let mut g = GraphBuilder::<Log>::new("paying");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let paid = paid.clone();
        async move {
            let n = ctx.once("pay", async |_| Ok::<_, NodeError>(paid.add())).await?;
            Made::Ok(ctx.update().log(format!("paid {n}")))
        }
    });
    g.tune(pay).on_unknown(policy);
    g.start(pay).edge(pay, END);
    g.build().expect("builds")
}

/// Runs until the process dies between the effect and the storing of its result.
async fn died_in_between(graph: &Graph<Log>) -> Arc<dyn Store> {
    // Claim, input, begun: the fourth call stores the result.
    let store = FaultStore::new(MemoryStore::new()).at(4, Fault::Kill { done: false });
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let died = graph.run(say("in")).thread(shared, "t").outcome().await;
    assert!(matches!(died, Err(GraphError::Store(_))), "{died:?}");
    Arc::new(store.inner().clone())
}

#[tokio::test]
async fn an_unknown_effect_fails() {
    let paid = Count::default();
    let graph = paying(OnUnknown::Fail, &paid);
    let store = died_in_between(&graph).await;
    match graph.resume().thread(store, "t").steal().outcome().await {
        Err(GraphError::Node { source, .. }) => {
            let unknown = source.downcast_ref::<UnknownEffect>().expect("says which");
            assert!(
                unknown.key.starts_with("t~") && unknown.key.ends_with(":1:pay#pay"),
                "{unknown}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(paid.get(), 1);
}

#[tokio::test]
async fn an_unknown_effect_is_retried() {
    let paid = Count::default();
    let graph = paying(OnUnknown::Retry, &paid);
    let store = died_in_between(&graph).await;
    let state = done(graph.resume().thread(store, "t").steal().outcome().await);
    assert_eq!(state.log, ["in", "paid 2"]);
}

#[tokio::test]
async fn of_an_unknown_effect_somebody_is_asked() {
    for (verdict, expected, times) in [
        (Verdict::Done(7.into()), Some("paid 7"), 1),
        (Verdict::Retry, Some("paid 2"), 2),
        (Verdict::Fail, None, 1),
    ] {
        let paid = Count::default();
        let graph = paying(OnUnknown::Ask, &paid);
        let store = died_in_between(&graph).await;
        let asked = graph.resume().thread(Arc::clone(&store), "t").steal().outcome().await;
        let asks = asked.expect("asks").asks().to_vec();
        let question: UnknownEffect =
            serde_json::from_value(asks[0].question.clone()).expect("an effect");
        assert!(question.key.ends_with(":1:pay#pay"), "{question}");
        let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &verdict);
        match (run.outcome().await, expected) {
            (Ok(Outcome::Done(state)), Some(line)) => assert_eq!(state.log, ["in", line]),
            (Err(GraphError::Node { .. }), None) => {}
            (other, _) => panic!("{verdict:?}: {other:?}"),
        }
        assert_eq!(paid.get(), times, "{verdict:?}");
    }
}

/// A verdict that the effect cannot have returned is a bad answer, and can be given again.
#[tokio::test]
async fn a_verdict_of_the_wrong_type_is_refused() {
    let paid = Count::default();
    let graph = paying(OnUnknown::Ask, &paid);
    let store = died_in_between(&graph).await;
    let asked = graph.resume().thread(Arc::clone(&store), "t").steal().outcome().await;
    let ask = asked.expect("asks").asks()[0].id.clone();
    let answer = |verdict: Verdict| {
        graph.resume().thread(Arc::clone(&store), "t").answer(&ask, &verdict).outcome()
    };
    match answer(Verdict::Done("seven".into())).await {
        Err(GraphError::BadAnswer { ask: refused, .. }) => assert_eq!(refused, ask),
        other => panic!("{other:?}"),
    }
    assert_eq!(done(answer(Verdict::Done(7.into())).await).log, ["in", "paid 7"]);
    assert_eq!(paid.get(), 1);
}

/// A thread of the same name is another one: the other side must not take its effects for those of
/// the one before. Where a thread goes on, also behind what was dropped, a key stays what it is.
#[tokio::test]
async fn a_name_that_is_used_again_makes_other_keys() {
    let store = memory();
    let mut g = GraphBuilder::<Log>::new("pays");
    let a = g.node("a", |ctx: Ctx<Log>| async move {
        let key = ctx.once("pay", async |key| Ok::<_, NodeError>(key)).await?;
        Made::Ok(ctx.update().log(key))
    });
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let thread = graph.thread(Arc::clone(&store), "t");
    let run = async || done(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    let first = run().await.log;
    thread.delete().await.expect("deletes");
    let second = run().await.log;
    assert_ne!(first, second);
    let name = |key: &str| key.split(':').next().map(str::to_owned);
    thread.retain(1).await.expect("prunes");
    let third = run().await.log;
    assert_eq!(name(&third[1]), name(&third[3]), "{third:?}");
    assert_ne!(third[1], third[3]);
}

/// An attempt that took too long does nothing more, although it runs on until it yields.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_is_over_notes_nothing() {
    for asks in [false, true] {
        let mut g = GraphBuilder::<Log>::new("over");
        let a = g.node("a", move |ctx: Ctx<Log>| async move {
            if ctx.attempt() == 1 {
                std::thread::sleep(Duration::from_millis(300));
                match asks {
                    true => ctx.interrupt::<()>("late", &()).await?,
                    false => ctx.once("pay", async |_| Ok::<_, NodeError>(())).await?,
                }
            }
            if !asks {
                ctx.once("pay", async |_| Ok::<_, NodeError>(())).await?;
            }
            Made::Ok(ctx.update().log("a"))
        });
        let b = g.node("b", async |ctx: Ctx<Log>| -> Made {
            ctx.interrupt::<()>("b", &()).await?;
            Ok(ctx.update())
        });
        let retry = Retry::any(2).initial(Duration::from_millis(600)).jitter(Duration::ZERO);
        g.tune(a).timeout(Duration::from_millis(100)).retry(retry);
        g.start(a).start(b).edge(a, END).edge(b, END);
        let graph = g.build().expect("builds");
        let ended = graph.run(say("in")).thread(memory(), "t").outcome().await;
        let asked = ended.expect("the effect was never begun").asks().to_vec();
        assert_eq!(asked.iter().map(|ask| &*ask.key).collect::<Vec<_>>(), ["b"]);
    }
}

#[tokio::test]
async fn an_effect_without_a_store_is_done_once_in_spite_of_retries() {
    let paid = Count::default();
    let counted = paid.clone();
    let mut g = GraphBuilder::<Log>::new("retry");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move {
            let n = ctx.once("pay", async |_| Ok::<_, NodeError>(counted.add())).await?;
            if ctx.attempt() < 3 {
                return Err(NodeError::message("again"));
            }
            Made::Ok(ctx.update().log(format!("paid {n}")))
        }
    });
    g.tune(pay).retry(Retry::any(3).initial(Duration::ZERO).jitter(Duration::ZERO));
    g.start(pay).edge(pay, END);
    let graph = g.build().expect("builds");
    assert_eq!(done(graph.run(say("in")).outcome().await).log, ["in", "paid 1"]);
}

#[tokio::test]
async fn an_effect_that_failed_may_be_done_again() {
    let tried = Count::default();
    let counted = tried.clone();
    let mut g = GraphBuilder::<Log>::new("retry");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move {
            let effect = async |_| match counted.add() {
                1 => Err(NodeError::message("refused")),
                n => Ok(n),
            };
            let n = ctx.once("pay", effect).await?;
            Made::Ok(ctx.update().log(format!("paid {n}")))
        }
    });
    g.start(pay).edge(pay, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let failed = graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await;
    assert!(matches!(failed, Err(GraphError::Node { .. })), "{failed:?}");
    let state = done(graph.resume().thread(store, "t").outcome().await);
    assert_eq!(state.log, ["in", "paid 2"]);
}

/// Where an effect is: in the graph's own node, in a worker, in a nested graph, in a lane.
#[derive(Debug, Clone, Copy)]
enum Place {
    Node,
    Worker,
    Nested,
    Lane,
}

/// A graph that pays, and then waits for a minute the first time.
fn pays_and_waits(place: Place, paid: &Count, begun: &Arc<Notify>) -> Graph<Log> {
    let (paid, begun) = (paid.clone(), Arc::clone(begun));
    let pay = move |ctx: Ctx<Log>, pays: bool| {
        let (paid, begun) = (paid.clone(), Arc::clone(&begun));
        async move {
            if !pays {
                return Made::Ok(ctx.update().log("free"));
            }
            let n = ctx.once("pay", async |_| Ok::<_, NodeError>(paid.add())).await?;
            begun.notify_one();
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(ctx.update().log(format!("paid {n}")))
        }
    };
    let mut g = GraphBuilder::<Log>::new("pays");
    match place {
        Place::Worker => {
            // The one that pays is the second when it begins, and the first when it is due again.
            let w = g.worker("w", pay);
            let plan = g.node("plan", move |_: Ctx<Log>| async move {
                Ok::<_, NodeError>(Step::new().send(w, false).send(w, true))
            });
            g.start(plan).sends(plan, w).edge(w, END);
        }
        Place::Node => {
            let a = g.node("a", move |ctx| pay(ctx, true));
            g.start(a).edge(a, END);
        }
        Place::Lane => {
            let (first, a) = (named(&mut g, "first"), g.node("a", move |ctx| pay(ctx, true)));
            let lane = g.lane("lane", [first, a]);
            g.start(lane).edge(lane, END);
        }
        Place::Nested => {
            let mut child = GraphBuilder::<Log>::new("child");
            let first = named(&mut child, "first");
            let a = child.node("a", move |ctx| pay(ctx, true));
            child.start(first).edge(first, a).edge(a, END);
            let child = child.build().expect("builds");
            let sub = g.subgraph("sub", &child, |_: &Log| Log::default(), lines);
            g.start(sub).edge(sub, END);
        }
    }
    g.build().expect("builds")
}

/// Cancelled behind an effect and in the middle of something else: the effect holds when the node
/// runs again.
#[tokio::test(start_paused = true)]
async fn what_a_cancelled_node_has_done_is_not_done_again() {
    for place in [Place::Node, Place::Worker, Place::Nested, Place::Lane] {
        let (paid, begun, store) = (Count::default(), Arc::new(Notify::new()), memory());
        let graph = pays_and_waits(place, &paid, &begun);
        // Twice, since what is kept once must be kept again.
        for again in [false, true] {
            let run = if again { graph.resume() } else { graph.run(say("in")) };
            let run = run.thread(Arc::clone(&store), "t").start();
            begun.notified().await;
            run.cancel();
            let outcome = run.outcome().await.expect("ends");
            assert!(matches!(outcome, Outcome::Cancelled(_)), "{place:?}: {outcome:?}");
        }
        let state = done(graph.resume().thread(Arc::clone(&store), "t").outcome().await);
        assert_eq!(state.log.last().expect("some"), "paid 1", "{place:?}");
        assert_eq!(paid.get(), 1, "{place:?}");
        if matches!(place, Place::Lane) {
            assert_eq!(state.log, ["in", "first", "paid 1"], "what was finished stays so");
        }
        // New input is new work.
        let state = done(graph.run(say("in")).thread(store, "t").outcome().await);
        assert_eq!(state.log.last().expect("some"), "paid 2", "{place:?}");
    }
}

/// A nested node has paid and goes on when its graph's sibling fails: it does not pay again.
#[tokio::test(start_paused = true)]
async fn what_a_nested_node_has_done_when_a_sibling_fails_is_not_done_again() {
    let (paid, begun, tries, store) =
        (Count::default(), Arc::new(Notify::new()), Count::default(), memory());
    let nested = {
        let mut child = GraphBuilder::<Log>::new("child");
        let first = named(&mut child, "first");
        let (paid, begun) = (paid.clone(), Arc::clone(&begun));
        let a = child.node("a", move |ctx: Ctx<Log>| {
            let (paid, begun) = (paid.clone(), Arc::clone(&begun));
            async move {
                let n = ctx.once("pay", async |_| Ok::<_, NodeError>(paid.add())).await?;
                begun.notify_one();
                tokio::time::sleep(Duration::from_secs(60)).await;
                Made::Ok(ctx.update().log(format!("paid {n}")))
            }
        });
        child.start(first).edge(first, a).edge(a, END);
        child.build().expect("builds")
    };
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("sub", &nested, |_: &Log| Log::default(), lines);
    let fetch = g.node("fetch", move |ctx: Ctx<Log>| {
        let (begun, tries) = (Arc::clone(&begun), tries.clone());
        async move {
            if tries.add() == 1 {
                begun.notified().await;
                return Err(NodeError::message("unwell"));
            }
            Made::Ok(ctx.update().log("fetched"))
        }
    });
    let plan = named(&mut g, "plan");
    g.start(plan).edge(plan, (sub, fetch)).edge(sub, END).edge(fetch, END);
    let graph = g.build().expect("builds");
    let failed = graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await;
    assert!(matches!(failed, Err(GraphError::Node { .. })), "{failed:?}");
    let state = done(graph.resume().thread(store, "t").outcome().await);
    assert_eq!(state.log, ["in", "plan", "fetched", "first", "paid 1"]);
    assert_eq!(paid.get(), 1);
}

/// Two runs without a thread are two: the other side must not take one for a repetition.
#[tokio::test]
async fn runs_without_a_thread_have_keys_of_their_own() {
    let mut g = GraphBuilder::<Log>::new("pays");
    let a = g.node("a", |ctx: Ctx<Log>| async move {
        let key = ctx.once("pay", async |key| Ok::<_, NodeError>(key)).await?;
        Made::Ok(ctx.update().log(key))
    });
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let first = done(graph.run(say("in")).outcome().await);
    let second = done(graph.run(say("in")).outcome().await);
    assert_ne!(first.log, second.log);
}

/// A node uses up tokens and then asks, or fails: it counts when the thread goes on.
#[tokio::test]
async fn what_an_unfinished_step_has_used_counts() {
    for fails in [false, true] {
        let mut g = GraphBuilder::<Log>::new("budget");
        let a = g.node("a", move |ctx: Ctx<Log>| async move {
            ctx.charge(Usage::tokens(60)).await?;
            if fails {
                return Err(NodeError::message("no"));
            }
            ctx.interrupt::<()>("q", &()).await?;
            Made::Ok(ctx.update())
        });
        g.start(a).edge(a, END);
        let (graph, store) = (g.build().expect("builds"), memory());
        let budget = Budget::new().tokens(100);
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t").budget(budget);
        assert_eq!(run.outcome().await.is_err(), fails);
        let again = graph.resume().thread(store, "t").budget(budget).outcome().await;
        let again = again.expect("ends");
        assert!(matches!(again, Outcome::Exhausted(_, Limit::Tokens(100))), "{again:?}");
    }
}

/// G drain during the first node, exit mode. T the second runs when resumed.
#[tokio::test]
async fn drain_with_exit_durability_persists_resume_checkpoint() {
    let (inside, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut g = GraphBuilder::<Log>::new("drain");
    let (told, waits) = (Arc::clone(&inside), Arc::clone(&go));
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let (told, waits) = (Arc::clone(&told), Arc::clone(&waits));
        async move {
            told.notify_one();
            waits.notified().await;
            Made::Ok(ctx.update().log("a"))
        }
    });
    let b = named(&mut g, "b");
    g.start(a).edge(a, b).edge(b, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let run = graph.run(say("in")).thread(Arc::clone(&store), "t").durability(Durability::Exit);
    let run = run.start();
    inside.notified().await;
    run.drain();
    go.notify_one();
    match run.outcome().await {
        Ok(Outcome::Drained(state)) => assert_eq!(state.log, ["in", "a"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(done(graph.resume().thread(store, "t").outcome().await).log, ["in", "a", "b"]);
}

/// G a slow store, exit mode. W the run is cancelled inside a node. T what it had is stored.
#[tokio::test(start_paused = true)]
async fn checkpoint_put_after_cancellation() {
    let slow = Fault::Delay(Duration::from_secs(1));
    // After the claim of a new thread, the second call stores all.
    let store = FaultStore::new(MemoryStore::new()).at(2, slow);
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let inside = Arc::new(Notify::new());
    let told = Arc::clone(&inside);
    let mut g = GraphBuilder::<Log>::new("cancel");
    let a = named(&mut g, "a");
    let b = g.node("b", move |ctx: Ctx<Log>| {
        let told = Arc::clone(&told);
        async move {
            let part = ctx.partial(|text: String| say(&text));
            part.edit(|text| text.push_str("half"));
            told.notify_one();
            std::future::pending::<()>().await;
            Made::Ok(ctx.update())
        }
    });
    g.start(a).edge(a, b).edge(b, END);
    let graph = g.build().expect("builds");
    let run = graph.run(say("in")).thread(shared, "t").durability(Durability::Exit).start();
    inside.notified().await;
    run.cancel();
    let outcome = run.outcome().await.expect("ends");
    assert!(matches!(&outcome, Outcome::Cancelled(state) if state.log == ["in", "a", "half"]));
    let inner: Arc<dyn Store> = Arc::new(store.inner().clone());
    let thread = graph.thread(inner, "t");
    let found = thread.get(vpaura_graph::store::At::Head).await.expect("loads").expect("stored");
    assert_eq!(found.state.log, ["in", "a", "half"]);
    assert_eq!(found.waiting.nodes, ["b"]);
}

/// G a graph without a thread. T nothing is asked of any store and the result is the same.
#[tokio::test]
async fn a_thread_changes_nothing_of_the_result() {
    let graph = chain(&["a", "b"]);
    let alone = done(graph.run(say("in")).outcome().await);
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let run = graph.run(say("in")).thread(memory(), "t").durability(durability);
        assert_eq!(done(run.outcome().await), alone);
    }
}

/// An answer to whether an effect happened holds once: the next time it is not known, somebody is
/// asked anew.
#[tokio::test]
async fn each_time_an_effect_is_unknown_somebody_is_asked() {
    let paid = Count::default();
    let graph = paying(OnUnknown::Ask, &paid);
    let mut store = died_in_between(&graph).await;
    let mut ids = Vec::new();
    for round in 1..4 {
        let asked = graph.resume().thread(Arc::clone(&store), "t").steal().outcome().await;
        let asks = asked.expect("asks").asks().to_vec();
        assert_eq!((asks.len(), paid.get()), (1, round), "nothing is done without an answer");
        ids.push(asks[0].id.clone());
        // Claim, answer, begun again: it dies when the result is to be stored.
        let dying = FaultStore::new(store).at_call(Call::Put, 3, Fault::Kill { done: false });
        let shared: Arc<dyn Store> = Arc::new(dying.clone());
        let answered =
            graph.resume().thread(shared, "t").steal().answer(&asks[0].id, &Verdict::Retry);
        let died = answered.outcome().await;
        assert!(matches!(died, Err(GraphError::Store(_))), "{died:?}");
        store = Arc::clone(dying.inner());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3, "{ids:?}");
}
