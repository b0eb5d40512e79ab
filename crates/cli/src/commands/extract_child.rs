//! `vpaura extract-child`: what the server starts to read one file in a process of its own.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use vpaura_knowledge::extract::child_main;

/// Reads the file on standard input and writes what it says to standard output.
#[derive(Debug, Args)]
pub(crate) struct ExtractChild {
    /// What to read, and within which limits
    #[arg(hide = true)]
    job: Vec<OsString>,
}

impl ExtractChild {
    pub(crate) fn run(self) -> ExitCode {
        child_main()
    }
}
