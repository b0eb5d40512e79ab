//! B5 again: how often a step waits for the disk, as the system saw it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use serde_json::json;

use crate::bench::{Bench, one_thread};
use crate::error::{Error, Result, io};
use crate::figures::count_u64;
use crate::graphs::looping;
use crate::peer::Python;
use crate::report::Fact;
use crate::stored::{Database, sqlite_url};

/// Steps of the short run; the long one has twice as many.
const STEPS: u32 = 100;
const LINE: usize = 1024;

/// A run of steps on a new SQLite file, as a process of its own.
#[derive(Debug, Args)]
pub(crate) struct Steps {
    /// The file
    database: PathBuf,
    /// How many
    steps: u32,
}

impl Steps {
    pub(crate) fn run(self) -> Result<()> {
        let graph = looping(self.steps, LINE)?;
        let mut database = Database::open(one_thread()?, &sqlite_url(&self.database))?;
        database.run_one(&graph, self.steps)?;
        database.close()
    }
}

/// Counts the calls that sync, of a long run and of a short one: what is left are steps.
pub(crate) fn per_step(bench: &mut Bench, python: &Python) -> Result<()> {
    let folder = tempfile::tempdir().map_err(io("making a folder"))?;
    let ours = |steps: u32| {
        let this = std::env::current_exe().map_err(io("finding this program"))?;
        let mut command = Command::new(this);
        command.arg("steps").arg(folder.path().join(format!("{steps}.db"))).arg(steps.to_string());
        watched(command, folder.path())
    };
    let theirs = |steps: u32| {
        let mut command = python.command();
        let work = json!({"bench": "loop", "steps": steps, "bytes": LINE, "saver": "sqlite"});
        command.arg(work.to_string());
        watched(command, folder.path())
    };
    let difference = |long: Option<u64>, short: Option<u64>| {
        Some(count_u64(long?.saturating_sub(short?)) / f64::from(STEPS))
    };
    let ours = difference(ours(2 * STEPS)?, ours(STEPS)?);
    let theirs = difference(theirs(2 * STEPS)?, theirs(STEPS)?);
    let shown = |syncs: Option<f64>| {
        syncs.map_or_else(|| "not counted: no strace".to_owned(), |syncs| format!("{syncs:.2}"))
    };
    bench.report.fact(Fact {
        bench: "B5",
        what: "syncs a step",
        ours: shown(ours),
        theirs: shown(theirs),
        // Now and then SQLite moves its log into the database, which it syncs too.
        aim: ours.map(|syncs| ("1", syncs < 1.1)),
    });
    Ok(())
}

/// Runs a command and counts how often it syncs; `None` where nobody can watch.
fn watched(command: Command, folder: &Path) -> Result<Option<u64>> {
    let log = folder.join("calls");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o"]);
    strace.arg(&log).arg(command.get_program()).args(command.get_args());
    let Ok(done) = strace.stdout(Stdio::null()).status() else { return Ok(None) };
    if !done.success() {
        return Err(Error::Process { what: "a run under strace", said: done.to_string() });
    }
    let calls = std::fs::read_to_string(&log).map_err(io("reading what strace wrote"))?;
    let begun = calls.lines().filter(|line| !line.contains("resumed>"));
    Ok(Some(begun.map(|_| 1).sum()))
}
