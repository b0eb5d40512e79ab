//! Who may depend on whom. Tests may depend on anything.

use toml::{Table, Value};

use super::Finding;
use super::tree::{TextFile, Tree};

/// Our crates, and which of ours each may use.
const OURS: &[(&str, &[&str])] = &[
    ("vpaura-domain", &[]),
    ("vpaura-graph", &["vpaura-graph-derive"]),
    ("vpaura-graph-derive", &[]),
    ("vpaura-kv", &[]),
    ("vpaura-auth", &["vpaura-domain"]),
    ("vpaura-config", &["vpaura-domain"]),
    ("vpaura-knowledge", &["vpaura-domain"]),
    ("vpaura-llm", &["vpaura-domain"]),
    // The models that run in this process: heavy, so not a part of llm.
    ("vpaura-local-models", &["vpaura-domain", "vpaura-llm"]),
    // It implements the port of the graph engine.
    ("vpaura-store", &["vpaura-domain", "vpaura-graph"]),
    (
        "vpaura-engine",
        &[
            "vpaura-auth",
            "vpaura-config",
            "vpaura-domain",
            "vpaura-graph",
            "vpaura-knowledge",
            "vpaura-kv",
            "vpaura-llm",
            "vpaura-local-models",
            "vpaura-store",
        ],
    ),
    ("vpaura-server", &["vpaura-config", "vpaura-domain", "vpaura-engine"]),
    (
        "vpaura",
        &[
            "vpaura-config",
            "vpaura-domain",
            "vpaura-engine",
            "vpaura-knowledge",
            "vpaura-kv",
            "vpaura-llm",
            "vpaura-server",
            "vpaura-store",
        ],
    ),
    ("vpaura-test-support", &["vpaura-domain", "vpaura-knowledge"]),
    // The schema is made from what the server and the configuration say about themselves.
    ("xtask", &["vpaura-config", "vpaura-domain", "vpaura-server"]),
];

/// Libraries that only some of our crates may use: the others must not know what they stand for.
const RESERVED: &[(&str, &[&str])] = &[
    ("axum", &["vpaura-server", "vpaura-test-support"]),
    ("axum-extra", &["vpaura-server"]),
    ("clap", &["vpaura", "vpaura-test-support"]),
    ("hyper", &["vpaura-server", "vpaura-test-support"]),
    ("lettre", &["vpaura-auth"]),
    ("object_store", &["vpaura-engine"]),
    ("openidconnect", &["vpaura-auth"]),
    ("redis", &["vpaura-kv"]),
    ("reqwest", &["vpaura-auth", "vpaura-llm"]),
    ("rusqlite", &["vpaura-store"]),
    ("sea-orm", &["vpaura-store"]),
    ("sea-orm-migration", &["vpaura-store"]),
    ("sqlx", &["vpaura-store"]),
    ("tower-http", &["vpaura-server"]),
];

/// All that `graph` and its macros need, so that they can be used alone.
const OF_GRAPH: &[(&str, &[&str])] = &[
    (
        "vpaura-graph",
        &[
            "bytes",
            "futures-util",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
            "tokio-util",
            "tracing",
            "vpaura-graph-derive",
        ],
    ),
    ("vpaura-graph-derive", &["proc-macro2", "quote", "syn"]),
];

/// Status codes are of no concern to the engine, so neither is the crate that names them.
const NOT_OF_ENGINE: &[&str] = &["http", "http-body", "http-body-util", "hyper-util", "tower"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.manifests.iter().flat_map(of_manifest).collect()
}

fn of_manifest(file: &TextFile) -> Vec<Finding> {
    let finding = |line, why: String| Finding::new(&file.path, line, "dependencies", why);
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![finding(1, error.to_string())],
    };
    let name = manifest.get("package").and_then(|package| package.get("name"));
    let Some(name) = name.and_then(Value::as_str) else {
        return vec![finding(1, "the package has no name".to_owned())];
    };
    let Some((_, ours)) = OURS.iter().find(|(ours, _)| *ours == name) else {
        let why = format!("`{name}` is new: say in xtask what it may depend on");
        return vec![finding(1, why)];
    };
    dependencies(&manifest)
        .into_iter()
        .filter_map(|dependency| {
            let why = objection(name, ours, dependency)?;
            Some(finding(line_of(&file.text, dependency), why))
        })
        .collect()
}

