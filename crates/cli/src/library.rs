//! Collections as the commands use them: a server's over HTTP, or those of the configured database
//! through an engine in this process.

mod local;
mod remote;

use std::path::Path;

use serde::Deserialize;
use vpaura_domain::{Collection, CollectionId, Document, DocumentStatus, Hit};

use self::local::Local;
use self::remote::Remote;
use crate::api;
use crate::error::Result;

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

    /// Puts a file into the collection, noting its `place` on it; what is there already stays.
    pub(crate) async fn add(
        &self,
        id: CollectionId,
        file: &Path,
        name: &str,
        place: &str,
    ) -> Result<Document> {
        match self {
            Self::Local(local) => local.add(id, file, name, place).await,
            Self::Remote(remote) => remote.add(id, file, name, place).await,
        }
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
