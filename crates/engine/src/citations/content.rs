//! The original that a citation comes from.

use vpaura_domain::{MessageId, Scope};

use crate::files::FileContent;
use crate::{Engine, Result};

/// A document's bytes as they came.
pub struct CitedOriginal {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// The bytes.
    pub content: FileContent,
}

impl Engine {
    /// The original of the document that a citation of a message points at.
    pub async fn cited_original(
        &self,
        scope: &Scope,
        message_id: MessageId,
        index: u32,
    ) -> Result<CitedOriginal> {
        let cited = self.cited(scope, message_id, index).await?;
        let content = self.files.content(&cited.sha256).await?;
        Ok(CitedOriginal { name: cited.name, size: cited.size, content })
    }
}
