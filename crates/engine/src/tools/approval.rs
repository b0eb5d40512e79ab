//! Asking somebody whether a tool may be used.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vpaura_config::ApproveTools;

/// Which tools ask first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approve {
    /// None.
    Never,
    /// Those that change something.
    #[default]
    Effects,
    /// All.
    Always,
}

impl From<ApproveTools> for Approve {
    fn from(approve: ApproveTools) -> Self {
        match approve {
            ApproveTools::Never => Self::Never,
            ApproveTools::Effects => Self::Effects,
            ApproveTools::Always => Self::Always,
        }
    }
}

/// The question: what the model wants to do.
#[derive(Serialize)]
pub(crate) struct ApprovalRequest<'a> {
    kind: &'static str,
    tool: &'a str,
    call_id: &'a str,
    arguments: &'a Value,
}

impl<'a> ApprovalRequest<'a> {
    /// Asks whether `tool` may be used with these arguments.
    pub(crate) const fn new(tool: &'a str, call_id: &'a str, arguments: &'a Value) -> Self {
        Self { kind: "approve_tool", tool, call_id, arguments }
    }
}

/// The answer: yes or no, or either with a word about it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Approval {
    /// Just yes or no.
    Plain(bool),
    /// With a reason.
    Explained(Explained),
}

/// An answer with a reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explained {
    approved: bool,
    #[serde(default)]
    reason: Option<String>,
}

/// The most characters of a reason.
const MAX_REASON_CHARS: usize = 2_000;

impl Approval {
    /// Whether `answer` can be read as one; if not, what it must be.
    pub(crate) fn check(answer: &Value) -> Result<(), String> {
        let wanted = "must be true, false, or an object with approved and perhaps a reason";
        let reason = match Self::deserialize(answer).map_err(|_| wanted.to_owned())? {
            Self::Plain(_) => None,
            Self::Explained(explained) => explained.reason,
        };
        match reason {
            Some(reason) if reason.chars().count() > MAX_REASON_CHARS => {
                Err(format!("must have a reason of at most {MAX_REASON_CHARS} characters"))
            }
            _ => Ok(()),
        }
    }

    /// What the model is told when the answer is no.
    pub(crate) fn refusal(&self) -> Option<String> {
        let (approved, reason) = match self {
            Self::Plain(approved) => (*approved, None),
            Self::Explained(explained) => (explained.approved, explained.reason.as_deref()),
        };
        match (approved, reason) {
            (true, _) => None,
            (false, None) => Some("The user refused this tool call.".into()),
            (false, Some(reason)) => Some(format!("The user refused this tool call: {reason}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(answer: Value) -> Option<String> {
        Approval::check(&answer).expect("an answer");
        serde_json::from_value::<Approval>(answer).expect("the same").refusal()
    }

    #[test]
    fn an_answer_is_yes_or_no_perhaps_with_a_reason() {
        for yes in [json!(true), json!({ "approved": true, "reason": "fine" })] {
            assert_eq!(refusal(yes), None);
        }
        for no in [
            json!(false),
            json!({ "approved": false }),
            json!({ "approved": false, "reason": null }),
        ] {
            assert_eq!(refusal(no).as_deref(), Some("The user refused this tool call."));
        }
        let no = json!({ "approved": false, "reason": "Not today." });
        assert_eq!(refusal(no).as_deref(), Some("The user refused this tool call: Not today."));
    }

    #[test]
    fn anything_else_is_not_an_answer() {
        let long = "x".repeat(MAX_REASON_CHARS + 1);
        for bad in [
            json!(null),
            json!("yes"),
            json!(1),
            json!({}),
            json!({ "approved": "true" }),
            json!({ "approved": true, "arguments": {} }),
            json!({ "approved": false, "reason": long }),
        ] {
            assert!(Approval::check(&bad).is_err(), "{bad}");
        }
    }
}
