//! The binary as people and machines use it: as processes, killed and started again.
#![expect(clippy::unwrap_used, reason = "tests")]

mod asks;
mod budgets;
mod commands;
mod crash;
mod graph;
mod ingest_again;
mod ingestion;
mod leaving;
mod library;
mod mail;
mod oidc;
mod replicas;
mod revocation;
mod server;
mod terminal;
