//! Comparisons as lines, and what they say about runs in flight.

use super::shapes::{everything, graph, nested, tool_loop};
use crate::view::{EdgeKind, Topology, Verdict, Waiting};

fn waiting(nodes: &[&str], workers: &[&str], version: u32) -> Waiting {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Waiting { nodes: owned(nodes), workers: owned(workers), version }
}

fn breaking(why: &str) -> Verdict {
    Verdict::Breaking { why: vec![why.into()] }
}

fn needs_migration(why: &str) -> Verdict {
    Verdict::NeedsMigration { why: vec![why.into()] }
}

/// The subgraph that a node runs.
fn inside<'a>(topology: &'a mut Topology, node: &str) -> &'a mut Topology {
    let node = topology.nodes.iter_mut().find(|shape| shape.name == node).unwrap();
    match &mut node.kind {
        crate::view::NodeKind::Subgraph { graph, .. } => graph,
        other => panic!("{other:?}"),
    }
}

#[test]
fn differences_print_as_lines() {
    let older = tool_loop().lane("trip", ["flights", "fares"]).nodes(["old"]).entry("old");
    let mut newer = tool_loop().version(2).field("facts", "Facts", "merge_facts").entry("model");
    newer.fields[0].reducer = "last".into();
    newer.fields[1].ty = "Intent".into();
    newer.fields[1].ephemeral = true;
    newer.edges[2].to = None;
    newer.nodes[3].join = true;
    let newer = newer.lane("trip", ["flights", "hotels"]).worker("search", "Query").edge(
        "context",
        "search",
        EdgeKind::Send,
    );
    insta::assert_snapshot!(newer.diff(&older), @r#"
    ~ state version 1 → 2
    ~ field messages: reducer append → last
    ~ field intent: type Option<Intent> → Intent, now ephemeral
    + field facts: Facts, merge_facts
    + entry model
    - entry old
    ~ node reply: now a join
    ~ node trip: lane of flights, fares → lane of flights, hotels
    + node search: worker of Query
    - node old: function
    ~ edge model → end on Reply (was reply)
    + edge context → search by send
    "#);
    insta::assert_snapshot!(older.diff(&older), @"no difference");
}

#[test]
fn what_changes_inside_subgraphs_is_found() {
    let older = nested();
    let mut newer = nested();
    let search = inside(inside(&mut newer, "research"), "search");
    search.nodes.pop();
    search.fields.push(everything_field());
    insta::assert_snapshot!(newer.diff(&older), @r#"
    ~ inside research
      ~ inside search
        + field hits: Vec<Hit>, append
        - node rank: function
    "#);
}

fn everything_field() -> crate::view::FieldShape {
    graph("").field("hits", "Vec<Hit>", "append").fields.remove(0)
}

#[test]
fn what_is_due_must_still_be_there() {
    let older = tool_loop().worker("search", "Query").lane("trip", ["flights", "fares"]);
    let mut newer = older.clone();
    newer.nodes.retain(|node| node.name != "tools");
    let diff = newer.diff(&older);
    assert_eq!(diff.rate(&waiting(&["model"], &["search"], 1)), Verdict::Safe);
    assert_eq!(diff.rate(&waiting(&["tools"], &[], 1)), breaking("tools is due and is gone"));
    assert_eq!(diff.worst(), breaking("tools is due and is gone"));
    // A thread of a version before the older one is not saved by an empty comparison.
    let same = older.diff(&older);
    let lost = waiting(&["ancient"], &[], 1);
    assert_eq!(same.rate(&lost), breaking("ancient is due and is gone"));
    assert_eq!(same.worst(), Verdict::Safe);
}

/// A join that waits has begun to collect; what is none any more would run at once.
#[test]
fn a_join_that_waits_must_still_be_one() {
    let mut older = graph("g").nodes(["a", "b"]);
    older.nodes[1].join = true;
    let newer = graph("g").nodes(["a", "b"]);
    let diff = newer.diff(&older);
    assert_eq!(diff.rate(&waiting(&["b"], &[], 1)), breaking("b waits and is no join any more"));
    assert_eq!(diff.rate(&waiting(&["a"], &[], 1)), Verdict::Safe);
    assert_eq!(older.diff(&newer).worst(), Verdict::Safe);
}

#[test]
fn what_is_due_must_still_be_the_same() {
    let older = graph("g").nodes(["a"]).worker("w", "Query").lane("l", ["x", "y"]);
    let changes = [
        (
            graph("g").worker("a", "P").worker("w", "Query").lane("l", ["x", "y"]),
            "a is due without a payload and is a worker",
        ),
        (
            graph("g").lane("a", ["b"]).worker("w", "Query").lane("l", ["x", "y"]),
            "a is due and is of another kind",
        ),
        (
            graph("g").nodes(["a"]).worker("w", "Search").lane("l", ["x", "y"]),
            "w is sent to and takes another payload",
        ),
        (graph("g").nodes(["a", "w"]).lane("l", ["x", "y"]), "w is sent to and is no worker"),
        (
            graph("g").nodes(["a"]).worker("w", "Query").lane("l", ["y", "x"]),
            "l is due and has other nodes in its lane",
        ),
    ];
    for (newer, why) in changes {
        let diff = newer.diff(&older);
        assert_eq!(diff.rate(&waiting(&["a", "l"], &["w"], 1)), breaking(why));
        assert_eq!(diff.rate(&waiting(&[], &[], 1)), Verdict::Safe);
        assert_eq!(diff.worst(), breaking(why));
    }
    let longer = graph("g").nodes(["a"]).worker("w", "Query").lane("l", ["x", "y", "z"]);
    assert_eq!(longer.diff(&older).worst(), Verdict::Safe);
}

#[test]
fn fields_need_a_migration_unless_the_version_was_raised() {
    let older = graph("g").field("a", "u8", "set").field("b", "u8", "set");
    let ephemeral = |mut topology: Topology| {
        topology.fields[1].ephemeral = true;
        topology
    };
    let changes = [
        (graph("g").field("a", "u8", "set"), "field b is gone, stored states have it"),
        (older.clone().field("c", "u8", "set"), "field c is new, stored states lack it"),
        (graph("g").field("a", "u16", "set").field("b", "u8", "set"), "field a has another type"),
        (
            graph("g").field("a", "u8", "last").field("b", "u8", "set"),
            "field a has another reducer",
        ),
        (ephemeral(older.clone()), "field b lives for another time"),
    ];
    for (newer, why) in changes {
        let at = |version| waiting(&[], &[], version);
        assert_eq!(newer.diff(&older).rate(&at(1)), needs_migration(why));
        let raised = newer.version(2).diff(&older);
        assert_eq!([raised.rate(&at(1)), raised.rate(&at(2))], [Verdict::Safe, Verdict::Safe]);
        let why = "the state is stored in version 3, the graph knows 2";
        assert_eq!(raised.rate(&at(3)), breaking(why));
    }
}

#[test]
fn a_lowered_version_cannot_read_what_is_stored() {
    let diff = graph("g").diff(&graph("g").version(2));
    assert_eq!(diff.worst(), breaking("the state is stored in version 2, the graph knows 1"));
}

#[test]
fn a_persistent_subgraph_counts_wherever_a_thread_waits() {
    let older = nested();
    let mut newer = nested();
    inside(&mut newer, "research").fields.push(everything_field());
    let diff = newer.diff(&older);
    let why = needs_migration("research / field hits is new, stored states lack it");
    assert_eq!(diff.rate(&waiting(&["publish"], &[], 3)), why);
    assert_eq!(diff.rate(&waiting(&["research"], &[], 3)), why);
    inside(&mut newer, "research").version = 2;
    assert_eq!(newer.diff(&older).worst(), Verdict::Safe);
}

#[test]
fn other_subgraphs_count_only_while_they_run() {
    let older = nested();
    let mut newer = nested();
    let search = inside(inside(&mut newer, "research"), "search");
    search.fields.push(everything_field());
    search.nodes.pop();
    let diff = newer.diff(&older);
    assert_eq!(diff.rate(&waiting(&["publish"], &[], 3)), Verdict::Safe);
    let why = breaking("research / search / rank is due and is gone");
    assert_eq!(diff.rate(&waiting(&["research"], &[], 3)), why);
    assert_eq!(diff.worst(), why);
}

#[test]
fn a_subgraph_that_is_due_keeps_its_state_where_it_was() {
    let older = graph("g").subgraph("s", graph("i"), true);
    let diff = graph("g").subgraph("s", graph("i"), false).diff(&older);
    assert_eq!(diff.worst(), breaking("s is due and keeps its state elsewhere"));
    assert_eq!(diff.rate(&waiting(&[], &[], 1)), Verdict::Safe);
}

#[test]
fn new_nodes_and_edges_elsewhere_are_safe() {
    let newer = everything().nodes(["more"]).path(["more", "a"]).entry("more");
    let diff = newer.diff(&everything());
    assert!(!diff.is_empty());
    assert_eq!(diff.worst(), Verdict::Safe);
}

#[test]
fn verdicts_read_as_sentences() {
    let two = Verdict::Breaking { why: vec!["a is due and is gone".into(), "b too".into()] };
    assert_eq!(two.to_string(), "breaking: a is due and is gone; b too");
    assert_eq!(needs_migration("x").to_string(), "needs a migration: x");
    assert_eq!(Verdict::Safe.to_string(), "safe");
}
