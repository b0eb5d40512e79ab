//! Failing nodes: tried again, limited in time, handled.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::time::Instant;
use vpaura_graph::{
    Cache, Class, Ctx, END, EventKind, Failure, GraphBuilder, GraphError, NodeError, Outcome,
    Retry, Send, Step, TimedOut,
};

use crate::logs::{Count, Dropped, Log, Made, done, empty, failure, lines, ms, says, watch};

/// When each attempt began: its number, then, and when the first did.
type Tries = Arc<Mutex<Vec<(u32, Instant, Instant)>>>;

/// An error, and whether `Retry::transient` and `Retry::any` try again after it.
type Case = (fn() -> NodeError, bool, bool);

/// A node that fails `failures` times, then writes its attempt.
fn flaky(
    failures: u32,
    error: fn() -> NodeError,
    retry: Retry,
) -> (vpaura_graph::Graph<Log>, Tries) {
    let tries = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&tries);
    let mut g = GraphBuilder::<Log>::new("flaky");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        seen.lock().expect("lock").push((ctx.attempt(), Instant::now(), ctx.first_attempt_at()));
        async move {
            if ctx.attempt() <= failures {
                return Err(error());
            }
            Ok(ctx.update().log(format!("attempt {}", ctx.attempt())))
        }
    });
    g.tune(node).retry(retry);
    g.start(node).edge(node, END);
    (g.build().expect("builds"), tries)
}

fn plain() -> NodeError {
    NodeError::message("plain")
}

#[tokio::test(start_paused = true)]
async fn retries_wait_longer_each_time_and_know_when_the_first_began() {
    let retry = Retry::any(3).initial(ms(10)).factor(2.0).jitter(ms(0));
    let (graph, tries) = flaky(2, plain, retry);
    let begun = Instant::now();
    assert_eq!(done(&graph).await, ["attempt 3"]);
    let tries = tries.lock().expect("lock").clone();
    let after = |millis| begun + ms(millis);
    assert_eq!(tries, [(1, begun, begun), (2, after(10), begun), (3, after(30), begun)]);
}

