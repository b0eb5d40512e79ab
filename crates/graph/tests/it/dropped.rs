//! What a join that goes on without the late leaves of them, and what it does not.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use vpaura_graph::testkit::replay;
use vpaura_graph::{
    Budget, Ctx, END, Graph, GraphBuilder, JoinPolicy, MemoryStore, Outcome, Store,
};

use crate::logs::{Log, LogUpdate, Made, done, empty, ms, says, slow};

/// A node that has `had` at once, and returns nothing.
fn hangs(
    g: &mut GraphBuilder<Log>,
    name: &'static str,
    had: fn() -> LogUpdate,
) -> vpaura_graph::Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move {
        let _had = ctx.partial(move |(): ()| had());
        std::future::pending::<()>().await;
        Made::Ok(ctx.update())
    })
}

/// Two that never come and one that does, joined by the first; the one writes the same.
fn race(
    early: fn() -> LogUpdate,
    winner: fn() -> LogUpdate,
    late: fn() -> LogUpdate,
) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("race");
    let a = hangs(&mut g, "a", early);
    let m = g.node("m", move |ctx: Ctx<Log>| async move {
        tokio::time::sleep(ms(10)).await;
        let _ctx = ctx;
        Made::Ok(winner())
    });
    let z = hangs(&mut g, "z", late);
    let d = says(&mut g, "d");
    g.start(a).start(m).start(z).edge(d, END);
    g.join((a, m, z), d, JoinPolicy::all().quorum(1));
    g.build().expect("builds")
}

/// The state that a race leaves, which is also what its thread holds and what a replay leads to.
async fn left(graph: &Graph<Log>) -> Log {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(Arc::clone(&store), "t");
    let state = run.outcome().await.expect("runs").into_state();
    let kept = graph.thread(Arc::clone(&store), "t").get(vpaura_graph::store::At::Head).await;
    assert_eq!(kept.expect("loads").expect("is there").state, state);
    replay(graph, &*store, "t").await.no_divergence();
    state
}

#[tokio::test(start_paused = true)]
async fn one_that_is_dropped_is_no_rival() {
    let graph = race(
        || empty().one(Some("a".to_owned())).log("a"),
        || empty().one(Some("m".to_owned())).log("m"),
        || empty().one(Some("z".to_owned())).log("z"),
    );
    let state = left(&graph).await;
    assert_eq!(state.one.as_deref(), Some("m"));
    assert_eq!(state.log, ["a", "z", "m", "d"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_dropped_has_not_the_last_word() {
    let graph = race(|| empty().last("a"), || empty().last("m"), || empty().last("z").sum(1));
    let state = left(&graph).await;
    assert_eq!((state.last.as_str(), state.sum), ("m", 1));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_dropped_wipes_nothing() {
    let graph = race(
        || empty().overwrite_log(vec!["a".to_owned()]),
        || empty().log("m"),
        || empty().overwrite_log(vec!["z".to_owned()]),
    );
    let state = left(&graph).await;
    assert_eq!(state.log[state.log.len() - 2..], ["m", "d"]);
    let graph = race(
        || empty().log("a"),
        || empty().overwrite_log(vec!["m".to_owned()]),
        || empty().log("z"),
    );
    assert_eq!(left(&graph).await.log, ["m", "d"]);
}

/// A node that is told to stop and does so after a while, with nothing.
fn stops_in(g: &mut GraphBuilder<Log>, name: &'static str, millis: u64) -> vpaura_graph::Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move {
        let had = ctx.partial(|log: Vec<String>| empty().extend_log(log));
        had.edit(|log| log.push("half".into()));
        ctx.cancelled().await;
        tokio::time::sleep(ms(millis)).await;
        std::future::pending::<()>().await;
        Made::Ok(ctx.update())
    })
}

#[tokio::test(start_paused = true)]
async fn no_deadline_passes_while_a_step_is_being_stopped() {
    for (proceed, wall) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut g = GraphBuilder::<Log>::new("stopping");
        let (b, late) = (says(&mut g, "b"), stops_in(&mut g, "late", 500));
        let d = says(&mut g, "d");
        g.start(b).start(late).edge(d, END);
        let policy = JoinPolicy::deadline(ms(50));
        g.join((b, late), d, if proceed { policy.proceed() } else { policy });
        let token = CancellationToken::new();
        let run = g.build().expect("builds").run(empty()).cancel(token.clone()).grace(ms(100));
        let run = if wall { run.budget(Budget::new().wall(ms(20))) } else { run };
        let cancel = async {
            tokio::time::sleep(ms(20)).await;
            if !wall {
                token.cancel();
            }
        };
        let (outcome, ()) = tokio::join!(run.outcome(), cancel);
        let outcome = outcome.expect("is no failure");
        assert_eq!(outcome.state().log, ["b", "half"]);
        match wall {
            true => assert!(matches!(outcome, Outcome::Exhausted(..)), "{outcome:?}"),
            false => assert!(matches!(outcome, Outcome::Cancelled(_)), "{outcome:?}"),
        }
    }
}

/// A branch that another join has dropped is being stopped: no deadline waits for it.
#[tokio::test(start_paused = true)]
async fn a_branch_that_is_being_dropped_is_not_late() {
    let mut g = GraphBuilder::<Log>::new("two joins");
    let (b, late) = (slow(&mut g, "b", 10), stops_in(&mut g, "late", 500));
    let (first, both) = (says(&mut g, "first"), says(&mut g, "both"));
    g.start(b).start(late).edge(first, END).edge(both, END);
    g.join((b, late), first, JoinPolicy::all().quorum(1));
    g.join((b, late), both, JoinPolicy::deadline(ms(50)));
    let run = g.build().expect("builds").run(empty()).grace(ms(100));
    let state = run.outcome().await.expect("is no failure").into_state();
    assert_eq!(state.log, ["half", "b", "both", "first"]);
}

#[tokio::test]
async fn a_quorum_gets_past_a_join_that_waits_before_it() {
    let mut g = GraphBuilder::<Log>::new("nested");
    let [a, b, c, c2, d, d2, inner, outer] =
        ["a", "b", "c", "c2", "d", "d2", "inner", "outer"].map(|name| says(&mut g, name));
    // `inner` waits for `c2` with what came from `b`, while `outer` has its quorum by `d2`.
    g.start(a).edge(a, (b, c, d)).edge(c, c2).edge(d, d2).edge(outer, END);
    let c3 = says(&mut g, "c3");
    g.edge(c2, c3);
    g.join((b, c3), inner, JoinPolicy::all());
    g.join((inner, d2), outer, JoinPolicy::all().quorum(1));
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log.join(" "), "a b c d c2 d2 outer");
}

#[tokio::test]
async fn only_the_joined_nodes_count_for_a_quorum() {
    // `x` goes to the join by a route: it is no arrival of the two that are asked for.
    let mut g = GraphBuilder::<Log>::new("routed");
    let [a, x, b, c, c2, d] = ["a", "x", "b", "c", "c2", "d"].map(|name| says(&mut g, name));
    g.start(a).edge(a, (x, b, c)).edge(c, c2).edge(d, END);
    g.route(x, |_| true, move |to| if to { d.into() } else { END.into() });
    // And by two edges a node still arrives once.
    g.join((b, c2), d, JoinPolicy::all().quorum(2)).edge(b, d);
    let log = done(&g.build().expect("builds")).await;
    assert_eq!(log.join(" "), "a b c x c2 d");
}
