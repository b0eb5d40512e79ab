//! SVG images: whether they are XML, show everything and stay within their size.

use proptest::prelude::*;
use roxmltree::Document;

use super::shapes::{NASTY, any_topology, everything, graph, nested, planning, tool_loop};
use crate::view::{EdgeKind, NodeKind, Topology};

fn texts<'a>(document: &'a Document<'_>, tag: &str) -> Vec<&'a str> {
    document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", tag)))
        .filter_map(|node| node.text())
        .collect()
}

fn number(node: roxmltree::Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).map_or(0.0, |value| value.parse().unwrap())
}

/// Where a node's own coordinates begin: the sum of the moves of the groups that it is in.
fn origin(node: roxmltree::Node<'_, '_>) -> (f64, f64) {
    node.ancestors().filter_map(|group| group.attribute("transform")).fold((0.0, 0.0), |sum, by| {
        let by = by.strip_prefix("translate(").unwrap().strip_suffix(')').unwrap();
        let (x, y) = by.split_once(' ').unwrap();
        (sum.0 + x.parse::<f64>().unwrap(), sum.1 + y.parse::<f64>().unwrap())
    })
}

/// The left, top, right and bottom of all boxes that are not frames.
fn boxes(document: &Document<'_>) -> Vec<[f64; 4]> {
    document
        .descendants()
        .filter(|node| matches!(node.attribute("class"), Some("vg-box" | "vg-end")))
        .map(|node| {
            let (x, y) = origin(node);
            let (left, top) = (x + number(node, "x"), y + number(node, "y"));
            [left, top, left + number(node, "width"), top + number(node, "height")]
        })
        .collect()
}

#[test]
fn an_image_names_itself_and_all_that_is_in_it() {
    let svg = everything().svg();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(document.root_element().attribute("role"), Some("img"));
    let mut titles = texts(&document, "title");
    assert_eq!(titles.remove(0), "Graph every kind");
    titles.sort_unstable();
    let mut wanted = [
        "a",
        "a → a: More { n: 1 }",
        "a → gone: on error",
        "a → j: on budget",
        "a → l",
        "a → w: send",
        "empty → j",
        "empty · lane",
        "end",
        "end",
        "gone · missing",
        "j → end",
        "j · join",
        "l → s",
        "l1",
        "l1 → l2",
        "l2",
        "l · lane",
        "one",
        "one → end",
        "s → j",
        "s → s: goto",
        "s · persistent subgraph",
        "start",
        "start",
        "start → a",
        "start → one",
        "w → j",
        "w · Vec<Url>",
    ];
    wanted.sort_unstable();
    assert_eq!(titles, wanted);
}

#[test]
fn each_kind_of_edge_has_a_look_of_its_own() {
    let svg = everything().svg();
    let document = Document::parse(&svg).unwrap();
    let drawn = |class: &str| {
        document.descendants().filter(|node| node.attribute("class") == Some(class)).count()
    };
    let kinds = ["always", "route", "join", "send", "goto", "on-error", "on-budget"];
    let counts = kinds.map(|kind| drawn(&format!("vg-{kind}")));
    assert_eq!(counts, [8, 1, 2, 1, 1, 1, 1]);
    for kind in kinds {
        assert!(svg.contains(&format!("\n.vg-{kind}")) || svg.contains(&format!(", .vg-{kind}")));
    }
}

#[test]
fn ranks_go_downwards_and_loops_do_not_count() {
    let svg = tool_loop().svg();
    let document = Document::parse(&svg).unwrap();
    let top = |title: &str| {
        let is_title = |node: &roxmltree::Node<'_, '_>| node.text() == Some(title);
        let title = document.descendants().filter(is_title).find(|node| node.has_tag_name("title"));
        origin(title.unwrap()).1
    };
    let tops = ["start", "context", "model", "tools", "end"].map(top);
    assert!(tops.is_sorted_by(|above, below| above < below), "{tops:?}");
    assert_eq!(top("tools"), top("reply"));
}

#[test]
fn boxes_do_not_overlap_and_stay_on_the_card() {
    for topology in [tool_loop(), planning(), nested(), everything()] {
        // Workers are stacks of overlapping boxes.
        let mut topology = topology;
        for node in &mut topology.nodes {
            if let NodeKind::Worker { .. } = node.kind {
                node.kind = NodeKind::Node;
            }
        }
        let svg = topology.svg();
        let document = Document::parse(&svg).unwrap();
        let boxes = boxes(&document);
        let root = document.root_element();
        for (index, [left, top, right, bottom]) in boxes.iter().enumerate() {
            assert!(*left >= 0.0 && *top >= 0.0, "{index} of {}", topology.graph);
            assert!(*right <= number(root, "width") && *bottom <= number(root, "height"));
            for other in &boxes[index + 1..] {
                let beside = *right <= other[0] || other[2] <= *left;
                assert!(beside || *bottom <= other[1] || other[3] <= *top, "{}", topology.graph);
            }
        }
    }
}

#[test]
fn nasty_names_are_escaped() {
    let mut topology = graph(NASTY[4]).nodes(NASTY);
    for pair in NASTY.windows(2) {
        topology = topology.route(pair[0], pair[1], pair[1]);
    }
    let svg = topology.svg();
    let document = Document::parse(&svg).unwrap();
    let titles = texts(&document, "title");
    for name in NASTY.iter().filter(|name| !name.is_empty()) {
        let shown = crate::view::label::visible(name);
        assert!(titles.contains(&&*shown), "{name:?} is missing");
    }
    assert!(document.descendants().all(|node| !node.has_tag_name("script")));
    let longest = texts(&document, "text").into_iter().map(|text| text.chars().count()).max();
    assert!(longest <= Some(61), "{longest:?}");
}

#[test]
fn an_empty_graph_is_a_card_with_a_start() {
    let svg = graph("nothing").svg();
    let document = Document::parse(&svg).unwrap();
    assert_eq!(texts(&document, "title"), ["Graph nothing", "start"]);
}

#[test]
fn a_large_graph_is_drawn() {
    let names: Vec<String> = (0..300).map(|n| format!("n{n}")).collect();
    let mut topology = graph("large").entry("n0");
    for (n, name) in names.iter().enumerate() {
        topology = topology.kind(name, NodeKind::Node);
        for to in [n * 2 + 1, n * 7 % 300, n / 3] {
            if let Some(to) = names.get(to) {
                topology = topology.edge(name, to, EdgeKind::Always);
            }
        }
    }
    assert!(Document::parse(&topology.svg()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_topology_is_an_image(topology in any_topology()) {
        let svg = topology.svg();
        let document = Document::parse(&svg);
        prop_assert!(document.is_ok(), "{:?}", document.err());
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf,"));
        prop_assert_eq!(svg, copied(&topology).svg());
    }
}

/// The same topology as it comes back from its JSON form.
fn copied(topology: &Topology) -> Topology {
    serde_json::from_str(&serde_json::to_string(topology).unwrap()).unwrap()
}
