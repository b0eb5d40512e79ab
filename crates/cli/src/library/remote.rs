//! A server's collections.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use vpaura_domain::{Collection, CollectionId, Document, DocumentId, DocumentStatus};

use super::{Addition, Found};
use crate::api::Api;
use crate::error::Result;

/// The longest page.
const PAGE: usize = 100;

/// A server.
pub(crate) struct Remote {
    api: Api,
}

#[derive(Deserialize)]
struct Listing<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl Remote {
    pub(super) fn new(server: &str, key: Option<String>) -> Result<Self> {
        Ok(Self { api: Api::new(server, key)?.patient() })
    }

    pub(super) async fn collections(&self, name: &str) -> Result<Vec<Collection>> {
        self.list("/collections", &[("query", name)], usize::MAX).await
    }

    pub(super) async fn create(&self, name: &str) -> Result<Collection> {
        self.api.post("/collections", &json!({ "name": name })).await
    }

    pub(super) async fn collection(&self, id: CollectionId) -> Result<Collection> {
        self.api.get(&format!("/collections/{id}"), &[]).await
    }

    pub(super) async fn documents(
        &self,
        id: CollectionId,
        status: Option<DocumentStatus>,
        most: usize,
    ) -> Result<Vec<Document>> {
        let status = status.map(|status| match status {
            DocumentStatus::Pending => "pending",
            DocumentStatus::Processing => "processing",
            DocumentStatus::Ready => "ready",
            DocumentStatus::Failed => "failed",
        });
        let query: Vec<(&str, &str)> = status.into_iter().map(|it| ("status", it)).collect();
        self.list(&format!("/collections/{id}/documents"), &query, most).await
    }

    pub(super) async fn document(&self, id: CollectionId, of: DocumentId) -> Result<Document> {
        self.api.get(&format!("/collections/{id}/documents/{of}"), &[]).await
    }

    pub(super) async fn note(&self, id: CollectionId, of: DocumentId, noted: Value) -> Result<()> {
        let path = format!("/collections/{id}/documents/{of}");
        let _as_it_is: Document = self.api.patch(&path, &json!({ "metadata": noted })).await?;
        Ok(())
    }

    pub(super) async fn delete(&self, id: CollectionId, of: DocumentId) -> Result<()> {
        self.api.delete(&format!("/collections/{id}/documents/{of}")).await
    }

    pub(super) async fn add(
        &self,
        id: CollectionId,
        file: &Path,
        file_name: &str,
        addition: Addition,
    ) -> Result<Document> {
        let path = format!("/collections/{id}/documents/upload");
        let metadata = addition.noted.to_string();
        let mut fields = vec![("metadata", metadata.as_str())];
        fields.extend(addition.name.as_deref().map(|name| ("name", name)));
        self.api.upload(&path, &fields, file_name, file).await
    }

    pub(super) async fn search(
        &self,
        collection: Option<CollectionId>,
        query: &str,
        limit: u32,
    ) -> Result<Found> {
        let body = json!({ "query": query, "limit": limit });
        let path = collection.map(|id| format!("/collections/{id}/search"));
        self.api.post(path.as_deref().unwrap_or("/search"), &body).await
    }

    /// All pages of a list, until there are `most`.
    async fn list<T: for<'de> Deserialize<'de>>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        most: usize,
    ) -> Result<Vec<T>> {
        let limit = most.min(PAGE).to_string();
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = query.to_vec();
            query.push(("limit", &limit));
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: Listing<T> = self.api.get(path, &query).await?;
            all.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() || all.len() >= most {
                return Ok(all);
            }
        }
    }
}
