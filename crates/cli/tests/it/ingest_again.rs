//! Taking in a folder once more, after its files have changed.

use std::path::Path;

use serde_json::Value;

use crate::library::run;
use crate::server::{KEY, Server};

/// A folder of files with these texts.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (place, text) in files {
        write(folder.path(), place, text);
    }
    folder
}

fn write(folder: &Path, place: &str, text: &str) {
    let path = folder.join(place);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// What `vpaura ingest` of the folder into the collection "docs" tells.
fn ingest(data: &Path, folder: &Path, more: &[&str]) -> String {
    let arguments = ["ingest", folder.to_str().unwrap(), "--collection", "docs"];
    let (_, told, about) = run(data, &[&arguments[..], more].concat(), &[]);
    format!("{told}{about}")
}

/// The texts of what is found.
fn found(data: &Path, query: &str, more: &[&str]) -> Vec<String> {
    let arguments = ["search", query, "--collection", "docs", "--json"];
    let (well, told, about) = run(data, &[&arguments[..], more].concat(), &[]);
    assert!(well, "{about}");
    let hits = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut texts: Vec<_> = hits.map(|hit| hit["chunk"]["text"].as_str().unwrap().into()).collect();
    texts.sort();
    texts
}

#[test]
fn a_changed_file_takes_the_place_of_what_it_was() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let folder = folder(&[
        ("notes.md", "The zebra sleeps on Monday."),
        ("more/notes.md", "The zebra sleeps on Tuesday."),
    ]);
    let folder = folder.path();
    let told = ingest(data, folder, &[]);
    assert!(told.contains("docs: 2 added, 0 there already, 0 failed"), "{told}");
    write(folder, "notes.md", "The zebra sleeps on Friday.");
    let told = ingest(data, folder, &[]);
    assert!(told.contains("docs: 0 added, 1 replaced, 1 there already, 0 failed"), "{told}");
    assert!(told.contains("2 documents"), "{told}");
    let both = ["The zebra sleeps on Friday.", "The zebra sleeps on Tuesday."];
    assert_eq!(found(data, "zebra", &[]), both);

    // What only moved is the same document, and what went is left alone.
    std::fs::rename(folder.join("notes.md"), folder.join("moved.md")).unwrap();
    write(folder, "notes.md", "The zebra wakes.");
    std::fs::remove_file(folder.join("more/notes.md")).unwrap();
    let told = ingest(data, folder, &[]);
    assert!(told.contains("docs: 1 added, 1 there already, 0 failed"), "{told}");
    assert_eq!(found(data, "zebra", &[]).len(), 3);
}

#[test]
fn what_cannot_be_read_takes_nobodys_place() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let folder = folder(&[("notes.md", "The zebra sleeps on Monday.")]);
    let folder = folder.path();
    ingest(data, folder, &[]);
    write(folder, "notes.md", "%PDF-1.7\nthat is all of it\n");
    let told = ingest(data, folder, &[]);
    assert!(told.contains("docs: 0 added, 0 there already, 1 failed"), "{told}");
    assert!(told.contains("1 older version stays"), "{told}");
    assert_eq!(found(data, "zebra", &[]), ["The zebra sleeps on Monday."]);
    // Its next version takes the place of both.
    write(folder, "notes.md", "The zebra sleeps on Friday.");
    let told = ingest(data, folder, &[]);
    assert!(
        told.contains("docs: 0 added, 1 replaced, 0 there already, 0 failed; it has 1 documents"),
        "{told}"
    );
    assert_eq!(found(data, "zebra", &[]), ["The zebra sleeps on Friday."]);
}

#[test]
fn files_of_another_folder_are_other_files() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let one = folder(&[("README.md", "The zebra sleeps on Monday.")]);
    let other = folder(&[("README.md", "The zebra sleeps on Friday.")]);
    ingest(data, one.path(), &[]);
    let told = ingest(data, other.path(), &[]);
    assert!(told.contains("docs: 1 added, 0 there already, 0 failed"), "{told}");
    assert_eq!(found(data, "zebra", &[]).len(), 2);
    // A file alone is one of its folder, of which nothing more is known then.
    write(one.path(), "README.md", "The zebra wakes.");
    let told = ingest(data, &one.path().join("README.md"), &[]);
    assert!(told.contains("docs: 1 added") && told.contains("1 older version stays"), "{told}");
    let told = ingest(data, one.path(), &[]);
    assert!(told.contains("docs: 0 added, 1 replaced"), "{told}");
    assert_eq!(found(data, "zebra", &[]), ["The zebra sleeps on Friday.", "The zebra wakes."]);
}

