//! Adds a text, a page of the web, or an upload as a document.

use serde_json::json;
use vpaura_domain::{
    CollectionId, Document, DocumentId, DocumentSource, FileId, Metadata, Origin, Scope,
};
use vpaura_knowledge::extract::is_text;
use vpaura_store::{Content, Created};

use super::{Checked, KIND, check};
use crate::audit::Deed;
use crate::files::Kept;
use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

/// Texts that are handed over are Markdown, of which plain text is a kind.
const TEXT_NAME: &str = "text.md";

/// What a new document is made of.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Its name; made from its content when absent.
    pub name: Option<String>,
    /// Its content.
    pub source: NewSource,
    /// What is noted on it.
    pub metadata: Metadata,
}

/// Where the content comes from.
#[derive(Debug, Clone)]
pub enum NewSource {
    /// This text, plain or Markdown.
    Text(String),
    /// The page at this address, as it is when it is fetched.
    Url(String),
    /// An upload of the caller's.
    File(FileId),
}

impl Engine {
    /// Adds a document, which waits to be read.
    pub async fn add_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        new: NewDocument,
        idempotency: Option<Idempotency>,
        origin: &Origin,
    ) -> Result<Document> {
        self.may_change_collection(scope, collection).await?;
        let given = new.name.as_deref().map(check::name).transpose()?;
        let mut kept = None;
        let (made, source, content) = match new.source {
            NewSource::Text(text) => {
                let made = check::name_of_text(&text);
                let (content, in_place) = self.keep_text(text).await?;
                kept = Some(in_place);
                (made, DocumentSource::Text, Some(content))
            }
            NewSource::Url(url) => {
                let url = check::url(&url)?;
                let source = DocumentSource::Url { url: url.to_string() };
                (check::name_of_url(&url), source, None)
            }
            NewSource::File(id) => {
                let file = self.get_file(scope, id).await?;
                let content =
                    Content { sha256: file.sha256, media_type: file.media_type, size: file.size };
                (file.name, DocumentSource::File { file_id: Some(id) }, Some(content))
            }
        };
        let name = given.unwrap_or(made);
        let metadata = new.metadata;
        let unless_there = false;
        let checked = Checked { collection, name, source, content, kept, metadata, unless_there };
        Ok(self.add_checked(scope, checked, idempotency, origin).await?.into_inner())
    }

    /// Keeps a text as the content of a document.
    async fn keep_text(&self, text: String) -> Result<(Content, Kept)> {
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "must not be empty"));
        }
        if text.contains('\0') {
            return Err(Error::invalid("text", "must not contain the NUL character"));
        }
        if !is_text(&text) {
            return Err(Error::invalid("text", "has too many control characters to be a text"));
        }
        let received = self.receive_text(TEXT_NAME, text, self.settings.upload_bytes).await?;
        let (media_type, size) = (received.media_type.to_owned(), received.size);
        let kept = self.keep_content(received).await?;
        Ok((Content { sha256: kept.sha256.clone(), media_type, size }, kept))
    }

    /// Stores a document that has been found good, and wakes who reads it.
    pub(super) async fn add_checked(
        &self,
        scope: &Scope,
        checked: Checked,
        idempotency: Option<Idempotency>,
        origin: &Origin,
    ) -> Result<Created<Document>> {
        let document = vpaura_store::NewDocument {
            id: DocumentId::generate(&*self.ids),
            collection_id: checked.collection,
            name: checked.name,
            source: checked.source,
            content: checked.content,
            metadata: checked.metadata,
            created_by: scope.user_id(),
            created_at: self.clock.now(),
            unless_there: checked.unless_there,
        };
        let details = json!({ "name": document.name, "collection_id": checked.collection });
        let deed = Deed::to("document.added", KIND, document.id, details);
        let entry = self.entry(scope, origin, deed);
        let (store, scope, key) = (self.store.clone(), *scope, idempotency.map(Into::into));
        let adding =
            async move { Ok(store.add_document(&scope, &document, key.as_ref(), &entry).await?) };
        let added = match checked.kept {
            Some(kept) => {
                let sha256 = Some(kept.sha256.clone());
                let refers = move |added: &Created<Document>| added.inner().sha256 == sha256;
                self.store_with_content(kept, adding, refers).await?
            }
            None => adding.await?,
        };
        if matches!(added, Created::New(_)) {
            self.ingestions.notify_one();
        }
        Ok(added)
    }
}
