//! What the scripted provider answers when it has no script.

use std::time::Duration;

use crate::{RecordedRequest, Reply, ReplyUsage, Step};

/// The answer to every request without a script: the distinct tokens `tok0 tok1 …`, unless the
/// last user message holds one of these orders:
///
/// - `say:<text>`: that text;
/// - `call:<tool> <json>`: a call of that tool;
/// - `fail:<status>`: a refusal with that status;
/// - `break:<text>`: that text, then an error inside the stream.
///
/// What a tool gave is repeated word for word, whatever was ordered: so it is called once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultAnswer {
    /// How many tokens.
    pub tokens: usize,
    /// The pause before the first token.
    pub first_delay: Duration,
    /// The pause before each further token.
    pub delay: Duration,
}

impl Default for DefaultAnswer {
    fn default() -> Self {
        Self { tokens: 20, first_delay: Duration::ZERO, delay: Duration::ZERO }
    }
}

impl DefaultAnswer {
    pub(crate) fn reply(&self, request: &RecordedRequest) -> Reply {
        let question = request.last_user_text();
        let order = |name: &str| question.split_once(name).map(|(_, rest)| rest.trim());
        if let Some(status) = order("fail:").and_then(|rest| rest.parse().ok()) {
            return Reply::error(status, "scripted_error", "as ordered");
        }
        let mut steps = if let Some(result) = request.tool_result() {
            self.paced(result.split_inclusive(' ').map(str::to_owned))
        } else if let Some(rest) = order("call:") {
            let (name, arguments) = rest.split_once(' ').unwrap_or((rest, "{}"));
            vec![tool_call(name, arguments)]
        } else if let Some(text) = order("say:").or_else(|| order("break:")) {
            self.paced(text.split_inclusive(' ').map(str::to_owned))
        } else {
            self.paced((0..self.tokens).map(|n| format!("tok{n} ")))
        };
        let output = steps.iter().filter(|step| !matches!(step, Step::Wait(_))).count() as u64;
        if order("break:").is_some() {
            steps.push(Step::Error { kind: "api_error".into(), message: "as ordered".into() });
        }
        let input = (question.len() as u64).div_ceil(4);
        Reply::of(steps).usage(ReplyUsage { input, output, ..ReplyUsage::default() })
    }

    fn paced(&self, tokens: impl Iterator<Item = String>) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, token) in tokens.enumerate() {
            let pause = if place == 0 { self.first_delay } else { self.delay };
            if !pause.is_zero() {
                steps.push(Step::Wait(pause));
            }
            steps.push(Step::Text(token));
        }
        steps
    }
}

/// A call with its arguments in two pieces, as providers send them.
fn tool_call(name: &str, arguments: &str) -> Step {
    let middle =
        arguments.char_indices().nth(arguments.chars().count() / 2).map_or(0, |(at, _)| at);
    let (first, second) = arguments.split_at(middle);
    Step::ToolCall {
        id: "call_1".into(),
        name: name.to_owned(),
        arguments: vec![first.to_owned(), second.to_owned()],
    }
}
