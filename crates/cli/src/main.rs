//! The binary `vpaura`: serve, migrate, chat, ingest, search, eval,
//! doctor, graph, admin. It reads arguments and configuration and
//! calls the engine and the server; it decides nothing else.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

mod api;
mod commands;
mod error;
mod library;
mod open_files;
mod terminal;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Self-hosted AI chat in one binary.
#[derive(Debug, Parser)]
#[command(name = "vpaura", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the web UI
    Serve(commands::serve::Serve),
    /// Bring the database's schema up to date, or look at it
    Migrate(commands::migrate::Migrate),
    /// Chat in the terminal, against a server or alone
    Chat(commands::chat::Chat),
    /// Put the files of a folder into a collection
    Ingest(commands::ingest::Ingest),
    /// Search collections
    Search(commands::search::Search),
    /// Measure how well something is found
    Eval(commands::eval::Eval),
    /// Check configuration, database and models, and say how to mend what is wrong
    Doctor(commands::doctor::Doctor),
    /// Look at the graphs that answer messages
    Graph(commands::graph::Graph),
    /// Manage users at the server itself
    Admin(commands::admin::Admin),
    /// Read one file for the server
    #[command(hide = true)]
    ExtractChild(commands::extract_child::ExtractChild),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve(command) => command.run().await,
        Command::Migrate(command) => command.run().await,
        Command::Chat(command) => command.run().await,
        Command::Ingest(command) => command.run().await,
        Command::Search(command) => command.run().await,
        Command::Eval(command) => command.run().await,
        Command::Doctor(command) => command.run().await,
        Command::Graph(command) => command.run(),
        Command::Admin(command) => command.run().await,
        Command::ExtractChild(command) => return command.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Reported) => ExitCode::FAILURE,
        // Whoever reads, like `head`, has seen enough.
        Err(Error::Io(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}
