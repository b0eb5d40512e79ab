//! Searches the chatbot's collections, with the eyes of whoever asks.

use futures_util::future::BoxFuture;
use serde_json::Value;
use vpaura_llm::ToolSpec;

use super::passages::{query_of, query_schema, shown};
use super::{Tool, ToolAnswer, ToolContext, ToolError, failed};
use crate::passages::Excerpt;

/// The name by which models call it.
pub(crate) const NAME: &str = "search_collections";

/// The tool.
pub(super) struct SearchCollections;

impl Tool for SearchCollections {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: NAME.to_owned(),
            description: "Searches the collections of documents that you answer from and returns \
                          the passages that match the query best. Use it when the sources that \
                          you were given do not hold the answer."
                .to_owned(),
            parameters: query_schema("What to look for, in the words of the documents."),
        }
    }

    fn has_effects(&self) -> bool {
        false
    }

    fn call<'a>(
        &'a self,
        at: ToolContext<'a>,
        arguments: Value,
    ) -> BoxFuture<'a, Result<ToolAnswer, ToolError>> {
        Box::pin(async move {
            let query = query_of(arguments)?;
            let found = at.engine.hits_for_chat(at.scope, at.chatbot, &query).await;
            let hits = found.map_err(|error| failed(NAME, error))?;
            let excerpts = hits.into_iter().map(Excerpt::from).collect();
            let nothing = || "Nothing in the collections matches.".to_owned().into();
            Ok(shown(excerpts, at.first_passage).unwrap_or_else(nothing))
        })
    }
}
