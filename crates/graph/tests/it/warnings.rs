//! What is probably a mistake and may be meant: told, and refused only where that is asked for.

use std::sync::Arc;

use vpaura_graph::testkit::TestGraph;
use vpaura_graph::{
    BuildError, Ctx, END, EventKind, Graph, GraphBuilder, GraphError, Issue, JoinPolicy,
    MemoryStore, Node, NodeError, Outcome, Step, Warning, Worker,
};

use crate::logs::{Log, LogUpdate, Made, empty, says};
use crate::support::Count;

/// A node that is said to write, and writes, the field that only one may.
fn sets(g: &mut GraphBuilder<Log>, name: &'static str) -> Node<Log> {
    let node = g.node(name, move |ctx: Ctx<Log>| async move {
        Made::Ok(ctx.update().one(Some(name.to_owned())))
    });
    g.tune(node).writes(["one"]);
    node
}

fn rivals(nodes: &[&'static str]) -> Vec<Warning> {
    vec![Warning::ParallelWriters { field: "one", nodes: nodes.to_vec() }]
}

fn warnings(g: GraphBuilder<Log>) -> Vec<Warning> {
    g.build().expect("builds").warnings().to_vec()
}

#[test]
fn writers_that_are_due_together_are_warned_of() {
    let mut g = GraphBuilder::<Log>::new("rivals");
    let (a, b, c) = (says(&mut g, "a"), sets(&mut g, "b"), sets(&mut g, "c"));
    g.start(a).edge(a, (b, c)).edge(b, END).edge(c, END);
    let warnings = warnings(g);
    assert_eq!(warnings, rivals(&["b", "c"]));
    assert_eq!(warnings[0].to_string(), "nodes `b`, `c` may write field `one` in the same step");
}

#[test]
fn writers_one_after_the_other_or_instead_of_the_other_are_not() {
    let mut g = GraphBuilder::<Log>::new("fine");
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| sets(&mut g, name));
    g.start(a)
        .route(a, |_| true, move |yes| if yes { b.into() } else { c.into() })
        .edge(b, d)
        .edge(c, d)
        .edge(d, END);
    assert_eq!(warnings(g), []);
}

#[test]
fn a_join_writes_after_all_that_it_waits_for() {
    let mut g = GraphBuilder::<Log>::new("joined");
    let (a, b) = (says(&mut g, "a"), sets(&mut g, "b"));
    let (c, d) = (says(&mut g, "c"), sets(&mut g, "d"));
    g.start(a).edge(a, (b, c)).join((b, c), d, JoinPolicy::all()).edge(d, END);
    assert_eq!(warnings(g), []);
}

#[test]
fn a_join_does_not_meet_what_it_waits_for() {
    let mut g = GraphBuilder::<Log>::new("waits");
    let (a, b, c) = (says(&mut g, "a"), says(&mut g, "b"), says(&mut g, "c"));
    let (later, j) = (sets(&mut g, "later"), sets(&mut g, "j"));
    g.start(a).edge(a, (b, c)).edge(c, later).join((b, later), j, JoinPolicy::all()).edge(j, END);
    assert_eq!(warnings(g), []);
}

#[tokio::test]
async fn a_join_that_has_waited_meets_what_turned_elsewhere() {
    // j waits while c may still lead to it, by k. It goes to d, and both are due.
    let mut g = GraphBuilder::<Log>::new("turned");
    let [a, b, c, k] = ["a", "b", "c", "k"].map(|name| says(&mut g, name));
    let (later, j, d) = (says(&mut g, "later"), sets(&mut g, "j"), sets(&mut g, "d"));
    g.start(a)
        .edge(a, (b, c))
        .edge(c, later)
        .route(later, |_| true, move |away| if away { d.into() } else { k.into() })
        .join((b, k), j, JoinPolicy::all())
        .edge(j, END)
        .edge(d, END);
    let graph = g.build().expect("builds");
    assert_eq!(graph.warnings(), rivals(&["d", "j"]));
    let ended = graph.run(empty()).outcome().await;
    assert!(matches!(ended, Err(GraphError::Conflict { field: "one", .. })), "{ended:?}");
}

