//! Where a run goes: edges, routes, gotos, sends, loops.

use vpaura_graph::{Ctx, END, GraphBuilder, GraphError, NodeError, Route, Send, Step, Worker};

use crate::logs::{Log, Stepped, done, empty, fails, failure, ms, run, says, slow};

#[derive(Route, Clone, Copy, PartialEq, Debug)]
enum Way {
    Left,
    Both,
    Out,
}

#[tokio::test]
async fn two_edges_into_a_node_run_it_once_in_one_step_and_twice_in_two() {
    let mut g = GraphBuilder::<Log>::new("diamond");
    let (a, b, c, x) = (says(&mut g, "a"), says(&mut g, "b"), says(&mut g, "c"), says(&mut g, "x"));
    g.start(a).edge(a, (b, c)).edge(b, x).edge(c, x).edge(x, END);
    assert_eq!(done(&g.build().expect("builds")).await, ["a", "b", "c", "x"]);

    let mut g = GraphBuilder::<Log>::new("uneven");
    let (a, b, c, x) = (says(&mut g, "a"), says(&mut g, "b"), says(&mut g, "c"), says(&mut g, "x"));
    g.start(a).edge(a, [b, x]).edge(b, c).edge(c, x).edge(x, END);
    assert_eq!(done(&g.build().expect("builds")).await, ["a", "b", "x", "c", "x"]);
}

