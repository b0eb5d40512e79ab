//! What of a chatbot's collections fits a question.

use vpaura_domain::{ChatbotSettings, Hit, Scope};
use vpaura_store::DocumentMatch;

use super::{SearchBy, SearchQuery};
use crate::{Engine, Result};

/// Passages that an answer gets where the chatbot does not say.
const USUAL_HITS: u32 = 8;

impl Engine {
    /// The hits in those of the chatbot's collections that whoever asks may see themselves: a
    /// chatbot opens nobody's eyes.
    pub(crate) async fn hits_for_chat(
        &self,
        scope: &Scope,
        chatbot: &ChatbotSettings,
        words: &str,
    ) -> Result<Vec<Hit>> {
        if chatbot.collections.is_empty() || words.trim().is_empty() {
            return Ok(Vec::new());
        }
        let retrieval = chatbot.retrieval.unwrap_or_default();
        let query = SearchQuery {
            collections: Some(chatbot.collections.clone()),
            query: words.to_owned(),
            limit: retrieval.limit.unwrap_or(USUAL_HITS),
            per_document: None,
            filter: DocumentMatch::default(),
            rerank: retrieval.rerank.unwrap_or(true),
            by: SearchBy::ALL,
        };
        let found = self.retrieve(scope, &query).await?;
        Ok(found.hits)
    }
}
