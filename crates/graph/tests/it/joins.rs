//! Joins: what they wait for, and for how long.

use std::sync::Arc;

use tokio::time::Instant;
use vpaura_graph::testkit::{Call, Fault, FaultStore};
use vpaura_graph::{
    Ctx, END, EventKind, GraphBuilder, GraphError, JoinPolicy, MemoryStore, Node, Outcome, Route,
    Step, Store, Worker,
};

use crate::logs::{Log, Made, Stepped, done, empty, failure, ms, says, slow};

#[tokio::test(start_paused = true)]
async fn two_retrievers_are_joined_once_with_all_they_found() {
    let mut g = GraphBuilder::<Log>::new("retrieve");
    let query = says(&mut g, "query");
    let analyse = says(&mut g, "analyse");
    let docs = |name: &'static str, wait: u64| {
        move |ctx: Ctx<Log>| async move {
            tokio::time::sleep(ms(wait)).await;
            Ok(ctx.update().log(name))
        }
    };
    // The second takes a step more than the first.
    let one = g.node("one", docs("doc1", 20));
    let two = g.node("two", docs("doc2", 1));
    let qa = says(&mut g, "qa");
    g.start(query).edge(query, (analyse, one)).edge(analyse, two).edge(qa, END);
    g.join((one, two), qa, JoinPolicy::all());
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log, ["query", "analyse", "doc1", "doc2", "qa"]);
}

#[tokio::test]
async fn a_join_whose_branch_was_routed_around_fires_once() {
    #[derive(Route, Clone, Copy, PartialEq, Debug)]
    enum To {
        Both,
        OnlyB,
        None,
    }
    let mut g = GraphBuilder::<Log>::new("around");
    let (a, b, c, d) = (says(&mut g, "a"), says(&mut g, "b"), says(&mut g, "c"), says(&mut g, "d"));
    let pick = |state: &Log| match state.n {
        0 => To::Both,
        1 => To::OnlyB,
        _ => To::None,
    };
    g.start(a).edge(d, END).route(a, pick, move |to| match to {
        To::Both => (b, c).into(),
        To::OnlyB => b.into(),
        To::None => END.into(),
    });
    g.join((b, c), d, JoinPolicy::all());
    let graph = g.build().expect("builds");
    for (n, log) in [(0, "a b c d"), (1, "a b d"), (2, "a")] {
        let state = graph.run(empty().n(n)).outcome().await.expect("runs").into_state();
        assert_eq!(state.log.join(" "), log);
    }
}

#[tokio::test]
async fn a_join_waits_for_a_join() {
    let mut g = GraphBuilder::<Log>::new("nested");
    let [a, b, c, d, inner, outer] =
        ["a", "b", "c", "d", "inner", "outer"].map(|name| says(&mut g, name));
    let e = says(&mut g, "e");
    g.start(a).edge(a, (b, c, d)).edge(c, e).edge(outer, END);
    g.join((b, e), inner, JoinPolicy::all()).join((inner, d), outer, JoinPolicy::all());
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log.join(" "), "a b c d e inner outer");
}

/// A cycle: `a`, its branches, a join, back to `a`, `rounds` times.
fn cycle(rounds: u32, nested: bool) -> vpaura_graph::Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("cycle");
    let [b, c, d] = ["b", "c", "d"].map(|name| says(&mut g, name));
    let counts = |name: &'static str| {
        move |ctx: Ctx<Log>| async move {
            let n = ctx.state().n + u32::from(name == "outer");
            Ok(ctx.update().log(name).n(n))
        }
    };
    let a = says(&mut g, "a");
    let outer = g.node("outer", counts("outer"));
    g.start(a);
    if nested {
        let inner = says(&mut g, "inner");
        g.edge(a, (b, c, d)).join((b, c), inner, JoinPolicy::all());
        g.join((inner, d), outer, JoinPolicy::all());
    } else {
        g.edge(a, (b, c)).edge(c, d).join((b, d), outer, JoinPolicy::all());
    }
    let again = move |state: &Log| state.n < rounds;
    g.route(outer, again, move |again| if again { a.into() } else { END.into() });
    g.build().expect("builds")
}

#[tokio::test]
async fn a_join_in_a_cycle_fires_each_round() {
    let log = done(&cycle(3, false)).await;
    assert_eq!(log.join(" "), ["a b c d outer"; 3].join(" "));
}

