//! Mermaid and Graphviz texts.

use proptest::prelude::*;

use super::shapes::{NASTY, any_topology, everything, graph};
use crate::view::NodeKind;

#[test]
fn mermaid_knows_every_kind() {
    insta::assert_snapshot!(everything().mermaid(), @r#"
    ---
    title: "every kind"
    ---
    flowchart TD
        n0(["start"])
        n1["a"]
        n2[["w · Vec#60;Url#62;"]]
        subgraph n3["l · lane"]
            direction TB
            n3_0["l1"]
            n3_1["l2"]
            n3_0 --> n3_1
        end
        n4["empty · lane"]
        subgraph n5["s · persistent subgraph"]
            direction TB
            n5_0(["start"])
            n5_1["one"]
            n5_2(["end"])
            n5_0 --> n5_1
            n5_1 --> n5_2
        end
        n6{{"j · join"}}
        n7["gone · missing"]
        n8(["end"])
        n0 --> n1
        n1 --> n3
        n3 --> n5
        n1 -.->|"More #123; n#58; 1 #125;"| n1
        n1 -->|"send"| n2
        n2 ==> n6
        n5 ==> n6
        n5_2 -.->|"goto"| n5_0
        n1 -->|"on error"| n7
        n1 -->|"on budget"| n6
        n4 --> n6
        n6 --> n8
        linkStyle 7 stroke:#2563eb
        linkStyle 10 stroke:#7c3aed
        linkStyle 12 stroke:#d97706
        linkStyle 11 stroke:#dc2626
        classDef missing stroke-dasharray:4
        class n7 missing
        classDef waits stroke-width:3px
        class n6 waits
    "#);
}

#[test]
fn dot_knows_every_kind() {
    insta::assert_snapshot!(everything().dot(), @r#"
    digraph "every kind" {
        graph [label="every kind", labelloc=t, compound=true]
        node [shape=box, style=rounded]
        n0 [label="start", shape=circle, style=solid]
        n1 [label="a", shape=box]
        n2 [label="w · Vec<Url>", shape=box3d, style=solid]
        subgraph cluster_n3 {
            graph [label="l · lane", penwidth=1]
            n3_0 [label="l1", shape=box]
            n3_1 [label="l2", shape=box]
            n3_0 -> n3_1
        }
        n4 [label="empty · lane", shape=box]
        subgraph cluster_n5 {
            graph [label="s · persistent subgraph", penwidth=1]
            n5_0 [label="start", shape=circle, style=solid]
            n5_1 [label="one", shape=box]
            n5_2 [label="end", shape=doublecircle, style=solid]
            n5_0 -> n5_1
            n5_1 -> n5_2
        }
        n6 [label="j · join", shape=hexagon, style=solid, penwidth=2]
        n7 [label="gone · missing", style=dashed]
        n8 [label="end", shape=doublecircle, style=solid]
        n0 -> n1
        n1 -> n3_0 [lhead=cluster_n3]
        n3_1 -> n5_0 [ltail=cluster_n3, lhead=cluster_n5]
        n1 -> n1 [label="More { n: 1 }", style=dotted]
        n1 -> n2 [label="send", color=blue3]
        n2 -> n6 [penwidth=2]
        n5_2 -> n6 [ltail=cluster_n5, penwidth=2]
        n5_2 -> n5_0 [label="goto", style=dashed, color=purple3]
        n1 -> n7 [label="on error", style=dashed, color=red3]
        n1 -> n6 [label="on budget", style=dashed, color=darkorange3]
        n4 -> n6
        n6 -> n8
    }
    "#);
}

#[test]
fn mermaid_labels_hold_nasty_names() {
    let text = graph(NASTY[2]).nodes(NASTY).mermaid();
    insta::assert_snapshot!(text, @r##"
    ---
    title: "a\"b"
    ---
    flowchart TD
        n0(["start"])
        n1["#32;"]
        n2["end"]
        n3["a#34;b"]
        n4["#92;"]
        n5["#60;script#62;alert#40;1#41;#60;#47;script#62;"]
        n6["a #38; b #38;amp#59; c"]
        n7["#93;#93;#62;"]
        n8["two#92;nlines#92;r#92;n#92;u#123;0#125;"]
        n9["#37;#37;#123;init#58; #123;#125;#125;#37;#37;"]
        n10["1#46; #96;code#96; #42;bold#42;"]
        n11["行程 ünï 🧭 #92;u#123;202e#125;txet"]
        n12["a very long name#44; a very long name#44; a very long name#44; a very long name#44; a very long name#44; a very long name#44; a very long name#44; a very long name#44; a very long name#44; a very long name#46;"]
    "##);
}

#[test]
fn dot_strings_hold_nasty_names() {
    let text = graph(NASTY[2]).nodes(NASTY).dot();
    insta::assert_snapshot!(text, @r#"
    digraph "a\"b" {
        graph [label="a\"b", labelloc=t, compound=true]
        node [shape=box, style=rounded]
        n0 [label="start", shape=circle, style=solid]
        n1 [label="", shape=box]
        n2 [label="end", shape=box]
        n3 [label="a\"b", shape=box]
        n4 [label="\\", shape=box]
        n5 [label="<script>alert(1)</script>", shape=box]
        n6 [label="a &amp; b &amp;amp; c", shape=box]
        n7 [label="]]>", shape=box]
        n8 [label="two\\nlines\\r\\n\\u{0}", shape=box]
        n9 [label="%%{init: {}}%%", shape=box]
        n10 [label="1. `code` *bold*", shape=box]
        n11 [label="行程 ünï 🧭 \\u{202e}txet", shape=box]
        n12 [label="a very long name, a very long name, a very long name, a very long name, a very long name, a very long name, a very long name, a very long name, a very long name, a very long name.", shape=box]
    }
    "#);
}

#[test]
fn a_graph_in_a_lane_is_shown_with_its_nodes() {
    let search = graph("search").entry("query").nodes(["query"]).path(["query", ""]);
    let lanes = graph("lanes").subgraph("find", search, false);
    let nodes = vec!["before".to_owned(), "find".to_owned()];
    let lane = NodeKind::Lane { nodes, graphs: Some(lanes.nodes) };
    let topology = graph("outer").entry("lane").kind("lane", lane).path(["lane", ""]);
    insta::assert_snapshot!(topology.mermaid(), @r#"
    ---
    title: "outer"
    ---
    flowchart TD
        n0(["start"])
        subgraph n1["lane · lane"]
            direction TB
            n1_0["before"]
            subgraph n1_1["find · subgraph"]
                direction TB
                n1_1_0(["start"])
                n1_1_1["query"]
                n1_1_2(["end"])
                n1_1_0 --> n1_1_1
                n1_1_1 --> n1_1_2
            end
            n1_0 --> n1_1
        end
        n2(["end"])
        n0 --> n1
        n1 --> n2
    "#);
    for picture in [topology.dot(), topology.svg()] {
        assert!(picture.contains("query") && picture.contains("find · subgraph"), "{picture}");
    }
}

/// What is left of a line when its strings are taken out; `None` if a string is not closed.
fn without_strings(line: &str, escapes: bool) -> Option<String> {
    let mut rest = line.chars();
    let mut out = String::new();
    let mut inside = false;
    while let Some(c) = rest.next() {
        match c {
            '"' => inside = !inside,
            '\\' if inside && escapes => {
                rest.next()?;
            }
            _ if inside => {}
            c => out.push(c),
        }
    }
    (!inside).then_some(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Names are in strings only, so what is outside of them has no character of a name.
    #[test]
    fn names_stay_in_their_strings(topology in any_topology()) {
        let plain = |c: char| c.is_ascii_alphanumeric() || " _-.,:=()[]{}<>|/;#".contains(c);
        let mermaid = topology.mermaid();
        // The title is JSON, where a quote is escaped by a backslash.
        let (title, mermaid) = mermaid.split_once("\nflowchart").unwrap();
        prop_assert!(without_strings(title.trim_matches(['-', '\n']), true).as_deref() == Some("title: "));
        for (text, escapes) in [(mermaid, false), (&topology.dot(), true)] {
            for line in text.lines() {
                let outside = without_strings(line, escapes);
                prop_assert!(outside.is_some_and(|outside| outside.chars().all(plain)), "{line}");
            }
            let balance = |open, close| {
                text.lines().filter_map(|line| without_strings(line, escapes)).fold(0, |sum, line| {
                    sum + line.matches(open).count() as i64 - line.matches(close).count() as i64
                })
            };
            prop_assert_eq!((balance('[', ']'), balance('{', '}')), (0, 0));
        }
    }
}
