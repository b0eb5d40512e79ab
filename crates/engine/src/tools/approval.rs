//! Asking somebody whether a tool may be used.

use serde::{Deserialize, Serialize};
use serde_json::Value;

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

impl Approval {
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
