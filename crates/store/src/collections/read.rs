//! Reads collections, with how many documents they have and how far their vectors are.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
};
use uuid::Uuid;
use vpaura_domain::{
    Access, Collection, CollectionCounts, CollectionId, DocumentStatus, EmbedderStamp,
    EmbeddingState, Listing, Page, Permission, Scope, Timestamp, UserId, Visibility,
};

use crate::codec::{self, Word, to_u64};
use crate::documents::name_contains;
use crate::entities::collection::{Column, Entity, Model};
use crate::entities::{document, embedding};
use crate::error::{Result, StoreError};
use crate::grants::Object;
use crate::index::{BUILDING, SERVING};
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::visible;

/// A row as a list's page has it, its counts still to be read.
struct Listed(Model);

impl TryFrom<Model> for Listed {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self(row))
    }
}

impl Store {
    /// The collection, unless it is not there or not visible.
    pub async fn get_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
    ) -> Result<Option<Collection>> {
        self.read(scope, |db| async move { find(&db, scope, id).await }).await
    }

    /// The collections that the scope may search, the newest first; with a query those whose names
    /// contain it.
    pub async fn list_collections(
        &self,
        scope: &Scope,
        page: &Page,
        query: Option<&str>,
    ) -> Result<Listing<Collection>> {
        let mut select = Entity::find().filter(visible::collections(scope));
        if let Some(query) = query {
            select = select.filter(name_contains(Column::NameKey, query));
        }
        let order = (Column::CreatedAt, Column::Id);
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                let place = |row: &Model| Place { at: row.created_at, id: row.id };
                let rows: Listing<Listed> = keyset::page(&db, select, order, page, place).await?;
                let items = rows.items.into_iter().map(|Listed(row)| row).collect();
                Ok(Listing {
                    items: whole(&db, items).await?,
                    total: rows.total,
                    next_cursor: rows.next_cursor,
                })
            }
        })
        .await
    }

    /// Whether the scope may change the collection and its documents: as who may change all, as
    /// its maker, or because it is shared with them for that. `None` when it is not visible.
    pub async fn may_edit_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
    ) -> Result<Option<bool>> {
        let rows = self.read(scope, |db| async move { rows(&db, scope, id).await }).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        if scope.permissions.has(Permission::CollectionsWrite)
            || scope.user_id().is_some_and(|user| row.created_by == Some(user.uuid()))
        {
            return Ok(Some(true));
        }
        let access = self.access_to(scope, Object::Collection(id)).await?;
        Ok(Some(access == Some(Access::Edit)))
    }
}

async fn rows<C: ConnectionTrait>(db: &C, scope: &Scope, id: CollectionId) -> Result<Vec<Model>> {
    let visible: Condition = visible::collections(scope).add(Column::Id.eq(id.uuid()));
    Ok(Entity::find().filter(visible).all(db).await?)
}

/// The visible collection with this id.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    id: CollectionId,
) -> Result<Option<Collection>> {
    let rows = rows(db, scope, id).await?;
    Ok(whole(db, rows).await?.into_iter().next())
}

/// The collections of these rows, in their order.
async fn whole<C: ConnectionTrait>(db: &C, rows: Vec<Model>) -> Result<Vec<Collection>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut counts = counts(db, &ids).await?;
    let mut states = embedding_states(db, &ids).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Collection {
                id: CollectionId::from_uuid(row.id),
                name: row.name,
                description: row.description,
                visibility: Visibility::from_word(&row.visibility, "collections.visibility")?,
                chunking: codec::from_text(&row.chunking, "collections.chunking")?,
                counts: counts.remove(&row.id).unwrap_or_default(),
                embedding: states.remove(&row.id).unwrap_or_default(),
                created_by: row.created_by.map(UserId::from_uuid),
                created_at: Timestamp::from_millis(row.created_at),
                updated_at: Timestamp::from_millis(row.updated_at),
            })
        })
        .collect()
}

async fn counts<C: ConnectionTrait>(
    db: &C,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, CollectionCounts>> {
    use document::Column;
    // SUM is NUMERIC on PostgreSQL.
    let searched = sea_orm::sea_query::Expr::cust(
        "CAST(COALESCE(SUM(CASE WHEN enabled THEN chunks ELSE 0 END), 0) AS BIGINT)",
    );
    let rows: Vec<(Uuid, String, i64, i64)> = document::Entity::find()
        .select_only()
        .column(Column::CollectionId)
        .column(Column::Status)
        .column_as(Column::Chunks.count(), "documents")
        .column_as(searched, "searched")
        .filter(Column::CollectionId.is_in(ids.iter().copied()))
        .group_by(Column::CollectionId)
        .group_by(Column::Status)
        .into_tuple()
        .all(db)
        .await?;
    let mut counts: HashMap<Uuid, CollectionCounts> = HashMap::with_capacity(ids.len());
    for (id, status, documents, chunks) in rows {
        let counts = counts.entry(id).or_default();
        counts.documents_total += to_u64(documents);
        counts.chunks += to_u64(chunks);
        match DocumentStatus::from_word(&status, "documents.status")? {
            DocumentStatus::Ready => counts.documents_ready = to_u64(documents),
            DocumentStatus::Failed => counts.documents_failed = to_u64(documents),
            DocumentStatus::Pending | DocumentStatus::Processing => {}
        }
    }
    Ok(counts)
}

async fn embedding_states<C: ConnectionTrait>(
    db: &C,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, EmbeddingState>> {
    use embedding::Column;
    let rows = embedding::Entity::find()
        .filter(Column::CollectionId.is_in(ids.iter().copied()))
        .filter(Column::Status.is_in([SERVING, BUILDING]))
        .all(db)
        .await?;
    let mut states: HashMap<Uuid, EmbeddingState> = HashMap::with_capacity(rows.len());
    for row in rows {
        let state = states.entry(row.collection_id).or_default();
        let dimension = codec::to_u32(row.dimension, "embeddings.dimension")?;
        let stamp = EmbedderStamp { model: row.model, dimension };
        if row.status == SERVING {
            state.serving = Some(stamp);
        } else {
            state.built_chunks = built_chunks(db, row.collection_id, row.id).await?;
            state.building = Some(stamp);
            state.error = row.error;
        }
    }
    Ok(states)
}

/// Chunks of segments that are done.
async fn built_chunks<C: ConnectionTrait>(
    db: &C,
    collection: Uuid,
    embedding: Uuid,
) -> Result<u64> {
    const BUILT: &str = "SELECT CAST(COALESCE(SUM(s.chunks - s.dead), 0) AS BIGINT) AS built
        FROM segments AS s
        JOIN segment_signatures AS g ON g.segment_id = s.id AND g.embedding_id = $2
        WHERE s.collection_id = $1 AND s.status = 'live'";
    let values = [collection.into(), embedding.into()];
    let ask = Statement::from_sql_and_values(db.get_database_backend(), BUILT, values);
    let row = db.query_one_raw(ask).await?;
    Ok(to_u64(row.map_or(Ok(0), |row| row.try_get("", "built"))?))
}
