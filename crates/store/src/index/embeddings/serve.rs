//! Puts a finished embedding in the place of the one that serves.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

use super::{EmbeddingClaim, is_held};
use crate::db::Tx;
use crate::entities::collection;
use crate::entities::embedding::{Column, Entity};
use crate::error::Result;
use crate::index::{RETIRED, SERVING};
use crate::store::Store;

const LACKING: &str = "SELECT 1 FROM segments AS s
    WHERE s.collection_id = $1 AND s.status = 'live' AND NOT EXISTS (
        SELECT 1 FROM segment_signatures AS g WHERE g.segment_id = s.id AND g.embedding_id = $2)
    LIMIT 1";

impl Store {
    /// From the commit on searches use this embedding's vectors; those of the one that served are
    /// retired. Ends the claim. `false`, and nothing has changed, when it is lost or a segment
    /// lacks signatures, such as one that was committed meanwhile.
    pub async fn serve_embedding(&self, claim: &EmbeddingClaim) -> Result<bool> {
        self.write(claim.workspace_id, claim.clone(), |tx, claim| Box::pin(serve(tx, claim))).await
    }
}

async fn serve(tx: &Tx, claim: &EmbeddingClaim) -> Result<bool> {
    let collection = claim.collection_id.uuid();
    // Nobody commits documents meanwhile.
    let rows: Vec<Uuid> = collection::Entity::find_by_id(collection)
        .select_only()
        .column(collection::Column::Id)
        .lock(LockType::Update)
        .into_tuple()
        .all(tx)
        .await?;
    if rows.is_empty() || !is_held(tx, claim).await? {
        return Ok(false);
    }
    let values = [collection.into(), claim.id.uuid().into()];
    let lacking = Statement::from_sql_and_values(tx.get_database_backend(), LACKING, values);
    if tx.query_one_raw(lacking).await?.is_some() {
        return Ok(false);
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(RETIRED))
        .filter(Column::CollectionId.eq(collection))
        .filter(Column::Status.eq(SERVING))
        .filter(Column::Id.ne(claim.id.uuid()))
        .exec(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(SERVING))
        .col_expr(Column::Error, Expr::val(None::<String>))
        .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
        .col_expr(Column::LeaseUntil, Expr::val(0_i64))
        .filter(Column::Id.eq(claim.id.uuid()))
        .exec(tx)
        .await?;
    Ok(true)
}