#[tokio::test(start_paused = true)]
async fn updates_are_merged_by_name_whoever_is_faster_and_however_it_was_wired() {
    let mut g = GraphBuilder::<Log>::new("order");
    let names = ["c", "a", "d", "b"];
    for (n, name) in (0..).zip(names) {
        let node = slow(&mut g, name, 40 - 10 * n);
        g.start(node).edge(node, END);
    }
    assert_eq!(done(&g.build().expect("builds")).await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn a_route_may_go_to_several_nodes_or_out() {
    let mut g = GraphBuilder::<Log>::new("routes");
    let (a, b, c) = (says(&mut g, "a"), says(&mut g, "b"), says(&mut g, "c"));
    let pick = |state: &Log| match state.n {
        0 => Way::Left,
        1 => Way::Both,
        _ => Way::Out,
    };
    g.start(a).edge(b, END).edge(c, END).route(a, pick, move |way| match way {
        Way::Left => b.into(),
        Way::Both => (b, c).into(),
        Way::Out => END.into(),
    });
    let graph = g.build().expect("builds");
    for (n, log) in [(0, "a b"), (1, "a b c"), (2, "a")] {
        let state = graph.run(empty().n(n)).outcome().await.expect("runs").into_state();
        assert_eq!(state.log.join(" "), log);
    }
}

#[tokio::test]
async fn a_choice_that_leads_nowhere_ends_the_branch() {
    let mut g = GraphBuilder::<Log>::new("nowhere");
    let a = says(&mut g, "a");
    g.start(a).route(
        a,
        |state| state.log.len() < 3,
        move |again| {
            if again { a.into() } else { Vec::new().into() }
        },
    );
    assert_eq!(done(&g.build().expect("builds")).await, ["a", "a", "a"]);
}

/// A route sees what its own node wrote and not what the siblings did.
#[tokio::test]
async fn a_route_sees_own_writes_only() {
    let mut g = GraphBuilder::<Log>::new("own");
    let a = says(&mut g, "a");
    let b = says(&mut g, "b");
    let yes = says(&mut g, "yes");
    let sees_itself = |state: &Log| state.log == ["input", "a"];
    g.start(a).start(b).edge(b, END).edge(yes, END);
    g.route(a, sees_itself, move |saw| if saw { yes.into() } else { END.into() });
    let graph = g.build().expect("builds");
    let state = graph.run(empty().log("input")).outcome().await.expect("runs").into_state();
    assert_eq!(state.log, ["input", "a", "b", "yes"]);
}

#[tokio::test]
async fn a_route_outside_of_its_list_fails_by_name() {
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Partly(u8);
    impl Route for Partly {
        const ALL: &'static [Self] = &[Self(0)];
    }
    let mut g = GraphBuilder::<Log>::new("partly");
    let a = says(&mut g, "a");
    g.start(a).route(a, |_| Partly(7), |_| END.into());
    let error = failure(&g.build().expect("builds")).await;
    let GraphError::Undeclared { path, target } = error else { panic!("{error:?}") };
    assert_eq!((&*path, target.as_str()), ("a", "`Partly(7)`"));
}

#[tokio::test]
async fn a_goto_goes_beside_the_edges_and_must_be_declared() {
    let build = |declare: bool| {
        let mut g = GraphBuilder::<Log>::new("goto");
        let (b, c) = (says(&mut g, "b"), says(&mut g, "c"));
        let a = g.node("a", move |ctx: Ctx<Log>| async move {
            Ok(Step::update(ctx.update().log("a")).goto(c))
        });
        g.start(a).start(c).edge(a, b).edge(b, END).edge(c, END);
        if declare {
            g.goes(a, c);
        }
        g.build().expect("builds")
    };
    assert_eq!(done(&build(true)).await, ["a", "c", "b", "c"]);
    let error = failure(&build(false)).await;
    let GraphError::Undeclared { path, target } = error else { panic!("{error:?}") };
    assert_eq!((&*path, target.as_str()), ("a", "`c`"));
}

#[tokio::test]
async fn a_send_must_be_declared() {
    let mut g = GraphBuilder::<Log>::new("undeclared");
    let w = g.worker("w", async |ctx: Ctx<Log>, n: u32| Ok(ctx.update().log(format!("w{n}"))));
    let a = g.node("a", move |_: Ctx<Log>| async move { Ok(Step::<Log>::new().send(w, 1)) });
    let b = g.node("b", move |_: Ctx<Log>| async move { Ok(Step::<Log>::new().send(w, 2)) });
    g.start(a).start(b).edge(a, END).edge(b, END).sends(b, w).edge(w, END);
    let error = failure(&g.build().expect("builds")).await;
    assert!(matches!(&error, GraphError::Undeclared { path, .. } if &**path == "a"), "{error:?}");
}

#[tokio::test]
async fn a_handle_of_another_graph_is_refused_at_run_time_too() {
    let mut other = GraphBuilder::<Log>::new("other");
    let theirs = says(&mut other, "theirs");
    let mut g = GraphBuilder::<Log>::new("ours");
    let a = g.node("a", move |_: Ctx<Log>| async move { Ok(Step::<Log>::new().goto(theirs)) });
    g.start(a).edge(a, END).goes(a, a);
    let error = failure(&g.build().expect("builds")).await;
    assert!(matches!(error, GraphError::Undeclared { .. }), "{error:?}");
}

#[tokio::test]
async fn two_sends_run_a_worker_twice_and_its_route_is_followed_after() {
    let mut g = GraphBuilder::<Log>::new("sends");
    let two = g.worker("2", async |ctx: Ctx<Log>, n: u32| Ok(ctx.update().log(format!("2|{n}"))));
    let three = says(&mut g, "3");
    let one = says(&mut g, "1");
    let zero = g.node("0", move |ctx: Ctx<Log>| async move {
        Ok(Step::update(ctx.update().log("0")).send(two, 1).send(two, 2))
    });
    g.start(zero).edge(zero, one).sends(zero, two).edge(one, END).edge(three, END);
    g.route(two, |_| true, move |_| three.into());
    // Both calls lead to 3 in one step: it runs once.
    assert_eq!(done(&g.build().expect("builds")).await, ["0", "1", "2|1", "2|2", "3"]);
}

#[tokio::test]
async fn a_second_wave_of_sends_runs_beside_the_next_node() {
    let mut g = GraphBuilder::<Log>::new("waves");
    let leaf =
        g.worker("leaf", async |ctx: Ctx<Log>, n: u32| Ok(ctx.update().log(format!("leaf{n}"))));
    let w = g.worker("w", move |ctx: Ctx<Log>, n: u32| async move {
        Ok(Step::update(ctx.update().log(format!("w{n}"))).send(leaf, n * 10))
    });
    let three = g.node("3", async |ctx: Ctx<Log>| {
        let step = ctx.step();
        Ok(ctx.update().log(format!("3@{step}")))
    });
    let plan = g.node("plan", move |_: Ctx<Log>| async move {
        Ok(Step::<Log>::new().send_all([Send::to(w, 1), Send::to(w, 2)]))
    });
    g.start(plan).sends(plan, w).sends(w, leaf).edge(w, three).edge(three, END).edge(leaf, END);
    g.edge(plan, END);
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log, ["w1", "w2", "3@3", "leaf10", "leaf20"]);
}

#[tokio::test]
async fn the_step_limit_is_an_error_and_the_last_allowed_step_is_not() {
    let mut g = GraphBuilder::<Log>::new("chain");
    let (a, b) = (says(&mut g, "a"), says(&mut g, "b"));
    g.start(a).edge(a, b).edge(b, END);
    let graph = g.build().expect("builds");
    let error = graph.run(empty()).step_limit(1).outcome().await.expect_err("one is too few");
    assert!(matches!(error, GraphError::StepLimit { limit: 1 }), "{error:?}");
    graph.run(empty()).step_limit(2).outcome().await.expect("two are enough");
    assert!(graph.run(empty()).step_limit(0).outcome().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_slow_sibling_is_dropped_when_another_fails_and_the_first_error_stays() {
    let dropped = crate::logs::Count::default();
    let mut g = GraphBuilder::<Log>::new("siblings");
    let held = dropped.clone();
    let sleepy = g.node("sleepy", move |ctx: Ctx<Log>| {
        let held = crate::logs::Dropped(held.clone());
        async move {
            let _held = held;
            tokio::time::sleep(ms(60_000)).await;
            Ok(ctx.update())
        }
    });
    // Comes first by name and fails only because it is stopped.
    let after = g.node("after", async |ctx: Ctx<Log>| -> Stepped {
        ctx.cancelled().await;
        panic!("fails while it is being stopped")
    });
    let bad = fails(&mut g, "bad");
    g.start(sleepy).start(bad).start(after);
    g.edge(sleepy, END).edge(bad, END).edge(after, END);
    let error = failure(&g.build().expect("builds")).await;
    let GraphError::Node { path, attempt, source, .. } = error else { panic!("{error:?}") };
    assert_eq!((&*path, attempt, source.to_string().as_str()), ("bad", 1, "broken"));
    assert_eq!(dropped.get(), 1);
}

#[tokio::test]
async fn a_node_that_calls_itself_cancelled_fails_the_run() {
    let mut g = GraphBuilder::<Log>::new("liar");
    let good = says(&mut g, "good");
    let bad =
        g.node("bad", async |_: Ctx<Log>| -> Stepped { Err(NodeError::message("cancelled")) });
    g.start(good).start(bad).edge(good, END).edge(bad, END);
    let error = failure(&g.build().expect("builds")).await;
    assert!(matches!(&error, GraphError::Node { path, .. } if &**path == "bad"), "{error:?}");
}

#[tokio::test]
async fn a_parent_step_without_a_parent_is_an_error() {
    let mut g = GraphBuilder::<Log>::new("orphan");
    let a = g.node("a", async |_: Ctx<Log>| -> Stepped {
        Ok(Step::new().in_parent(Step::<Log>::new()))
    });
    g.start(a).edge(a, END);
    let error = failure(&g.build().expect("builds")).await;
    assert!(matches!(error, GraphError::Undeclared { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn at_most_so_many_calls_of_a_worker_and_of_a_run_run_at_once() {
    let build = |limit: Option<usize>| {
        let mut g = GraphBuilder::<Log>::new("places");
        let w: Worker<Log, u32> = g.worker("w", async |ctx: Ctx<Log>, n: u32| {
            tokio::time::sleep(ms(10)).await;
            Ok(ctx.update().log(format!("w{n}")))
        });
        if let Some(limit) = limit {
            g.tune(w).concurrency(limit);
        }
        let plan = g.node("plan", move |_: Ctx<Log>| async move {
            Ok((0..6).fold(Step::<Log>::new(), |step, n| step.send(w, n)))
        });
        g.start(plan).sends(plan, w).edge(plan, END).edge(w, END);
        g.build().expect("builds")
    };
    for (of_kind, of_run, took) in
        [(None, None, 10), (Some(2), None, 30), (None, Some(3), 20), (Some(2), Some(1), 60)]
    {
        let graph = build(of_kind);
        let begun = tokio::time::Instant::now();
        let mut run = graph.run(empty());
        if let Some(nodes) = of_run {
            run = run.concurrency(nodes);
        }
        let state = run.outcome().await.expect("runs").into_state();
        assert_eq!(state.log, ["w0", "w1", "w2", "w3", "w4", "w5"]);
        assert_eq!(begun.elapsed(), ms(took), "{of_kind:?} {of_run:?}");
    }
    assert!(run(&build(None)).await.is_ok());
}
