//! Who makes an embedding's vectors.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{CollectionId, EmbedderStamp, EmbeddingId, WorkspaceId};

use super::EmbeddingClaim;
use crate::Backend;
use crate::codec::to_u32;
use crate::entities::embedding::{Column, Entity, Model};
use crate::error::Result;
use crate::index::{BUILDING, SERVING};
use crate::store::Store;
use crate::within::Within;

/// One that is being built, or that serves while a segment lacks signatures: first those that
/// nobody has tried for the longest.
const CLAIM: &str = "UPDATE embeddings SET lease_owner = $1, lease_until = {until}
    WHERE id {begin}
        SELECT e.id FROM embeddings AS e
        JOIN collections AS c ON c.id = e.collection_id AND c.status = 'active'
        WHERE e.model = $3 AND e.dimension = $4 AND e.lease_until <= {now}
            AND (e.status = 'building' OR e.status = 'serving' AND EXISTS (
                SELECT 1 FROM segments AS s WHERE s.collection_id = e.collection_id
                    AND s.status = 'live' AND NOT EXISTS (
                        SELECT 1 FROM segment_signatures AS g
                        WHERE g.segment_id = s.id AND g.embedding_id = e.id)))
        ORDER BY e.lease_until, e.id LIMIT 1{end}
    RETURNING *";

impl Store {
    /// Claims, for this long, an embedding by this embedder that something is to be done for. Not
    /// bound to a workspace: this is the server's own doing.
    pub async fn claim_embedding(
        &self,
        server: Uuid,
        lease: Duration,
        stamp: &EmbedderStamp,
    ) -> Result<Option<EmbeddingClaim>> {
        let (until, now) = (self.after(lease), self.at_once());
        let (begin, end) = match self.backend() {
            Backend::Sqlite => ("IN (", ")"),
            Backend::Postgres => ("= ANY (ARRAY(", " FOR UPDATE OF e SKIP LOCKED))"),
        };
        let sql = CLAIM
            .replace("{begin}", begin)
            .replace("{end}", end)
            .replace("{until}", &until.sql(2))
            .replace("{now}", &now.sql(5));
        let input = (sql, stamp.clone(), until, now);
        let row = self.write(Within::Installation, input, move |tx, (sql, stamp, until, now)| {
            Box::pin(async move {
                let values = [
                    server.into(),
                    until.value().into(),
                    stamp.model.as_str().into(),
                    i64::from(stamp.dimension).into(),
                    now.value().into(),
                ];
                let backend = tx.get_database_backend();
                let claim = Statement::from_sql_and_values(backend, sql.as_str(), values);
                let rows = tx.query_all_raw(claim).await?;
                Ok(rows.first().map(|row| Model::from_query_result(row, "")).transpose()?)
            })
        });
        row.await?.map(|row| claimed(server, row)).transpose()
    }

    /// Keeps the claim for this long from now; `false` when it is lost.
    pub async fn renew_embedding(&self, claim: &EmbeddingClaim, lease: Duration) -> Result<bool> {
        let until = self.after(lease);
        self.write(claim.workspace_id, (claim.clone(), until), |tx, (claim, until)| {
            Box::pin(async move {
                let renewed = Entity::update_many()
                    .col_expr(Column::LeaseUntil, until.expr())
                    .filter(Column::Id.eq(claim.id.uuid()))
                    .filter(Column::LeaseOwner.eq(claim.server))
                    .filter(Column::Status.is_in([SERVING, BUILDING]))
                    .exec(tx)
                    .await?;
                Ok(renewed.rows_affected == 1)
            })
        })
        .await
    }

    /// The embedder failed, for the reason given in a sentence for people. The claim ends, and
    /// nobody tries again for this long. `false` when it was lost.
    pub async fn fail_embedding(
        &self,
        claim: &EmbeddingClaim,
        error: &str,
        retry_after: Duration,
    ) -> Result<bool> {
        let until = self.after(retry_after);
        let input = (claim.clone(), error.to_owned(), until);
        self.write(claim.workspace_id, input, |tx, (claim, error, until)| {
            Box::pin(async move {
                let failed = Entity::update_many()
                    .col_expr(Column::Error, Expr::val(error.as_str()))
                    .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
                    .col_expr(Column::LeaseUntil, until.expr())
                    .filter(Column::Id.eq(claim.id.uuid()))
                    .filter(Column::LeaseOwner.eq(claim.server))
                    .exec(tx)
                    .await?;
                Ok(failed.rows_affected == 1)
            })
        })
        .await
    }
}

fn claimed(server: Uuid, row: Model) -> Result<EmbeddingClaim> {
    let dimension = to_u32(row.dimension, "embeddings.dimension")?;
    Ok(EmbeddingClaim {
        server,
        id: EmbeddingId::from_uuid(row.id),
        workspace_id: WorkspaceId::from_uuid(row.workspace_id),
        collection_id: CollectionId::from_uuid(row.collection_id),
        stamp: EmbedderStamp { model: row.model, dimension },
        is_serving: row.status == SERVING,
    })
}