#[tokio::test]
async fn nested_joins_in_a_cycle_fire_in_turn_each_round() {
    let log = done(&cycle(2, true)).await;
    assert_eq!(log.join(" "), ["a b c d inner outer"; 2].join(" "));
}

#[tokio::test]
async fn joins_that_wait_for_each_other_begin_together() {
    let mut g = GraphBuilder::<Log>::new("mutual");
    let [a, x, y] = ["a", "x", "y"].map(|name| says(&mut g, name));
    let out = |state: &Log| state.log.len() < 6;
    g.start(a).edge(a, (x, y));
    g.join(a, x, JoinPolicy::all()).join(a, y, JoinPolicy::all());
    g.route(x, out, move |more| if more { y.into() } else { END.into() });
    g.route(y, out, move |more| if more { x.into() } else { END.into() });
    // x and y can each lead to the other, and neither comes before the other.
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log.join(" "), "a x y x y x y");
}

#[tokio::test]
async fn a_loop_inside_a_branch_holds_the_join() {
    let mut g = GraphBuilder::<Log>::new("inner loop");
    let [a, b, d] = ["a", "b", "d"].map(|name| says(&mut g, name));
    let c = g.node("c", async |ctx: Ctx<Log>| {
        let n = ctx.state().n + 1;
        Ok(ctx.update().log("c").n(n))
    });
    let c_out = says(&mut g, "out");
    g.start(a).edge(a, (b, c)).edge(d, END);
    g.route(c, |state| state.n < 3, move |more| if more { c.into() } else { c_out.into() });
    g.join((b, c_out), d, JoinPolicy::all());
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log.join(" "), "a b c c c out d");
}

#[tokio::test]
async fn a_dynamic_fan_out_is_joined_also_when_it_is_empty() {
    for count in [0, 1, 5] {
        let mut g = GraphBuilder::<Log>::new("fan");
        let w = g.worker("w", async |ctx: Ctx<Log>, n: u32| Ok(ctx.update().log(n.to_string())));
        let plan = g.node("plan", move |_: Ctx<Log>| async move {
            Ok((0..count).fold(Step::<Log>::new(), |step, n| step.send(w, n)))
        });
        let merge = says(&mut g, "merge");
        g.start(plan).sends(plan, w).edge(merge, END);
        g.join((plan, w), merge, JoinPolicy::all());
        let log = done(&g.build().expect("builds")).await;
        let expected: Vec<String> =
            (0..count).map(|n| n.to_string()).chain(["merge".to_owned()]).collect();
        assert_eq!(log, expected);
    }
}

