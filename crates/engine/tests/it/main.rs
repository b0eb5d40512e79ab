//! The engine as its callers use it: real database, real graph, a model driven step by step.
#![expect(clippy::unwrap_used, reason = "tests")]

mod authenticate;
mod branches;
mod budgets;
mod chatbots;
mod eyes;
mod files;
mod ingestion;
mod library;
mod lost_servers;
mod multitask;
mod overlap;
mod quotes;
mod quoting;
mod reading;
mod recovery;
mod retrieval;
mod revocation;
mod runs;
mod support;
mod tools;
mod upkeep;
mod waiting;
