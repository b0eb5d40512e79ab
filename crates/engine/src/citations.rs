//! What a citation points at: the passage in its document, as whoever reads the answer may see it
//! now. A document that was deleted since, or that is not shared with them any more, is not there,
//! and what was quoted of it is not shown to them.

mod content;
mod page;
mod passage;
mod withhold;

pub use content::CitedOriginal;
pub use passage::CitedPassage;
pub(crate) use withhold::quotes_anything;

use vpaura_domain::{Citation, MessageId, Part, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

/// A citation with the content of its document.
struct Cited {
    citation: Citation,
    name: String,
    size: u64,
    sha256: String,
    media_type: String,
}

impl Engine {
    /// The citation with this number in a message that the caller sees, and the file or document
    /// behind it, with the caller's own eyes.
    async fn cited(&self, scope: &Scope, message_id: MessageId, index: u32) -> Result<Cited> {
        scope.require(Permission::ChatRead)?;
        let missing = || Error::NotFound(Thing::Citation);
        let message = self.store.get_message(scope, message_id).await?;
        let message = message.ok_or(Error::NotFound(Thing::Message))?;
        let citation = message.parts.into_iter().find_map(|part| match part {
            Part::Citation(citation) if citation.index == index => Some(citation),
            _ => None,
        });
        let citation = citation.ok_or_else(missing)?;
        if let Some(id) = citation.file_id {
            let file = self.store.get_file(scope, id).await?.ok_or_else(missing)?;
            let (sha256, media_type) = (file.sha256, file.media_type);
            return Ok(Cited { citation, name: file.name, size: file.size, sha256, media_type });
        }
        let place = citation.collection_id.zip(citation.document_id);
        let (collection, document) = place.ok_or_else(missing)?;
        let document = self.store.get_document(scope, collection, document).await?;
        let document = document.ok_or_else(missing)?;
        let content = document.sha256.zip(document.media_type);
        let (sha256, media_type) = content.ok_or_else(missing)?;
        let size = document.size.unwrap_or_default();
        Ok(Cited { citation, name: document.name, size, sha256, media_type })
    }
}
