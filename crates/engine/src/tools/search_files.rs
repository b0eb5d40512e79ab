//! Searches the files that are attached to the conversation.

use futures_util::future::BoxFuture;
use serde_json::Value;
use vpaura_llm::ToolSpec;

use super::passages::{PASSAGES, query_of, query_schema, shown};
use super::{Tool, ToolAnswer, ToolContext, ToolError, failed};
use crate::files::in_sight;
use crate::passages::best;
use crate::{Error, Result};

/// The name by which models call it.
pub(crate) const NAME: &str = "search_files";

/// The tool.
pub(super) struct SearchFiles;

impl Tool for SearchFiles {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: NAME.to_owned(),
            description: "Searches the files that the user attached to this conversation and \
                          returns the passages that match the query best."
                .to_owned(),
            parameters: query_schema("The words to look for, in the files' own language."),
        }
    }

    fn has_effects(&self) -> bool {
        false
    }

    fn call<'a>(
        &'a self,
        at: ToolContext<'a>,
        arguments: Value,
    ) -> BoxFuture<'a, std::result::Result<ToolAnswer, ToolError>> {
        Box::pin(async move {
            let query = query_of(arguments)?;
            search(at, query).await.map_err(|error| failed(NAME, error))
        })
    }
}

async fn search(at: ToolContext<'_>, query: String) -> Result<ToolAnswer> {
    let engine = at.engine;
    let window = engine
        .history
        .window(&engine.store, at.scope, at.conversation_id, at.question.parent_id)
        .await?;
    let files = engine.passages_of(at.scope, &in_sight(at.question, &window)).await?;
    if files.is_empty() {
        return Ok("There are no files in this conversation.".to_owned().into());
    }
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("ranking: {error}"));
    let best = tokio::task::spawn_blocking(move || best(&query, &files, PASSAGES)).await;
    let best = best.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    let nothing = || "Nothing in the files matches.".to_owned().into();
    Ok(shown(best, at.first_passage).unwrap_or_else(nothing))
}
