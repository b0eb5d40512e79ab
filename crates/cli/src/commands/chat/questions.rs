//! What a run asks, put to the person at the terminal.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vpaura_domain::Ask;

use super::interrupts::Interrupts;
use crate::error::Result;
use crate::terminal::{self, Input};

/// Answers by the ids of the questions.
pub(super) type Answers = BTreeMap<String, Value>;

/// What the person did about the questions.
pub(super) enum Decision {
    /// Answered all of them.
    Answered(Answers),
    /// Pressed Ctrl-C: the run is to stop.
    Stop,
    /// Went away, or cannot answer here: the run goes on waiting.
    Leave,
}

/// Asks the person each question in turn.
pub(super) async fn decide(
    asks: &[Ask],
    input: &mut Input,
    interrupts: &Interrupts,
) -> Result<Decision> {
    let mut answers = Answers::new();
    for ask in asks {
        terminal::note(&format!("\n{}", describe(ask)));
        if ask.question["kind"] != "approve_tool" {
            return Ok(Decision::Leave);
        }
        let approval = tokio::select! {
            // First, so that nobody is prompted who has left already.
            biased;
            () = interrupts.pressed() => return Ok(Decision::Stop),
            approval = approval(input) => approval?,
        };
        let Some(approval) = approval else { return Ok(Decision::Leave) };
        answers.insert(ask.id.clone(), approval);
    }
    Ok(Decision::Answered(answers))
}

/// Asks until the answer is a yes or a no; `None` at the end of the input.
async fn approval(input: &mut Input) -> Result<Option<Value>> {
    while let Some(line) = input.line("Allow it? [y, n, or n and why] ").await? {
        if let Some(approval) = read_approval(&line) {
            return Ok(Some(approval));
        }
    }
    Ok(None)
}

/// A yes, or a no with perhaps a reason. Anything else is neither: nothing is allowed by mistake.
fn read_approval(line: &str) -> Option<Value> {
    let line = line.trim();
    let (word, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match (word.to_lowercase().as_str(), reason.trim_start()) {
        ("y" | "yes", "") => Some(json!({ "approved": true })),
        ("n" | "no", "") => Some(json!({ "approved": false })),
        ("n" | "no", reason) => Some(json!({ "approved": false, "reason": reason })),
        _ => None,
    }
}

/// The question in words. A tool's arguments are shown whole: they are what is decided about.
pub(super) fn describe(ask: &Ask) -> String {
    let question = &ask.question;
    let words = match (question["kind"].as_str(), question["tool"].as_str()) {
        (Some("approve_tool"), Some(tool)) => {
            format!("The assistant wants to use {tool} with {}", question["arguments"])
        }
        _ => format!("The assistant asks: {question}"),
    };
    words.chars().map(terminal::visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_allows() {
        for yes in ["y", " YES \n"] {
            assert_eq!(read_approval(yes), Some(json!({ "approved": true })), "{yes}");
        }
        for neither in ["", "yes but first tell me why", "yep", "ok", "not now"] {
            assert_eq!(read_approval(neither), None, "{neither}");
        }
        assert_eq!(read_approval("No"), Some(json!({ "approved": false })));
        let why = json!({ "approved": false, "reason": "not  today" });
        assert_eq!(read_approval("n  not  today "), Some(why));
    }

    #[test]
    fn arguments_cannot_disguise_themselves() {
        let arguments = json!({ "title": "a\u{1b}[2K\u{9b}2K\u{202e}b" });
        let question = json!({ "kind": "approve_tool", "tool": "rename", "arguments": arguments });
        let (id, path, key) = ("1".to_owned(), "node".to_owned(), "key".to_owned());
        assert_eq!(
            describe(&Ask { id, path, key, question }),
            r#"The assistant wants to use rename with {"title":"a\u001b[2K\u{9b}2K\u{202e}b"}"#,
        );
    }
}
