//! How updates enter the state.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_graph::store::At;
use vpaura_graph::{
    Ctx, END, Event, EventKind, Events, GraphBuilder, GraphError, MemoryStore, Outcome, State,
    Step, Store,
};

use crate::logs::{Log, LogUpdate, Made, Stepped, done, empty, failure, run, says, watch};

/// Two nodes of one step, each returning what `update` makes of its name.
fn pair(update: fn(LogUpdate, &'static str) -> LogUpdate) -> vpaura_graph::Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("pair");
    for name in ["b", "a"] {
        let node = g.node(name, move |ctx: Ctx<Log>| async move { Ok(update(ctx.update(), name)) });
        g.start(node).edge(node, END);
    }
    g.build().expect("builds")
}

#[tokio::test]
async fn two_writers_of_a_set_field_conflict_and_are_named() {
    let error = failure(&pair(|update, name| update.one(Some(name.into())))).await;
    let GraphError::Conflict { field, writers } = error else { panic!("{error:?}") };
    assert_eq!((field, writers), ("one", vec!["a".to_owned(), "b".to_owned()]));
}

#[tokio::test]
async fn a_plain_field_conflicts_too() {
    let error = failure(&pair(|update, _| update.n(1))).await;
    assert!(matches!(error, GraphError::Conflict { field: "n", .. }), "{error:?}");
}

#[tokio::test]
async fn the_last_writer_by_name_stays() {
    let state = run(&pair(|update, name| update.last(name))).await.expect("runs").into_state();
    assert_eq!(state.last, "b");
}

#[tokio::test]
async fn two_parallel_overwrites_conflict() {
    let error = failure(&pair(|update, name| update.overwrite_log(vec![name.to_owned()]))).await;
    assert!(matches!(error, GraphError::Conflict { field: "log", .. }), "{error:?}");
}

#[tokio::test]
async fn an_overwrite_drops_what_siblings_add_in_the_step() {
    let graph = pair(|update, name| match name {
        "a" => update.overwrite_log(vec!["whole".to_owned()]).sum(1),
        _ => update.log("lost").sum(2),
    });
    let state = graph.run(empty().log("input")).outcome().await.expect("runs").into_state();
    assert_eq!((state.log, state.sum), (vec!["whole".to_owned()], 3));
}

/// Nor does the route see it: what is replayed has never heard of it.
#[tokio::test]
async fn what_an_overwrite_drops_leads_nowhere() {
    let mut g = GraphBuilder::<Log>::new("routes");
    let a = g.node("a", async |ctx: Ctx<Log>| {
        Made::Ok(ctx.update().overwrite_log(vec!["whole".to_owned()]))
    });
    let b = g.node("b", async |ctx: Ctx<Log>| Made::Ok(ctx.update().log("lost")));
    let [seen, unseen] = ["seen", "unseen"].map(|name| says(&mut g, name));
    g.start(a).start(b).edge(a, END).edge(seen, END).edge(unseen, END);
    let is_seen = |state: &Log| state.log.iter().any(|said| said == "lost");
    g.route(b, is_seen, move |is_seen| if is_seen { seen.into() } else { unseen.into() });
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(Arc::clone(&store), "t").outcome().await;
    assert_eq!(run.expect("runs").state().log, ["whole", "unseen"]);
    vpaura_graph::testkit::replay(&graph, &*store, "t").await.no_divergence();
}

#[tokio::test]
async fn a_refused_value_names_field_and_node_and_commits_nothing() {
    let graph = pair(|update, name| match name {
        "a" => update.sum(100),
        _ => update.sum(1),
    });
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty().log("input")).thread(store.clone(), "t");
    let error = run.outcome().await.expect_err("is refused");
    let GraphError::Reduce { path, field, reason } = error else { panic!("{error:?}") };
    assert_eq!((&*path, field, reason.as_str()), ("b", "sum", "more than 100"));
    let left = graph.thread(store, "t").get(At::Head).await.expect("loads").expect("is there");
    assert_eq!((left.state.log, left.state.sum), (vec!["input".to_owned()], 0));
}

#[tokio::test]
async fn the_first_node_sees_the_input_reduced() {
    let mut g = GraphBuilder::<Log>::new("input");
    let a = g.node("a", async |ctx: Ctx<Log>| {
        let seen = ctx.state().log.join("+");
        Ok(ctx.update().log(seen))
    });
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let begun = Log { log: vec!["old".into()], ..Log::default() };
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    graph.run_from(begun).thread(store.clone(), "t").outcome().await.expect("runs");
    let second = graph.run(empty().log("new")).thread(store, "t").outcome().await.expect("runs");
    assert_eq!(second.state().log, ["old", "old", "new", "old+old+new"]);
}

#[tokio::test]
async fn several_updates_of_a_step_are_merged_in_order() {
    let mut g = GraphBuilder::<Log>::new("several");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Stepped {
        let (first, second) = (ctx.update().log("a1").one(None), ctx.update().log("a2"));
        // The same task may set a field twice: the later counts.
        Ok(Step::update(first).and(second.one(Some("late".into()))))
    });
    let b = says(&mut g, "b");
    g.start(a).edge(a, b).edge(b, END);
    let state = run(&g.build().expect("builds")).await.expect("runs").into_state();
    assert_eq!(state.log.concat(), "a1a2b");
    assert_eq!(state.one.as_deref(), Some("late"));
}

