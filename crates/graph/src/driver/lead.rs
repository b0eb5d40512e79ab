//! Where a task leads: by its edges and routes, and by itself.

use std::sync::Arc;

use crate::frontier::{Due, Leads, Sending};
use crate::graph::{Compiled, Exit};
use crate::task::guarded;
use crate::{GraphError, State, Step};

/// Follows the edges and routes out of a task's node, in this state.
pub(crate) fn follow<S: State>(
    graph: &Compiled<S>,
    due: &Due,
    state: &S,
    leads: &mut Leads,
) -> Result<(), GraphError> {
    let exits = &graph.nodes[due.node].exits;
    for (at, exit) in exits.iter().enumerate() {
        match exit {
            Exit::Edge(Some(join)) if graph.nodes[*join].joins.contains(&due.node) => {
                // A task arrives once, by however many edges.
                let before = exits[..at].iter();
                let again =
                    before.filter(|exit| matches!(exit, Exit::Edge(Some(to)) if to == join));
                leads.arrive(*join, u32::from(again.count() == 0));
            }
            Exit::Edge(Some(target)) => leads.pull(graph, *target),
            Exit::Edge(None) => {}
            Exit::Route { pick, .. } => {
                let chosen = guarded(&due.path, || pick(state))?;
                let targets = chosen.map_err(|choice| undeclared(due, &choice))?;
                targets.iter().flatten().for_each(|&target| leads.pull(graph, target));
            }
        }
    }
    Ok(())
}

/// Goes where the node itself says: nodes and workers that the graph declares.
pub(crate) fn by_itself<S: State>(
    graph: &Compiled<S>,
    due: &Due,
    step: Step<S>,
    diverted: bool,
    leads: &mut Leads,
) -> Result<(), GraphError> {
    let spec = &graph.nodes[due.node];
    for node in step.goto {
        let declared = diverted || spec.goes.contains(&node.index);
        if node.builder != graph.builder || !declared {
            return Err(undeclared(due, node.name));
        }
        leads.pull(graph, node.index);
    }
    for send in step.sends {
        let declared = diverted || spec.sends.contains(&send.worker);
        if send.builder != graph.builder || !declared {
            return Err(undeclared(due, send.name));
        }
        let (node, parcel, timeout) = (send.worker, send.payload, send.timeout);
        leads.sends.push(Sending { node, parcel, timeout });
    }
    Ok(())
}

fn undeclared(due: &Due, target: &str) -> GraphError {
    GraphError::Undeclared { path: Arc::clone(&due.path), target: format!("`{target}`") }
}