#[tokio::test]
async fn what_was_said_of_a_document_is_said_of_its_next_version() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let (elsewhere, at) = (elsewhere.path(), ["--server", &server.url, "--key", KEY]);
    let folder = folder(&[("a.md", "The zebra sleeps."), ("b.md", "The quokka smiles.")]);
    let folder = folder.path();
    ingest(elsewhere, folder, &at);
    let listed = server.get("/collections").await;
    let documents =
        format!("/collections/{}/documents", listed["items"][0]["id"].as_str().unwrap());
    for document in server.get(&documents).await["items"].as_array().unwrap() {
        let path = format!("{documents}/{}", document["id"].as_str().unwrap());
        let mut metadata = document["metadata"].clone();
        metadata["kind"] = "animal".into();
        let is_on = document["name"] == "b.md";
        let said = serde_json::json!({ "name": "Animals", "metadata": metadata, "enabled": is_on });
        server.patch(&path, &said).await;
    }
    write(folder, "a.md", "The zebra wakes.");
    write(folder, "b.md", "The quokka wakes.");
    // Nothing gives way before what replaces it can be found.
    let told = ingest(elsewhere, folder, &[&at[..], &["--no-wait"]].concat());
    assert!(
        told.contains("docs: 1 added, 0 there already, 0 failed; 1 older version stays"),
        "{told}"
    );
    let told = ingest(elsewhere, folder, &at);
    assert!(told.contains("docs: 0 added, 1 replaced, 0 there already, 0 failed"), "{told}");
    // What was switched off is not made findable by a change.
    assert!(told.contains("a.md") && told.contains("it is switched off"), "{told}");
    assert_eq!(found(elsewhere, "zebra", &at), [""; 0]);
    let left = server.get(&documents).await;
    let left = left["items"].as_array().unwrap();
    assert_eq!(left.len(), 2);
    for document in left {
        assert_eq!(
            (&document["name"], &document["metadata"]["kind"]),
            (&"Animals".into(), &"animal".into())
        );
        assert_eq!(document["enabled"], document["metadata"]["path"] == "b.md");
    }
}

/// What another folder says too is not this one's to remove.
#[test]
fn a_text_that_two_folders_have_stays_when_one_of_them_changes() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let one = folder(&[("LICENSE.md", "The zebra sleeps."), ("a.md", "one")]);
    let other = folder(&[("LICENSE.md", "The zebra sleeps."), ("b.md", "two")]);
    ingest(data, one.path(), &[]);
    let told = ingest(data, other.path(), &[]);
    assert!(told.contains("docs: 1 added, 1 there already"), "{told}");
    write(one.path(), "LICENSE.md", "The zebra wakes.");
    ingest(data, one.path(), &[]);
    assert_eq!(found(data, "zebra", &[]), ["The zebra sleeps.", "The zebra wakes."]);
}

/// As in containers, and on several machines.
#[test]
fn a_folder_that_is_named_is_the_same_wherever_it_lies() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let one = folder(&[("a.md", "The zebra sleeps.")]);
    ingest(data, one.path(), &["--source", "wiki"]);
    let elsewhere = folder(&[("a.md", "The zebra wakes.")]);
    let told = ingest(data, elsewhere.path(), &["--source", "wiki"]);
    assert!(told.contains("docs: 0 added, 1 replaced"), "{told}");
    assert_eq!(found(data, "zebra", &[]), ["The zebra wakes."]);
}

/// What a file says that could not be read this time is not known.
#[cfg(unix)]
#[test]
fn nothing_gives_way_while_not_all_of_the_folder_is_read() {
    use std::os::unix::fs::symlink;
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let folder = folder(&[("a.md", "The zebra sleeps."), ("empty.pdf", "")]);
    let folder = folder.path();
    ingest(data, folder, &[]);
    write(folder, "a.md", "The zebra wakes.");
    // A link that is not followed is no file; one to what nobody may read is.
    symlink("/proc/self/mem", folder.join("b.md")).unwrap();
    let told = ingest(data, folder, &[]);
    assert!(told.contains("2 failed") && told.contains("1 older version stays"), "{told}");
    assert_eq!(found(data, "zebra", &[]).len(), 2);
    // Of one that is refused it is known what it says.
    std::fs::remove_file(folder.join("b.md")).unwrap();
    let told = ingest(data, folder, &[]);
    assert!(told.contains("1 replaced") && told.contains("1 failed"), "{told}");
}

/// A file that is left out since it is off there does not stand for one that says the same.
#[tokio::test]
async fn what_a_file_says_that_is_switched_off_is_taken_from_another() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path(), &[]);
    let elsewhere = tempfile::tempdir().unwrap();
    let (elsewhere, at) = (elsewhere.path(), ["--server", &server.url, "--key", KEY]);
    let folder = folder(&[("a.md", "The zebra sleeps.")]);
    let folder = folder.path();
    ingest(elsewhere, folder, &at);
    let listed = server.get("/collections").await;
    let documents =
        format!("/collections/{}/documents", listed["items"][0]["id"].as_str().unwrap());
    let first = server.get(&documents).await["items"][0]["id"].as_str().unwrap().to_owned();
    server.patch(&format!("{documents}/{first}"), &serde_json::json!({ "enabled": false })).await;
    write(folder, "a.md", "The zebra wakes.");
    write(folder, "b.md", "The zebra wakes.");
    let told = ingest(elsewhere, folder, &at);
    assert!(told.contains("docs: 1 added") && told.contains("it is switched off"), "{told}");
    assert_eq!(found(elsewhere, "zebra", &at), ["The zebra wakes."]);
    // Nor is its next version found by itself once another file says what it said.
    let told = ingest(elsewhere, folder, &at);
    assert!(told.contains("1 older version stays"), "{told}");
    write(folder, "a.md", "The zebra dreams.");
    ingest(elsewhere, folder, &at);
    assert_eq!(found(elsewhere, "zebra", &at), ["The zebra wakes."]);
}

#[test]
fn a_source_needs_a_name() {
    let data = tempfile::tempdir().unwrap();
    let folder = folder(&[("a.md", "The zebra sleeps.")]);
    let told = ingest(data.path(), folder.path(), &["--source", " "]);
    assert!(told.contains("it needs a name"), "{told}");
}
