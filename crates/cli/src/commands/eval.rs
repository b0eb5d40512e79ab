//! `vpaura eval`: how good something is, measured against judgements of people.

mod judged;
mod retrieval;
mod table;

use clap::{Args, Subcommand};

use crate::error::Result;

/// Measures how well something is found.
#[derive(Debug, Args)]
pub(crate) struct Eval {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The search of a collection, against judged queries
    Retrieval(retrieval::Retrieval),
}

impl Eval {
    pub(crate) async fn run(self) -> Result<()> {
        match self.what {
            What::Retrieval(retrieval) => Box::pin(retrieval.run()).await,
        }
    }
}
