//! Time, ids and chance are arguments, so that tests are repeatable.

use super::Finding;
use super::allowance::{Allowance, find};
use super::tree::Tree;

const SOURCES: &[&str] = &[
    "Utc::now",
    "OffsetDateTime::now",
    "SystemTime::now",
    "UNIX_EPOCH.elapsed",
    "now_v7(",
    "new_v4(",
    "rand::",
    "getrandom::",
];

const ALLOWED: &[Allowance] = &[
    Allowance { path: "crates/domain/src/clock.rs", why: "the injected clock" },
    Allowance { path: "crates/domain/src/ids.rs", why: "the injected ids" },
    Allowance {
        path: "crates/config/src/sources.rs",
        why: "makes the secret of a new data folder",
    },
    Allowance { path: "crates/auth/src/entropy.rs", why: "the injected chance of secrets" },
    Allowance { path: "crates/llm/src/router/jitter.rs", why: "the injected chance of waits" },
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let advice = "take a Clock, IdGen or source of chance as an argument";
    find(tree, "injected", SOURCES, ALLOWED, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::found;

    #[test]
    fn time_and_chance_are_refused_outside_of_their_places_and_tests() {
        let text = "//! SystemTime::now\nfn f() { SystemTime::now(); }\n#[cfg(test)]\nmod tests {\n    fn g() { rand::random(); }\n}\n";
        let files = [("crates/engine/src/a.rs", text), ("crates/domain/src/clock.rs", text)];
        assert_eq!(found(check, &files), ["crates/engine/src/a.rs:2"]);
    }

    #[test]
    fn an_allowance_that_is_not_needed_is_refused() {
        assert_eq!(
            found(check, &[("crates/domain/src/ids.rs", "fn f() {}")]),
            ["crates/domain/src/ids.rs:1"]
        );
    }
}
