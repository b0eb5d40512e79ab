//! Measures how fast collections are filled and searched: an engine in this process, texts that are
//! made up, and an embedder that costs nothing, so that what is measured is ours. Its results are
//! lines of Markdown on standard output; `run.sh` calls it.
#![expect(clippy::print_stdout, reason = "a command line talks on standard output")]

mod chance;
mod corpus;
mod embedder;
mod error;
mod measure;
mod rig;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::error::Result;

/// Measures filling and searching a collection.
#[derive(Debug, Parser)]
struct Arguments {
    /// The database's address; SQLite in the folder when absent
    #[arg(long)]
    database: Option<String>,
    /// How many chunks the collection has in the end, about
    #[arg(long)]
    chunks: u32,
    /// Where files and the SQLite database go
    #[arg(long)]
    folder: PathBuf,
    /// Where texts and queries are written for others to search, unless they are there
    #[arg(long)]
    texts: PathBuf,
}

fn main() -> ExitCode {
    // Files are read in children, which are this very program.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == rig::CHILD) {
        return vpaura_knowledge::extract::child_main();
    }
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "vpaura-retrieval-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure::run(arguments))
}