#[tokio::test(start_paused = true)]
async fn the_last_attempts_error_is_the_runs() {
    let (graph, tries) = flaky(9, plain, Retry::any(3));
    let error = failure(&graph).await;
    assert!(matches!(error, GraphError::Node { attempt: 3, .. }), "{error:?}");
    assert_eq!(tries.lock().expect("lock").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_again_depends_on_the_error() {
    let transient = || NodeError::transient("soon");
    let permanent = || NodeError::permanent("never");
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset).into();
    let missing = || io::Error::from(io::ErrorKind::NotFound).into();
    let cases: [Case; 5] = [
        (plain, false, true),
        (transient, true, true),
        (permanent, false, false),
        (reset, true, true),
        (missing, false, false),
    ];
    for (n, (error, if_transient, if_any)) in cases.into_iter().enumerate() {
        for (retry, again) in [(Retry::transient(2), if_transient), (Retry::any(2), if_any)] {
            let (graph, tries) = flaky(1, error, retry);
            let ended = graph.run(empty()).outcome().await;
            assert_eq!(ended.is_ok(), again, "case {n}");
            assert_eq!(tries.lock().expect("lock").len(), 1 + usize::from(again), "case {n}");
        }
    }
    let custom = Retry::transient(2).when(|error| error.to_string() == "never");
    assert_eq!(done(&flaky(1, permanent, custom).0).await, ["attempt 2"]);
    assert_eq!(
        NodeError::from(io::Error::from(io::ErrorKind::TimedOut)).class(),
        Some(Class::Transient)
    );
}

#[tokio::test(start_paused = true)]
async fn jitter_is_bounded_and_follows_from_the_seed() {
    let took = async |seed: u64| {
        let retry = Retry::any(2).initial(ms(100)).jitter(ms(1000));
        let (graph, _) = flaky(1, plain, retry);
        let begun = Instant::now();
        graph.run(empty()).seed(seed).outcome().await.expect("runs");
        begun.elapsed()
    };
    let mut all = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let one = took(seed).await;
        assert!(one >= ms(100) && one <= ms(1101), "{one:?}");
        assert_eq!(one, took(seed).await);
        all.insert(one);
    }
    assert!(all.len() > 15, "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn absurd_waits_are_no_panic() {
    let retry = Retry::any(2).initial(std::time::Duration::MAX).factor(f64::INFINITY);
    let retry = retry.cap(std::time::Duration::MAX).jitter(std::time::Duration::MAX);
    let (graph, _) = flaky(1, plain, retry);
    let run = graph.run(empty()).start();
    tokio::time::sleep(ms(1000)).await;
    run.cancel();
    assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
    let retry = Retry::any(3).initial(ms(1)).factor(f64::NAN).jitter(ms(0));
    assert_eq!(done(&flaky(2, plain, retry).0).await, ["attempt 3"]);
}

#[tokio::test]
async fn a_condition_that_panics_fails_the_run_with_the_nodes_name() {
    let (graph, _) = flaky(1, plain, Retry::any(2).when(|_| panic!("undecided")));
    let error = failure(&graph).await;
    assert!(matches!(&error, GraphError::Panicked { path, .. } if &**path == "node"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_attempt_said_is_discarded_before_the_next_begins() {
    let mut g = GraphBuilder::<Log>::new("stream");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        ctx.token("he").await?;
        if ctx.attempt() == 1 {
            return Err(NodeError::transient("cut"));
        }
        ctx.token("llo").await?;
        Ok(ctx.update().log("hello"))
    });
    g.tune(node).retry(Retry::transient(2));
    g.start(node).edge(node, END);
    let graph = g.build().expect("builds");
    let (events, _) = watch(graph.run(empty()).start()).await;
    let expected = [
        "node#1 started",
        "node#1 token he",
        "node#1 discard",
        "node#2 started",
        "node#2 token he",
        "node#2 token llo",
        "node#2 finished",
        "#0 committed 1",
    ];
    assert_eq!(lines(&events), expected);
}

#[tokio::test(start_paused = true)]
async fn a_node_beside_others_tells_its_true_attempt_too() {
    let mut g = GraphBuilder::<Log>::new("beside");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        if ctx.attempt() < 3 { Err(plain()) } else { Ok(ctx.update()) }
    });
    let other = says(&mut g, "other");
    g.tune(node).retry(Retry::any(3));
    g.start(node).start(other).edge(node, END).edge(other, END);
    let graph = g.build().expect("builds");
    let (events, _) = watch(graph.run(empty()).events(vpaura_graph::Events::ALL).start()).await;
    let lines = lines(&events);
    for line in ["node#3 update", "node#3 finished", "other#1 finished"] {
        assert!(lines.contains(&line.to_owned()), "{line} in {lines:?}");
    }
}

/// A node that takes a second, unless it beats every 30 ms for that long.
fn sleeper(
    tune: impl for<'a> Fn(vpaura_graph::Tune<'a, Log>) -> vpaura_graph::Tune<'a, Log>,
    beats: bool,
) -> (vpaura_graph::Graph<Log>, Count) {
    let dropped = Count::default();
    let held = dropped.clone();
    let mut g = GraphBuilder::<Log>::new("sleeper");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        let held = Dropped(held.clone());
        async move {
            let _held = held;
            for _ in 0..33 {
                tokio::time::sleep(ms(30)).await;
                if beats {
                    ctx.heartbeat();
                }
            }
            Ok(ctx.update().log("rested"))
        }
    });
    tune(g.tune(node));
    g.start(node).edge(node, END);
    (g.build().expect("builds"), dropped)
}