#[test]
fn writers_that_meet_after_ways_of_different_length_are_warned_of() {
    // start → a → x, start → b → c → x': x and c are due together.
    let mut g = GraphBuilder::<Log>::new("late");
    let (a, b) = (says(&mut g, "a"), says(&mut g, "b"));
    let (c, x) = (sets(&mut g, "c"), sets(&mut g, "x"));
    g.start(a).start(b).edge(a, x).edge(b, c).edge(c, x).edge(x, END);
    assert_eq!(warnings(g), rivals(&["c", "x"]));
}

#[test]
fn calls_of_a_worker_are_rivals_of_each_other() {
    let mut g = GraphBuilder::<Log>::new("sent");
    let w: Worker<Log, u32> = g.worker("w", async |ctx: Ctx<Log>, _: u32| Ok(ctx.update()));
    g.tune(w).writes(["one"]);
    let a = says(&mut g, "a");
    g.start(a).sends(a, w).edge(w, END);
    let warnings = warnings(g);
    assert_eq!(warnings, rivals(&["w"]));
    assert_eq!(
        warnings[0].to_string(),
        "calls of worker `w` may write field `one` in the same step"
    );
}

#[test]
fn a_node_in_a_lane_is_a_rival_of_the_lanes_siblings() {
    let mut g = GraphBuilder::<Log>::new("lanes");
    let (a, b, c) = (sets(&mut g, "a"), sets(&mut g, "b"), sets(&mut g, "c"));
    let lane = g.lane("lane", [a, b]);
    g.start(lane).start(c).edge(lane, END).edge(c, END);
    assert_eq!(warnings(g), rivals(&["a", "b", "c"]));
    let mut g = GraphBuilder::<Log>::new("alone");
    let (a, b) = (sets(&mut g, "a"), sets(&mut g, "b"));
    let lane = g.lane("lane", [a, b]);
    g.start(lane).edge(lane, END);
    assert_eq!(warnings(g), []);
}

#[test]
fn fields_that_several_may_write_are_not_warned_of() {
    let mut g = GraphBuilder::<Log>::new("fine");
    let (a, b) = (says(&mut g, "a"), says(&mut g, "b"));
    g.tune(a).writes(["log", "last", "sum"]);
    g.tune(b).writes(["log", "last", "sum"]);
    g.start(a).start(b).edge(a, END).edge(b, END);
    assert_eq!(warnings(g), []);
}

#[test]
fn a_field_that_is_not_there_is_refused() {
    let mut g = GraphBuilder::<Log>::new("wrong");
    let a = says(&mut g, "a");
    g.tune(a).writes(["log", "lug"]);
    g.start(a).edge(a, END);
    let BuildError { issues, .. } = g.build().expect_err("is refused");
    assert_eq!(issues, [Issue::UnknownField { node: "a", field: "lug" }]);
}

/// A loop of two nodes, and one of one behind it.
fn looping(name: &'static str) -> GraphBuilder<Log> {
    let mut g = GraphBuilder::<Log>::new(name);
    let (b, a, c) = (says(&mut g, "b"), says(&mut g, "a"), says(&mut g, "c"));
    let more = |state: &Log| state.log.len() < 5;
    g.start(b)
        .edge(b, a)
        .route(a, more, move |again| if again { b.into() } else { c.into() })
        .route(c, |_| false, move |again| if again { c.into() } else { END.into() });
    g
}

