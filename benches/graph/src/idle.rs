//! B9: many runs that mostly wait.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::bench::{Bench, Theirs, many_threads};
use crate::error::Result;
use crate::figures::{Sample, micros, percentile};
use crate::graphs::waiting;
use crate::machine;
use crate::report::Fact;
use crate::steps::finish;

/// Runs at once.
const RUNS: usize = 1_000;
/// What each of three nodes waits for.
const WAIT: Duration = Duration::from_millis(50);

pub(crate) fn thousand_runs(bench: &mut Bench) -> Result<()> {
    let graph = waiting(WAIT)?;
    let runtime = many_threads()?;
    let mut latencies = Vec::new();
    machine::reset_peak_memory();
    let work = json!({"bench": "waiting", "runs": RUNS, "seconds": WAIT.as_secs_f64()});
    let ours = || {
        let mut times = Vec::with_capacity(RUNS);
        let sample = Sample::of(1, || {
            runtime.block_on(async {
                let mut runs = JoinSet::new();
                for _ in 0..RUNS {
                    let graph = graph.clone();
                    runs.spawn(async move {
                        let begun = Instant::now();
                        finish(&graph, 3, None).await.map(|()| begun.elapsed())
                    });
                }
                while let Some(done) = runs.join_next().await {
                    times.push(done??);
                }
                Ok(())
            })
        })?;
        latencies.append(&mut times);
        Ok(sample)
    };
    let samples = bench.compare(ours, Theirs::Few, &work)?;
    let theirs = bench.peer.ask(&work)?;
    let p99 = percentile(latencies.iter().map(|&time| micros(time)), 99) / 1e3;
    bench.report.fact(Fact {
        bench: "B9",
        what: "p99 of a run among 1,000 that wait 3 × 50 ms",
        ours: format!("{p99:.0} ms"),
        theirs: format!("{:.0} ms", theirs.figure("p99")? / 1e3),
        aim: None,
    });
    bench.report.fact(Fact {
        bench: "B9",
        what: "peak memory of the process",
        ours: format!("{:.0} MiB", machine::peak_memory()),
        theirs: format!("{:.0} MiB", theirs.figure("peak_memory")?),
        aim: None,
    });
    bench.timing(("B9", "1,000 runs that wait 3 × 50 ms"), samples, Some(200_000.0));
    Ok(())
}