fn timed_out(error: GraphError) -> TimedOut {
    let GraphError::Node { source, .. } = error else { panic!("{error:?}") };
    *source.downcast_ref::<TimedOut>().expect("a timeout")
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_dropped() {
    let (graph, dropped) = sleeper(|tune| tune.timeout(ms(500)), true);
    let begun = Instant::now();
    assert_eq!(timed_out(failure(&graph).await), TimedOut { limit: ms(500), idle: false });
    assert_eq!(begun.elapsed(), ms(500));
    tokio::task::yield_now().await;
    assert_eq!(dropped.get(), 1);
    let (graph, _) = sleeper(|tune| tune.timeout(std::time::Duration::MAX), true);
    assert_eq!(done(&graph).await, ["rested"]);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_an_idle_timeout_away() {
    let (graph, _) = sleeper(|tune| tune.idle_timeout(ms(100)), true);
    assert_eq!(done(&graph).await, ["rested"]);
    let (graph, _) = sleeper(|tune| tune.idle_timeout(ms(100)), false);
    assert_eq!(timed_out(failure(&graph).await), TimedOut { limit: ms(100), idle: true });
}

#[tokio::test(start_paused = true)]
async fn a_timeout_fires_behind_a_stalled_reader_and_is_tried_again() {
    let dropped = Count::default();
    let held = dropped.clone();
    let mut g = GraphBuilder::<Log>::new("stalled");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        let held = Dropped(held.clone());
        async move {
            let _held = held;
            loop {
                ctx.token("more").await?;
            }
            #[expect(unreachable_code, reason = "names the type")]
            Made::Ok(ctx.update())
        }
    });
    g.tune(node).timeout(ms(1000));
    g.start(node).edge(node, END);
    let mut run = g.build().expect("builds").run(empty()).buffer(4).start();
    tokio::time::sleep(ms(1001)).await;
    assert_eq!(dropped.get(), 1, "the node was dropped though nobody reads");
    while run.next().await.is_some() {}
    assert!(!timed_out(run.outcome().await.expect_err("fails")).idle);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_reader_is_no_silence() {
    let mut g = GraphBuilder::<Log>::new("slow reader");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        for _ in 0..8 {
            ctx.token("x").await?;
        }
        Ok(ctx.update().log("said"))
    });
    g.tune(node).idle_timeout(ms(50));
    g.start(node).edge(node, END);
    let mut run = g.build().expect("builds").run(empty()).buffer(1).start();
    while run.next().await.is_some() {
        tokio::time::sleep(ms(200)).await;
    }
    assert_eq!(run.outcome().await.expect("runs").state().log, ["said"]);
}

#[tokio::test(start_paused = true)]
async fn a_sends_own_timeout_replaces_its_workers() {
    let mut g = GraphBuilder::<Log>::new("send");
    let w = g.worker("w", async |ctx: Ctx<Log>, _: u32| {
        tokio::time::sleep(ms(500)).await;
        Ok(ctx.update().log("slow"))
    });
    g.tune(w).timeout(ms(1000));
    let plan = g.node("plan", move |ctx: Ctx<Log>| async move {
        let sends = match ctx.state().n {
            0 => vec![Send::to(w, 1)],
            _ => vec![Send::to(w, 1).timeout(ms(50)), Send::to(w, 2)],
        };
        Ok(Step::<Log>::new().send_all(sends))
    });
    g.start(plan).sends(plan, w).edge(plan, END).edge(w, END);
    let graph = g.build().expect("builds");
    assert_eq!(done(&graph).await, ["slow"]);
    let error = graph.run(empty().n(1)).outcome().await.expect_err("fails");
    assert!(matches!(&error, GraphError::Node { path, .. } if &**path == "w[0]"), "{error:?}");
    assert_eq!(timed_out(error).limit, ms(50));
}

/// Real time, as in the next one: a node that never yields blocks its thread.
#[test]
fn a_node_that_never_yields_times_out_and_others_go_on() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let release = Arc::new(AtomicBool::new(false));
    let released = Arc::clone(&release);
    let mut g = GraphBuilder::<Log>::new("spin");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        let released = Arc::clone(&released);
        async move {
            while ctx.state().n == 1 && !released.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            Ok(ctx.update().log("out"))
        }
    });
    g.tune(node).timeout(ms(100));
    g.start(node).edge(node, END);
    let graph = g.build().expect("builds");
    runtime.block_on(async {
        let error = graph.run(empty().n(1)).outcome().await.expect_err("fails");
        assert_eq!(timed_out(error).limit, ms(100));
        assert_eq!(done(&graph).await, ["out"]);
        release.store(true, Ordering::Relaxed);
    });
}