#[tokio::test]
async fn a_loop_without_a_step_limit_is_warned_of() {
    let found = warnings(looping("endless"));
    let cycle = |nodes: &[&'static str]| Warning::UnboundedLoop { nodes: nodes.to_vec() };
    assert_eq!(found, [cycle(&["a", "b"]), cycle(&["c"])]);
    let mut limited = looping("limited");
    limited.step_limit(3);
    let graph = limited.build().expect("builds");
    assert_eq!(graph.warnings(), []);
    let ended = graph.run(empty()).outcome().await;
    assert!(matches!(ended, Err(GraphError::StepLimit { limit: 3 })), "{ended:?}");
    let ended = graph.run(empty()).step_limit(10).outcome().await;
    assert!(matches!(ended, Ok(Outcome::Done(_))), "what the run says goes before: {ended:?}");
}

#[tokio::test]
async fn a_subgraph_keeps_its_own_step_limit() {
    let mut inner = looping("inner");
    inner.step_limit(3);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("sub", &inner, |_| Log::default(), |_| empty());
    g.start(sub).edge(sub, END);
    let ended = g.build().expect("builds").run(empty()).step_limit(50).outcome().await;
    match ended {
        Err(GraphError::Node { path, source, .. }) => {
            assert_eq!(
                (&*path, source.to_string().as_str()),
                ("sub", "not finished after 3 steps")
            );
        }
        Err(error) => assert_eq!(error.to_string(), "not finished after 3 steps"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_strict_graph_refuses_what_others_warn_of() {
    let mut g = looping("strict");
    g.strict();
    let (b, c) = (sets(&mut g, "x"), sets(&mut g, "y"));
    g.start(b).start(c).edge(b, END).edge(c, END);
    let BuildError { issues, .. } = g.build().expect_err("is refused");
    let expected = [
        Warning::UnboundedLoop { nodes: vec!["a", "b"] },
        Warning::UnboundedLoop { nodes: vec!["c"] },
        Warning::ParallelWriters { field: "one", nodes: vec!["x", "y"] },
    ];
    assert_eq!(issues, expected.map(Issue::Warned));
}

/// A node that does two effects under the given keys, one after the other.
fn paying(keys: [&'static str; 2], paid: &Count, strict: bool) -> Graph<Log> {
    let paid = paid.clone();
    let mut g = GraphBuilder::<Log>::new("paying");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let paid = paid.clone();
        async move {
            let mut update = ctx.update();
            for key in keys {
                let n = ctx.once(key, async |_| Ok::<_, NodeError>(paid.add())).await?;
                update = update.log(n.to_string());
            }
            Made::Ok(update)
        }
    });
    g.start(pay).edge(pay, END);
    if strict {
        g.strict();
    }
    g.build().expect("builds")
}

#[tokio::test]
async fn an_effect_under_a_key_that_is_used_up_gets_the_first_result_and_a_warning() {
    let paid = Count::default();
    let ran = TestGraph::new(&paying(["pay", "pay"], &paid, false)).run(empty()).await;
    assert_eq!((paid.get(), ran.state().log.join(" ")), (1, "1 1".to_owned()));
    let reused = Warning::KeyReused { path: "pay".into(), key: "pay".into() };
    assert_eq!(ran.warnings(), [reused]);
    let paid = Count::default();
    let ran = TestGraph::new(&paying(["pay", "tip"], &paid, false)).run(empty()).await;
    assert_eq!((paid.get(), ran.state().log.join(" ")), (2, "1 2".to_owned()));
    ran.no_warnings();
}

#[tokio::test]
async fn in_a_strict_graph_a_key_that_is_used_up_fails_the_node() {
    let paid = Count::default();
    let ran = TestGraph::new(&paying(["pay", "pay"], &paid, true)).run(empty()).await;
    let GraphError::Node { source, .. } = ran.error() else { panic!("{}", ran.error()) };
    let warning = source.downcast_ref::<Warning>().expect("a warning");
    assert_eq!(*warning, Warning::KeyReused { path: "pay".into(), key: "pay".into() });
    assert_eq!(paid.get(), 1);
}

#[tokio::test]
async fn an_effect_that_failed_is_tried_again_under_its_key_without_a_warning() {
    let tried = Count::default();
    let tries = tried.clone();
    let mut g = GraphBuilder::<Log>::new("stubborn");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let tries = tries.clone();
        async move {
            let pay = async || {
                let effect = async |_| match tries.add() {
                    n if n < 3 => Err(NodeError::message("not yet")),
                    n => Ok(n),
                };
                ctx.once("pay", effect).await
            };
            let n = match (pay().await, pay().await) {
                (Err(_), Err(_)) => pay().await?,
                _ => return Err(NodeError::message("it fails twice")),
            };
            Made::Ok(ctx.update().log(n.to_string()))
        }
    });
    g.start(pay).edge(pay, END);
    let ran = TestGraph::new(&g.build().expect("builds")).run(empty()).await;
    ran.no_warnings();
    assert_eq!((tried.get(), ran.state().log.join(" ")), (3, "3".to_owned()));
}

#[tokio::test]
async fn of_two_effects_under_one_key_at_the_same_time_one_is_refused() {
    let paid = Count::default();
    let pays = paid.clone();
    let mut g = GraphBuilder::<Log>::new("both");
    let pay = g.node("pay", move |ctx: Ctx<Log>| {
        let pays = pays.clone();
        async move {
            let pay = async || {
                let effect = async |_| {
                    tokio::task::yield_now().await;
                    Ok::<_, NodeError>(pays.add())
                };
                ctx.once("pay", effect).await
            };
            let said = |one: Result<usize, NodeError>| {
                one.map_or_else(|error| error.to_string(), |n| n.to_string())
            };
            let (one, other) = tokio::join!(pay(), pay());
            Made::Ok(ctx.update().log(said(one)).log(said(other)))
        }
    });
    g.start(pay).edge(pay, END);
    let ran = TestGraph::new(&g.build().expect("builds")).run(empty()).await;
    assert_eq!(paid.get(), 1);
    assert_eq!(ran.state().log, ["1", "an effect `pay` is under way in this node already"]);
}

/// A node that asks.
fn asking(strict: bool) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("asking");
    let ask = g.node("ask", async |ctx: Ctx<Log>| {
        let name: String = ctx.interrupt("name", &"Who?").await?;
        Made::Ok(ctx.update().log(name))
    });
    g.start(ask).edge(ask, END);
    if strict {
        g.strict();
    }
    g.build().expect("builds")
}

