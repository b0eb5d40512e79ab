//! Graphs in graphs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use vpaura_graph::{
    Budget, Ctx, END, Graph, GraphBuilder, GraphError, JoinPolicy, MemoryStore, NodeError, Outcome,
    Retry, State, Step, Store, Subgraph, Usage,
};

use crate::logs::{Count, Log, LogUpdate, Made, done, empty, lines, ms, says, slow, watch};

/// A graph's own state, other than its parent's.
#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
#[state(event = u32)]
struct Inner {
    #[reduce(append)]
    seen: Vec<String>,
    calls: u32,
}

fn into(state: &Log) -> Inner {
    Inner { seen: vec![format!("from {}", state.log.join("+"))], calls: 0 }
}

fn out(inner: Inner) -> LogUpdate {
    empty().log(inner.seen.join(","))
}

/// Events of the inner graph are told as text.
fn sub(graph: &Graph<Inner>) -> Subgraph<Log, Inner> {
    Subgraph::new(graph, |context| context, |n| format!("inner {n}"))
}

fn notes(g: &mut GraphBuilder<Inner>, name: &'static str) -> vpaura_graph::Node<Inner> {
    g.node(name, move |ctx: Ctx<Inner>| async move {
        ctx.emit(ctx.step()).await;
        let calls = ctx.state().calls + 1;
        Ok(ctx.update().seen(name).calls(calls))
    })
}

fn two_steps() -> Graph<Inner> {
    let mut g = GraphBuilder::<Inner>::new("two");
    let (x, y) = (notes(&mut g, "x"), notes(&mut g, "y"));
    g.start(x).edge(x, y).edge(y, END);
    g.build().expect("builds")
}

#[tokio::test]
async fn a_stateless_subgraph_begins_anew_with_each_call_and_run() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", sub(&two_steps()), into, out);
    g.start(s);
    g.route(s, |state| state.log.len() < 2, move |more| if more { s.into() } else { END.into() });
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let first = graph.run(empty()).thread(store.clone(), "t").outcome().await.expect("runs");
    assert_eq!(first.state().log, ["from ,x,y", "from from ,x,y,x,y"]);
    let second = graph.run(empty().overwrite_log(vec![])).thread(store, "t").outcome().await;
    assert_eq!(second.expect("runs").state().log.len(), 2);
}

#[tokio::test]
async fn a_persistent_subgraph_goes_on_in_loop_and_thread() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.persistent_subgraph(
        "s",
        sub(&two_steps()),
        |_| InnerUpdate::default().seen("call"),
        |inner| empty().log(format!("{}:{}", inner.calls, inner.seen.len())),
    );
    g.start(s);
    g.route(
        s,
        |state| state.log.len() % 2 == 1,
        move |more| if more { s.into() } else { END.into() },
    );
    let graph = g.build().expect("builds");
    assert_eq!(done(&graph).await, ["2:3", "4:6"]);
    // Another run without a thread knows nothing of the first.
    assert_eq!(done(&graph).await, ["2:3", "4:6"]);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for expected in [vec!["2:3", "4:6"], vec!["2:3", "4:6", "6:9", "8:12"]] {
        let run = graph.run(empty()).thread(store.clone(), "t").outcome().await;
        assert_eq!(run.expect("runs").state().log, expected);
    }
}

#[tokio::test]
async fn a_persistent_subgraph_in_a_lane_goes_on_too() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.persistent_subgraph(
        "s",
        sub(&two_steps()),
        |_| InnerUpdate::default(),
        |inner| empty().log(inner.calls.to_string()),
    );
    let lane = g.lane("lane", [s]);
    g.start(lane).edge(lane, END);
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for expected in [vec!["2"], vec!["2", "4"]] {
        let run = graph.run(empty()).thread(store.clone(), "t").outcome().await;
        assert_eq!(run.expect("runs").state().log, expected);
    }
}

