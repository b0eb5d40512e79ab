//! The answer as it grows: what the events of a run add up to.

use vpaura_domain::{Part, RunEventKind, Usage};

/// The parts, usage and model of the answer so far. Kept beside the log so that a stopped or
/// failed run keeps exactly the text that its readers saw.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    parts: Vec<Part>,
    pub(crate) usage: Usage,
    pub(crate) model: Option<String>,
}

impl Answer {
    /// Takes in one event.
    pub(crate) fn apply(&mut self, event: &RunEventKind) {
        match event {
            RunEventKind::Delta { text } => match self.parts.last_mut() {
                Some(Part::Text { text: all }) => all.push_str(text),
                _ => self.parts.push(Part::Text { text: text.to_string() }),
            },
            RunEventKind::Reasoning { text } => match self.parts.last_mut() {
                Some(Part::Reasoning { text: all, .. }) => all.push_str(text),
                _ => {
                    self.parts.push(Part::Reasoning { text: text.to_string(), signature: None });
                }
            },
            RunEventKind::ToolCall { id, name, arguments } => self.tool_call(id, name, arguments),
            RunEventKind::ToolResult { id, output, is_error, quotes, gone } => {
                let (id, output, quotes) = (id.clone(), output.clone(), quotes.clone());
                let (is_error, gone) = (*is_error, *gone);
                self.parts.push(Part::ToolResult { id, output, is_error, quotes, gone });
            }
            RunEventKind::Citation { citation } => {
                self.parts.push(Part::Citation(citation.clone()));
            }
            RunEventKind::CutOff { reason } => self.parts.push(Part::CutOff { reason: *reason }),
            RunEventKind::Usage { usage } => self.usage = *usage,
            RunEventKind::Reset { .. } => *self = Self::default(),
            _ => {}
        }
    }

    /// Whether it has the citation of that number.
    pub(crate) fn has_cited(&self, kind: &RunEventKind) -> bool {
        let RunEventKind::Citation { citation } = kind else { return false };
        let mut parts = self.parts.iter();
        parts.any(|part| matches!(part, Part::Citation(it) if it.index == citation.index))
    }

    fn tool_call(&mut self, id: &str, name: &str, arguments: &str) {
        // One that has its result is over: not every host gives each round's calls ids of their own.
        let known = self.parts.iter_mut().rev().find(|part| is_about(part, id));
        let known = match known {
            Some(Part::ToolCall { arguments, .. }) => Some(arguments),
            _ => None,
        };
        match known {
            Some(all) => all.push_str(arguments),
            None => self.parts.push(Part::ToolCall {
                id: id.to_owned(),
                name: name.to_owned(),
                arguments: arguments.to_owned(),
            }),
        }
    }

    /// The parts. Every tool call has a result: one that was cut off gets an error, so that the
    /// conversation stays valid for the next provider call.
    pub(crate) fn into_parts(mut self) -> Vec<Part> {
        let mut open: Vec<String> = Vec::new();
        for part in &self.parts {
            match part {
                Part::ToolCall { id, .. } => open.push(id.clone()),
                Part::ToolResult { id, .. } => {
                    if let Some(at) = open.iter().position(|call| call == id) {
                        open.remove(at);
                    }
                }
                _ => {}
            }
        }
        for id in open {
            let output = "The run ended before this tool answered.".to_owned();
            let quotes = Vec::new();
            self.parts.push(Part::ToolResult { id, output, is_error: true, quotes, gone: false });
        }
        self.parts
    }
}

/// Whether the part is the call with this id, or its result.
fn is_about(part: &Part, call: &str) -> bool {
    matches!(part, Part::ToolCall { id, .. } | Part::ToolResult { id, .. } if id == call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_the_id_of_one_that_has_its_result_is_another() {
        let call = |arguments: &str| RunEventKind::ToolCall {
            id: "call_0".into(),
            name: "search".into(),
            arguments: arguments.into(),
        };
        let result = |output: &str| RunEventKind::ToolResult {
            id: "call_0".into(),
            output: output.into(),
            is_error: false,
            quotes: Vec::new(),
            gone: false,
        };
        let mut answer = Answer::default();
        for event in [call("{\"q\":"), call("1}"), result("one"), call("{\"q\":2}")] {
            answer.apply(&event);
        }
        let told: Vec<_> = answer
            .into_parts()
            .into_iter()
            .map(|part| match part {
                Part::ToolCall { arguments, .. } => arguments,
                Part::ToolResult { output, is_error, .. } => format!("{output} {is_error}"),
                other => panic!("{other:?}"),
            })
            .collect();
        let cut = "The run ended before this tool answered. true";
        assert_eq!(told, ["{\"q\":1}", "one false", "{\"q\":2}", cut]);
    }

    #[test]
    fn deltas_join_and_a_reset_voids_them() {
        let mut answer = Answer::default();
        for text in ["He", "llo"] {
            answer.apply(&RunEventKind::Delta { text: text.into() });
        }
        answer.apply(&RunEventKind::Reset { reason: "taken over".into() });
        for text in ["B", "ye"] {
            answer.apply(&RunEventKind::Delta { text: text.into() });
        }
        assert_eq!(answer.into_parts(), [Part::Text { text: "Bye".into() }]);
    }

    #[test]
    fn streamed_arguments_join_and_an_open_call_gets_a_result() {
        let mut answer = Answer::default();
        for (name, arguments) in [("search", "{\"q\":"), ("", "\"x\"}")] {
            answer.apply(&RunEventKind::ToolCall {
                id: "c1".into(),
                name: name.into(),
                arguments: arguments.into(),
            });
        }
        let parts = answer.into_parts();
        assert_eq!(
            parts[0],
            Part::ToolCall {
                id: "c1".into(),
                name: "search".into(),
                arguments: "{\"q\":\"x\"}".into()
            }
        );
        assert!(matches!(&parts[1], Part::ToolResult { id, is_error: true, .. } if id == "c1"));
    }
}