/// A runtime, and a graph of a node that says a token and then never yields until it is released.
fn spinning() -> (tokio::runtime::Runtime, vpaura_graph::Graph<Log>, Arc<AtomicBool>) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let release = Arc::new(AtomicBool::new(false));
    let released = Arc::clone(&release);
    let mut g = GraphBuilder::<Log>::new("spin");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        let released = Arc::clone(&released);
        async move {
            ctx.token("begun").await?;
            while !released.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            Ok::<_, NodeError>(ctx.update())
        }
    });
    g.start(node).edge(node, END);
    (runtime.expect("a runtime"), g.build().expect("builds"), release)
}

#[test]
fn a_cancelled_run_with_a_node_that_never_yields_is_stuck_not_silent() {
    let (runtime, graph, release) = spinning();
    runtime.block_on(async {
        let mut run = graph.run(empty()).grace(ms(10)).start();
        while let Some(event) = run.next().await {
            if let EventKind::Token(_) = event.kind {
                break;
            }
        }
        run.cancel();
        assert!(matches!(run.outcome().await, Err(GraphError::Stuck)));
        release.store(true, Ordering::Relaxed);
    });
}

/// `bad` with a handler that writes what it is told and leads to `after`.
fn handled(
    bad: impl Fn(u32) -> Made + std::marker::Send + Sync + Copy + 'static,
) -> vpaura_graph::Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("handled");
    let node = g.node("bad", move |ctx: Ctx<Log>| async move { bad(ctx.attempt()) });
    let handler = g.worker("handler", async |ctx: Ctx<Log>, failure: Failure| {
        let Failure { node, path, attempts, message } = failure;
        Ok(ctx.update().log(format!("{node} {path} {attempts} {message}")))
    });
    let (after, next) = (says(&mut g, "after"), says(&mut g, "next"));
    g.tune(node).retry(Retry::any(2)).on_error(handler);
    g.start(node).edge(node, next).edge(handler, after).edge(after, END).edge(next, END);
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn a_handler_gets_node_and_error_after_the_retries_updates_and_routes() {
    let graph = handled(|_| Err(plain()));
    assert_eq!(done(&graph).await, ["bad bad 2 plain", "after"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_gets_panics_too_and_nothing_when_all_is_well() {
    let graph = handled(|_| panic!("oh"));
    assert_eq!(done(&graph).await, ["bad bad 1 node `bad` panicked: oh", "after"]);
    let graph =
        handled(|attempt| if attempt == 1 { Err(plain()) } else { Ok(empty().log("mended")) });
    assert_eq!(done(&graph).await, ["mended", "next"]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_handler_fails_the_run() {
    let mut g = GraphBuilder::<Log>::new("handler");
    let bad = crate::logs::fails(&mut g, "bad");
    let handler = g.worker("handler", async |_: Ctx<Log>, _: Failure| -> Made { Err(plain()) });
    g.tune(bad).on_error(handler);
    g.start(bad).edge(bad, END).edge(handler, END);
    let error = failure(&g.build().expect("builds")).await;
    assert!(
        matches!(&error, GraphError::Node { path, .. } if &**path == "handler[0]"),
        "{error:?}"
    );
}

/// A node and a worker that count their calls, with a cache by `n`.
fn cached(cache: Cache<Log>) -> (vpaura_graph::Graph<Log>, Count) {
    let calls = Count::default();
    let called = calls.clone();
    let mut g = GraphBuilder::<Log>::new("cached");
    let w = g.worker("w", move |ctx: Ctx<Log>, city: String| {
        called.up();
        async move { Ok(ctx.update().log(format!("{city}{}", ctx.state().n))) }
    });
    g.tune(w).cache(cache);
    let plan = g.node("plan", move |_: Ctx<Log>| async move {
        Ok(Step::<Log>::new().send(w, "Oslo".to_owned()).send(w, "Bonn".to_owned()))
    });
    g.start(plan).sends(plan, w).edge(plan, END).edge(w, END);
    (g.build().expect("builds"), calls)
}

#[tokio::test(start_paused = true)]
async fn a_cache_keeps_results_by_state_and_payload_for_its_time() {
    let (graph, calls) = cached(Cache::by(|state: &Log| state.n.to_string()).ttl(ms(1000)));
    assert_eq!(done(&graph).await, ["Oslo0", "Bonn0"]);
    let (events, outcome) = watch(graph.run(empty()).start()).await;
    assert_eq!(outcome.expect("runs").state().log, ["Oslo0", "Bonn0"]);
    assert_eq!(calls.get(), 2);
    let lines = lines(&events);
    assert!(lines.contains(&"w[1]#1 finished cached".to_owned()), "{lines:?}");
    assert!(!lines.contains(&"w[1]#1 started".to_owned()), "{lines:?}");
    graph.run(empty().n(1)).outcome().await.expect("runs");
    assert_eq!(calls.get(), 4, "another key");
    tokio::time::advance(ms(1000)).await;
    done(&graph).await;
    assert_eq!(calls.get(), 6, "too old");
}

#[tokio::test(start_paused = true)]
async fn a_full_cache_lets_the_oldest_go() {
    let (graph, calls) = cached(Cache::by(|_: &Log| String::new()).capacity(1));
    done(&graph).await;
    done(&graph).await;
    assert_eq!(calls.get(), 4, "each of the two pushes the other out");
    let (graph, calls) = cached(Cache::by(|_: &Log| String::new()).capacity(0));
    done(&graph).await;
    done(&graph).await;
    assert_eq!(calls.get(), 4);
}

#[tokio::test(start_paused = true)]
async fn failures_and_parts_of_a_cancelled_node_are_not_cached() {
    let calls = Count::default();
    let called = calls.clone();
    let mut g = GraphBuilder::<Log>::new("parts");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        let call = called.up();
        async move {
            match call {
                1 => Err(plain()),
                2 => {
                    ctx.cancelled().await;
                    Ok(ctx.update().log("part"))
                }
                _ => Ok(ctx.update().log("whole")),
            }
        }
    });
    g.tune(node).cache(Cache::by(|_| String::new()));
    g.start(node).edge(node, END);
    let graph = g.build().expect("builds");
    failure(&graph).await;
    let run = graph.run(empty()).start();
    tokio::time::sleep(ms(10)).await;
    run.cancel();
    assert_eq!(run.outcome().await.expect("runs").state().log, ["part"]);
    assert_eq!(done(&graph).await, ["whole"]);
    assert_eq!(done(&graph).await, ["whole"]);
    assert_eq!(calls.get(), 3);
}

/// Who only reads gets to the end, too.
#[test]
fn the_reader_of_a_stuck_run_is_not_kept_for_ever() {
    let (runtime, graph, release) = spinning();
    runtime.block_on(async {
        let mut run = graph.run(empty()).grace(ms(10)).start();
        let mut tokens = 0;
        while let Some(event) = run.next().await {
            tokens += u32::from(matches!(event.kind, EventKind::Token(_)));
            if tokens == 1 {
                run.cancel();
            }
        }
        assert_eq!(tokens, 1);
        assert!(matches!(run.outcome().await, Err(GraphError::Stuck)));
        release.store(true, Ordering::Relaxed);
    });
}

/// A run that was told to stop and waits for its store is not stuck, however long that takes.
#[tokio::test(start_paused = true)]
async fn a_cancelled_run_whose_store_is_slow_is_waited_for() {
    use vpaura_graph::testkit::{Call, Fault, FaultStore};
    let mut g = GraphBuilder::<Log>::new("slow");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        ctx.token("begun").await?;
        std::future::pending().await
    });
    g.start(node).edge(node, END);
    let graph = g.build().expect("builds");
    let store = FaultStore::new(vpaura_graph::MemoryStore::new());
    let store = store.at_call(Call::Commit, 2, Fault::Delay(std::time::Duration::from_secs(60)));
    let mut run = graph.run(empty()).thread(Arc::new(store), "t").grace(ms(10)).start();
    while let Some(event) = run.next().await {
        if matches!(event.kind, EventKind::Token(_)) {
            run.cancel();
        }
    }
    let ended = run.outcome().await;
    assert!(matches!(ended, Ok(vpaura_graph::Outcome::Cancelled(_))), "{ended:?}");
}
