//! Reads chunks of documents.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use vpaura_domain::{Chunk, ChunkId, CollectionId, DocumentId, Listing, MAX_LIMIT, Page, Scope};

use crate::entities::chunk::{Column, Entity, Model};
use crate::entities::document;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::visible;

impl Store {
    /// The document's chunks in order; none when it is not visible. A cursor is the position of
    /// the last chunk of the page before.
    pub async fn list_chunks(
        &self,
        scope: &Scope,
        collection: CollectionId,
        document: DocumentId,
        page: &Page,
    ) -> Result<Listing<Chunk>> {
        let of_document = condition(scope)
            .add(Column::CollectionId.eq(collection.uuid()))
            .add(Column::DocumentId.eq(document.uuid()));
        let after = page.cursor.as_deref().map(chunk_cursor).transpose()?;
        let limit = page.limit.clamp(1, MAX_LIMIT);
        self.read(scope, |db| {
            let select = Entity::find().filter(of_document.clone());
            async move {
                let (rows, total) = match after {
                    Some(after) => (select.filter(Column::Position.gt(after)), None),
                    None => {
                        let total = select.clone().count(&db).await?;
                        (select.offset(page.offset), Some(total))
                    }
                };
                let mut rows = rows
                    .order_by(Column::Position, Order::Asc)
                    .limit(u64::from(limit) + 1)
                    .all(&db)
                    .await?;
                let more = rows.len() > limit as usize;
                rows.truncate(limit as usize);
                let next_cursor = rows.last().filter(|_| more).map(|row| row.position.to_string());
                let items = rows.into_iter().map(Chunk::try_from).collect::<Result<_>>()?;
                Ok(Listing { items, total, next_cursor })
            }
        })
        .await
    }

    /// The chunk, unless it is not there or not visible.
    pub async fn get_chunk(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: ChunkId,
    ) -> Result<Option<Chunk>> {
        self.read(scope, |db| async move {
            find(&db, scope, collection, id).await?.map(Chunk::try_from).transpose()
        })
        .await
    }

    /// The searched chunks of a visible document that stand at these positions, in order.
    pub async fn chunks_at(
        &self,
        scope: &Scope,
        document: DocumentId,
        positions: &[u32],
    ) -> Result<Vec<Chunk>> {
        let there = condition(scope)
            .add(Column::DocumentId.eq(document.uuid()))
            .add(Column::Position.is_in(positions.iter().map(|it| i64::from(*it))))
            .add(Column::Enabled.eq(true));
        self.read(scope, |db| {
            let select = Entity::find().filter(there.clone()).order_by_asc(Column::Position);
            async move { select.all(&db).await?.into_iter().map(Chunk::try_from).collect() }
        })
        .await
    }
}

/// Chunks of documents that the scope sees.
pub(super) fn condition(scope: &Scope) -> Condition {
    let of = Expr::col((Entity, Column::DocumentId));
    let visible = Query::select()
        .expr(Expr::val(1))
        .from(document::Entity)
        .cond_where(visible::documents(scope))
        .and_where(Expr::col((document::Entity, document::Column::Id)).eq(of))
        .to_owned();
    Condition::all()
        .add(Column::WorkspaceId.eq(visible::workspace(scope)))
        .add(Expr::exists(visible))
}

/// The visible chunk of the collection with this id.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    collection: CollectionId,
    id: ChunkId,
) -> Result<Option<Model>> {
    let one = condition(scope)
        .add(Column::CollectionId.eq(collection.uuid()))
        .add(Column::Id.eq(id.uuid()));
    Ok(Entity::find().filter(one).all(db).await?.into_iter().next())
}

/// The position that a page's cursor names.
pub(crate) fn chunk_cursor(cursor: &str) -> Result<i64> {
    cursor.parse().map_err(|_| StoreError::InvalidCursor)
}
