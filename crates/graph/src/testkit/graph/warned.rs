//! What a run shows to be probably a mistake.

use super::TestRun;
use crate::builder::parallel_writers;
use crate::graph::{Compiled, Work};
use crate::{Durable, Event, EventKind, FieldSet, State, Warning};

impl<S: Durable> TestRun<S> {
    /// What is probably a mistake: of the wiring, of what the nodes told, and of the fields that
    /// nodes wrote in this run where they may write them in the same step in another.
    pub fn warnings(&self) -> Vec<Warning> {
        let graph = &self.graph.0;
        let mut warnings = graph.warnings.clone();
        let told = self.events.iter().filter_map(|event| match &event.kind {
            EventKind::Warning(warning) => Some(warning.clone()),
            _ => None,
        });
        warnings.extend(told);
        let mut writers: Vec<(usize, FieldSet)> = Vec::new();
        for (node, fields) in self.events.iter().filter_map(|event| wrote(graph, event)) {
            match writers.iter_mut().find(|(writer, _)| *writer == node) {
                Some((_, all)) => *all = all.or(fields),
                None => writers.push((node, fields)),
            }
        }
        warnings.extend(parallel_writers(&graph.nodes, &graph.entries, &writers));
        warnings
    }

    /// Asserts that nothing is probably a mistake.
    ///
    /// # Panics
    /// When something is.
    pub fn no_warnings(&self) -> &Self {
        let warnings: Vec<String> = self.warnings().iter().map(Warning::to_string).collect();
        assert!(warnings.is_empty(), "the run warns: {}", warnings.join("; "));
        self
    }
}

/// A node of the outermost graph, and the fields of which it wrote what only one may.
fn wrote<S: State>(graph: &Compiled<S>, event: &Event<S::Event>) -> Option<(usize, FieldSet)> {
    let EventKind::Update(data) = &event.kind else { return None };
    let mut names = event.path.split('/');
    let first = names.next()?.split('[').next()?;
    let node = graph.find(first)?;
    let node = match (&graph.nodes[node].work, names.next()) {
        (Work::Lane(members), Some(member)) => {
            *members.iter().find(|&&at| graph.nodes[at].name == member)?
        }
        // A lane writes what its nodes do, and what is in a subgraph writes another state.
        (Work::Lane(_), None) | (_, Some(_)) => return None,
        (_, None) => node,
    };
    Some((node, S::writes(data.get()?).exclusive))
}
