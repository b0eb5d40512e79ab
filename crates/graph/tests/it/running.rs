//! A run from outside: read, stopped, limited.

use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vpaura_graph::store::{At, Store};
use vpaura_graph::testkit::{Call, Fault, FaultStore};
use vpaura_graph::{
    Budget, Ctx, Durability, END, EventKind, Events, Graph, GraphBuilder, JoinPolicy, Limit,
    MemoryStore, NodeError, Outcome, SlowReader, Usage,
};

use crate::logs::{Count, Dropped, Log, Made, done, empty, lines, ms, says, slow, watch};

/// Says `count` tokens and keeps them, a millisecond each if `slowly`.
fn talker(count: u32, slowly: bool) -> (Graph<Log>, Count, Count) {
    let (said, dropped) = (Count::default(), Count::default());
    let (counts, drops) = (said.clone(), dropped.clone());
    let mut g = GraphBuilder::<Log>::new("talker");
    let talk = g.node("talk", move |ctx: Ctx<Log>| {
        let (said, held) = (counts.clone(), Dropped(drops.clone()));
        async move {
            let _held = held;
            let kept = ctx.partial(|kept: Vec<String>| empty().extend_log(kept));
            for n in 0..count {
                ctx.token(n.to_string()).await?;
                said.up();
                kept.edit(|kept| kept.push(n.to_string()));
                if slowly {
                    tokio::time::sleep(ms(1)).await;
                }
            }
            Ok::<_, NodeError>(ctx.update().sum(1))
        }
    });
    g.start(talk).edge(talk, END);
    (g.build().expect("builds"), said, dropped)
}

