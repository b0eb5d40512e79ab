//! Which nodes may be due in the same step: what warnings of rival writers go by.
//!
//! Steps are looked at two tasks at a time: where two may run together, so may what follows the one
//! and what follows the other. That says yes where a third task would keep them apart, and never no
//! where they can meet.

use crate::graph::{Exit, NodeSpec, Work, successors};
use crate::reach::Reach;
use crate::{FieldSet, State, Warning};

/// Pairs of nodes, each in both orders; a worker may be paired with itself.
struct Pairs {
    size: usize,
    known: Vec<bool>,
    open: Vec<(usize, usize)>,
}

impl Pairs {
    fn has(&self, a: usize, b: usize) -> bool {
        self.known[a * self.size + b]
    }

    fn add(&mut self, a: usize, b: usize) {
        if !self.has(a, b) {
            self.known[a * self.size + b] = true;
            self.known[b * self.size + a] = true;
            self.open.push((a, b));
        }
    }
}

/// For each field, the nodes that write it and may be due together. `writers` are nodes with the
/// fields they write of which only one node of a step may.
pub(crate) fn parallel_writers<S: State>(
    nodes: &[NodeSpec<S>],
    entries: &[usize],
    writers: &[(usize, FieldSet)],
) -> Vec<Warning> {
    let successors = successors(nodes);
    let reach = Reach::new(&successors);
    let pairs = pairs(nodes, entries, &successors, &reach);
    // Of two joins in a cycle neither need be the one that waits.
    let held = |join: usize, by: usize| {
        let mutual = nodes[by].join.is_some() && reach.has(join, by);
        nodes[join].join.is_some() && reach.has(by, join) && !mutual
    };
    // What a lane's nodes write is written by the lane's task.
    let task_of = |node: usize| {
        let owns = |lane: &NodeSpec<S>| matches!(&lane.work, Work::Lane(members) if members.contains(&node));
        nodes.iter().position(owns).unwrap_or(node)
    };
    let rival = |&(a, of_a): &(usize, FieldSet), field: u32| {
        of_a.has(field)
            && writers.iter().any(|&(b, of_b)| {
                let (a, b) = (task_of(a), task_of(b));
                of_b.has(field) && pairs.has(a, b) && !held(a, b) && !held(b, a)
            })
    };
    (0..)
        .zip(S::FIELDS)
        .filter_map(|(at, field)| {
            let rivals = writers.iter().filter(|writer| rival(writer, at));
            let mut nodes: Vec<_> = rivals.map(|&(node, _)| nodes[node].name).collect();
            nodes.sort_unstable();
            nodes.dedup();
            (!nodes.is_empty()).then_some(Warning::ParallelWriters { field: field.name, nodes })
        })
        .collect()
}

fn pairs<S: State>(
    nodes: &[NodeSpec<S>],
    entries: &[usize],
    successors: &[Vec<usize>],
    reach: &Reach,
) -> Pairs {
    let size = nodes.len();
    let mut pairs = Pairs { size, known: vec![false; size * size], open: Vec::new() };
    let is_reached = |node: usize| {
        entries.contains(&node) || entries.iter().any(|&entry| reach.has(entry, node))
    };
    // Several edges into a node run it once; several payloads run a worker several times.
    let meets = |a: usize, b: usize| a != b || nodes[a].work.decode().is_some();
    for (at, &a) in entries.iter().enumerate() {
        entries[at + 1..].iter().filter(|&&b| meets(a, b)).for_each(|&b| pairs.add(a, b));
    }
    for node in (0..size).filter(|&node| is_reached(node)) {
        for (a, b) in forks(&nodes[node]) {
            if meets(a, b) {
                pairs.add(a, b);
            }
        }
    }
    while let Some((a, b)) = pairs.open.pop() {
        for (stays, goes) in [(a, b), (b, a)] {
            // A join that has been reached waits for what can still lead to it.
            if nodes[stays].join.is_some() {
                for &next in successors[goes].iter().filter(|&&next| meets(stays, next)) {
                    pairs.add(stays, next);
                }
            }
        }
        for &next_a in &successors[a] {
            for &next_b in successors[b].iter().filter(|&&next_b| meets(next_a, next_b)) {
                pairs.add(next_a, next_b);
            }
        }
    }
    pairs
}

/// The pairs that one node leads to in one step.
fn forks<S: State>(node: &NodeSpec<S>) -> Vec<(usize, usize)> {
    // Each list is what one of the node's ways out leads to at once, as alternatives.
    let mut ways: Vec<Vec<Vec<usize>>> = Vec::new();
    for exit in &node.exits {
        ways.push(match exit {
            Exit::Edge(target) => vec![target.iter().copied().collect()],
            Exit::Route { table, .. } => {
                table.iter().map(|(_, to)| to.iter().flatten().copied().collect()).collect()
            }
        });
    }
    ways.extend(node.goes.iter().map(|&to| vec![vec![to]]));
    // As often as it likes.
    ways.extend(node.sends.iter().map(|&to| vec![vec![to, to]]));
    let mut pairs = Vec::new();
    for (at, way) in ways.iter().enumerate() {
        for targets in way {
            for (n, &a) in targets.iter().enumerate() {
                pairs.extend(targets[n + 1..].iter().map(|&b| (a, b)));
                let others = ways[at + 1..].iter().flatten().flatten();
                pairs.extend(others.map(|&b| (a, b)));
            }
        }
    }
    pairs
}
