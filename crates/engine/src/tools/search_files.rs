//! Searches the files that are attached to the conversation.

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use vpaura_llm::ToolSpec;

use super::{Tool, ToolContext, ToolError, failed, read_arguments};
use crate::files::in_sight;
use crate::passages::{self, Excerpt};
use crate::{Error, Result};

/// The name by which models call it.
const NAME: &str = "search_files";
const MAX_QUERY_CHARS: usize = 500;
/// Passages of a result.
const PASSAGES: usize = 8;
/// Tokens of a result.
const TOKENS: usize = 3_000;

/// The tool.
pub(super) struct SearchFiles;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    query: String,
}

impl Tool for SearchFiles {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: NAME.to_owned(),
            description: "Searches the files that the user attached to this conversation and \
                          returns the passages that match the query best."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "query": {
                        "type": "string",
                        "description": "The words to look for, in the files' own language.",
                        "minLength": 1,
                        "maxLength": MAX_QUERY_CHARS,
                    },
                },
                "required": ["query"],
                "additionalProperties": false,
            }),
        }
    }

    fn has_effects(&self) -> bool {
        false
    }

    fn call<'a>(
        &'a self,
        at: ToolContext<'a>,
        arguments: Value,
    ) -> BoxFuture<'a, std::result::Result<String, ToolError>> {
        Box::pin(async move {
            let Arguments { query } = read_arguments(arguments)?;
            if query.trim().is_empty() || query.chars().count() > MAX_QUERY_CHARS {
                let wanted = format!("query must be 1 to {MAX_QUERY_CHARS} characters of text.");
                return Err(ToolError(wanted));
            }
            search(at, query).await.map_err(|error| failed(NAME, error))
        })
    }
}

async fn search(at: ToolContext<'_>, query: String) -> Result<String> {
    let engine = at.engine;
    let window = engine
        .history
        .window(&engine.store, at.scope, at.conversation_id, at.question.parent_id)
        .await?;
    let mut all = Vec::new();
    // A file that was deleted since is simply not there any more.
    for file in engine.store.get_files(at.scope, &in_sight(at.question, &window)).await? {
        all.extend(engine.excerpts(&file).await?.iter().cloned());
    }
    if all.is_empty() {
        return Ok("There are no files in this conversation.".to_owned());
    }
    let best = tokio::task::spawn_blocking(move || best(&query, all)).await;
    best.map(|best| shown(&best))
        .map_err(|error| Error::Internal(format!("ranking passages: {error}")))
}

/// The passages that match, the best first.
fn best(query: &str, mut all: Vec<Excerpt>) -> Vec<Excerpt> {
    passages::rank(query, &mut all);
    all.retain(|excerpt| excerpt.score > 0.0);
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut left = TOKENS;
    all.into_iter()
        .take(PASSAGES)
        .map_while(|excerpt| {
            left -= vpaura_llm::count_tokens_up_to(&excerpt.text, left)?;
            Some(excerpt)
        })
        .collect()
}

/// As the model reads it. The numbers are not in brackets: those belong to the passages in the
/// prompt.
fn shown(best: &[Excerpt]) -> String {
    if best.is_empty() {
        return "Nothing in the files matches.".to_owned();
    }
    let passages = (1..).zip(best).map(|(number, excerpt)| {
        let Excerpt { document, line_start, line_end, text, .. } = excerpt;
        format!("{number}. {document}, lines {line_start} to {line_end}:\n{text}\n")
    });
    let passages: Vec<String> = passages.collect();
    format!("{}\nRefer to these by document and lines.", passages.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vpaura_domain::FileId;

    use super::*;

    fn split(text: &str) -> Vec<Excerpt> {
        let document: Arc<str> = "policy.md".into();
        passages::split(FileId::from_uuid(uuid::Uuid::nil()), &document, text)
    }

    #[test]
    fn what_matches_is_shown_with_its_place() {
        let all = split("# Refunds\n\nRefunds are paid within 14 days.\n");
        let found = shown(&best("refund days", all.clone()));
        assert!(found.starts_with("1. policy.md, lines 1 to 3:\n# Refunds"), "{found}");
        assert!(found.contains("within 14 days"), "{found}");
        assert_eq!(shown(&best("zebra", all)), "Nothing in the files matches.");
    }

    #[test]
    fn a_result_is_bounded() {
        let text: String = (0..2_000).map(|n| format!("Refund rule {n} says much.\n\n")).collect();
        let best = best("refund rule", split(&text));
        assert!(!best.is_empty() && best.len() <= PASSAGES);
        let tokens: usize = best.iter().map(|it| vpaura_llm::count_tokens(&it.text)).sum();
        assert!(tokens <= TOKENS, "{tokens}");
    }
}