#[tokio::test]
async fn a_question_that_nobody_can_answer_is_warned_of() {
    let alone = Warning::InterruptWithoutStore { path: "ask".into(), key: "name".into() };
    let mut run = asking(false).run(empty()).start();
    let mut told = Vec::new();
    while let Some(event) = run.next().await {
        if let EventKind::Warning(warning) = event.kind {
            told.push(warning);
        }
    }
    assert_eq!(told, std::slice::from_ref(&alone));
    assert!(matches!(run.outcome().await, Ok(Outcome::Interrupted(_, asks)) if asks.len() == 1));
    match asking(true).run(empty()).outcome().await {
        Err(GraphError::Node { source, .. }) => {
            assert_eq!(source.downcast_ref::<Warning>(), Some(&alone));
        }
        other => panic!("{other:?}"),
    }
    let store = Arc::new(MemoryStore::new());
    let asked = asking(true).run(empty()).thread(store, "t").outcome().await;
    assert!(matches!(asked, Ok(Outcome::Interrupted(..))), "in a thread it is one like any other");
}

#[tokio::test]
async fn a_test_run_tells_what_was_written_where_it_may_meet() {
    // Nothing is declared, and in this run `b` writes nothing that `c` does.
    let mut g = GraphBuilder::<Log>::new("learned");
    let a = says(&mut g, "a");
    let b = g.node("b", async |ctx: Ctx<Log>| Made::Ok(ctx.update().one(Some("b".to_owned()))));
    let c = g.node("c", async |ctx: Ctx<Log>| {
        let again = ctx.state().n == 1;
        let update = ctx.update();
        Made::Ok(if again { update.one(Some("c".to_owned())) } else { update })
    });
    let d = g.node("d", async |ctx: Ctx<Log>| Made::Ok(ctx.update().n(1)));
    let more = |state: &Log| state.one.as_deref() == Some("b");
    g.start(a)
        .edge(a, (b, c))
        .edge(b, d)
        .route(d, more, move |again| if again { c.into() } else { END.into() })
        .edge(c, END)
        .step_limit(9);
    let graph = g.build().expect("builds");
    assert_eq!(graph.warnings(), []);
    let ran = TestGraph::new(&graph).run(empty()).await;
    assert_eq!(ran.state().one.as_deref(), Some("c"), "no conflict this time");
    assert_eq!(ran.warnings(), rivals(&["b", "c"]));
}