#[tokio::test]
async fn a_subgraph_runs_once_for_each_payload() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let begin = |_: &Log, n: u32| Inner { seen: vec![n.to_string()], calls: 0 };
    let w = g.subgraph_worker("w", sub(&two_steps()), begin, out);
    let plan = g.node("plan", move |_: Ctx<Log>| async move {
        Ok((0..3).fold(Step::<Log>::new(), |step, n| step.send(w, n)))
    });
    let merge = says(&mut g, "merge");
    g.start(plan).sends(plan, w).edge(plan, END).edge(merge, END);
    g.join(w, merge, JoinPolicy::all());
    let graph = g.build().expect("builds");
    let (events, outcome) = watch(graph.run(empty()).start()).await;
    assert_eq!(outcome.expect("runs").state().log, ["0,x,y", "1,x,y", "2,x,y", "merge"]);
    let lines = lines(&events);
    assert!(lines.contains(&"w[2]/y#1 finished".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn inner_events_have_their_path_and_come_before_the_inner_end() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", sub(&two_steps()), into, out);
    g.start(s).edge(s, END);
    let graph = g.build().expect("builds");
    let (events, _) = watch(graph.run(empty()).start()).await;
    assert_eq!(
        lines(&events),
        [
            "s#1 started",
            "s/x#1 started",
            "s/x#1 custom inner 1",
            "s/x#1 finished",
            "s#0 committed 1",
            "s/y#1 started",
            "s/y#1 custom inner 2",
            "s/y#1 finished",
            "s#0 committed 2",
            "s#1 finished",
            "#0 committed 1",
        ]
    );
    let numbers: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=11).collect::<Vec<_>>());
}

/// A graph whose second node hands a step to the parent.
fn commander(target: vpaura_graph::Node<Log>) -> Graph<Inner> {
    let mut g = GraphBuilder::<Inner>::new("commander");
    let x = notes(&mut g, "x");
    let y = g.node("y", move |ctx: Ctx<Inner>| async move {
        let up = Step::<Log>::update(empty().log("by command")).goto(target);
        let step: Result<Step<Inner>, NodeError> =
            Ok(Step::update(ctx.update().seen("lost")).in_parent(up));
        step
    });
    g.start(x).edge(x, y).edge(y, END);
    g.build().expect("builds")
}

#[tokio::test]
async fn a_parent_step_updates_and_leads_the_parent_without_the_childs_writes() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let target = says(&mut g, "target");
    let s = g.subgraph("s", sub(&commander(target)), into, out);
    let next = says(&mut g, "next");
    g.start(s).goes(s, target).edge(s, next).edge(target, END).edge(next, END);
    // The node's own edges are followed too: a goto goes beside them.
    assert_eq!(done(&g.build().expect("builds")).await, ["by command", "next", "target"]);
}

#[tokio::test]
async fn a_parent_step_goes_only_where_the_parent_declares() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let target = says(&mut g, "target");
    let s = g.subgraph("s", sub(&commander(target)), into, out);
    g.start(s).start(target).edge(s, END).edge(target, END);
    let error = crate::logs::failure(&g.build().expect("builds")).await;
    assert!(matches!(&error, GraphError::Undeclared { path, .. } if &**path == "s"), "{error:?}");
}

/// `depth` graphs around `inner`, each as node `s` of the next.
fn wrapped(inner: Graph<Log>, depth: u32) -> Graph<Log> {
    (0..depth).fold(inner, |inner, _| {
        let mut g = GraphBuilder::<Log>::new("wrap");
        let out = |inner: Log| empty().extend_log(inner.log).sum(inner.sum);
        let s = g.subgraph("s", &inner, |_| Log::default(), out);
        g.start(s).edge(s, END);
        g.build().expect("builds")
    })
}

#[tokio::test]
async fn a_failure_two_deep_names_the_whole_path() {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let bad = crate::logs::fails(&mut g, "bad");
    g.start(bad).edge(bad, END);
    let error = crate::logs::failure(&wrapped(g.build().expect("builds"), 2)).await;
    let GraphError::Node { path, source, .. } = error else { panic!("{error:?}") };
    assert_eq!((&*path, source.to_string().as_str()), ("s/s/bad", "broken"));
}

