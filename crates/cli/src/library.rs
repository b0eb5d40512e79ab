//! Collections as the commands use them: a server's over HTTP, or those of the configured database
//! through an engine in this process.

mod local;
mod remote;

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use vpaura_domain::{Collection, CollectionId, Document, DocumentId, DocumentStatus, Hit};

use self::local::Local;
use self::remote::Remote;
use crate::api;
use crate::error::{Error, Result};

/// Who keeps the collections.
pub(crate) enum Library {
    Local(Box<Local>),
    Remote(Remote),
}

/// What a search found.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    pub(crate) hits: Vec<Hit>,
    /// Why it was not searched as it could be, in a sentence.
    #[serde(default)]
    pub(crate) notice: Option<String>,
}

/// What is said of a file that is added.
pub(crate) struct Addition {
    /// What it is to be called, if not by its file's name.
    pub(crate) name: Option<String>,
    /// An object to be noted on it.
    pub(crate) noted: Value,
}

impl Library {
    /// The server's; without one an engine of our own is started.
    pub(crate) async fn open(server: Option<&str>, key: Option<String>) -> Result<Self> {
        Ok(match api::named(server) {
            Some(server) => Self::Remote(Remote::new(server, key)?),
            None => Self::Local(Box::new(Local::start().await?)),
        })
    }

    pub(crate) async fn close(self) {
        if let Self::Local(local) = self {
            local.stop().await;
        }
    }

    /// The collection of exactly this name, without the white space around it: no name has any.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<Collection>> {
        let name = name.trim();
        let named = match self {
            Self::Local(local) => local.collections(name).await?,
            Self::Remote(remote) => remote.collections(name).await?,
        };
        Ok(named.into_iter().find(|collection| collection.name == name))
    }

    /// A new collection.
    pub(crate) async fn create(&self, name: &str) -> Result<Collection> {
        match self {
            Self::Local(local) => local.create(name).await,
            Self::Remote(remote) => remote.create(name).await,
        }
    }

    /// The collection as it is now.
    pub(crate) async fn collection(&self, id: CollectionId) -> Result<Collection> {
        match self {
            Self::Local(local) => local.collection(id).await,
            Self::Remote(remote) => remote.collection(id).await,
        }
    }

    /// All its documents; of one state, if one is given.
    pub(crate) async fn documents(
        &self,
        id: CollectionId,
        status: Option<DocumentStatus>,
    ) -> Result<Vec<Document>> {
        match self {
            Self::Local(local) => local.documents(id, status, usize::MAX).await,
            Self::Remote(remote) => remote.documents(id, status, usize::MAX).await,
        }
    }

    /// Whether any of its documents is still to be read.
    pub(crate) async fn is_busy(&self, id: CollectionId) -> Result<bool> {
        for status in [DocumentStatus::Pending, DocumentStatus::Processing] {
            let some = match self {
                Self::Local(local) => local.documents(id, Some(status), 1).await?,
                Self::Remote(remote) => remote.documents(id, Some(status), 1).await?,
            };
            if !some.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The document as it is now, if it is there still.
    pub(crate) async fn document(
        &self,
        id: CollectionId,
        document: DocumentId,
    ) -> Result<Option<Document>> {
        let found = match self {
            Self::Local(local) => local.document(id, document).await,
            Self::Remote(remote) => remote.document(id, document).await,
        };
        found.map(Some).or_else(|error| if is_missing(&error) { Ok(None) } else { Err(error) })
    }

    /// Puts a file into the collection; what is there already stays.
    pub(crate) async fn add(
        &self,
        id: CollectionId,
        file: &Path,
        file_name: &str,
        addition: Addition,
    ) -> Result<Document> {
        match self {
            Self::Local(local) => local.add(id, file, file_name, addition).await,
            Self::Remote(remote) => remote.add(id, file, file_name, addition).await,
        }
    }

    /// Notes this on the document, instead of what was noted before.
    pub(crate) async fn note(
        &self,
        id: CollectionId,
        of: DocumentId,
        noted: Map<String, Value>,
    ) -> Result<()> {
        match self {
            Self::Local(local) => local.note(id, of, noted.into()).await,
            Self::Remote(remote) => remote.note(id, of, noted.into()).await,
        }
    }

    /// Deletes the document, if it is there still.
    pub(crate) async fn delete(&self, id: CollectionId, document: DocumentId) -> Result<()> {
        let deleted = match self {
            Self::Local(local) => local.delete(id, document).await,
            Self::Remote(remote) => remote.delete(id, document).await,
        };
        deleted.or_else(|error| if is_missing(&error) { Ok(()) } else { Err(error) })
    }

    /// Searches the collection, or all where none is given.
    pub(crate) async fn search(
        &self,
        collection: Option<CollectionId>,
        query: &str,
        limit: u32,
    ) -> Result<Found> {
        match self {
            Self::Local(local) => local.search(collection, query, limit).await,
            Self::Remote(remote) => remote.search(collection, query, limit).await,
        }
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(
        error,
        Error::Engine(vpaura_engine::Error::NotFound(_)) | Error::Refusal { status: 404, .. }
    )
}