#[tokio::test(start_paused = true)]
async fn what_a_node_emits_arrives_while_it_runs() {
    let mut g = GraphBuilder::<Log>::new("live");
    let node = g.node("node", async |ctx: Ctx<Log>| {
        ctx.emit("before".to_owned()).await;
        tokio::time::sleep(ms(200)).await;
        ctx.emit("after".to_owned()).await;
        Ok(ctx.update())
    });
    g.start(node).edge(node, END);
    let mut run = g.build().expect("builds").run(empty()).events(Events::CUSTOM).start();
    let begun = Instant::now();
    assert!(run.next().await.is_some());
    assert!(begun.elapsed() < ms(100));
    assert!(run.next().await.is_some());
    assert!(begun.elapsed() >= ms(200));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_nodes_tokens_are_in_the_state_and_marked_partial() {
    let (graph, _, dropped) = talker(1000, true);
    let store = Arc::new(MemoryStore::new());
    let on = Arc::clone(&store) as Arc<dyn Store>;
    let mut run = graph.run(empty()).thread(on, "t").start();
    let mut tokens = 0;
    while let Some(event) = run.next().await {
        tokens += u32::from(matches!(event.kind, EventKind::Token(_)));
        if tokens == 29 {
            run.cancel();
            break;
        }
    }
    let Outcome::Cancelled(state) = run.outcome().await.expect("runs") else { panic!("not so") };
    assert_eq!((state.log.len(), state.sum, dropped.get()), (29, 0, 1));
    let loaded = store.load(&"t".into(), At::Head).await.expect("loads").expect("is there");
    let last = loaded.line.last().expect("a checkpoint");
    assert_eq!(last.source, vpaura_graph::store::Source::Cancelled);
    assert!(last.body.contains("\"partial\":true"), "{}", last.body);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_listens_has_the_grace_to_return_and_another_is_dropped_at_once() {
    let mut g = GraphBuilder::<Log>::new("grace");
    let wait = |listens: bool, takes: u64| {
        move |ctx: Ctx<Log>| async move {
            if listens {
                ctx.cancelled().await;
            }
            tokio::time::sleep(ms(takes)).await;
            let name = ctx.node();
            Ok(ctx.update().log(name))
        }
    };
    let nodes = [
        g.node("deaf", wait(false, 60_000)),
        g.node("quick", wait(true, 100)),
        g.node("too slow", wait(true, 60_000)),
    ];
    for node in nodes {
        g.start(node).edge(node, END);
    }
    let graph = g.build().expect("builds");
    let token = CancellationToken::new();
    let run = graph.run(empty()).grace(ms(500)).cancel(token.clone()).start();
    tokio::time::sleep(ms(10)).await;
    token.cancel();
    let begun = Instant::now();
    let outcome = run.outcome().await.expect("runs");
    assert!(matches!(&outcome, Outcome::Cancelled(state) if state.log == ["quick"]), "{outcome:?}");
    assert_eq!(begun.elapsed(), ms(500));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_cancels_the_node() {
    let heard = Count::default();
    let hears = heard.clone();
    let mut g = GraphBuilder::<Log>::new("caller");
    let node = g.node("node", move |ctx: Ctx<Log>| {
        let heard = hears.clone();
        async move {
            ctx.cancelled().await;
            heard.up();
            Ok(ctx.update())
        }
    });
    g.start(node).edge(node, END);
    let graph = g.build().expect("builds");
    assert!(tokio::time::timeout(ms(50), graph.run(empty()).outcome()).await.is_err());
    tokio::time::sleep(ms(1)).await;
    assert_eq!(heard.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_before_it_begins_runs_nothing() {
    let (graph, said, _) = talker(1, false);
    let token = CancellationToken::new();
    token.cancel();
    let outcome = graph.run(empty()).cancel(token).outcome().await.expect("runs");
    assert!(matches!(outcome, Outcome::Cancelled(_)));
    assert_eq!(said.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn cancelling_while_a_sibling_asks_keeps_what_the_other_had() {
    let mut g = GraphBuilder::<Log>::new("asks");
    let asks = g.node("asks", async |ctx: Ctx<Log>| -> Made {
        let sure: bool = ctx.interrupt("sure", &"Sure?").await?;
        Ok(ctx.update().log(sure.to_string()))
    });
    let talk = g.node("talk", async |ctx: Ctx<Log>| -> Made {
        let kept = ctx.partial(|kept: Vec<String>| empty().extend_log(kept));
        kept.edit(|kept| kept.push("said".into()));
        std::future::pending().await
    });
    g.start(asks).start(talk).edge(asks, END).edge(talk, END);
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(store.clone(), "t").start();
    tokio::time::sleep(ms(10)).await;
    run.cancel();
    let outcome = run.outcome().await.expect("runs");
    assert!(matches!(&outcome, Outcome::Cancelled(state) if state.log == ["said"]), "{outcome:?}");
    // Both are due again.
    let thread = graph.thread(store, "t").get(At::Head).await.expect("loads").expect("is there");
    assert_eq!(thread.waiting.nodes, ["asks", "talk"]);
}

#[tokio::test(start_paused = true)]
async fn a_partial_that_panics_fails_the_run() {
    let mut g = GraphBuilder::<Log>::new("panics");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        let _kept = ctx.partial(|_: ()| panic!("no update"));
        std::future::pending().await
    });
    g.start(node).edge(node, END);
    let run = g.build().expect("builds").run(empty()).start();
    tokio::time::sleep(ms(10)).await;
    run.cancel();
    let error = run.outcome().await.expect_err("fails");
    assert!(
        matches!(&error, vpaura_graph::GraphError::Panicked { path, .. } if &**path == "node"),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stalled_reader_keeps_the_queue_within_its_bound() {
    let (graph, said, _) = talker(1_000_000, false);
    let mut run = graph.run(empty()).buffer(64).start();
    tokio::time::sleep(ms(1000)).await;
    // The node's start takes a place too.
    assert_eq!(said.get(), 63);
    for read in 1..50 {
        assert!(run.next().await.is_some());
        tokio::time::sleep(ms(1)).await;
        assert_eq!(said.get(), 63 + read);
    }
}

#[tokio::test(start_paused = true)]
async fn no_token_is_dropped_and_numbers_have_no_gaps() {
    let mut g = GraphBuilder::<Log>::new("all");
    for name in ["a", "b", "c"] {
        let node = g.node(name, async |ctx: Ctx<Log>| -> Made {
            for n in 0..500 {
                ctx.token(n.to_string()).await?;
            }
            Ok(ctx.update())
        });
        g.start(node).edge(node, END);
    }
    let (events, _) = watch(g.build().expect("builds").run(empty()).buffer(3).start()).await;
    assert_eq!(events.len(), 3 * (500 + 2) + 1);
    assert!(events.iter().zip(1..).all(|(event, n)| event.seq == n));
    for name in ["a", "b", "c"] {
        let said = events.iter().filter(|event| &*event.path == name);
        let said: Vec<_> = said
            .filter_map(|event| match &event.kind {
                EventKind::Token(text) => Some(String::from_utf8_lossy(text).parse::<u32>()),
                _ => None,
            })
            .map(|n| n.expect("a number"))
            .collect();
        assert_eq!(said, (0..500).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_left_behind_if_so_chosen() {
    let (graph, said, _) = talker(1000, false);
    let mut run = graph.run(empty()).buffer(10).slow_reader(SlowReader::Detach).start();
    tokio::time::sleep(ms(1)).await;
    assert!(run.is_detached());
    let mut read = 0;
    while run.next().await.is_some() {
        read += 1;
    }
    assert_eq!((read, said.get()), (10, 1000));
    assert!(matches!(run.outcome().await, Ok(Outcome::Done(_))));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_was_left_behind_is_not_kept_waiting() {
    let (graph, _, _) = talker(100, true);
    let mut run = graph.run(empty()).buffer(1).slow_reader(SlowReader::Detach).start();
    tokio::time::sleep(ms(5)).await;
    let begun = Instant::now();
    while run.next().await.is_some() {}
    assert_eq!(begun.elapsed(), ms(0));
    assert!(matches!(run.outcome().await, Ok(Outcome::Done(_))));
    assert!(begun.elapsed() > ms(90));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_reader_cancels_the_run_unless_it_is_detached() {
    let (graph, said, dropped) = talker(1000, true);
    let run = graph.run(empty()).buffer(2000).start();
    tokio::time::sleep(ms(10)).await;
    drop(run);
    tokio::time::sleep(ms(10)).await;
    assert_eq!(dropped.get(), 1);
    assert!(said.get() < 20);

    let (graph, said, _) = talker(1000, true);
    drop(graph.run(empty()).buffer(1).detached().start());
    tokio::time::sleep(ms(2000)).await;
    assert_eq!(said.get(), 1000);
}

#[tokio::test]
async fn only_the_chosen_kinds_of_events_are_told() {
    let mut g = GraphBuilder::<Log>::new("kinds");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        ctx.token("t").await?;
        ctx.emit("e".to_owned()).await;
        Ok(ctx.update().log("u"))
    });
    g.start(node).edge(node, END);
    let graph = g.build().expect("builds");
    let told = async |events: Events| {
        lines(&watch(graph.run(empty()).events(events).start()).await.0).join(", ")
    };
    assert_eq!(told(Events::NONE).await, "");
    assert_eq!(told(Events::TOKENS).await, "node#1 token t");
    assert_eq!(told(Events::CUSTOM).await, "node#1 custom e");
    assert_eq!(told(Events::TASKS).await, "node#1 started, node#1 finished");
    assert_eq!(told(Events::UPDATES).await, "node#1 update");
    assert_eq!(told(Events::VALUES).await, "#0 values");
    assert_eq!(told(Events::CHECKPOINTS).await, "#0 committed 1");
    let all = "node#1 started, node#1 token t, node#1 custom e, node#1 update, node#1 finished, \
               #0 committed 1, #0 values";
    assert_eq!(told(Events::ALL).await, all);
}

/// Spends `each` in each of ten rounds.
fn spender(each: Usage, way_out: bool) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("spender");
    let spend = g.node("spend", move |ctx: Ctx<Log>| async move {
        ctx.charge(each).await?;
        Ok::<_, NodeError>(ctx.update().log("spent"))
    });
    let reply = g.node("reply", move |ctx: Ctx<Log>| async move {
        // Is counted, and refused no more.
        ctx.charge(each).await?;
        Ok::<_, NodeError>(ctx.update().log("sorry"))
    });
    g.start(spend).edge(reply, END);
    g.route(
        spend,
        |state| state.log.len() < 10,
        move |more| match more {
            true => spend.into(),
            false => reply.into(),
        },
    );
    if way_out {
        g.tune(spend).on_budget(reply);
    }
    g.build().expect("builds")
}

#[tokio::test]
async fn a_money_limit_lets_the_fallback_answer() {
    let graph = spender(Usage::default().usd(0.02), true);
    let run = graph.run(empty()).budget(Budget::new().usd(0.05)).outcome();
    let Outcome::Exhausted(state, limit) = run.await.expect("runs") else { panic!("not so") };
    assert_eq!(state.log, ["spent", "spent", "sorry"]);
    assert_eq!(limit, Limit::MicroUsd(50_000));
}

#[tokio::test]
async fn without_a_way_out_the_run_ends_where_the_limit_is() {
    let graph = spender(Usage::tokens(20), false);
    let run = graph.run(empty()).budget(Budget::new().tokens(50)).outcome();
    let Outcome::Exhausted(state, limit) = run.await.expect("runs") else { panic!("not so") };
    assert_eq!((state.log.len(), limit), (2, Limit::Tokens(50)));
    let graph = spender(Usage::tokens(20), false);
    let run = graph.run(empty()).budget(Budget::new().tokens(220)).outcome();
    assert!(matches!(run.await, Ok(Outcome::Done(_))), "exactly the limit is within it");
}

#[tokio::test]
async fn four_fifths_of_a_limit_are_warned_of_once() {
    let graph = spender(Usage::tokens(10), false);
    let run = graph.run(empty()).budget(Budget::new().tokens(100)).events(Events::TASKS).start();
    let (events, _) = watch(run).await;
    let lines = lines(&events);
    let warnings: Vec<_> = lines.iter().filter(|line| line.contains("warning")).collect();
    assert_eq!(warnings, ["spend#1 warning 100 tokens"]);
    let at = lines.iter().position(|line| line.contains("warning")).expect("a warning");
    assert_eq!(lines[..at].iter().filter(|line| line.ends_with("finished")).count(), 7);
}

#[tokio::test]
async fn sums_beyond_all_numbers_are_no_way_around_a_limit() {
    let graph = spender(Usage::tokens(u64::MAX).usd(f64::MAX).usd(f64::MAX), false);
    let run = graph.run(empty()).budget(Budget::new().tokens(u64::MAX).usd(1.0)).outcome();
    assert!(matches!(run.await, Ok(Outcome::Exhausted(..))));
    assert_eq!(done(&spender(Usage::tokens(u64::MAX), false)).await.len(), 11);
}

#[tokio::test]
async fn a_node_may_have_a_budget_of_its_own() {
    let mut g = GraphBuilder::<Log>::new("own");
    let node = g.node("node", async |ctx: Ctx<Log>| -> Made {
        for _ in 0..4 {
            ctx.charge(Usage::tokens(10)).await?;
        }
        Ok(ctx.update().log("done"))
    });
    let other = says(&mut g, "other");
    g.tune(node).budget(Budget::new().tokens(25)).on_budget(other);
    g.start(node).edge(node, END).edge(other, END);
    let outcome = g.build().expect("builds").run(empty()).outcome().await.expect("runs");
    let Outcome::Exhausted(state, limit) = outcome else { panic!("{outcome:?}") };
    assert_eq!((state.log, limit), (vec!["other".to_owned()], Limit::Tokens(25)));
}

#[tokio::test(start_paused = true)]
async fn when_time_is_up_the_way_out_still_has_time() {
    for way_out in [false, true] {
        let mut g = GraphBuilder::<Log>::new("wall");
        let think = g.node("think", async |ctx: Ctx<Log>| -> Made {
            let kept = ctx.partial(|kept: Vec<String>| empty().extend_log(kept));
            kept.edit(|kept| kept.push("a thought".into()));
            std::future::pending().await
        });
        let reply = slow(&mut g, "reply", 500);
        if way_out {
            g.tune(think).on_budget(reply);
        } else {
            g.goes(think, reply);
        }
        g.start(think).edge(think, END).edge(reply, END);
        let graph = g.build().expect("builds");
        let begun = Instant::now();
        let run = graph.run(empty()).budget(Budget::new().wall(ms(300))).outcome();
        let Outcome::Exhausted(state, limit) = run.await.expect("runs") else { panic!("not so") };
        let (log, took) =
            if way_out { (vec!["a thought", "reply"], 800) } else { (vec!["a thought"], 300) };
        assert_eq!(
            (state.log, limit),
            (log.into_iter().map(String::from).collect(), Limit::Wall(ms(300)))
        );
        assert_eq!(begun.elapsed(), ms(took));
    }
    let forever = Budget::new().wall(std::time::Duration::MAX);
    let (graph, _, _) = talker(3, true);
    assert!(matches!(graph.run(empty()).budget(forever).outcome().await, Ok(Outcome::Done(_))));
}

#[tokio::test(start_paused = true)]
async fn when_time_is_up_within_a_graph_within_a_lane_what_it_had_is_kept() {
    let (inner, _, _) = talker(1000, true);
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
    let lane = g.lane("lane", [s]);
    let reply = says(&mut g, "reply");
    g.tune(lane).on_budget(reply);
    g.start(lane).edge(lane, END).edge(reply, END);
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).budget(Budget::new().wall(ms(20))).outcome();
    let Outcome::Exhausted(state, _) = run.await.expect("runs") else { panic!("not so") };
    assert!(
        state.log.len() > 15 && state.log.last().is_some_and(|last| last == "reply"),
        "{state:?}"
    );
}

/// Two nodes in a row; the first waits for the test.
fn row() -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("row");
    let (a, b) = (slow(&mut g, "a", 100), says(&mut g, "b"));
    g.start(a).edge(a, b).edge(b, END);
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn a_drained_run_goes_on_later_also_when_it_is_stored_at_its_end() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let (graph, store) = (row(), Arc::new(MemoryStore::new()) as Arc<dyn Store>);
        let run = graph.run(empty()).thread(store.clone(), "t").durability(durability).start();
        tokio::time::sleep(ms(50)).await;
        run.drain();
        let outcome = run.outcome().await.expect("runs");
        assert!(matches!(&outcome, Outcome::Drained(state) if state.log == ["a"]), "{outcome:?}");
        let resumed = graph.resume().thread(store, "t").outcome().await.expect("runs");
        assert!(matches!(&resumed, Outcome::Done(state) if state.log == ["a", "b"]), "{resumed:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_in_the_last_step_is_a_normal_end() {
    let (graph, _, _) = talker(100, true);
    let run = graph.run(empty()).start();
    tokio::time::sleep(ms(50)).await;
    run.drain();
    assert!(matches!(run.outcome().await, Ok(Outcome::Done(_))));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_join_waits_again_when_the_run_goes_on() {
    let mut g = GraphBuilder::<Log>::new("join");
    let (a, b, c) = (slow(&mut g, "a", 1), slow(&mut g, "b", 100), says(&mut g, "c"));
    g.start(a).start(b).edge(c, END).join((a, b), c, JoinPolicy::all());
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(store.clone(), "t").start();
    tokio::time::sleep(ms(50)).await;
    run.cancel();
    let outcome = run.outcome().await.expect("runs");
    assert!(matches!(&outcome, Outcome::Cancelled(state) if state.log == ["a"]), "{outcome:?}");
    let resumed = graph.resume().thread(store, "t").outcome().await.expect("runs");
    assert_eq!(resumed.state().log, ["a", "b", "c"]);
}

/// What a node has said before its budget was used up, or before it asked, is taken back: nothing
/// of it is kept.
#[tokio::test]
async fn what_was_said_in_an_attempt_that_does_not_count_is_taken_back() {
    for asks in [false, true] {
        let mut g = GraphBuilder::<Log>::new("speaks");
        let a = g.node("a", move |ctx: Ctx<Log>| async move {
            ctx.token("half").await?;
            if asks {
                ctx.interrupt::<()>("q", &()).await?;
            }
            ctx.charge(Usage::tokens(100)).await?;
            Made::Ok(ctx.update().log("whole"))
        });
        g.start(a).edge(a, END);
        let graph = g.build().expect("builds");
        let run = graph.run(empty()).thread(crate::support::memory(), "t");
        let (events, _) = watch(run.budget(Budget::new().tokens(10)).start()).await;
        let said = lines(&events);
        let at = |what: &str| said.iter().position(|line| line.ends_with(what));
        assert!(at("token half").is_some() && at("token half") < at("discard"), "{said:?}");
    }
}

/// A node that is always ready leaves the run no moment to look at the clock beside it.
#[tokio::test(start_paused = true)]
async fn time_that_goes_by_between_nodes_counts_too() {
    for way_out in [false, true] {
        let mut g = GraphBuilder::<Log>::new("quick");
        let (quick, reply) = (says(&mut g, "quick"), says(&mut g, "reply"));
        if way_out {
            g.tune(quick).on_budget(reply);
        } else {
            g.goes(quick, reply);
        }
        let more = |state: &Log| state.log.len() < 20;
        g.start(quick).route(quick, more, move |on| if on { quick.into() } else { END.into() });
        g.edge(reply, END);
        // Input, then a commit for each step.
        let store = (1..30).fold(FaultStore::new(MemoryStore::new()), |store, n| {
            store.at_call(Call::Commit, n, Fault::Delay(ms(100)))
        });
        let run = g.build().expect("builds").run(empty()).thread(Arc::new(store), "t");
        let ended = run.budget(Budget::new().wall(ms(450))).outcome().await;
        let Outcome::Exhausted(state, limit) = ended.expect("runs") else { panic!("not so") };
        let mut log = vec!["quick"; 5];
        log.extend(way_out.then_some("reply"));
        assert_eq!(
            (state.log, limit),
            (log.into_iter().map(str::to_owned).collect(), Limit::Wall(ms(450)))
        );
    }
}

/// What lives for one step is there again for a node that was stopped in it.
#[tokio::test]
async fn a_stopped_node_sees_what_it_saw_when_it_runs_again() {
    let mut g = GraphBuilder::<Log>::new("flash");
    let calls = Count::default();
    let called = calls.clone();
    let a = g.node("a", async |ctx: Ctx<Log>| Made::Ok(ctx.update().flash(Some("lit".to_owned()))));
    let b = g.node("b", move |ctx: Ctx<Log>| {
        let called = called.clone();
        async move {
            let seen = ctx.state().flash.clone().unwrap_or_default();
            if called.up() < 3 {
                ctx.token("begun").await?;
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update().log(seen))
        }
    });
    let c = g.node("c", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().log(format!("then {:?}", ctx.state().flash)))
    });
    g.start(a).edge(a, b).edge(b, c).edge(c, END);
    let (graph, store) = (g.build().expect("builds"), Arc::new(MemoryStore::new()));
    let mut run = graph.run(empty()).thread(store.clone(), "t").start();
    for _ in 0..2 {
        while let Some(event) = run.next().await {
            if matches!(event.kind, EventKind::Token(_)) {
                run.cancel();
            }
        }
        assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
        run = graph.resume().thread(store.clone(), "t").start();
    }
    let Outcome::Done(state) = run.outcome().await.expect("runs") else { panic!("not so") };
    assert_eq!(state.log, ["lit", "then None"]);
}
