//! Both systems at the same work, by turns, so that what else the machine does hits both.

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::error::{Result, io};
use crate::figures::{Sample, Samples};
use crate::peer::Peer;
use crate::report::{Fact, Report, Timing};

/// How often everything is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Executions that are not counted.
    pub(crate) warm_ups: usize,
    /// Executions that are counted.
    pub(crate) samples: usize,
    /// The same of LangGraph where one of its executions takes seconds.
    pub(crate) slow: usize,
    /// Processes to be killed.
    pub(crate) kills: usize,
}

impl Plan {
    pub(crate) const FULL: Self = Self { warm_ups: 3, samples: 30, slow: 4, kills: 500 };
    pub(crate) const QUICK: Self = Self { warm_ups: 1, samples: 5, slow: 1, kills: 25 };
}

/// How many of LangGraph's samples can be afforded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theirs {
    /// As many as ours.
    AsMany,
    /// An execution takes seconds.
    Few,
}

/// A run of the benchmarks.
pub(crate) struct Bench {
    pub(crate) plan: Plan,
    pub(crate) peer: Peer,
    pub(crate) report: Report,
}

impl Bench {
    /// Does a piece of work by turns. The last argument is the work as Python is told it.
    pub(crate) fn compare(
        &mut self,
        mut ours: impl FnMut() -> Result<Sample>,
        how_many: Theirs,
        theirs: &Value,
    ) -> Result<(Samples, Samples)> {
        let Plan { warm_ups, samples, slow, .. } = self.plan;
        let (their_warm_ups, every) = match how_many {
            Theirs::AsMany => (warm_ups, 1),
            Theirs::Few => (1, samples.div_ceil(slow)),
        };
        let (mut mine, mut other) = (Samples::default(), Samples::default());
        for _ in 0..warm_ups {
            ours()?;
        }
        for _ in 0..their_warm_ups {
            self.peer.ask(theirs)?;
        }
        for turn in 0..samples {
            mine.push(ours()?);
            if turn % every == 0 {
                other.push(self.peer.ask(theirs)?.sample);
            }
        }
        Ok((mine, other))
    }

    /// Tells of a comparison; `aim` is in microseconds.
    pub(crate) fn timing(
        &mut self,
        (bench, what): (&'static str, &'static str),
        (ours, theirs): (Samples, Samples),
        aim: Option<f64>,
    ) {
        self.report.timing(Timing { bench, what, ours, theirs, aim });
    }

    /// Tells of allocations per unit.
    pub(crate) fn allocations(
        &mut self,
        (bench, what): (&'static str, &'static str),
        counted: f64,
        aim: Option<(&'static str, f64)>,
    ) {
        let aim = aim.map(|(said, most)| (said, counted <= most));
        let (ours, theirs) = (format!("{counted:.2}"), String::new());
        self.report.fact(Fact { bench, what, ours, theirs, aim });
    }
}

/// One thread: what is measured is the engine, not the machine's scheduler.
pub(crate) fn one_thread() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(io("starting a runtime"))
}

/// As many threads as the machine has cores, as a server has.
pub(crate) fn many_threads() -> Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().map_err(io("starting a runtime"))
}
