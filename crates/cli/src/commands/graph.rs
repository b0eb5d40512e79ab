//! `vpaura graph`: looks at the ready graphs, and at what a change of one means for the runs that
//! are under way.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use vpaura_engine::{Topology, Verdict, graph_names, graph_topology};

use crate::error::{Error, Result};
use crate::terminal;

/// Shows the graphs that answer messages.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the graphs
    List,
    /// Draw a graph
    Show {
        /// Its name
        name: String,
        /// How
        #[arg(long, value_enum, default_value_t = Format::Mermaid)]
        format: Format,
    },
    /// Compare a graph with what `show --format json` printed of an older version
    Diff {
        /// Its name
        name: String,
        /// The older version's file
        older: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A Mermaid flow chart
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture for the browser
    Svg,
    /// Its shape as data, to be kept and compared
    Json,
}

impl Graph {
    pub(crate) fn run(self) -> Result<()> {
        match self.action {
            Action::List => {
                for name in graph_names() {
                    terminal::print_line(name)?;
                }
            }
            Action::Show { name, format } => {
                let graph = find(&name)?;
                let text = match format {
                    Format::Mermaid => graph.mermaid(),
                    Format::Dot => graph.dot(),
                    Format::Svg => graph.svg(),
                    Format::Json => serde_json::to_string_pretty(&graph).map_err(bad("shape"))?,
                };
                terminal::print_line(text.trim_end())?;
            }
            Action::Diff { name, older } => {
                let graph = find(&name)?;
                let path = older.display().to_string();
                let text = std::fs::read_to_string(&older).map_err(bad(&path))?;
                let diff = graph.diff(&serde_json::from_str(&text).map_err(bad(&path))?);
                if diff.is_empty() {
                    terminal::print_line("Nothing has changed.")?;
                    return Ok(());
                }
                terminal::print_line(&diff.to_string())?;
                let verdict = diff.worst();
                terminal::print_line(&format!("Runs under way: {verdict}"))?;
                if matches!(verdict, Verdict::Breaking { .. }) {
                    return Err(Error::Reported);
                }
            }
        }
        Ok(())
    }
}

fn find(name: &str) -> Result<Topology> {
    let known = || format!("there is no such graph; there are: {}", graph_names().join(", "));
    graph_topology(name)?
        .ok_or_else(|| Error::File { path: format!("graph {name}"), reason: known() })
}

fn bad<E: std::error::Error>(path: &str) -> impl Fn(E) -> Error {
    move |error| Error::File { path: path.to_owned(), reason: error.to_string() }
}