/// Says tokens for ever, and keeps them.
fn talker(listens: bool) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let talk = g.node("talk", move |ctx: Ctx<Log>| async move {
        let said = ctx.partial(|said: Vec<String>| empty().extend_log(said));
        for n in 0.. {
            if listens && ctx.is_cancelled() {
                tokio::time::sleep(ms(100)).await;
                return Ok(ctx.update().extend_log(said.finish()).log("goodbye"));
            }
            ctx.token(n.to_string()).await?;
            said.edit(|said| said.push(n.to_string()));
            tokio::time::sleep(ms(10)).await;
        }
        Ok(ctx.update())
    });
    g.start(talk).edge(talk, END);
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn cancelling_reaches_the_innermost_node_and_keeps_what_it_had() {
    for (depth, listens) in [(0, false), (2, false), (3, false), (2, true)] {
        let graph = wrapped(talker(listens), depth);
        let mut run = graph.run(empty()).start();
        let mut tokens = 0;
        while let Some(event) = run.next().await {
            if let vpaura_graph::EventKind::Token(_) = event.kind {
                tokens += 1;
            }
            if tokens == 5 {
                run.cancel();
                break;
            }
        }
        let begun = Instant::now();
        let outcome = run.outcome().await.expect("cancelled is no failure");
        let last = if listens { "0 1 2 3 4 goodbye" } else { "0 1 2 3 4" };
        assert_eq!(outcome.state().log.join(" "), last, "{depth}");
        // A node that listens has returned, as far as the graph around it is concerned.
        assert!(matches!(outcome, Outcome::Cancelled(_) | Outcome::Done(_)), "{outcome:?}");
        // One that listens looks every 10 ms, and takes its leave for 100.
        let within = if listens { ms(100)..=ms(110) } else { ms(0)..=ms(0) };
        assert!(within.contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_behind_a_stalled_reader_keeps_what_the_innermost_had() {
    let graph = wrapped(talker(false), 3);
    let run = graph.run(empty()).buffer(16).start();
    tokio::time::sleep(ms(10_000)).await;
    run.cancel();
    // The reader reads nothing while the nodes stop.
    tokio::time::sleep(ms(10_000)).await;
    let outcome = run.outcome().await.expect("runs");
    assert!(matches!(outcome, Outcome::Cancelled(_)), "{outcome:?}");
    assert!(outcome.state().log.len() > 5, "{outcome:?}");
}

#[tokio::test]
async fn a_budget_reaches_through_the_levels() {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let spend = g.node("spend", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(30)).await?;
        Ok(ctx.update().log("spent"))
    });
    g.start(spend);
    g.route(spend, |_| true, move |_| (vec![spend]).into()).edge(spend, END);
    let bottom = g.build().expect("builds");
    let run = |budget| wrapped(bottom.clone(), 2).run(empty()).budget(budget).outcome();
    let outcome = run(Budget::new().tokens(100)).await.expect("exhausted is no failure");
    let Outcome::Exhausted(state, limit) = outcome else { panic!("{outcome:?}") };
    // What was committed within is kept.
    assert_eq!((state.log.len(), limit), (3, vpaura_graph::Limit::Tokens(100)));
}

#[tokio::test]
async fn the_way_out_of_a_node_around_takes_over_from_within() {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let spend = g.node("spend", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(300)).await?;
        Ok(ctx.update().log("spent"))
    });
    g.start(spend).edge(spend, END);
    let bottom = wrapped(g.build().expect("builds"), 1);
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &bottom, |_| Log::default(), |inner| empty().extend_log(inner.log));
    let reply = says(&mut g, "reply");
    g.tune(s).on_budget(reply);
    g.start(s).edge(s, END).edge(reply, END);
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).budget(Budget::new().tokens(100));
    let outcome = run.outcome().await.expect("runs");
    let Outcome::Exhausted(state, _) = outcome else { panic!("{outcome:?}") };
    assert_eq!(state.log, ["reply"]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_on_the_run_never_locks_up_with_graphs_and_lanes_of_graphs() {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let [a, b] = ["a", "b"].map(|name| slow(&mut g, name, 10));
    g.start(a).start(b).edge(a, END).edge(b, END);
    let bottom = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let out = |inner: Log| empty().extend_log(inner.log);
    let s = g.subgraph("s", &wrapped(bottom.clone(), 2), |_| Log::default(), out);
    let in_lane = g.subgraph("in lane", &bottom, |_| Log::default(), out);
    let plain = slow(&mut g, "plain", 10);
    let lane = g.lane("lane", [plain, in_lane]);
    let w = g.subgraph_worker("w", &bottom, |_: &Log, _: u32| Log::default(), out);
    g.tune(w).concurrency(1);
    let plan = g.node("plan", move |_: Ctx<Log>| async move {
        Ok((0..3).fold(Step::<Log>::new(), |step, n| step.send(w, n)))
    });
    g.start(plan).sends(plan, w).edge(plan, (s, lane)).edge(s, END).edge(lane, END).edge(w, END);
    let graph = g.build().expect("builds");
    for nodes in [1, 2, 8] {
        let limited = graph.run(empty()).concurrency(nodes).outcome();
        let ended = tokio::time::timeout(ms(10_000), limited).await.expect("no deadlock");
        assert_eq!(ended.expect("runs").state().log.len(), 2 + 3 + 6);
    }
}

#[tokio::test]
async fn a_retried_subgraph_begins_again_without_a_thread_and_goes_on_in_one() {
    for retry in [Retry::any(2), Retry::transient(2)] {
        retried(retry).await;
    }
}

async fn retried(retry: Retry) {
    let count = Count::default();
    let tries = count.clone();
    let mut g = GraphBuilder::<Log>::new("bottom");
    let first_runs = Count::default();
    let firsts = first_runs.clone();
    let first = g.node("first", move |ctx: Ctx<Log>| {
        firsts.up();
        async move { Ok(ctx.update().log("first")) }
    });
    let second = g.node("second", move |ctx: Ctx<Log>| {
        let tries = tries.clone();
        async move {
            if tries.up() % 2 == 1 {
                return Err(NodeError::transient("once more"));
            }
            Ok(ctx.update().log("second"))
        }
    });
    g.start(first).edge(first, second).edge(second, END);
    let bottom = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &bottom, |_| Log::default(), |inner| empty().extend_log(inner.log));
    g.tune(s).retry(retry.initial(ms(0)).jitter(ms(0)));
    g.start(s).edge(s, END);
    let graph = g.build().expect("builds");
    assert_eq!(done(&graph).await, ["first", "second"]);
    assert_eq!(first_runs.get(), 2);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(store, "t").outcome().await.expect("runs");
    assert_eq!(run.state().log, ["first", "second"]);
    assert_eq!(first_runs.get(), 3, "the first step was stored");
}

