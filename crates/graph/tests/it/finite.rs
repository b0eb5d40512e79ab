//! Numbers that JSON does not have: they are refused before they are stored, so what is stored can
//! be read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_graph::store::At;
use vpaura_graph::{
    Ctx, Durability, END, Graph, GraphBuilder, GraphError, NodeError, Outcome, Snapshot, State,
    Step, Store,
};

use crate::support::{Count, done, memory};

const REASON: &str = "NaN and infinities have no JSON form";

#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
struct Measured {
    #[reduce(append)]
    all: Vec<f64>,
    newest: Option<f64>,
}

type Made = Result<MeasuredUpdate, NodeError>;

fn measured(value: f64) -> MeasuredUpdate {
    MeasuredUpdate::default().all(value)
}

/// One node that does `act`.
fn single<F, Fut, O>(act: F) -> Graph<Measured>
where
    F: Fn(Ctx<Measured>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<O, NodeError>> + Send + 'static,
    O: Into<Step<Measured>>,
{
    let mut g = GraphBuilder::<Measured>::new("single");
    let a = g.node("a", act);
    g.start(a).edge(a, END);
    g.build().expect("builds")
}

/// A node that writes `first`, and when it runs again 1.5.
fn mending(first: fn() -> MeasuredUpdate) -> Graph<Measured> {
    let tries = Count::default();
    single(move |_| {
        let again = tries.add() > 1;
        async move { Made::Ok(if again { measured(1.5) } else { first() }) }
    })
}

async fn found(graph: &Graph<Measured>, store: &Arc<dyn Store>) -> Snapshot<Measured> {
    let found = graph.thread(Arc::clone(store), "t").get(At::Head).await;
    found.expect("reads").expect("is there")
}

/// Asserts that the run failed over what has no JSON form, and gives the path.
fn unencoded(outcome: Result<Outcome<Measured>, GraphError>) -> Arc<str> {
    match outcome {
        Err(GraphError::Encode { path, reason }) => {
            assert_eq!(reason, REASON);
            path
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_node_that_writes_nan_fails_its_run_and_the_thread_goes_on() {
    let writes: [fn() -> MeasuredUpdate; 3] = [
        || measured(f64::NAN),
        || measured(1.0).all(f64::NEG_INFINITY),
        // Would be read as nothing.
        || MeasuredUpdate::default().newest(Some(f64::INFINITY)),
    ];
    for write in writes {
        for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
            let (graph, store) = (mending(write), memory());
            let run = graph.run(measured(0.5)).thread(Arc::clone(&store), "t");
            let failed = run.durability(durability).outcome().await;
            assert_eq!(&*unencoded(failed), "a", "{durability:?}");
            let left = found(&graph, &store).await;
            assert_eq!((&*left.state.all, left.state.newest), (&[0.5][..], None), "{durability:?}");
            assert_eq!(left.waiting.nodes, ["a"], "{durability:?}");
            let run = graph.resume().thread(Arc::clone(&store), "t").durability(durability);
            let state = done(run.outcome().await);
            assert_eq!(state.all, [0.5, 1.5], "{durability:?}");
            assert_eq!(found(&graph, &store).await.state, state, "{durability:?}");
        }
    }
}

#[tokio::test]
async fn input_is_refused_before_there_is_a_thread() {
    let (graph, store) = (mending(|| measured(1.0)), memory());
    let run = graph.run(measured(f64::NAN)).thread(Arc::clone(&store), "t");
    unencoded(run.outcome().await);
    let none = graph.thread(Arc::clone(&store), "t").get(At::Head).await.expect("reads");
    assert!(none.is_none(), "{none:?}");
    done(graph.run(measured(0.5)).thread(Arc::clone(&store), "t").outcome().await);
    let run = graph.run(measured(f64::NAN)).thread(Arc::clone(&store), "t");
    unencoded(run.outcome().await);
    assert_eq!(found(&graph, &store).await.state.all, [0.5, 1.0]);
}

#[tokio::test]
async fn a_payload_is_refused_with_its_workers_name() {
    let mut g = GraphBuilder::<Measured>::new("sends");
    let w = g.worker("w", async |_: Ctx<Measured>, value: f64| Made::Ok(measured(value)));
    let plan = g.node("plan", move |_: Ctx<Measured>| async move {
        Ok::<_, NodeError>(Step::new().send(w, 1.0).send(w, f64::NAN))
    });
    g.start(plan).sends(plan, w).edge(w, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let run = graph.run(measured(0.5)).thread(Arc::clone(&store), "t");
    assert_eq!(&*unencoded(run.outcome().await), "w");
    assert_eq!(found(&graph, &store).await.waiting.nodes, ["plan"]);
}

#[tokio::test]
async fn answers_and_changes_by_hand_are_refused_and_the_question_stays() {
    let graph = single(async |ctx: Ctx<Measured>| -> Made {
        // What is not finite would be read as no answer.
        let answer: Option<f64> = ctx.interrupt("how much", &0.5).await?;
        Ok(ctx.update().newest(answer))
    });
    let store = memory();
    let first = graph.run(measured(0.5)).thread(Arc::clone(&store), "t").outcome().await;
    let id = first.expect("asks").asks()[0].id.clone();
    let resume = || graph.resume().thread(Arc::clone(&store), "t");
    let bad = resume().answer(&id, &Some(f64::NAN)).outcome().await;
    assert!(matches!(&bad, Err(GraphError::BadAnswer { reason, .. }) if reason == REASON));
    unencoded(resume().update(measured(f64::INFINITY)).outcome().await);
    let thread = graph.thread(Arc::clone(&store), "t");
    let by_hand = thread.update(measured(f64::NAN), None).await;
    assert!(matches!(by_hand, Err(GraphError::Encode { .. })), "{by_hand:?}");
    let left = found(&graph, &store).await;
    assert_eq!((&*left.state.all, left.asks.len()), (&[0.5][..], 1));
    let state = done(resume().answer(&id, &Some(1.5)).outcome().await);
    assert_eq!(state.newest, Some(1.5));
}

#[tokio::test]
async fn questions_and_effects_are_refused_where_they_are_made() {
    let asks = single(async |ctx: Ctx<Measured>| -> Made {
        let answer: Option<f64> = ctx.interrupt("how much", &f64::NAN).await?;
        Ok(ctx.update().newest(answer))
    });
    let pays = single(async |ctx: Ctx<Measured>| -> Made {
        let paid = ctx.once("pay", async |_| Ok::<_, NodeError>(Some(f64::NAN))).await?;
        Ok(ctx.update().newest(paid))
    });
    for graph in [asks, pays] {
        let store = memory();
        match graph.run(measured(0.5)).thread(Arc::clone(&store), "t").outcome().await {
            Err(GraphError::Node { source, .. }) => assert_eq!(source.to_string(), REASON),
            other => panic!("{other:?}"),
        }
        assert_eq!(found(&graph, &store).await.waiting.nodes, ["a"]);
    }
}