/// `a`, then `b` (10 ms) and `c` (`slow_ms`) joined in `d` as `policy` says.
fn timed(slow_ms: u64, policy: JoinPolicy) -> vpaura_graph::Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("timed");
    let a = slow(&mut g, "a", 100);
    let (b, c) = (slow(&mut g, "b", 10), slow(&mut g, "c", slow_ms));
    let d = says(&mut g, "d");
    g.start(a).edge(a, (b, c)).edge(d, END).join((b, c), d, policy);
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn a_deadline_proceeds_without_the_late_and_counts_from_the_joined_nodes() {
    let begun = Instant::now();
    let policy = JoinPolicy::deadline(ms(50)).proceed();
    assert_eq!(done(&timed(1000, policy)).await.join(" "), "a b d");
    assert_eq!(begun.elapsed(), ms(150));
    // In time: nothing is dropped.
    assert_eq!(done(&timed(49, policy)).await.join(" "), "a b c d");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_without_proceed_fails_the_run() {
    let error = failure(&timed(1000, JoinPolicy::deadline(ms(50)))).await;
    let GraphError::JoinDeadline { node, deadline } = error else { panic!("{error:?}") };
    assert_eq!((node, deadline), ("d", ms(50)));
}

/// One branch has arrived, the other is not at its joined node yet, and the process goes away.
#[tokio::test(start_paused = true)]
async fn a_deadline_counts_anew_after_a_resume() {
    let mut g = GraphBuilder::<Log>::new("resumed");
    let [plan, fast, before] = ["plan", "fast", "before"].map(|name| says(&mut g, name));
    let (hangs, late) = (slow(&mut g, "hangs", 3_600_000), says(&mut g, "late"));
    let d = says(&mut g, "d");
    g.start(plan).edge(plan, (fast, before)).edge(before, hangs).edge(hangs, late).edge(d, END);
    g.join((fast, late), d, JoinPolicy::deadline(ms(8_000)).proceed());
    let (graph, store) = (g.build().expect("builds"), crate::support::memory());
    let mut run = graph.run(empty()).thread(store.clone(), "t").start();
    while let Some(event) = run.next().await {
        if matches!(&event.kind, EventKind::NodeStarted if &*event.path == "hangs") {
            run.cancel();
        }
    }
    assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
    let begun = Instant::now();
    let outcome = graph.resume().thread(store, "t").outcome().await.expect("runs");
    assert_eq!(outcome.state().log, ["plan", "before", "fast", "d"]);
    assert_eq!(begun.elapsed(), ms(8_000));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_proceeds_also_when_no_branch_was_in_time() {
    let policy = JoinPolicy::deadline(ms(5)).proceed();
    assert_eq!(done(&timed(1000, policy)).await.join(" "), "a d");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_runs_over_several_steps() {
    let mut g = GraphBuilder::<Log>::new("steps");
    let (b, c1, c2) = (slow(&mut g, "b", 1), slow(&mut g, "c1", 40), slow(&mut g, "c2", 40));
    let d = says(&mut g, "d");
    g.start(b).start(c1).edge(c1, c2).edge(d, END);
    g.join((b, c2), d, JoinPolicy::deadline(ms(60)).proceed());
    let begun = Instant::now();
    assert_eq!(done(&g.build().expect("builds")).await.join(" "), "b c1 d");
    assert_eq!(begun.elapsed(), ms(60));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_counts_anew_in_each_round_of_a_cycle() {
    let mut g = GraphBuilder::<Log>::new("rounds");
    let (b, c) = (slow(&mut g, "b", 10), slow(&mut g, "c", 30));
    let d = g.node("d", async |ctx: Ctx<Log>| {
        let n = ctx.state().n + 1;
        Ok(ctx.update().log("d").n(n))
    });
    g.start(b).start(c).join((b, c), d, JoinPolicy::deadline(ms(40)));
    g.route(d, |state| state.n < 4, move |more| if more { (b, c).into() } else { END.into() });
    assert_eq!(done(&g.build().expect("builds")).await.len(), 12);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_fails_leaves_others_alone_when_its_branches_are_there() {
    let mut g = GraphBuilder::<Log>::new("others");
    let (b, other, d) = (slow(&mut g, "b", 10), slow(&mut g, "other", 100), says(&mut g, "d"));
    let e = says(&mut g, "e");
    g.start(b).start(other).edge(other, e).edge(d, END).edge(e, END);
    g.join(b, d, JoinPolicy::deadline(ms(50)));
    assert_eq!(done(&g.build().expect("builds")).await.join(" "), "b other d e");
}

#[tokio::test(start_paused = true)]
async fn a_quorum_goes_on_with_the_first_and_drops_the_rest() {
    let mut g = GraphBuilder::<Log>::new("quorum");
    let w: Worker<Log, u64> = g.worker("w", async |ctx: Ctx<Log>, wait: u64| -> Made {
        tokio::time::sleep(ms(wait)).await;
        Ok(ctx.update().log(wait.to_string()))
    });
    let plan = g.node("plan", move |_: Ctx<Log>| async move {
        Ok([500, 20, 10, 400].iter().fold(Step::<Log>::new(), |step, wait| step.send(w, *wait)))
    });
    let merge = says(&mut g, "merge");
    g.start(plan).sends(plan, w).edge(plan, END).edge(merge, END);
    g.join(w, merge, JoinPolicy::all().quorum(2));
    let begun = Instant::now();
    assert_eq!(done(&g.build().expect("builds")).await.join(" "), "20 10 merge");
    assert_eq!(begun.elapsed(), ms(20));
}

#[tokio::test(start_paused = true)]
async fn a_quorum_that_is_met_does_not_wait_for_a_branch_of_several_steps() {
    let mut g = GraphBuilder::<Log>::new("long");
    let (b, c1, c2) = (slow(&mut g, "b", 10), slow(&mut g, "c1", 1), slow(&mut g, "c2", 1000));
    let d = says(&mut g, "d");
    g.start(b).start(c1).edge(c1, c2).edge(d, END);
    g.join((b, c2), d, JoinPolicy::all().quorum(1));
    let begun = Instant::now();
    assert_eq!(done(&g.build().expect("builds")).await.join(" "), "b c1 d");
    assert_eq!(begun.elapsed(), ms(10));
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_is_handled_elsewhere_is_no_arrival() {
    let mut g = GraphBuilder::<Log>::new("handled");
    let bad = crate::logs::fails(&mut g, "bad");
    let good = slow(&mut g, "good", 50);
    let handler = g.worker("handler", async |ctx: Ctx<Log>, failure: vpaura_graph::Failure| {
        Ok(ctx.update().log(format!("{} failed", failure.node)))
    });
    let d = says(&mut g, "d");
    g.tune(bad).on_error(handler);
    g.start(bad).start(good).edge(handler, END).edge(d, END);
    g.join((bad, good), d, JoinPolicy::all().quorum(1));
    // The failure alone would be a quorum of one, and would drop the good node.
    assert_eq!(done(&g.build().expect("builds")).await.join(" "), "good d bad failed");
}

#[tokio::test(start_paused = true)]
async fn a_branch_dropped_by_a_join_takes_back_what_it_said() {
    let mut g = GraphBuilder::<Log>::new("said");
    let late = g.node("late", async |ctx: Ctx<Log>| -> Made {
        ctx.token("never mind").await?;
        tokio::time::sleep(ms(1000)).await;
        Ok(ctx.update())
    });
    let (b, d) = (slow(&mut g, "b", 1), says(&mut g, "d"));
    g.start(late).start(b).edge(d, END);
    g.join((late, b), d, JoinPolicy::all().quorum(1));
    let graph = g.build().expect("builds");
    let (events, outcome) = crate::logs::watch(graph.run(empty()).start()).await;
    assert!(matches!(outcome, Ok(Outcome::Done(_))));
    let lines = crate::logs::lines(&events);
    assert!(lines.contains(&"late#1 discard".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn an_edge_and_a_join_from_one_node_are_one_arrival_each_round() {
    let mut g = GraphBuilder::<Log>::new("twice");
    let [a, b, d]: [Node<Log>; 3] = ["a", "b", "d"].map(|name| says(&mut g, name));
    g.start(a).start(b).edge(d, END);
    g.join((a, a, b), d, JoinPolicy::all()).join(a, d, JoinPolicy::all().quorum(2));
    assert_eq!(done(&g.build().expect("builds")).await.join(" "), "a b d");
}

#[tokio::test(start_paused = true)]
async fn a_lane_does_not_wait_for_siblings_and_shows_at_the_barrier() {
    let mut g = GraphBuilder::<Log>::new("trip");
    let (flights, fares) = (slow(&mut g, "flights", 30), slow(&mut g, "fares", 30));
    let hotel = slow(&mut g, "hotel", 50);
    let sees = g.node("sees", async |ctx: Ctx<Log>| -> Made {
        // Runs beside the lane: nothing of it is visible yet.
        tokio::time::sleep(ms(55)).await;
        let seen = ctx.state().log.len();
        Ok(ctx.update().log(format!("saw {seen}")))
    });
    let trip = g.lane("trip", [flights, fares]);
    let merge = says(&mut g, "merge");
    g.start(trip).start(hotel).start(sees).edge(merge, END);
    g.join((trip, hotel, sees), merge, JoinPolicy::all());
    let begun = Instant::now();
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log, ["hotel", "saw 0", "flights", "fares", "merge"]);
    // 30+30 beside 55; as steps it would be 55+30.
    assert_eq!(begun.elapsed(), ms(60));
}

#[tokio::test(start_paused = true)]
async fn a_lane_gives_each_node_what_the_one_before_left() {
    let mut g = GraphBuilder::<Log>::new("lane");
    let one =
        g.node("one", async |ctx: Ctx<Log>| Ok(ctx.update().log("one").one(Some("1".into()))));
    let tries = crate::logs::Count::default();
    let count = tries.clone();
    let two = g.node("two", move |ctx: Ctx<Log>| {
        let tries = count.clone();
        async move {
            if tries.up() < 3 {
                return Err(vpaura_graph::NodeError::transient("not yet"));
            }
            let seen = ctx.state().one.clone().unwrap_or_default();
            Ok(ctx.update().log(format!("two saw {seen}")).one(Some("2".into())))
        }
    });
    g.tune(two).retry(vpaura_graph::Retry::transient(3));
    let lane = g.lane("lane", [one, two]);
    g.start(lane).edge(lane, END);
    let graph = g.build().expect("builds");
    let (events, outcome) = crate::logs::watch(graph.run(empty()).start()).await;
    let state = outcome.expect("runs").into_state();
    assert_eq!(
        (state.log.join(", ").as_str(), state.one.as_deref()),
        ("one, two saw 1", Some("2"))
    );
    assert_eq!(tries.get(), 3);
    let lines = crate::logs::lines(&events);
    for line in ["lane/one#1 finished", "lane/two#1 discard", "lane/two#3 finished"] {
        assert!(lines.contains(&line.to_owned()), "{line} in {lines:?}");
    }
}

#[tokio::test]
async fn a_lane_hands_failures_of_its_nodes_to_its_handler() {
    let mut g = GraphBuilder::<Log>::new("lane handler");
    let (one, bad) = (says(&mut g, "one"), crate::logs::fails(&mut g, "bad"));
    let never = says(&mut g, "never");
    let lane = g.lane("lane", [one, bad, never]);
    let handler = g.worker("handler", async |ctx: Ctx<Log>, failure: vpaura_graph::Failure| {
        Ok(ctx.update().log(failure.path))
    });
    g.tune(lane).on_error(handler);
    g.start(lane).edge(lane, END).edge(handler, END);
    assert_eq!(done(&g.build().expect("builds")).await, ["one", "lane/bad"]);
}

#[tokio::test]
async fn a_lane_leads_where_its_nodes_send_and_go() {
    let mut g = GraphBuilder::<Log>::new("lane sends");
    let w = g.worker("w", async |ctx: Ctx<Log>, n: u32| Ok(ctx.update().log(format!("w{n}"))));
    let x = says(&mut g, "x");
    let one = g.node("one", move |ctx: Ctx<Log>| async move {
        let step: Stepped = Ok(Step::update(ctx.update().log("one")).send(w, 1).goto(x));
        step
    });
    let lane = g.lane("lane", [one]);
    g.start(lane).sends(lane, w).goes(lane, x).edge(lane, END).edge(w, END).edge(x, END);
    assert_eq!(done(&g.build().expect("builds")).await, ["one", "x", "w1"]);
}

/// Whatever the order in which tasks finish: the same state and the same records.
#[tokio::test(start_paused = true)]
async fn sixty_four_completion_orders_give_one_state_and_one_journal() {
    use std::sync::Arc;
    use vpaura_graph::MemoryStore;
    use vpaura_graph::store::{At, Store};

    let mut g = GraphBuilder::<Log>::new("orders");
    // How long a node takes follows from the seed in the state.
    let wait = |seed: u32, salt: u32| {
        let mixed = (seed.wrapping_mul(0x9e37_79b9) ^ salt.wrapping_mul(0x85eb_ca6b)) >> 7;
        tokio::time::sleep(ms(u64::from(mixed % 23)))
    };
    let node = |name: &'static str, salt: u32| {
        move |ctx: Ctx<Log>| async move {
            wait(ctx.state().n, salt).await;
            let seen = ctx.state().log.len();
            Ok(ctx.update().log(format!("{name}{seen}")).last(name))
        }
    };
    let w = g.worker("w", move |ctx: Ctx<Log>, n: u32| async move {
        wait(ctx.state().n, n + 10).await;
        Ok(ctx.update().log(format!("w{n}")).sum(n))
    });
    let plan = g.node("plan", move |ctx: Ctx<Log>| async move {
        wait(ctx.state().n, 1).await;
        Ok((0..4).fold(Step::update(ctx.update().log("plan")), |step, n| step.send(w, n)))
    });
    let (a, b, c) =
        (g.node("a", node("a", 2)), g.node("b", node("b", 3)), g.node("c", node("c", 4)));
    let (d, e) = (g.node("d", node("d", 5)), g.node("e", node("e", 6)));
    let lane = g.lane("lane", [d, e]);
    let merge = g.node("merge", node("merge", 7));
    g.start(plan).edge(plan, (a, b, lane)).sends(plan, w).edge(b, c).edge(merge, END);
    g.join((a, c, lane, w), merge, JoinPolicy::all());
    let graph = g.build().expect("builds");
    let mut seen: Option<(Log, Vec<String>)> = None;
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..64 {
        let store = Arc::new(MemoryStore::new());
        let run = graph.run_from(Log { n: seed, ..Log::default() });
        let run = run.thread(Arc::clone(&store) as Arc<dyn Store>, "t").start();
        let (events, outcome) = crate::logs::watch(run).await;
        let finished = crate::logs::lines(&events);
        orders.insert(finished.into_iter().filter(|l| l.ends_with("finished")).collect::<Vec<_>>());
        let state = outcome.expect("runs").into_state();
        let loaded = store.load(&"t".into(), At::Head).await.expect("loads").expect("is there");
        // The first checkpoint holds the seed.
        let bodies = loaded.line.into_iter().skip(1).map(|one| one.body).collect();
        let state = Log { n: 0, ..state };
        match &seen {
            None => seen = Some((state, bodies)),
            Some(first) => assert_eq!(first, &(state, bodies), "seed {seed}"),
        }
    }
    assert!(orders.len() > 32, "the orders differ: {}", orders.len());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passed_between_steps_drops_the_late() {
    let mut g = GraphBuilder::<Log>::new("between");
    let (b, c1, c2) = (says(&mut g, "b"), says(&mut g, "c1"), says(&mut g, "c2"));
    let d = says(&mut g, "d");
    g.start(b).start(c1).edge(c1, c2).edge(d, END);
    g.join((b, c2), d, JoinPolicy::deadline(ms(60)).proceed());
    // Input, then the step of b and c1.
    let store = FaultStore::new(MemoryStore::new()).at_call(Call::Commit, 2, Fault::Delay(ms(100)));
    let graph = g.build().expect("builds");
    let ended = graph.run(empty()).thread(Arc::new(store), "t").outcome().await.expect("runs");
    assert_eq!(ended.state().log.join(" "), "b c1 d");
}

/// A question of a branch that the join no longer waits for is void, whether it was asked before or
/// after the others were there.
#[tokio::test(start_paused = true)]
async fn a_quorum_that_is_met_does_not_wait_for_an_answer() {
    for (asks_after, others_after) in [(0, 10), (20, 10)] {
        let mut g = GraphBuilder::<Log>::new("asking");
        let (a, b) = (slow(&mut g, "a", others_after), slow(&mut g, "b", others_after));
        let c = g.node("c", move |ctx: Ctx<Log>| async move {
            tokio::time::sleep(ms(asks_after)).await;
            let said: String = ctx.interrupt("well", &"Well?").await?;
            Ok(ctx.update().log(said))
        });
        let d = says(&mut g, "d");
        g.start(a).start(b).start(c).join((a, b, c), d, JoinPolicy::all().quorum(2)).edge(d, END);
        let graph = g.build().expect("builds");
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let ended = graph.run(empty()).thread(store, "t").outcome().await.expect("runs");
        assert!(matches!(ended, Outcome::Done(_)), "asked after {asks_after} ms: {ended:?}");
        assert_eq!(ended.state().log.join(" "), "a b d");
    }
}

/// Where nobody is late but for a question, the question stays open: unless the join goes on without
/// the late.
#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_while_a_branch_asks() {
    for proceeds in [false, true] {
        let policy = JoinPolicy::deadline(ms(50));
        let mut g = GraphBuilder::<Log>::new("asking");
        let (a, other) = (says(&mut g, "a"), slow(&mut g, "other", 100));
        let b = g.node("b", async |ctx: Ctx<Log>| {
            let said: String = ctx.interrupt("well", &"Well?").await?;
            Ok(ctx.update().log(said))
        });
        let d = says(&mut g, "d");
        g.start(a).start(b).start(other).edge(other, END).edge(d, END);
        g.join((a, b), d, if proceeds { policy.proceed() } else { policy });
        let graph = g.build().expect("builds");
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let ended = graph.run(empty()).thread(store, "t").outcome().await.expect("runs");
        match ended {
            Outcome::Interrupted(_, asks) => assert!(!proceeds && asks.len() == 1),
            Outcome::Done(state) => {
                assert!(proceeds, "the question is lost");
                assert_eq!(state.log.join(" "), "a other d");
            }
            other => panic!("{other:?}"),
        }
    }
}