/// Why this crate must not use this dependency.
fn objection(name: &str, ours: &[&str], dependency: &str) -> Option<String> {
    let is_ours = OURS.iter().any(|(ours, _)| *ours == dependency);
    let reserved = RESERVED.iter().find(|(library, _)| *library == dependency);
    let of_graph = OF_GRAPH.iter().find(|(user, _)| *user == name);
    if is_ours && !ours.contains(&dependency) {
        Some(format!("`{name}` must not depend on `{dependency}`"))
    } else if let Some((_, users)) = reserved.filter(|(_, users)| !users.contains(&name)) {
        Some(format!("`{dependency}` is for {} only", users.join(" and ")))
    } else if of_graph.is_some_and(|(_, libraries)| !libraries.contains(&dependency)) {
        Some(format!("`{name}` stands alone: it needs no `{dependency}`"))
    } else if name == "vpaura-engine" && NOT_OF_ENGINE.contains(&dependency) {
        Some(format!("`engine` knows no HTTP, so no `{dependency}`"))
    } else {
        None
    }
}

/// The names in all tables of dependencies except those for tests.
fn dependencies(manifest: &Table) -> Vec<&str> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(tables)
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|kind| table.get(kind)))
        .filter_map(|dependencies| dependencies?.as_table())
        .flat_map(|dependencies| dependencies.keys().map(String::as_str))
        .collect()
}

fn line_of(text: &str, dependency: &str) -> usize {
    let declares = |line: &str| {
        line.strip_prefix(dependency).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    text.lines().position(declares).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::tree;

    fn objections(manifest: &str) -> Vec<String> {
        check(&tree(&[("crates/x/Cargo.toml", manifest)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_dependency_in_the_wrong_direction_is_refused_where_it_stands() {
        let manifest = "[package]\nname = \"vpaura-llm\"\n[dependencies]\nvpaura-domain.workspace = true\nvpaura-store = { path = \"../store\" }\n";
        assert_eq!(
            objections(manifest),
            ["crates/x/Cargo.toml:5: dependencies: `vpaura-llm` must not depend on `vpaura-store`"]
        );
    }

    #[test]
    fn tests_may_depend_on_anything_and_builds_may_not() {
        let manifest = "[package]\nname = \"vpaura-engine\"\n[dev-dependencies]\naxum = \"1\"\n[build-dependencies]\nhttp = \"1\"\n[target.x.dependencies]\nreqwest = \"1\"\n";
        assert_eq!(
            objections(manifest),
            [
                "crates/x/Cargo.toml:6: dependencies: `engine` knows no HTTP, so no `http`",
                "crates/x/Cargo.toml:8: dependencies: `reqwest` is for vpaura-auth and vpaura-llm only",
            ]
        );
    }

    #[test]
    fn the_graph_stands_alone() {
        for (name, known) in [("vpaura-graph", "serde"), ("vpaura-graph-derive", "syn")] {
            let manifest = format!(
                "[package]\nname = \"{name}\"\n[dependencies]\n{known} = \"1\"\nuuid = \"1\"\n"
            );
            let expected = format!(
                "crates/x/Cargo.toml:5: dependencies: `{name}` stands alone: it needs no `uuid`"
            );
            assert_eq!(objections(&manifest), [expected]);
        }
    }

    #[test]
    fn a_new_crate_must_be_placed() {
        assert_eq!(objections("[package]\nname = \"vpaura-new\"\n").len(), 1);
        assert_eq!(objections("[package]\n").len(), 1);
        assert_eq!(objections("nonsense").len(), 1);
    }
}
