//! The graphs as the command shows them, and what a change of one means for runs under way.

use std::path::Path;
use std::process::Stdio;

use crate::server::program;

fn graph(arguments: &[&str]) -> (bool, String) {
    let data = tempfile::tempdir().unwrap();
    let mut command = program(data.path());
    let output = command.arg("graph").args(arguments).stdin(Stdio::null()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// The picture and the shape in the documentation are those of the program. `UPDATE_SCHEMA=1`
/// writes them; look at what `vpaura graph diff` says of the change first.
#[test]
fn the_documented_graph_is_the_real_one() {
    let folder = Path::new("../../docs/graphs");
    for (format, file) in [("svg", "chat.svg"), ("json", "chat.json"), ("mermaid", "chat.mmd")] {
        let (shown, text) = graph(&["show", "chat", "--format", format]);
        assert!(shown, "{format}");
        let file = folder.join(file);
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        let documented = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(documented, text, "{} is out of date: UPDATE_SCHEMA=1", file.display());
    }
}

#[test]
fn a_breaking_change_is_refused_and_an_unknown_graph_named() {
    let data = tempfile::tempdir().unwrap();
    let (_, shape) = graph(&["show", "chat", "--format", "json"]);
    let same = data.path().join("same.json");
    std::fs::write(&same, &shape).unwrap();
    let (fine, told) = graph(&["diff", "chat", same.to_str().unwrap()]);
    assert!(fine && told.contains("Nothing has changed"), "{told}");
    let older = data.path().join("older.json");
    std::fs::write(&older, shape.replace("call_model", "ask_model")).unwrap();
    let (fine, told) = graph(&["diff", "chat", older.to_str().unwrap()]);
    assert!(!fine && told.contains("ask_model"), "{told}");
    let (shown, _) = graph(&["show", "chatt"]);
    assert!(!shown);
}
