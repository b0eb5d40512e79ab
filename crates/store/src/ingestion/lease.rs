//! Keeps and gives back claims.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, UpdateMany};
use uuid::Uuid;
use vpaura_domain::DocumentStatus;

use super::DocumentClaim;
use crate::codec::Word;
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Keeps all documents that this server has claimed for this long from now; how many.
    pub async fn renew_document_leases(&self, server: Uuid, lease: Duration) -> Result<u64> {
        let until = self.after(lease);
        self.write(Within::Installation, (server, until), |tx, (server, until)| {
            Box::pin(async move {
                let renewed =
                    claimed_by(*server).col_expr(Column::LeaseUntil, until.expr()).exec(tx).await?;
                Ok(renewed.rows_affected)
            })
        })
        .await
    }

    /// Gives back all documents that this server has claimed, for others to read at once; how
    /// many. It does not count as a try, nor as lost.
    pub async fn release_documents(&self, server: Uuid) -> Result<u64> {
        self.write(Within::Installation, server, |tx, server| {
            Box::pin(async move {
                let released = given_back(claimed_by(*server)).exec(tx).await?;
                Ok(released.rows_affected)
            })
        })
        .await
    }

    /// Gives back these, as far as they are still held; how many. It does not count as a try,
    /// nor as lost.
    pub async fn give_back_documents(&self, claims: Vec<DocumentClaim>) -> Result<u64> {
        if claims.is_empty() {
            return Ok(0);
        }
        self.write(Within::Installation, claims, |tx, claims| {
            Box::pin(async move {
                let held = claims.iter().fold(Condition::any(), |any, it| any.add(it.held()));
                let given = given_back(Entity::update_many().filter(held)).exec(tx).await?;
                Ok(given.rows_affected)
            })
        })
        .await
    }
}

fn given_back(claims: UpdateMany<Entity>) -> UpdateMany<Entity> {
    claims
        .col_expr(Column::Status, Expr::val(DocumentStatus::Pending.word()))
        .col_expr(Column::Tries, Expr::col(Column::Tries).sub(1))
        .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
        .col_expr(Column::LeaseUntil, Expr::val(0_i64))
}

fn claimed_by(server: Uuid) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::LeaseOwner.eq(server))
        .filter(Column::Status.eq(DocumentStatus::Processing.word()))
}
