//! B1 to B4: steps without a database.
//!
//! A sample of ours takes some 20 ms, about as long as the peer's: one of 2 ms would mostly tell how
//! long the processor's caches take to fill after the peer's turn.

use std::sync::Arc;

use serde_json::json;
use vpaura_graph::{Graph, MemoryStore, Store};

use crate::bench::{Bench, Theirs, one_thread};
use crate::error::{Error, Result};
use crate::figures::{Sample, allocations};
use crate::graphs::{Tally, TallyUpdate, fan, linear, looping};
use crate::report::Fact;

/// Steps of a loop.
const STEPS: u32 = 100;
/// Steps of a long loop: what a step costs must not depend on how many came before it.
const LONG: u32 = 400;
/// Bytes that each step adds where it adds any.
const LINE: usize = 1024;
/// Sends at once.
const BRANCHES: u32 = 100;

pub(crate) fn linear_three(bench: &mut Bench) -> Result<()> {
    let graph = linear()?;
    let (runs, runtime) = (2000, one_thread()?);
    let units = runs * 3;
    let work = || {
        runtime.block_on(async {
            for _ in 0..runs {
                finish(&graph, 3, None).await?;
            }
            Ok(())
        })
    };
    let theirs = json!({"bench": "linear", "runs": 20});
    let samples = bench.compare(|| Sample::of(units, work), Theirs::AsMany, &theirs)?;
    let counted = allocations(units, work)?;
    bench.allocations(("B1", "allocations a step"), counted, Some(("≤ 15", 15.0)));
    bench.timing(("B1", "step of a linear graph of 3"), samples, Some(3.0));
    Ok(())
}

pub(crate) fn loop_alone(bench: &mut Bench) -> Result<()> {
    let graph = looping(STEPS, 0)?;
    let (runs, runtime) = (100, one_thread()?);
    let units = runs * STEPS as usize;
    let work = || {
        runtime.block_on(async {
            for _ in 0..runs {
                finish(&graph, STEPS, None).await?;
            }
            Ok(())
        })
    };
    let theirs = json!({"bench": "loop", "steps": STEPS, "bytes": 0, "saver": "none"});
    let samples = bench.compare(|| Sample::of(units, work), Theirs::AsMany, &theirs)?;
    let counted = allocations(units, work)?;
    bench.allocations(("B2", "allocations a step"), counted, Some(("≤ 15", 15.0)));
    bench.timing(("B2", "step of a loop of 100"), samples, Some(3.0));
    Ok(())
}

pub(crate) fn loop_in_memory(bench: &mut Bench) -> Result<()> {
    let runtime = one_thread()?;
    let mut medians = Vec::new();
    for (steps, runs, what, counted) in [
        (STEPS, 40, "stored step of 100, +1 KiB each", "allocations a stored step of 100"),
        (LONG, 10, "the same of 400", "allocations a stored step of 400"),
    ] {
        let graph = looping(steps, LINE)?;
        let units = runs * steps as usize;
        let work = |store: Arc<dyn Store>| {
            runtime.block_on(async {
                for run in 0..runs {
                    let thread = (Arc::clone(&store), format!("t{run}"));
                    finish(&graph, steps, Some(thread)).await?;
                }
                Ok(())
            })
        };
        let ours = || {
            let store = Arc::new(MemoryStore::new());
            Sample::of(units, || work(Arc::clone(&store) as _))
        };
        let theirs = json!({"bench": "loop", "steps": steps, "bytes": LINE, "saver": "memory"});
        let how_many = if steps == STEPS { Theirs::AsMany } else { Theirs::Few };
        let samples = bench.compare(ours, how_many, &theirs)?;
        // Of CPU time: the rest of the machine does not enter into it.
        medians.push((samples.0.cpu(), samples.1.cpu()));
        let made = allocations(units, || work(Arc::new(MemoryStore::new())))?;
        bench.allocations(("B3", counted), made, None);
        bench.timing(("B3", what), samples, Some(5.0));
    }
    if let [short, long] = medians[..] {
        let (ours, theirs) = (long.0 / short.0, long.1 / short.1);
        bench.report.fact(Fact {
            bench: "B3",
            what: "CPU of a step of 400 over that of a step of 100",
            ours: format!("{ours:.2}"),
            theirs: format!("{theirs:.2}"),
            aim: Some(("≤ 1.25", ours <= 1.25)),
        });
    }
    Ok(())
}

pub(crate) fn fan_out(bench: &mut Bench) -> Result<()> {
    let graph = fan(BRANCHES)?;
    let (runs, runtime) = (60, one_thread()?);
    let units = runs * BRANCHES as usize;
    let work = || {
        runtime.block_on(async {
            for _ in 0..runs {
                let done = graph.run(TallyUpdate::default()).outcome().await?.into_state();
                expect(done.lines.len(), BRANCHES as usize)?;
            }
            Ok(())
        })
    };
    let theirs = json!({"bench": "fan", "branches": BRANCHES});
    let samples = bench.compare(|| Sample::of(units, work), Theirs::AsMany, &theirs)?;
    bench.allocations(("B4", "allocations a branch"), allocations(units, work)?, None);
    bench.timing(("B4", "branch of 100 sends and a join"), samples, Some(4.0));
    Ok(())
}

/// Runs to the end, and sees to it that all `steps` were made.
pub(crate) async fn finish(
    graph: &Graph<Tally>,
    steps: u32,
    thread: Option<(Arc<dyn Store>, String)>,
) -> Result<()> {
    let mut run = graph.run(TallyUpdate::default()).step_limit(steps);
    if let Some((store, name)) = thread {
        run = run.thread(store, name);
    }
    expect(run.outcome().await?.state().n, steps)
}

pub(crate) fn expect<T: PartialEq + std::fmt::Display>(is: T, wanted: T) -> Result<()> {
    if is == wanted { Ok(()) } else { Err(Error::Wrong(format!("{is} instead of {wanted}"))) }
}
