//! Measures the graph engine beside LangGraph: the same graphs, in one run on one machine, by
//! turns. LangGraph runs in a Python process of its own; this process runs the engine.
//!
//! It uses the engine as any other user does. What it needs of the database it gets from the
//! store's crate.
#![expect(clippy::print_stdout, reason = "a command line talks on standard output")]

mod bench;
mod builds;
mod crash;
mod error;
mod figures;
mod graphs;
mod idle;
mod machine;
mod peer;
mod relay;
mod report;
mod steps;
mod stored;
mod syncs;
mod tokens;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::bench::{Bench, Plan};
use crate::error::{Result, io};
use crate::peer::{Peer, Python};
use crate::report::Report;

/// Measures the graph engine beside LangGraph.
#[derive(Debug, Parser)]
#[command(name = "vpaura-graph-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure, and write the results as Markdown
    Measure(Measure),
    /// Run a graph on SQLite and tell each step, to be killed meanwhile
    Crash(crash::Victim),
    /// Make synced steps on SQLite, to be watched meanwhile
    Steps(syncs::Steps),
}

#[derive(Debug, Args)]
struct Measure {
    /// A Python interpreter that has LangGraph
    #[arg(long)]
    python: PathBuf,
    /// The root of the checkout
    #[arg(long, default_value = ".")]
    checkout: PathBuf,
    /// Two empty PostgreSQL databases: the engine's, LangGraph's
    #[arg(long, num_args = 2)]
    postgres: Vec<String>,
    /// Where the results go
    #[arg(long)]
    output: PathBuf,
    /// A quick look: few samples
    #[arg(long)]
    quick: bool,
    /// Only these, such as B1
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Measure(measure) => measure.run(),
        Command::Crash(victim) => victim.run(),
        Command::Steps(steps) => steps.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vpaura-graph-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Measure {
    fn run(self) -> Result<()> {
        let script = self.checkout.join("benches/graph/langgraph_bench.py");
        let python = Python { interpreter: self.python.clone(), script };
        let mut peer = Peer::start(&python)?;
        let mut facts = machine::describe()?;
        facts.push(peer.versions()?);
        let plan = if self.quick { Plan::QUICK } else { Plan::FULL };
        let mut bench = Bench { plan, peer, report: Report::new(facts) };
        self.measure(&mut bench, &python)?;
        bench.report.about_machine(format!("load average after the run: {}", machine::load()));
        std::fs::write(&self.output, bench.report.into_markdown()).map_err(io("writing the report"))
    }

    fn measure(&self, bench: &mut Bench, python: &Python) -> Result<()> {
        type Work = fn(&mut Bench) -> Result<()>;
        let alone: [(&str, Work); 8] = [
            ("B1", steps::linear_three),
            ("B2", steps::loop_alone),
            ("B3", steps::loop_in_memory),
            ("B4", steps::fan_out),
            ("B9", idle::thousand_runs),
            ("B10", tokens::custom),
            ("B11", tokens::messages),
            ("B12", tokens::slow_reader),
        ];
        for (_, work) in alone.into_iter().filter(|(name, _)| self.wants(name)) {
            work(bench)?;
        }
        if self.wants("B5") {
            stored::sqlite_alone(bench)?;
            syncs::per_step(bench, python)?;
        }
        if self.wants("B7") {
            stored::sqlite_together(bench)?;
        }
        if let [ours, theirs] = &self.postgres[..] {
            if self.wants("B6") {
                stored::postgres_alone(bench, ours, theirs)?;
            }
            if self.wants("B8") {
                stored::postgres_together(bench, ours, theirs)?;
            }
        }
        if self.wants("B13") {
            crash::kills(bench)?;
        }
        if self.wants("B14") {
            builds::engine(bench, &self.checkout)?;
        }
        Ok(())
    }

    fn wants(&self, bench: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == bench)
    }
}
