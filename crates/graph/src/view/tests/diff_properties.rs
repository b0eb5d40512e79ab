//! What holds for the comparison of any two topologies.

use proptest::prelude::*;

use super::shapes::any_topology;
use crate::view::{Change, Diff, EdgeKind, NodeKind, Topology, Verdict};

/// A change of a topology that is one however the topology is ordered; `false` if it has nothing
/// to change in that way.
type Edit = fn(&mut Topology) -> bool;

const EDITS: [Edit; 16] = [
    |t| {
        t.graph.push('x');
        true
    },
    |t| {
        t.version += 1;
        true
    },
    |t| t.fields.pop().is_some(),
    |t| t.fields.first_mut().is_some_and(|field| pushed(&mut field.ty)),
    |t| t.fields.first_mut().is_some_and(|field| pushed(&mut field.reducer)),
    |t| t.fields.first_mut().is_some_and(|field| flipped(&mut field.ephemeral)),
    |t| pushed_name(&mut t.entries),
    |t| t.entries.pop().is_some(),
    |t| t.nodes.pop().is_some(),
    |t| t.nodes.first_mut().is_some_and(|node| pushed(&mut node.name)),
    |t| t.nodes.first_mut().is_some_and(|node| flipped(&mut node.join)),
    |t| t.nodes.iter_mut().any(|node| edit_kind(&mut node.kind)),
    |t| t.edges.pop().is_some(),
    |t| t.edges.first_mut().is_some_and(|edge| pushed(&mut edge.from)),
    |t| t.edges.first_mut().is_some_and(|edge| pushed(edge.to.get_or_insert_default())),
    |t| {
        t.edges.first_mut().is_some_and(|edge| match &mut edge.kind {
            EdgeKind::Route { choice } => pushed(choice),
            kind => {
                *kind = EdgeKind::Route { choice: "x".into() };
                true
            }
        })
    },
];

fn pushed(text: &mut String) -> bool {
    text.push('x');
    true
}

fn pushed_name(names: &mut Vec<String>) -> bool {
    names.push("x".into());
    true
}

fn flipped(flag: &mut bool) -> bool {
    *flag = !*flag;
    true
}

fn edit_kind(kind: &mut NodeKind) -> bool {
    match kind {
        NodeKind::Node => false,
        NodeKind::Worker { payload } => pushed(payload),
        NodeKind::Lane { nodes, .. } => pushed_name(nodes),
        NodeKind::Subgraph { graph, .. } => {
            graph.nodes.push(crate::view::NodeShape {
                name: "x".into(),
                kind: NodeKind::Node,
                join: false,
            });
            true
        }
    }
}

/// How much was added and removed, not counting inside subgraphs.
fn counts(diff: &Diff) -> (usize, usize) {
    fn count<T>(changes: &[Change<T>]) -> (usize, usize) {
        let added = changes.iter().filter(|change| matches!(change, Change::Added(_))).count();
        let removed = changes.iter().filter(|change| matches!(change, Change::Removed(_))).count();
        (added, removed)
    }
    let lists = [count(&diff.fields), count(&diff.entries), count(&diff.nodes), count(&diff.edges)];
    lists.iter().fold((0, 0), |sum, list| (sum.0 + list.0, sum.1 + list.1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_differs_from_itself(topology in any_topology()) {
        let diff = topology.diff(&topology);
        prop_assert!(diff.is_empty());
        prop_assert_eq!(diff.to_string(), "no difference");
        prop_assert_eq!(diff.worst(), Verdict::Safe);
    }

    #[test]
    fn order_does_not_matter(topology in any_topology()) {
        let mut turned = topology.clone();
        turned.fields.reverse();
        turned.entries.reverse();
        turned.nodes.reverse();
        turned.edges.reverse();
        prop_assert!(turned.diff(&topology).is_empty());
    }

    #[test]
    fn every_change_is_found(older in any_topology(), edit in 0..EDITS.len()) {
        let mut newer = older.clone();
        prop_assume!(EDITS[edit](&mut newer));
        let diff = newer.diff(&older);
        prop_assert!(!diff.is_empty());
        let lines = diff.to_string();
        prop_assert!(lines.lines().all(|line| line.trim_start().starts_with(['+', '-', '~'])));
    }

    #[test]
    fn looked_at_from_the_other_side_added_is_removed(a in any_topology(), b in any_topology()) {
        let (added, removed) = counts(&a.diff(&b));
        prop_assert_eq!(counts(&b.diff(&a)), (removed, added));
    }
}
