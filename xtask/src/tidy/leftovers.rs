//! Nothing is left for later, switched off or waved through without a reason.

use super::Finding;
use super::allowance::Allowance;
use super::tree::{RustFile, Tree};

const IN_COMMENTS: &[&str] = &["TODO", "FIXME", "XXX"];
const IN_CODE: &[&str] = &["todo!", "unimplemented!", "dbg!"];
const IGNORED: &str = "#[ignore";

/// Files with something that looks like a test, is none, and must not run as one.
const MAY_IGNORE: &[Allowance] = &[
    Allowance {
        path: "crates/store/tests/it/checkpoints.rs",
        why: "the child process that a test starts and kills",
    },
    Allowance {
        path: "crates/store/tests/it/killed_graphs.rs",
        why: "the child process that a test starts and kills",
    },
    Allowance {
        path: "crates/store/tests/it/killed_ingestion.rs",
        why: "the child process that a test starts and kills",
    },
    Allowance {
        path: "crates/store/tests/it/durability.rs",
        why: "the child process that a test starts and kills",
    },
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust
        .iter()
        .flat_map(|file| [leftovers(file), ignored(file), waved_through(file)])
        .flatten()
        .collect()
}

fn leftovers(file: &RustFile) -> Vec<Finding> {
    let comments = file.source.comments().map(|line| (line, IN_COMMENTS));
    let code = file.source.code().map(|line| (line, IN_CODE));
    comments
        .chain(code)
        .filter_map(|((line, text), words)| {
            let word = words.iter().find(|word| text.contains(**word))?;
            let why = format!("`{word}`: finish it, or open an issue");
            Some(Finding::new(&file.path, line, "leftover", why))
        })
        .collect()
}

/// Tests that do not run. An allowance that is not needed any more is a finding too.
fn ignored(file: &RustFile) -> Vec<Finding> {
    let lines: Vec<usize> = file
        .source
        .code()
        .filter(|(_, code)| code.contains(IGNORED))
        .map(|(line, _)| line)
        .collect();
    match MAY_IGNORE.iter().find(|allowance| allowance.path == file.path) {
        None => lines
            .into_iter()
            .map(|line| Finding::new(&file.path, line, "ignored", "let the test run, or drop it"))
            .collect(),
        Some(allowance) if lines.is_empty() => vec![allowance.not_needed(file, "ignored")],
        Some(_) => Vec::new(),
    }
}

/// `allow` and `expect` attributes without a reason, up to their closing bracket.
fn waved_through(file: &RustFile) -> Vec<Finding> {
    let lines: Vec<(usize, &str)> = file.source.code().collect();
    let mut findings = Vec::new();
    for (index, (line, code)) in lines.iter().enumerate() {
        let code = code.trim();
        let opens = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
        if !opens.iter().any(|open| code.starts_with(open)) {
            continue;
        }
        let rest = lines[index..].iter().map(|(_, code)| *code);
        let ends = rest.clone().position(|code| code.contains(")]")).unwrap_or(0);
        if !rest.take(ends + 1).any(|code| code.contains("reason = ")) {
            let why = "say why: reason = \"…\"";
            findings.push(Finding::new(&file.path, *line, "no-reason", why));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::found;

    #[test]
    fn what_is_left_for_later_is_refused_even_in_tests() {
        let text =
            "// TODO: more\nfn f() { todo!() }\nfn g() { \"TODO\"; }\n#[ignore = \"slow\"]\n";
        let expected =
            ["crates/a/tests/it/b.rs:1", "crates/a/tests/it/b.rs:2", "crates/a/tests/it/b.rs:4"];
        assert_eq!(found(check, &[("crates/a/tests/it/b.rs", text)]), expected);
    }

    #[test]
    fn a_test_may_be_switched_off_in_listed_files_only_and_while_they_need_it() {
        let listed = MAY_IGNORE[0].path;
        let text = "#[ignore = \"a child process\"]\nfn f() {}\n";
        assert_eq!(found(check, &[("a.rs", text), (listed, text)]), ["a.rs:1"]);
        assert_eq!(found(check, &[(listed, "fn f() {}\n")]), [format!("{listed}:1")]);
    }

    #[test]
    fn a_lint_is_waved_through_only_with_a_reason() {
        let text = "#[allow(dead_code)]\nfn f() {}\n#[expect(\n    a,\n    reason = \"b\"\n)]\nfn g() {}\n#![allow(c, reason = \"d\")]\n#[expect(e)]\nfn h() {}\n";
        assert_eq!(found(check, &[("a.rs", text)]), ["a.rs:1", "a.rs:9"]);
    }
}
