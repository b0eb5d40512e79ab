//! What the tools that search have in common: a query, and passages with their places.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ToolAnswer, ToolError, read_arguments};
use crate::passages::Excerpt;

const MAX_QUERY_CHARS: usize = 500;
/// The most passages of a result.
pub(crate) const PASSAGES: usize = 8;
/// Tokens of a result.
const TOKENS: u32 = 3_000;
/// What stands between the passages and the number of the first.
const CITE: &str = "\nCite these by their numbers, like [";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    query: String,
}

/// What a model is told of the arguments.
pub(super) fn query_schema(description: &str) -> Value {
    json!({
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "description": description,
                "minLength": 1,
                "maxLength": MAX_QUERY_CHARS,
            },
        },
        "required": ["query"],
        "additionalProperties": false,
    })
}

/// The query that a model gave.
pub(super) fn query_of(arguments: Value) -> Result<String, ToolError> {
    let Arguments { query } = read_arguments(arguments)?;
    if query.trim().is_empty() || query.chars().count() > MAX_QUERY_CHARS {
        let wanted = format!("query must be 1 to {MAX_QUERY_CHARS} characters of text.");
        return Err(ToolError(wanted));
    }
    Ok(query)
}

/// The passages as the model reads them, numbered from `first`, the best first, as many as fit; none
/// where there is none.
pub(super) fn shown(best: Vec<Excerpt>, first: u32) -> Option<ToolAnswer> {
    let mut left = TOKENS;
    let fitting = best.into_iter().take(PASSAGES).map_while(|excerpt| {
        left = left.checked_sub(excerpt.tokens)?;
        Some(excerpt)
    });
    let found: Vec<Excerpt> = fitting.collect();
    let passages = (first..).zip(&found).map(|(number, excerpt)| {
        let Excerpt { document, headings, text, .. } = excerpt;
        let under = match &headings[..] {
            [] => String::new(),
            headings => format!(", under {}", headings.join(" › ")),
        };
        format!("[{number}] {document}, {}{under}:\n{text}\n", excerpt.place())
    });
    let passages: Vec<String> = passages.collect();
    (!passages.is_empty())
        .then(|| ToolAnswer { text: format!("{}{CITE}{first}].", passages.join("\n")), found })
}

/// Whether an answer lists passages.
pub(crate) fn lists_passages(answer: &str) -> bool {
    let number = answer.rsplit_once(CITE).and_then(|(_, end)| end.strip_suffix("]."));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vpaura_domain::FileId;
    use vpaura_knowledge::extract::{Extracted, TextFormat};

    use super::*;
    use crate::passages::{FilePassages, best};

    fn found(query: &str, text: &str) -> Option<ToolAnswer> {
        let id = FileId::from_uuid(uuid::Uuid::nil());
        let (text, format) = (text.to_owned(), TextFormat::Markdown);
        let extracted = Extracted { text, format, pages: Vec::new(), title: None, notice: None };
        let file = FilePassages::cut(id, "policy.md", &extracted).expect("cut");
        shown(best(query, &[Arc::new(file)], PASSAGES).expect("ranked"), 9)
    }

    #[test]
    fn what_matches_is_shown_with_its_place() {
        let text = "# Refunds\n\nRefunds are paid within 14 days.\n";
        let told = found("refund days", text).expect("something");
        assert_eq!(told.found.len(), 1);
        let told = told.text;
        assert!(told.starts_with("[9] policy.md, lines 1 to 3"), "{told}");
        assert!(told.contains("within 14 days"), "{told}");
        assert!(lists_passages(&told));
        assert!(!lists_passages("Nothing in the files matches."));
        assert!(found("zebra", text).is_none());
    }

    #[test]
    fn a_result_is_bounded() {
        let rule = |n| format!("Refund rule {n} says much. {}\n\n", "Rules are rules. ".repeat(40));
        let text: String = (0..200).map(rule).collect();
        let told = found("refund rule", &text).expect("something").text;
        let tokens = vpaura_llm::count_tokens(&told);
        assert!(tokens > 500 && tokens <= TOKENS as usize + 500, "{tokens}");
    }
}
