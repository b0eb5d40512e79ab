//! A run's steps, whenever it is stopped.

use std::sync::Arc;

use proptest::prelude::*;
use vpaura_graph::store::{At, Source};
use vpaura_graph::testkit::replay;
use vpaura_graph::{END, GraphBuilder, GraphError, Outcome, Store};

use super::memory;
use crate::logs::{Log, empty, ms, says};
use crate::random::{Says, Wired, awaited, wire};

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