/// What is said inside is a sign of life of the node outside.
#[tokio::test(start_paused = true)]
async fn a_subgraph_that_speaks_is_not_silent() {
    for beats in [false, true] {
        let mut g = GraphBuilder::<Log>::new("bottom");
        let a = g.node("a", move |ctx: Ctx<Log>| async move {
            for _ in 0..5 {
                tokio::time::sleep(ms(60)).await;
                if beats {
                    ctx.heartbeat();
                } else {
                    ctx.token("tick").await?;
                }
            }
            Made::Ok(ctx.update().log("a"))
        });
        g.start(a).edge(a, END);
        let inner = wrapped(g.build().expect("builds"), 1);
        let mut g = GraphBuilder::<Log>::new("outer");
        let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
        g.tune(s).idle_timeout(ms(100));
        g.start(s).edge(s, END);
        assert_eq!(done(&g.build().expect("builds")).await, ["a"], "{beats}");
    }
}

/// An agent hands over by a command to its parent, and remembers that when it is called again.
#[tokio::test]
async fn a_persistent_subgraph_remembers_a_call_that_ends_in_its_parent() {
    let mut g = GraphBuilder::<Inner>::new("agent");
    let x = notes(&mut g, "x");
    let y = g.node("y", async |ctx: Ctx<Inner>| -> Result<Step<Inner>, NodeError> {
        let told = format!("call {}", ctx.state().calls);
        Ok(Step::new().in_parent(Step::<Log>::update(empty().log(told))))
    });
    g.start(x).edge(x, y).edge(y, END);
    let agent = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.persistent_subgraph("s", sub(&agent), |_| InnerUpdate::default(), out);
    g.start(s);
    g.route(s, |state| state.log.len() < 2, move |more| if more { s.into() } else { END.into() });
    assert_eq!(done(&g.build().expect("builds")).await, ["call 1", "call 2"]);
}

#[tokio::test]
async fn a_drain_stops_within_a_subgraph_and_goes_on_from_there() {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let first_runs = Count::default();
    let firsts = first_runs.clone();
    let first = g.node("first", move |ctx: Ctx<Log>| {
        firsts.up();
        async move {
            ctx.token("now").await?;
            Ok::<_, NodeError>(ctx.update().log("first"))
        }
    });
    let second = says(&mut g, "second");
    g.start(first).edge(first, second).edge(second, END);
    let graph = wrapped(g.build().expect("builds"), 2);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let mut run = graph.run(empty()).thread(store.clone(), "t").buffer(1).start();
    while let Some(event) = run.next().await {
        if let vpaura_graph::EventKind::Token(_) = event.kind {
            run.drain();
        }
    }
    let outcome = run.outcome().await.expect("runs");
    assert!(matches!(&outcome, Outcome::Drained(state) if state.log.is_empty()), "{outcome:?}");
    let resumed = graph.resume().thread(store, "t").outcome().await.expect("runs");
    assert_eq!(
        resumed,
        Outcome::Done(Log { log: vec!["first".into(), "second".into()], ..Log::default() })
    );
    assert_eq!(first_runs.get(), 1);
}

#[tokio::test]
async fn the_step_limit_holds_within_a_subgraph() {
    let mut g = GraphBuilder::<Log>::new("bottom");
    let a = says(&mut g, "a");
    g.start(a).route(a, |_| true, move |more| if more { a.into() } else { END.into() });
    let graph = wrapped(g.build().expect("builds"), 1);
    let error = graph.run(empty()).step_limit(20).outcome().await.expect_err("endless");
    assert!(matches!(error, GraphError::StepLimit { limit: 20 }), "{error:?}");
}

