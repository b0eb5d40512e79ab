//! The graph engine knows nothing of chat: it can be used and published alone.

use super::Finding;
use super::tree::Tree;

const WORDS: &[&str] = &[
    "assistant",
    "chat",
    "conversation",
    "embedding",
    "llm",
    "openai",
    "prompt",
    "vpaura_domain",
    "vpaura_llm",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.shipped().filter(|file| file.is_in(&["graph", "graph-derive"])) {
        for (line, code) in file.shipped_code() {
            let code = code.to_lowercase();
            if let Some(word) = WORDS.iter().find(|word| code.contains(**word)) {
                let why = format!("`{word}`: `graph` knows nothing of chat");
                findings.push(Finding::new(&file.path, line, "foreign-words", why));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::found;

    #[test]
    fn chat_is_refused_in_the_graph_crate() {
        let text = "//! Not for chat.\nstruct Ctx;\nstruct ChatCtx;\n";
        let files = [("crates/graph/src/a.rs", text), ("crates/engine/src/a.rs", text)];
        assert_eq!(found(check, &files), ["crates/graph/src/a.rs:3"]);
    }
}
