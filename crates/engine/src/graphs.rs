//! The ready graphs. Each is compiled once, when the engine starts, and shared by all runs.

pub(crate) mod chat;

use vpaura_domain::{Permission, Scope};
use vpaura_graph::view::Topology;

use crate::{Engine, Result};

/// The names of the ready graphs.
pub const fn graph_names() -> &'static [&'static str] {
    &["chat"]
}

impl Engine {
    /// The graphs that a chatbot can answer with.
    pub fn list_graphs(&self, scope: &Scope) -> Result<&'static [&'static str]> {
        scope.require(Permission::ChatbotsRead)?;
        Ok(graph_names())
    }
}

/// The shape of a ready graph; `None` if there is none of that name.
///
/// # Errors
/// When the graph is wired wrongly, which the engine would refuse to start with.
pub fn graph_topology(name: &str) -> Result<Option<Topology>> {
    Ok(match name {
        "chat" => Some(chat::build()?.topology()),
        _ => None,
    })
}
