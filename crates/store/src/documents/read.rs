//! Reads documents.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use vpaura_domain::{CollectionId, Document, DocumentId, Listing, Page, Scope};

use super::{DocumentFilter, name_contains};
use crate::codec::Word;
use crate::entities::document::{Column, Entity, Model};
use crate::error::Result;
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::visible;

impl Store {
    /// The document, unless it is not there or its collection is not visible.
    pub async fn get_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<Option<Document>> {
        self.read(scope, |db| async move { find(&db, scope, collection, id).await }).await
    }

    /// The collection's documents, the newest first; none when it is not visible.
    pub async fn list_documents(
        &self,
        scope: &Scope,
        collection: CollectionId,
        page: &Page,
        filter: &DocumentFilter,
    ) -> Result<Listing<Document>> {
        let mut select = Entity::find().filter(condition(scope, collection));
        if let Some(status) = filter.status {
            select = select.filter(Column::Status.eq(status.word()));
        }
        if let Some(query) = &filter.query {
            select = select.filter(name_contains(Column::NameKey, query));
        }
        if let Some(sha256) = &filter.sha256 {
            select = select.filter(Column::Sha256.eq(sha256.as_str()));
        }
        let order = (Column::CreatedAt, Column::Id);
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let place = |row: &Model| Place { at: row.created_at, id: row.id };
                keyset::page(&db, select, order, page, place).await
            }
        })
        .await
    }
}

/// The documents of the collection, where the scope sees it.
pub(super) fn condition(scope: &Scope, collection: CollectionId) -> Condition {
    visible::documents(scope).add(Column::CollectionId.eq(collection.uuid()))
}

/// The visible document of the collection with this id.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    collection: CollectionId,
    id: DocumentId,
) -> Result<Option<Document>> {
    let one = condition(scope, collection).add(Column::Id.eq(id.uuid()));
    let rows = Entity::find().filter(one).all(db).await?;
    rows.into_iter().next().map(Document::try_from).transpose()
}