#[tokio::test]
async fn a_lanes_nodes_are_told_by_their_names() {
    let mut g = GraphBuilder::<Log>::new("learned");
    let one = |g: &mut GraphBuilder<Log>, name: &'static str| {
        g.node(name, async |ctx: Ctx<Log>| {
            Ok::<Step<Log>, NodeError>(Step::update(LogUpdate::default().n(ctx.step())))
        })
    };
    let (a, b) = (one(&mut g, "a"), says(&mut g, "b"));
    let lane = g.lane("lane", [a, b]);
    let c = says(&mut g, "c");
    g.start(lane).start(c).edge(lane, END).edge(c, END);
    TestGraph::new(&g.build().expect("builds")).run(empty()).await.no_warnings();
}

#[tokio::test]
async fn what_a_subgraph_in_a_lane_writes_is_not_its_nodes_doing() {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = sets(&mut inner, "x");
    inner.start(x).edge(x, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |_| empty().log("s"));
    let lane = g.lane("lane", [s]);
    let c = sets(&mut g, "c");
    g.start(lane).start(c).edge(lane, END).edge(c, END);
    TestGraph::new(&g.build().expect("builds")).run(empty()).await.no_warnings();
}

#[tokio::test]
async fn what_is_declared_and_seen_is_one_warning_and_overwrites_are_seen() {
    let mut g = GraphBuilder::<Log>::new("seen");
    let (a, b) = (sets(&mut g, "a"), says(&mut g, "b"));
    let (c, d) = (sets(&mut g, "c"), says(&mut g, "d"));
    let quiet = async |ctx: Ctx<Log>| Made::Ok(ctx.update());
    let e = g.node("e", async |ctx: Ctx<Log>| Made::Ok(ctx.update().overwrite_log(Vec::new())));
    let f = g.node("f", quiet);
    // In this run e and c are alone; f goes to another that overwrites.
    let h = g.node("h", async |ctx: Ctx<Log>| Made::Ok(ctx.update().overwrite_log(Vec::new())));
    g.start(a).edge(a, b).route(b, |_| true, move |one| if one { c.into() } else { (c, a).into() });
    g.edge(c, d).route(d, |_| true, move |one| if one { e.into() } else { (e, h).into() });
    g.edge(e, f)
        .route(f, |_| true, move |one| if one { h.into() } else { END.into() })
        .edge(h, END);
    g.step_limit(20);
    let graph = g.build().expect("builds");
    assert_eq!(graph.warnings(), rivals(&["a", "c"]));
    let ran = TestGraph::new(&graph).run(empty()).await;
    let overwrites = Warning::ParallelWriters { field: "log", nodes: vec!["e", "h"] };
    assert_eq!(ran.warnings(), [rivals(&["a", "c"]), vec![overwrites]].concat());
}

#[tokio::test]
async fn a_graphs_step_limit_is_not_that_of_the_graphs_in_it() {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = says(&mut inner, "x");
    let more = |state: &Log| state.log.len() < 10;
    inner.start(x).route(x, more, move |on| if on { x.into() } else { END.into() });
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().log(inner.log.join("")));
    g.start(s).edge(s, END).step_limit(3);
    let graph = g.build().expect("builds");
    let ended = graph.run(empty()).outcome().await.expect("runs");
    assert_eq!(ended.state().log, ["xxxxxxxxxx"]);
    let ended = graph.run(empty()).step_limit(4).outcome().await;
    assert!(ended.is_err(), "the run's limit is that of graphs that say nothing");
}
