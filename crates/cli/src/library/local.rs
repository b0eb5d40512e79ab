//! The collections of the configured database, through an engine in this process.

use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt;
use serde_json::Value;
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use vpaura_domain::{
    Chunking, Collection, CollectionId, Document, DocumentId, DocumentStatus, MAX_LIMIT, Metadata,
    Origin, Page, Scope, Visibility,
};
use vpaura_engine::{
    DocumentFilter, DocumentMatch, DocumentUpdate, Engine, Labels, NewCollection, SearchBy,
    SearchQuery,
};

use super::{Addition, Found};
use crate::commands::load_config;
use crate::error::{Error, Result};

/// How long the engine may take to end.
const STOP: Duration = Duration::from_secs(5);

/// An engine of our own, and what it acts as.
pub(crate) struct Local {
    engine: Engine,
    scope: Scope,
}

impl Local {
    pub(super) async fn start() -> Result<Self> {
        let engine = Engine::assemble(&load_config()?).await?;
        Ok(Self { engine, scope: Scope::operator() })
    }

    pub(super) async fn stop(self) {
        self.engine.stop(STOP).await;
    }

    pub(super) async fn collections(&self, name: &str) -> Result<Vec<Collection>> {
        let mut page = first_page(usize::MAX);
        let mut all = Vec::new();
        loop {
            let listing = self.engine.list_collections(&self.scope, &page, Some(name)).await?;
            all.extend(listing.items);
            match listing.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(all),
            }
        }
    }

    pub(super) async fn create(&self, name: &str) -> Result<Collection> {
        let new = NewCollection {
            name: name.to_owned(),
            description: None,
            visibility: Visibility::default(),
            chunking: Chunking::default(),
        };
        Ok(self.engine.create_collection(&self.scope, new, None, &Origin::default()).await?)
    }

    pub(super) async fn collection(&self, id: CollectionId) -> Result<Collection> {
        Ok(self.engine.get_collection(&self.scope, id).await?)
    }

    pub(super) async fn documents(
        &self,
        id: CollectionId,
        status: Option<DocumentStatus>,
        most: usize,
    ) -> Result<Vec<Document>> {
        let filter = DocumentFilter { status, ..DocumentFilter::default() };
        let mut page = first_page(most);
        let mut all = Vec::new();
        loop {
            let listing = self.engine.list_documents(&self.scope, id, &page, &filter).await?;
            all.extend(listing.items);
            match listing.next_cursor {
                Some(cursor) if all.len() < most => page.cursor = Some(cursor),
                _ => return Ok(all),
            }
        }
    }

    pub(super) async fn document(&self, id: CollectionId, of: DocumentId) -> Result<Document> {
        Ok(self.engine.get_document(&self.scope, id, of).await?)
    }

    pub(super) async fn note(&self, id: CollectionId, of: DocumentId, noted: Value) -> Result<()> {
        let update = DocumentUpdate { metadata: Some(metadata(noted)?), ..Default::default() };
        self.engine.update_document(&self.scope, id, of, update, &Origin::default()).await?;
        Ok(())
    }

    pub(super) async fn delete(&self, id: CollectionId, of: DocumentId) -> Result<()> {
        Ok(self.engine.delete_document(&self.scope, id, of, &Origin::default()).await?)
    }

    pub(super) async fn add(
        &self,
        id: CollectionId,
        path: &Path,
        file_name: &str,
        addition: Addition,
    ) -> Result<Document> {
        let unusable = |error: std::io::Error| Error::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let file = File::open(path).await.map_err(unusable)?;
        let content = ReaderStream::new(file).map_err(vpaura_engine::Error::from);
        let taken = self.engine.receive_document(&self.scope, id, file_name, content).await?;
        let labels = Labels { name: addition.name, metadata: metadata(addition.noted)? };
        let origin = Origin::default();
        let added = self.engine.keep_document(&self.scope, taken, labels, &origin).await?;
        Ok(added.document)
    }

    pub(super) async fn search(
        &self,
        collection: Option<CollectionId>,
        query: &str,
        limit: u32,
    ) -> Result<Found> {
        let query = SearchQuery {
            collections: collection.map(|id| vec![id]),
            query: query.to_owned(),
            limit,
            per_document: None,
            filter: DocumentMatch::default(),
            rerank: true,
            by: SearchBy::ALL,
        };
        let found = self.engine.search(&self.scope, query).await?;
        Ok(Found { hits: found.hits, notice: found.notice })
    }
}

fn first_page(most: usize) -> Page {
    let limit = u32::try_from(most).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
    Page { limit, ..Page::default() }
}

fn metadata(noted: Value) -> Result<Metadata> {
    Metadata::try_from(noted).map_err(|error| Error::Refused(error.to_string()))
}
