//! Begins embeddings where another embedder is configured than a collection was embedded by.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{CollectionId, EmbedderStamp, EmbeddingId, Timestamp, WorkspaceId};

use crate::collections;
use crate::db::Tx;
use crate::entities::embedding::{Column, Entity, Model};
use crate::error::Result;
use crate::index::{BUILDING, RETIRED, SERVING};
use crate::store::Store;
use crate::within::Within;

/// Those that are not on the way to this embedder, or there.
const WITHOUT: &str = "SELECT c.workspace_id, c.id FROM collections AS c
    LEFT JOIN embeddings AS b ON b.collection_id = c.id AND b.status = 'building'
    LEFT JOIN embeddings AS s ON s.collection_id = c.id AND s.status = 'serving'
    WHERE c.status = 'active' AND CASE
        WHEN b.id IS NOT NULL THEN b.model <> $1 OR b.dimension <> $2
        WHEN s.id IS NOT NULL THEN s.model <> $1 OR s.dimension <> $2
        ELSE true END
    ORDER BY c.id LIMIT $3";

impl Store {
    /// Collections that have no vectors by this embedder and none on the way. Not bound to a
    /// workspace: this is the server's own doing.
    pub async fn collections_without(
        &self,
        stamp: &EmbedderStamp,
        limit: u32,
    ) -> Result<Vec<(WorkspaceId, CollectionId)>> {
        let values = [
            stamp.model.as_str().into(),
            i64::from(stamp.dimension).into(),
            i64::from(limit).into(),
        ];
        let ask = Statement::from_sql_and_values(self.db_backend(), WITHOUT, values);
        self.read(Within::Installation, |db| {
            let ask = ask.clone();
            async move {
                let rows = db.query_all_raw(ask).await?;
                rows.iter()
                    .map(|row| {
                        let (workspace, id): (Uuid, Uuid) =
                            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                        Ok((WorkspaceId::from_uuid(workspace), CollectionId::from_uuid(id)))
                    })
                    .collect()
            }
        })
        .await
    }

    /// From now on the collection's vectors are made by this embedder, beside those that serve;
    /// others that were being made are given up. `id` is the new embedding's, if one is needed.
    /// `false` when there is no such collection.
    pub async fn begin_embedding(
        &self,
        workspace: WorkspaceId,
        collection: CollectionId,
        id: EmbeddingId,
        stamp: &EmbedderStamp,
    ) -> Result<bool> {
        let input = (collection, id, stamp.clone(), self.now());
        self.write(workspace, input, move |tx, (collection, id, stamp, now)| {
            Box::pin(begin(tx, (workspace, collection.uuid()), *id, stamp, *now))
        })
        .await
    }
}

async fn begin(
    tx: &Tx,
    (workspace, collection): (WorkspaceId, Uuid),
    id: EmbeddingId,
    stamp: &EmbedderStamp,
    now: Timestamp,
) -> Result<bool> {
    if !collections::is_in_use(tx, workspace, collection).await? {
        return Ok(false);
    }
    collections::lock(tx, collection).await?;
    let present = Entity::find()
        .filter(Column::CollectionId.eq(collection))
        .filter(Column::Status.is_in([SERVING, BUILDING]))
        .all(tx)
        .await?;
    let is_this =
        |row: &&Model| row.model == stamp.model && row.dimension == i64::from(stamp.dimension);
    let building = present.iter().find(|row| row.status == BUILDING);
    if building.is_some_and(|row| is_this(&row)) {
        return Ok(true);
    }
    if let Some(other) = building {
        Entity::update_many()
            .col_expr(Column::Status, Expr::val(RETIRED))
            .filter(Column::Id.eq(other.id))
            .exec(tx)
            .await?;
    }
    if present.iter().filter(|row| row.status == SERVING).any(|row| is_this(&row)) {
        return Ok(true);
    }
    let row = Model {
        id: id.uuid(),
        workspace_id: workspace.uuid(),
        collection_id: collection,
        model: stamp.model.clone(),
        dimension: stamp.dimension.into(),
        status: BUILDING.to_owned(),
        error: None,
        lease_owner: None,
        lease_until: 0,
        created_at: now.millis(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(true)
}
