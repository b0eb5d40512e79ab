//! A stored message in the model's words.

use std::collections::HashSet;
use std::sync::Arc;

use vpaura_domain::{Message, Part, Role};
use vpaura_llm::{ChatMessage, Content};

use crate::tools::{SEARCH_COLLECTIONS, SEARCH_FILES};

/// Tokens that a provider adds around a message, roughly.
const OVERHEAD_TOKENS: usize = 4;

/// What stands for the passages that a search found: they were for their own turn. Whether whoever
/// asks may still see them, and whether they are still there, the search alone can tell.
pub(crate) const FOUND_THEN: &str =
    "(What this search found is not shown again. Search again to read it.)";

/// What stands for the words of an answer that were quotes, for the same reason.
const QUOTED_THEN: &str = "(What this answer quoted is not shown again.)";

/// The message for a model, with the size of its texts in bytes.
///
/// Providers want a tool's result in a message of its own, so an answer with tool calls becomes
/// assistant, tool, assistant, … An answer that failed before its first word becomes nothing.
pub(crate) fn convert(message: &Message) -> (Vec<ChatMessage>, usize) {
    let mut messages: Vec<ChatMessage> = Vec::new();
    let mut bytes = 0;
    let mut searches: HashSet<&str> = HashSet::new();
    let mut quoted = message.quotes_verbatim().then_some(QUOTED_THEN);
    for part in &message.parts {
        let (role, content) = match part {
            Part::Text { .. } if message.quotes_verbatim() => {
                let Some(text) = quoted.take() else { continue };
                (message.role, Content::Text(text.into()))
            }
            Part::Text { text } => (message.role, Content::Text(Arc::from(text.as_str()))),
            Part::File { name, .. } => {
                (message.role, Content::Text(format!("[attached file: {name}]").into()))
            }
            Part::ToolCall { id, name, arguments } => {
                // Ids are the provider's, and may come again in a later round.
                if [SEARCH_COLLECTIONS, SEARCH_FILES].contains(&name.as_str()) {
                    searches.insert(id);
                } else {
                    searches.remove(id.as_str());
                }
                let (id, name) = (id.clone(), name.clone());
                let call = Content::ToolCall { id, name, arguments: arguments.clone() };
                (Role::Assistant, call)
            }
            Part::ToolResult { id, output, is_error, .. } => {
                let is_search = !is_error && searches.contains(id.as_str());
                let output = if is_search { FOUND_THEN.to_owned() } else { output.clone() };
                let (id, is_error) = (id.clone(), *is_error);
                (Role::Tool, Content::ToolResult { id, output, is_error })
            }
            // Reasoning is for its own turn, a citation's passage for its own question.
            Part::Reasoning { .. } | Part::Citation(_) | Part::CutOff { .. } => continue,
        };
        bytes += text_of(&content).len();
        match messages.last_mut() {
            Some(last) if last.role == role => last.content.push(content),
            _ => messages.push(ChatMessage { role, content: vec![content] }),
        }
    }
    (messages, bytes)
}

/// How many tokens the messages have, with what goes around them. Reads every text.
pub(super) fn tokens(messages: &[ChatMessage]) -> usize {
    let texts = messages.iter().flat_map(|message| &message.content).map(text_of);
    texts.map(vpaura_llm::count_tokens).sum::<usize>() + OVERHEAD_TOKENS * messages.len()
}

/// At most so many tokens have messages whose texts have so many bytes: no token is empty.
pub(super) const fn most_tokens(messages: &[ChatMessage], bytes: usize) -> usize {
    bytes + OVERHEAD_TOKENS * messages.len()
}

/// What of a content is counted.
fn text_of(content: &Content) -> &str {
    match content {
        Content::Text(text) | Content::Reasoning { text, .. } => text,
        Content::ToolCall { arguments, .. } => arguments,
        Content::ToolResult { output, .. } => output,
    }
}

#[cfg(test)]
mod tests {
    use vpaura_domain::{
        Citation, ConversationId, EXTRACTIVE_MODEL, IdGen, MessageId, MessageStatus, SequentialIds,
        Timestamp,
    };

    use super::*;

    fn answer(parts: Vec<Part>) -> Message {
        let ids = SequentialIds::default();
        Message {
            id: MessageId::generate(&ids),
            conversation_id: ConversationId::from_uuid(ids.uuid()),
            parent_id: None,
            run_id: None,
            role: Role::Assistant,
            status: MessageStatus::Completed,
            parts,
            model: None,
            usage: None,
            error: None,
            created_at: Timestamp::default(),
        }
    }

    fn call(id: &str, name: &str) -> Part {
        Part::ToolCall { id: id.into(), name: name.into(), arguments: "{}".into() }
    }

    fn result(id: &str, output: &str, is_error: bool) -> Part {
        let (id, output) = (id.into(), output.into());
        Part::ToolResult { id, output, is_error, quotes: Vec::new(), gone: false }
    }

    #[test]
    fn what_a_search_found_is_not_shown_again_and_every_call_keeps_its_result() {
        let message = answer(vec![
            call("a", "search_collections"),
            call("b", "current_time"),
            call("c", "search_files"),
            call("d", "search_files"),
            result("c", "[9] a secret of a file", false),
            result("b", "noon", false),
            result("a", "[1] a secret of a collection", false),
            result("d", "query must be text", true),
            // Another round, with an id that was used before.
            call("a", "current_time"),
            result("a", "one o'clock", false),
            Part::Text { text: "Well.".into() },
        ]);
        let (messages, bytes) = convert(&message);
        let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
        let (assistant, tool) = (Role::Assistant, Role::Tool);
        assert_eq!(roles, [assistant, tool, assistant, tool, assistant]);
        let results = messages.iter().flat_map(|message| &message.content);
        let results: Vec<(&str, &str)> = results
            .filter_map(|content| match content {
                Content::ToolResult { id, output, .. } => Some((id.as_str(), output.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(
            results,
            [
                ("c", FOUND_THEN),
                ("b", "noon"),
                ("a", FOUND_THEN),
                ("d", "query must be text"),
                ("a", "one o'clock"),
            ]
        );
        let texts = messages.iter().flat_map(|message| &message.content).map(text_of);
        assert_eq!(bytes, texts.map(str::len).sum::<usize>());
    }

    #[test]
    fn an_answer_of_quotes_is_not_told_again_and_any_other_is() {
        let words = |text: &str| Part::Text { text: text.into() };
        let parts = vec![words("A secret"), Part::Citation(Citation::gone(1)), words(" of a file")];
        let told = |model: &str, parts: &[Part]| {
            let message = Message { model: Some(model.into()), ..answer(parts.to_vec()) };
            let (messages, bytes) = convert(&message);
            let texts: String = messages.iter().flat_map(|it| &it.content).map(text_of).collect();
            assert_eq!(bytes, texts.len());
            texts
        };
        assert_eq!(told(EXTRACTIVE_MODEL, &parts), QUOTED_THEN);
        assert_eq!(told("another/model", &parts), "A secret of a file");
        // One that cites nothing says what the model is, or that there is nothing.
        assert_eq!(told(EXTRACTIVE_MODEL, &parts[..1]), "A secret");
    }
}