#[tokio::test]
async fn a_panic_while_entering_or_leaving_a_subgraph_names_its_node() {
    for leaving in [false, true] {
        let mut g = GraphBuilder::<Log>::new("outer");
        let s = g.subgraph(
            "s",
            sub(&two_steps()),
            move |state| {
                assert!(leaving, "entering");
                into(state)
            },
            |_| panic!("leaving"),
        );
        g.start(s).edge(s, END);
        let error = crate::logs::failure(&g.build().expect("builds")).await;
        assert!(matches!(&error, GraphError::Panicked { path, .. } if &**path == "s"), "{error:?}");
    }
}

#[tokio::test]
async fn a_step_for_a_parent_of_another_state_is_an_error() {
    let mut g = GraphBuilder::<Inner>::new("child");
    let y = g.node("y", async |_: Ctx<Inner>| -> Result<Step<Inner>, NodeError> {
        Ok(Step::new().in_parent(Step::<Inner>::new()))
    });
    g.start(y).edge(y, END);
    let child = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", sub(&child), into, out);
    g.start(s).edge(s, END);
    let error = crate::logs::failure(&g.build().expect("builds")).await;
    assert!(matches!(&error, GraphError::Node { path, .. } if &**path == "s"), "{error:?}");
}

/// A graph of `x`, which says "he" and ends, and `y`, which says "l" and hangs the first time.
fn halting(calls: &Count) -> Graph<Log> {
    let calls = calls.clone();
    let mut g = GraphBuilder::<Log>::new("halting");
    let x = g.node("x", async |ctx: Ctx<Log>| -> Made {
        ctx.token("he").await?;
        Ok(ctx.update().log("x"))
    });
    let y = g.node("y", move |ctx: Ctx<Log>| {
        let calls = calls.clone();
        async move {
            ctx.token("l").await?;
            if calls.up() == 1 {
                std::future::pending::<()>().await;
            }
            ctx.token("lo").await?;
            Made::Ok(ctx.update().log("y"))
        }
    });
    g.start(x).edge(x, y).edge(y, END);
    g.build().expect("builds")
}

fn text(events: &[vpaura_graph::Event<String>]) -> String {
    let mut said: Vec<(String, String)> = Vec::new();
    for event in events {
        match &event.kind {
            vpaura_graph::EventKind::Token(text) => {
                said.push((event.path.to_string(), String::from_utf8_lossy(text).into_owned()));
            }
            vpaura_graph::EventKind::Discard => said.retain(|(path, _)| *path != *event.path),
            _ => {}
        }
    }
    said.into_iter().map(|(_, text)| text).collect()
}

/// What its nodes said and will say again is taken back before they do: in a thread that of the
/// node that was dropped, without one that of all.
#[tokio::test(start_paused = true)]
async fn a_retried_subgraph_takes_back_what_will_be_said_again() {
    for in_thread in [true, false] {
        let calls = Count::default();
        let inner = halting(&calls);
        let mut middle = GraphBuilder::<Log>::new("middle");
        let m =
            middle.subgraph("m", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
        middle.start(m).edge(m, END);
        let middle = middle.build().expect("builds");
        let mut g = GraphBuilder::<Log>::new("outer");
        let s = g.subgraph("s", &middle, |_| Log::default(), |inner| empty().extend_log(inner.log));
        g.tune(s).timeout(ms(50)).retry(Retry::transient(2));
        g.start(s).edge(s, END);
        let graph = g.build().expect("builds");
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let run = graph.run(empty());
        let run = if in_thread { run.thread(store, "t") } else { run };
        let (events, outcome) = watch(run.start()).await;
        assert_eq!(outcome.expect("runs").state().log.join(" "), "x y");
        assert_eq!(text(&events), "hello", "in a thread: {in_thread}\n{:#?}", lines(&events));
    }
}

/// A node that hands a step to the parent has returned like any other.
#[tokio::test]
async fn a_node_that_ends_its_graph_is_told_as_finished() {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = inner.node("x", async |ctx: Ctx<Log>| {
        let up = Step::<Log>::update(empty().log("from x"));
        Ok::<_, NodeError>(Step::update(ctx.update()).in_parent(up))
    });
    inner.start(x).edge(x, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |_| empty().log("not this"));
    g.start(s).edge(s, END);
    let (events, outcome) = watch(g.build().expect("builds").run(empty()).start()).await;
    assert_eq!(outcome.expect("runs").state().log, ["from x"]);
    let told: Vec<String> =
        lines(&events).into_iter().filter(|line| line.starts_with("s/x")).collect();
    assert_eq!(told, ["s/x#1 started", "s/x#1 finished"]);
}
