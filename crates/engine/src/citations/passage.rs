//! The passage within its document.

use vpaura_domain::{Citation, MessageId, Scope};
use vpaura_knowledge::extract::Extracted;

use super::Cited;
use crate::files::ReadFor;
use crate::{Engine, Result};

/// A citation with the text that its span counts in.
#[derive(Debug, Clone)]
pub struct CitedPassage {
    /// The citation.
    pub citation: Citation,
    /// The document's whole text, and where its pages begin.
    pub extracted: Extracted,
}

impl Engine {
    /// The passage that a citation of a message points at.
    pub async fn cited_passage(
        &self,
        scope: &Scope,
        message_id: MessageId,
        index: u32,
    ) -> Result<CitedPassage> {
        let cited = self.cited(scope, message_id, index).await?;
        let Cited { citation, sha256, media_type, .. } = cited;
        let extracted = self.extracted(ReadFor::Caller(scope), &sha256, &media_type).await?;
        Ok(CitedPassage { citation, extracted })
    }
}
