//! What a run shows to be probably a mistake.

use super::TestRun;
use crate::builder::parallel_writers;
use crate::graph::{Compiled, Work};
use crate::{Durable, Event, EventKind, FieldSet, State, Warning, Writes};

impl<S: Durable> TestRun<S> {
    /// What is probably a mistake: of the wiring, of what the nodes told, and of the fields that
    /// nodes wrote in this run where they may write them in the same step in another.
    pub fn warnings(&self) -> Vec<Warning> {
        let graph = &self.graph.0;
        let mut warnings = graph.warnings.clone();
        for event in &self.events {
            if let EventKind::Warning(warning) = &event.kind {
                warnings.push(warning.clone());
            }
        }
        let kinds: [fn(&Writes) -> FieldSet; 2] = [|it| it.exclusive, |it| it.overwrite];
        for kind in kinds {
            let mut writers: Vec<(usize, FieldSet)> = Vec::new();
            for (node, writes) in self.events.iter().filter_map(|event| wrote(graph, event)) {
                match writers.iter_mut().find(|(writer, _)| *writer == node) {
                    Some((_, all)) => *all = all.or(kind(&writes)),
                    None => writers.push((node, kind(&writes))),
                }
            }
            let learned = parallel_writers(&graph.nodes, &graph.entries, &writers);
            learned.into_iter().for_each(|warning| add(&mut warnings, warning));
        }
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

/// Adds a warning, to that of the same field where there is one.
fn add(warnings: &mut Vec<Warning>, learned: Warning) {
    let Warning::ParallelWriters { field, nodes: more } = &learned else { return };
    let known = warnings.iter_mut().find_map(|warning| match warning {
        Warning::ParallelWriters { field: known, nodes } if known == field => Some(nodes),
        _ => None,
    });
    match known {
        Some(nodes) => {
            nodes.extend(more);
            nodes.sort_unstable();
            nodes.dedup();
        }
        None => warnings.push(learned),
    }
}

/// A node of the outermost graph, and what it wrote of what only one may write.
fn wrote<S: State>(graph: &Compiled<S>, event: &Event<S::Event>) -> Option<(usize, Writes)> {
    let EventKind::Update(data) = &event.kind else { return None };
    let mut names = event.path.split('/');
    let first = names.next()?.split('[').next()?;
    let node = graph.find(first)?;
    let node = match (&graph.nodes[node].work, names.next()) {
        // Deeper is a subgraph in the lane.
        (Work::Lane(members), Some(member)) if names.next().is_none() => {
            *members.iter().find(|&&at| graph.nodes[at].name == member)?
        }
        // A lane writes what its nodes do, and what is in a subgraph writes another state.
        (Work::Lane(_), None) | (_, Some(_)) => return None,
        (_, None) => node,
    };
    Some((node, S::writes(data.get()?)))
}
