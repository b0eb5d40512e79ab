//! A step that is stopped half way: what had returned leads on only when the rest has returned too,
//! as in a run that nobody stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use vpaura_graph::store::{At, Source};
use vpaura_graph::testkit::replay;
use vpaura_graph::{
    Ctx, END, Graph, GraphBuilder, GraphError, JoinPolicy, MemoryStore, Node, Outcome, Step, Store,
    Worker,
};

use crate::logs::{Log, Made, empty, ms, says};
use crate::random::{Says, Wired, awaited, wire};

type Held = Arc<AtomicBool>;

/// A node that goes on once it is not held.
fn waits(g: &mut GraphBuilder<Log>, name: &'static str, held: &Held) -> Node<Log> {
    let held = Arc::clone(held);
    g.node(name, move |ctx: Ctx<Log>| {
        let held = Arc::clone(&held);
        async move {
            if held.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log(name).one(Some(name.to_owned())))
        }
    })
}

fn held() -> Held {
    Arc::new(AtomicBool::new(true))
}

fn memory() -> Arc<dyn Store> {
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
    let (a, b) = (says(&mut g, "a"), waits(&mut g, "b", held));
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

/// A run's steps: what its nodes wrote in each, in the order of names. Parts of one step that was
/// stopped count as one.
async fn steps(store: &Arc<dyn Store>) -> Vec<Vec<String>> {
    let thread = "t".into();
    let loaded = store.load(&thread, At::Head).await.expect("loads").expect("is there");
    let mut steps = vec![Vec::new()];
    for checkpoint in &loaded.line {
        let body: serde_json::Value = serde_json::from_str(&checkpoint.body).expect("is JSON");
        let written = body["w"].as_array().into_iter().flatten();
        let updates = written.flat_map(|written| written["u"].as_array().into_iter().flatten());
        for update in updates {
            let said = update["log"]["+"].as_array().into_iter().flatten();
            let said = said.filter_map(|said| said.as_str().map(str::to_owned));
            steps.last_mut().expect("has one").extend(said);
        }
        if checkpoint.source == Source::Step {
            steps.last_mut().expect("has one").sort_unstable();
            steps.push(Vec::new());
        }
    }
    steps.retain(|step| !step.is_empty());
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whenever a run is stopped, and however often: it goes through the steps of one that is not,
    /// and each node sees of the step before what it sees there.
    #[test]
    fn a_run_that_is_stopped_goes_through_the_steps_of_one_that_is_not(
        count in 1..6usize,
        wires in prop::collection::vec(wire(), 1..12),
        behaviour: u32,
        stops in prop::collection::vec(0..6u64, 1..5),
        only_first: bool,
    ) {
        let mut wired = Wired::new(count, behaviour, Says::Heard);
        // What a join waits for goes by the time that nodes take, and that is another one then.
        let wires = wires.into_iter().filter(|wire| !wire.goes_by_time()).collect();
        wired.wire(if only_first { 1 } else { count }, wires);
        wired.all_send();
        let Ok(graph) = wired.g.build() else { return Ok(()) };
        let (whole, parts) = (memory(), memory());
        awaited(async {
            let run = graph.run(empty()).step_limit(12).thread(Arc::clone(&whole), "t");
            let is_done = run.outcome().await;
            let is_done = match is_done {
                Ok(Outcome::Done(_)) => true,
                Err(GraphError::StepLimit { .. }) => false,
                other => panic!("{other:?}"),
            };
            let mut run = graph.run(empty()).step_limit(12).thread(Arc::clone(&parts), "t").start();
            for stop in &stops {
                tokio::time::sleep(ms(*stop)).await;
                run.cancel();
                match run.outcome().await {
                    Ok(Outcome::Cancelled(_) | Outcome::Done(_)) => {}
                    Err(GraphError::StepLimit { .. }) => {}
                    other => panic!("{other:?}"),
                }
                run = graph.resume().step_limit(12).thread(Arc::clone(&parts), "t").start();
            }
            match run.outcome().await {
                Ok(Outcome::Done(_)) => {}
                Err(GraphError::StepLimit { .. }) if !is_done => {}
                other => panic!("{other:?}"),
            }
            let (mut whole, mut parts_of) = (steps(&whole).await, steps(&parts).await);
            if !is_done {
                let both = whole.len().min(parts_of.len());
                whole.truncate(both);
                parts_of.truncate(both);
            }
            assert_eq!(parts_of, whole);
            replay(&graph, &*parts, "t").await.no_divergence();
        });
    }
}

/// Otherwise the property above would hold for a store that says nothing.
#[test]
fn a_runs_steps_are_read_from_its_thread() {
    let store = memory();
    awaited(async {
        let mut g = GraphBuilder::<Log>::new("two");
        let (a, b, c) = (says(&mut g, "a"), says(&mut g, "b"), says(&mut g, "c"));
        g.start(b).start(a).edge(a, c).edge(b, c).edge(c, END);
        let run = g.build().expect("builds").run(empty()).thread(Arc::clone(&store), "t");
        run.outcome().await.expect("runs");
        assert_eq!(steps(&store).await, [vec!["a", "b"], vec!["c"]]);
    });
}
