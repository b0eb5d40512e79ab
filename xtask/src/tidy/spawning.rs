//! Tasks are started in few places, each of which says who waits for them or ends them.

use super::Finding;
use super::allowance::{Allowance, find};
use super::tree::Tree;

const SPAWNS: &[&str] = &["::spawn(", ".spawn(", "spawn_local(", "JoinSet::new"];

const ALLOWED: &[Allowance] = &[
    Allowance {
        path: "crates/cli/src/commands/chat/interrupts.rs",
        why: "the task that hears Ctrl-C for the whole process; it ends with it",
    },
    Allowance {
        path: "crates/cli/src/terminal.rs",
        why: "a thread reads standard input, a task hears Ctrl-C at a hidden prompt; both end \
              with the process",
    },
    Allowance {
        path: "crates/engine/src/auth/forgot_password.rs",
        why: "a letter is sent behind the caller's back; few at a time, and the engine drains it",
    },
    Allowance {
        path: "crates/engine/src/compose.rs",
        why: "the engine's standing tasks; they end with it",
    },
    Allowance {
        path: "crates/engine/src/files/receive.rs",
        why: "storing a content's row goes on when its caller leaves; the engine drains it",
    },
    Allowance {
        path: "crates/engine/src/runs/execute.rs",
        why: "a run outlives its request; the engine drains it",
    },
    Allowance {
        path: "crates/engine/src/runs/resume.rs",
        why: "taking a run up goes on when its caller leaves; the engine drains it",
    },
    Allowance {
        path: "crates/engine/src/runs/start.rs",
        why: "storing a message goes on when its caller leaves; the engine drains it",
    },
    Allowance {
        path: "crates/graph/src/journal/writer.rs",
        why: "writes that must not stop half-way when their caller is dropped; each is short",
    },
    Allowance {
        path: "crates/graph/src/run/handle.rs",
        why: "a run's task; dropping the Run ends it",
    },
    Allowance {
        path: "crates/graph/src/task/attempt.rs",
        why: "a node with a limit; aborted with its task",
    },
    Allowance {
        path: "crates/knowledge/src/extract/child.rs",
        why: "the thread with a deep stack that reads a file; the child waits for it and ends",
    },
    Allowance {
        path: "crates/knowledge/src/extract/extractor.rs",
        why: "the child process; killed with the future that waits for it",
    },
    Allowance { path: "crates/kv/src/redis.rs", why: "the supervisor; aborted with its RedisKv" },
    Allowance {
        path: "crates/local-models/src/opened.rs",
        why: "fetching and loading a model goes on when its caller gives up; dropping the model \
              ends it",
    },
    Allowance {
        path: "crates/server/src/listen.rs",
        why: "one task a connection; the drain waits for them",
    },
    Allowance {
        path: "crates/server/src/listen/refuse.rs",
        why: "says 503 to a connection too many, within a bound",
    },
    Allowance { path: "crates/store/src/writer.rs", why: "the one writer; closing waits for it" },
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let advice = "start tasks only in the modules listed in xtask/src/tidy/spawning.rs";
    find(tree, "spawning", SPAWNS, ALLOWED, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::found;

    #[test]
    fn a_task_is_started_in_listed_modules_only() {
        let text = "fn f() {\n    tokio::spawn(async {});\n    tasks.spawn(async {});\n}\n";
        let files = [("crates/engine/src/a.rs", text), ("crates/kv/src/redis.rs", text)];
        assert_eq!(found(check, &files), ["crates/engine/src/a.rs:2", "crates/engine/src/a.rs:3"]);
        let blocking = "fn f() { tokio::task::spawn_blocking(g); }\n";
        assert!(found(check, &[("crates/engine/src/a.rs", blocking)]).is_empty());
    }
}
