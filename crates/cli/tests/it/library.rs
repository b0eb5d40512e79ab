//! Filling, searching and measuring collections from the command line.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::server::{KEY, Server, program};

/// What a command said: whether it went well, its output, and what it said beside.
pub(crate) fn run(
    data: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (bool, String, String) {
    let mut command = program(data);
    command.args(arguments).envs(environment.iter().copied());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// A folder of files of which one cannot be read.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |place: &str| folder.path().join(place);
    std::fs::create_dir(at("more")).unwrap();
    std::fs::write(at("policy.md"), "# Refunds\n\nCustomers in the EU get 85 percent back.\n")
        .unwrap();
    std::fs::write(at("more/hours.txt"), "We are open from nine to five.\n").unwrap();
    std::fs::write(at("more/same.txt"), "We are open from nine to five.\n").unwrap();
    std::fs::write(at("broken.pdf"), "%PDF-1.7\nthat is all of it\n").unwrap();
    folder
}

#[test]
fn a_folder_is_taken_in_alone_and_only_once() {
    let data = tempfile::tempdir().unwrap();
    let folder = folder();
    let ingest = ["ingest", folder.path().to_str().unwrap(), "--collection", "docs"];
    let (well, told, about) = run(data.path(), &ingest, &[]);
    assert!(!well, "a file fails: {told}{about}");
    assert!(told.contains("docs: 2 added, 1 there already, 1 failed"), "{told}{about}");
    assert!(told.contains("2 documents"), "{told}");
    let failed = told.lines().find(|line| line.contains("broken.pdf")).expect("a line on it");
    assert!(failed.contains("damaged"), "{failed}");

    // Again: nothing is sent, and what failed is said again.
    let spaced = ["ingest", ingest[1], "--collection", " docs "];
    let (well, told, _) = run(data.path(), &spaced, &[]);
    assert!(!well && told.contains("docs: 0 added, 3 there already, 1 failed"), "{told}");
    std::fs::remove_file(folder.path().join("broken.pdf")).unwrap();
    let (well, told, about) = run(data.path(), &ingest, &[]);
    assert!(well && told.contains("0 added, 3 there already, 0 failed"), "{told}{about}");

    // No collection's name has white space around it.
    let search = ["search", "EU", "refund", "--collection", " docs "];
    let (well, told, about) = run(data.path(), &search, &[]);
    assert!(well, "{about}");
    assert!(told.starts_with("1. policy.md, lines 1–3"), "{told}");
    assert!(told.contains("85 percent") && told.contains("words "), "{told}");
    let (well, _, about) = run(data.path(), &["search", "a", "--collection", "none"], &[]);
    assert!(!well && about.contains("no collection called \"none\""), "{about}");
    let (well, told, about) = run(data.path(), &["search", "zebra", "--json"], &[]);
    assert!(well && told.is_empty(), "{told}{about}");
    let (well, _, about) = run(data.path(), &["ingest", "/nowhere/at/all"], &[]);
    assert!(!well && about.contains("/nowhere/at/all"), "{about}");
}

#[test]
fn what_was_read_in_part_is_told_and_is_no_failure() {
    let data = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let partly =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../knowledge/tests/fixtures/partly.pdf");
    std::fs::copy(partly, folder.path().join("partly.pdf")).unwrap();
    std::fs::write(folder.path().join("whole.txt"), "Quokkas smile.").unwrap();
    let ingest = ["ingest", folder.path().to_str().unwrap(), "--collection", "docs"];
    for counted in ["2 added, 0 there already", "0 added, 2 there already"] {
        let (well, told, about) = run(data.path(), &ingest, &[]);
        assert!(well, "{told}{about}");
        assert!(told.contains(&format!("docs: {counted}, 0 failed")), "{told}");
        let line = told.lines().find(|line| line.contains("partly.pdf")).expect("a line on it");
        assert!(line.contains("1 of 3 pages (2) has no text"), "{line}");
        assert!(!told.contains("whole.txt"), "{told}");
    }
}

#[tokio::test]
async fn a_folder_is_sent_to_a_server() {
    let data = tempfile::tempdir().unwrap();
    // So few requests are allowed that the client has to wait for its turn.
    let limits = [("RATE_LIMIT_REQUESTS", "6"), ("RATE_LIMIT_WINDOW", "2")];
    let server = Server::start(data.path(), &limits);
    let (folder, elsewhere) = (folder(), tempfile::tempdir().unwrap());
    let place = folder.path().to_str().unwrap();
    let ingest = ["ingest", place, "--collection", "docs", "--server", &server.url];
    let (well, told, about) = run(elsewhere.path(), &ingest, &[]);
    assert!(!well && told.contains("docs: 2 added, 1 there already, 1 failed"), "{told}{about}");
    let search = ["search", "opening nine", "--json", "--server", &server.url];
    let (well, told, about) = run(elsewhere.path(), &search, &[("VPAURA_API_KEY", KEY)]);
    assert!(well, "{about}");
    let hit: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    assert_eq!(hit["document"]["name"], "hours.txt");
    assert_eq!(hit["document"]["metadata"]["path"], "more/hours.txt");
    let (well, _, about) = run(elsewhere.path(), &search, &[("VPAURA_API_KEY", "wrong")]);
    assert!(!well && about.contains("UNAUTHORIZED"), "{about}");
}

#[test]
fn a_ranking_is_measured_against_judgements() {
    let data = tempfile::tempdir().unwrap();
    let (folder, judged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (id, text) in [("1", "the wing of a bird"), ("2", "a boat on the sea"), ("3", "a red car")]
    {
        std::fs::write(folder.path().join(format!("{id}.txt")), text).unwrap();
    }
    let file = |name: &str, text: &str| {
        let path = judged.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // Nobody has judged anything for the third, and nothing is relevant for the fourth.
    let asked = [("a", "bird wing"), ("b", "sea boat"), ("c", "red car"), ("d", "red bird")]
        .map(|(id, text)| format!("{{\"_id\": \"{id}\", \"text\": \"{text}\"}}\n"));
    let queries = file("queries.jsonl", &asked.concat());
    let judged = "query-id\tcorpus-id\tscore\na\t1\t1\nb\t2\t1\nb\t3\t1\nd\t1\t0\n";
    let qrels = file("qrels.tsv", judged);
    let place = folder.path().to_str().unwrap();
    let (well, _, about) = run(data.path(), &["ingest", place, "--collection", "tiny"], &[]);
    assert!(well, "{about}");
    let eval = ["eval", "retrieval", "--collection", " tiny ", "--queries", &queries, "--qrels"];
    let (well, told, about) = run(data.path(), &[&eval[..], &[&qrels, "--json"]].concat(), &[]);
    assert!(well, "{about}");
    let measured: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&measured["queries"], &measured["unjudged"]), (&json!(2), &json!(1)));
    assert_eq!(measured["none_relevant"], 1);
    let words = &measured["rankings"][0];
    assert_eq!(words["by"], "words");
    // The first question's document is found first; of the second's two, one is, first.
    let near = |key: &str, wanted: f64| {
        assert!((words[key].as_f64().unwrap() - wanted).abs() < 1e-4, "{key}: {told}");
    };
    near("mrr", 1.0);
    near("recall", 0.75);
    near("ndcg", (1.0 + 1.0 / (1.0 + 1.0 / 3_f64.log2())) / 2.0);
    assert!(about.contains("without vectors"), "{about}");
    let (well, told, _) = run(data.path(), &[&eval[..], &[&qrels]].concat(), &[]);
    assert!(well && told.contains("nDCG@10") && told.contains("words"), "{told}");
    assert!(
        told.contains("2 queries; 2 more have no relevant document and are not counted"),
        "{told}"
    );
    let (well, _, about) = run(data.path(), &[&eval[..], &["/nowhere"]].concat(), &[]);
    assert!(!well && about.contains("/nowhere"), "{about}");
}

#[test]
fn the_first_ten_are_those_of_a_search_for_ten() {
    let data = tempfile::tempdir().unwrap();
    let (folder, judged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // More passages that fit than a search for ten looks at, and one behind them.
    let section = |n| format!("# Herd {n}\n\n{}\n\n", "zebra ".repeat(400));
    let herds: String = (0..150).map(section).collect();
    std::fs::write(folder.path().join("herds.md"), herds).unwrap();
    let seldom = format!("{} one zebra {}", "grass ".repeat(150), "grass ".repeat(150));
    std::fs::write(folder.path().join("seldom.md"), seldom).unwrap();
    let file = |name: &str, text: &str| {
        let path = judged.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let queries = file("queries.jsonl", "{\"_id\": \"q\", \"text\": \"zebra\"}\n");
    let qrels = file("qrels", "q 0 seldom 1\n");
    let place = folder.path().to_str().unwrap();
    let (well, told, about) = run(data.path(), &["ingest", place, "--collection", "tiny"], &[]);
    assert!(well && !told.contains(" 2 chunks"), "{told}{about}");
    let eval = ["eval", "retrieval", "--collection", "tiny", "--queries", &queries, "--json"];
    let (well, told, about) = run(data.path(), &[&eval[..], &["--qrels", &qrels]].concat(), &[]);
    assert!(well, "{about}");
    let measured: Value = serde_json::from_str(&told).unwrap();
    let words = &measured["rankings"][0];
    assert_eq!((&words["recall"], &words["recall_100"]), (&json!(0.0), &json!(1.0)), "{told}");
    let search = ["search", "zebra", "--collection", "tiny", "--limit", "10"];
    let (well, told, about) = run(data.path(), &search, &[]);
    assert!(well && told.contains("herds.md") && !told.contains("seldom.md"), "{told}{about}");
    let (well, told, _) = run(data.path(), &[&eval[..6], &["--qrels", &qrels]].concat(), &[]);
    assert!(well && told.contains("recall@100 looks deeper than a search"), "{told}");
}

#[test]
fn a_ranking_that_is_not_what_its_name_says_is_not_measured() {
    let data = tempfile::tempdir().unwrap();
    let (folder, judged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(folder.path().join("1.txt"), "the wing of a bird").unwrap();
    let file = |name: &str, text: &str| {
        let path = judged.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let queries = file("topics", ".I 1\n.W\nbird wing\n");
    let qrels = file("qrels", "1 0 1 1\n");
    let place = folder.path().to_str().unwrap();
    let (well, _, about) = run(data.path(), &["ingest", place, "--collection", "tiny"], &[]);
    assert!(well, "{about}");
    let eval = ["eval", "retrieval", "--collection", "tiny", "--queries", &queries, "--json"];
    let eval = [&eval[..], &["--qrels", &qrels]].concat();
    let (well, told, about) = run(data.path(), &eval, &[]);
    assert!(well && told.contains("\"words\""), "{told}{about}");

    // A reranker that nobody can reach.
    let out = [
        ("VPAURA__KNOWLEDGE__RERANKER", "local/nobody/nothing"),
        ("VPAURA__KNOWLEDGE__HUB_URL", "http://127.0.0.1:9"),
    ];
    let (well, told, about) = run(data.path(), &eval, &out);
    assert!(!well && about.contains("\"reranked\" cannot be measured"), "{told}{about}");
    let measured: Value = serde_json::from_str(&told).unwrap();
    let ways: Vec<&str> = measured["rankings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["by"].as_str())
        .collect();
    assert_eq!(ways, ["words"]);

    let named = [&eval[..], &["--qrels-format", "cranfield"]].concat();
    let (well, _, about) = run(data.path(), &named, &[]);
    assert!(!well && about.contains("expected a query, a document and a code"), "{about}");
}
