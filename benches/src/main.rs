//! Measures the server beside a pass-through proxy, in one run on one machine: the proxy does
//! what any server must do between a client and a model provider and stores nothing, so it is
//! the floor. Everything runs as processes of its own: a scripted provider, the proxy, the
//! server. This process is the client.
//!
//! It must not know the server's crates: it sees what a client sees, and what the system tells
//! about a process.
#![expect(clippy::print_stdout, reason = "a command line talks on standard output")]

mod client;
mod error;
mod first_token;
mod held;
mod length;
mod machine;
mod plan;
mod process;
mod proxy;
mod report;
mod rig;
mod sign_in;
mod startup;
mod stats;
mod throughput;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::error::Result;
use crate::plan::Plan;
use crate::report::Report;
use crate::rig::Programs;

/// Measures the server beside a pass-through proxy.
#[derive(Debug, Parser)]
#[command(name = "vpaura-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure, and write the results as Markdown
    Measure(Measure),
    /// Be the floor: pass requests on to a provider; prints the base URL when ready
    Proxy {
        /// The provider's authority, such as 127.0.0.1:9000
        upstream: String,
    },
}

#[derive(Debug, Args)]
struct Measure {
    /// The server's binary
    #[arg(long)]
    server: PathBuf,
    /// The scripted provider's binary
    #[arg(long)]
    provider: PathBuf,
    /// An empty PostgreSQL database to measure on as well
    #[arg(long)]
    postgres: Option<String>,
    /// Where the results go
    #[arg(long)]
    output: PathBuf,
    /// A quick look: a tenth of everything
    #[arg(long)]
    quick: bool,
    /// Only these parts
    #[arg(long, value_delimiter = ',', value_enum)]
    only: Vec<Part>,
}

/// A part of the measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Start and idle memory
    Startup,
    /// Added time to first token
    FirstToken,
    /// Turns per second, CPU per turn
    Throughput,
    /// Turn 5,000 against turn 5
    Length,
    /// Memory per held stream
    Held,
    /// A refused sign-in, of a known and of an unknown user
    SignIn,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Measure(measure) => run(tokio::runtime::Builder::new_current_thread(), async {
            machine::raise_file_limit()?;
            measure.run().await
        }),
        // As many threads as the server has.
        Command::Proxy { upstream } => {
            run(tokio::runtime::Builder::new_multi_thread(), proxy::serve(upstream))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("vpaura-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut runtime: tokio::runtime::Builder, work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = runtime.enable_all().build().map_err(error::io("starting the runtime"))?;
    runtime.block_on(work)
}

impl Measure {
    async fn run(self) -> Result<()> {
        let programs = Programs { server: self.server.clone(), provider: self.provider.clone() };
        let plan = if self.quick { Plan::quick() } else { Plan::full() };
        let mut report = Report::new(machine::describe()?);
        let mut stores = vec![("SQLite", None)];
        stores.extend(self.postgres.clone().map(|url| ("PostgreSQL", Some(url))));
        for (name, url) in stores {
            report.section(name);
            self.parts(&programs, &plan, url.as_deref(), &mut report).await?;
            // Written after each database, so that a later failure loses nothing.
            std::fs::write(&self.output, report.to_markdown()).map_err(error::io("the report"))?;
        }
        Ok(())
    }

    async fn parts(
        &self,
        programs: &Programs,
        plan: &Plan,
        database: Option<&str>,
        report: &mut Report,
    ) -> Result<()> {
        if self.wants(Part::Startup) {
            startup::measure(programs, plan, database, report).await?;
        }
        if self.wants(Part::FirstToken) {
            first_token::measure(programs, plan, database, report).await?;
        }
        if self.wants(Part::Throughput) {
            throughput::measure(programs, plan, database, report).await?;
        }
        if self.wants(Part::Length) {
            length::measure(programs, plan, database, report).await?;
        }
        if self.wants(Part::Held) {
            held::measure(programs, plan, database, report).await?;
        }
        if self.wants(Part::SignIn) {
            sign_in::measure(programs, plan, database, report).await?;
        }
        Ok(())
    }

    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}
