//! Turns a chunk off and on.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{Chunk, ChunkId, CollectionId, Scope};

use super::read::{condition, find};
use crate::entities::chunk::{Column, Entity};
use crate::error::Result;
use crate::store::Store;

impl Store {
    /// Has the chunk searched or not, from now on; `None` when it is not visible. That the caller
    /// may change it is the engine's to know.
    pub async fn set_chunk_enabled(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: ChunkId,
        enabled: bool,
    ) -> Result<Option<Chunk>> {
        let input = (*scope, collection, id, enabled);
        self.write(scope, input, |tx, (scope, collection, id, enabled)| {
            Box::pin(async move {
                Entity::update_many()
                    .col_expr(Column::Enabled, Expr::val(*enabled))
                    .filter(condition(scope))
                    .filter(Column::CollectionId.eq(collection.uuid()))
                    .filter(Column::Id.eq(id.uuid()))
                    .exec(tx)
                    .await?;
                find(tx, scope, *collection, *id).await?.map(Chunk::try_from).transpose()
            })
        })
        .await
    }
}
