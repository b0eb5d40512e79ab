//! Counts sign-ins that failed.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;
use vpaura_domain::{AuditEntry, UserId};

use crate::audit;
use crate::entities::user::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Notes a sign-in that failed, of a user or of somebody unknown. Both do the same work, so
    /// that time does not tell them apart.
    pub async fn note_failed_sign_in(&self, user: Option<UserId>, entry: AuditEntry) -> Result<()> {
        self.write(Within::Installation, (user, entry), |tx, (user, entry)| {
            Box::pin(async move {
                Entity::update_many()
                    .col_expr(Column::FailedSignIns, Expr::col(Column::FailedSignIns).add(1_i64))
                    .filter(Column::Id.eq(user.map_or(Uuid::nil(), UserId::uuid)))
                    .exec(tx)
                    .await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }
}