#[tokio::test]
async fn an_ephemeral_value_lives_for_one_step() {
    let mut g = GraphBuilder::<Log>::new("flash");
    let a = g.node("a", async |ctx: Ctx<Log>| {
        let seen = format!("a:{:?}", ctx.state().flash);
        Ok(ctx.update().log(seen).flash(Some("from a".into())))
    });
    let see = |name: &'static str| {
        move |ctx: Ctx<Log>| async move {
            let seen = format!("{name}:{:?}", ctx.state().flash);
            Ok(ctx.update().log(seen))
        }
    };
    let (b, c) = (g.node("b", see("b")), g.node("c", see("c")));
    g.start(a).edge(a, b).edge(b, c).edge(c, END);
    let graph = g.build().expect("builds");
    let input = empty().flash(Some("input".into()));
    let state = graph.run(input).outcome().await.expect("runs").into_state();
    assert_eq!(state.log, ["a:Some(\"input\")", "b:Some(\"from a\")", "c:None"]);
    assert_eq!(state.flash, None);
}

#[tokio::test]
async fn updates_and_values_are_told_typed_and_as_json_in_a_thread() {
    let mut g = GraphBuilder::<Log>::new("told");
    let a = says(&mut g, "a");
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let store = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(store, "t").events(Events::ALL).start();
    let (events, _) = watch(run).await;
    let data = |event: &Event<String>| match &event.kind {
        EventKind::Update(data) | EventKind::Values(data) => Some(data.clone()),
        _ => None,
    };
    let told: Vec<_> = events.iter().filter_map(data).collect();
    let [update, values] = told.as_slice() else { panic!("{events:?}") };
    let update = update.get::<LogUpdate>().expect("an update").clone();
    let mut state = Log::default();
    state.apply(update).expect("applies");
    assert_eq!(state.log, ["a"]);
    assert_eq!(values.get::<Log>().expect("a state").log, ["a"]);
    let json = values.json().expect("a thread has a codec").expect("encodes");
    assert_eq!(json["log"], serde_json::json!(["a"]));
}

#[tokio::test]
async fn panicking_reducers_routes_and_nodes_fail_their_run_only() {
    let mut g = GraphBuilder::<Log>::new("panics");
    let node = g.node("node", async |ctx: Ctx<Log>| {
        assert!(ctx.state().n != 1, "in the node");
        Ok(ctx.update())
    });
    g.start(node).route(
        node,
        |state: &Log| {
            assert!(state.n != 2, "in the route");
            true
        },
        |_| END.into(),
    );
    let graph = g.build().expect("builds");
    for (n, place) in [(1, "in the node"), (2, "in the route")] {
        let error = graph.run(empty().n(n)).outcome().await.expect_err("fails");
        let GraphError::Panicked { path, message } = error else { panic!("{error:?}") };
        assert_eq!(&*path, "node");
        assert!(message.contains(place), "{message}");
    }
    assert!(matches!(graph.run(empty()).outcome().await, Ok(Outcome::Done(_))));
    assert_eq!(done(&graph).await, Vec::<String>::new());
}

/// A payload that cannot be stored.
#[derive(Clone, Deserialize)]
struct Bomb;

impl Serialize for Bomb {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("no JSON")
    }
}

#[tokio::test]
async fn a_panic_while_storing_fails_the_run_and_gives_the_thread_back() {
    let mut g = GraphBuilder::<Log>::new("bomb");
    let w = g.worker("w", async |ctx: Ctx<Log>, _: Bomb| Ok(ctx.update()));
    let a = g.node("a", move |ctx: Ctx<Log>| async move {
        let step = Step::update(ctx.update().log("a"));
        Ok(if ctx.state().n == 1 { step.send(w, Bomb) } else { step })
    });
    g.start(a).sends(a, w).edge(a, END).edge(w, END);
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let bad = graph.run(empty().n(1)).thread(store.clone(), "t").outcome().await;
    let error = bad.expect_err("fails");
    let GraphError::Panicked { path, message } = error else { panic!("{error:?}") };
    assert_eq!((&*path, message.as_str()), ("bomb", "no JSON"));
    let good = graph.run(empty().n(0)).thread(store, "t").outcome().await;
    assert_eq!(good.expect("nobody holds the thread").state().log, ["a"]);
}

/// A state whose foreign parts all panic when told to.
mod fragile {
    use vpaura_graph::{Ctx, END, GraphBuilder, GraphError, ReduceError, State, Step, Writes};

    #[derive(Clone, Default, Debug)]
    struct Fragile;

    #[derive(Clone, Default)]
    struct Change(&'static str);

    impl From<Change> for Step<Fragile> {
        fn from(change: Change) -> Self {
            Self::update(change)
        }
    }

    impl State for Fragile {
        type Update = Change;
        type Context = ();
        type Event = ();

        fn apply(&mut self, change: Change) -> Result<(), ReduceError> {
            assert!(change.0 != "apply", "apply");
            Ok(())
        }

        fn writes(change: &Change) -> Writes {
            assert!(change.0 != "writes", "writes");
            Writes::default()
        }
    }

    #[tokio::test]
    async fn a_reducer_that_panics_names_its_node() {
        for place in ["apply", "writes"] {
            let mut g = GraphBuilder::<Fragile>::new("fragile");
            let a = g.node("a", move |_: Ctx<Fragile>| async move { Ok(Change(place)) });
            let b = g.node("b", async |_: Ctx<Fragile>| Ok(Change("")));
            g.start(a).start(b).edge(a, END).edge(b, END);
            let graph = g.build().expect("builds");
            let error = graph.run(Change("")).outcome().await.expect_err("fails");
            let GraphError::Panicked { path, message } = error else { panic!("{error:?}") };
            assert_eq!((&*path, message.as_str()), ("a", place));
        }
    }
}
