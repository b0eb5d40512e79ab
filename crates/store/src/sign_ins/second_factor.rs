//! The second factor and its recovery codes.

use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, Timestamp, UserId};

use crate::audit;
use crate::db::Tx;
use crate::entities::{recovery_code, user};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Keeps a secret that the user has still to confirm; whether there is such a user without a
    /// confirmed one.
    pub async fn propose_second_factor(&self, user: UserId, secret: String) -> Result<bool> {
        self.write(Within::Installation, (user, secret), |tx, (user, secret)| {
            Box::pin(async move {
                let kept = user::Entity::update_many()
                    .col_expr(user::Column::TotpSecret, Expr::val(secret.as_str()))
                    .filter(user::Column::Id.eq(user.uuid()))
                    .filter(user::Column::TotpConfirmed.eq(false))
                    .exec(tx)
                    .await?;
                Ok(kept.rows_affected == 1)
            })
        })
        .await
    }

    /// From now on signing in takes the second factor. `step` is that of the code which confirmed
    /// the secret, which must still be the proposed one.
    ///
    /// # Errors
    /// [`StoreError::TokenUsed`] when another secret was proposed or confirmed meanwhile.
    pub async fn confirm_second_factor(
        &self,
        user: UserId,
        secret: String,
        step: i64,
        code_hashes: Vec<String>,
        entry: AuditEntry,
    ) -> Result<()> {
        let input = (user, secret, step, code_hashes, entry);
        self.write(Within::Installation, input, |tx, (user, secret, step, codes, entry)| {
            Box::pin(async move {
                let confirmed = user::Entity::update_many()
                    .col_expr(user::Column::TotpConfirmed, Expr::val(true))
                    .col_expr(user::Column::TotpLastStep, Expr::val(*step))
                    .filter(user::Column::Id.eq(user.uuid()))
                    .filter(user::Column::TotpSecret.eq(secret.as_str()))
                    .filter(
                        Condition::any()
                            .add(user::Column::TotpConfirmed.eq(false))
                            // Our own change, whose commit was confirmed to nobody.
                            .add(Expr::exists(own_codes(*user, codes))),
                    )
                    .exec(tx)
                    .await?;
                if confirmed.rows_affected == 0 {
                    return Err(StoreError::TokenUsed);
                }
                replace_codes(tx, *user, codes).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }

    /// Whether this is the hash of a recovery code of theirs that has not been used.
    pub async fn has_recovery_code(&self, user: UserId, code_hash: &str) -> Result<bool> {
        self.read(Within::Installation, |db| async move {
            let found = recovery_code::Entity::find_by_id((user.uuid(), code_hash.to_owned()))
                .filter(recovery_code::Column::UsedAt.is_null())
                .one(&db)
                .await?;
            Ok(found.is_some())
        })
        .await
    }

    /// Signing in takes no second factor any more.
    pub async fn remove_second_factor(
        &self,
        user: UserId,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        self.write(Within::Installation, (user, entry, now), |tx, (user, entry, now)| {
            Box::pin(async move {
                user::Entity::update_many()
                    .col_expr(user::Column::TotpSecret, Expr::val(None::<String>))
                    .col_expr(user::Column::TotpConfirmed, Expr::val(false))
                    .col_expr(user::Column::TotpLastStep, Expr::val(None::<i64>))
                    .col_expr(user::Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(user::Column::Id.eq(user.uuid()))
                    .exec(tx)
                    .await?;
                replace_codes(tx, *user, &[]).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }

    /// Puts new recovery codes in the place of the old ones.
    pub async fn replace_recovery_codes(
        &self,
        user: UserId,
        code_hashes: Vec<String>,
        entry: AuditEntry,
    ) -> Result<()> {
        self.write(Within::Installation, (user, code_hashes, entry), |tx, (user, codes, entry)| {
            Box::pin(async move {
                replace_codes(tx, *user, codes).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }
}

async fn replace_codes(tx: &Tx, user: UserId, hashes: &[String]) -> Result<()> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user.uuid()))
        .exec(tx)
        .await?;
    for hash in hashes {
        let row = recovery_code::ActiveModel {
            user_id: ActiveValue::Set(user.uuid()),
            code_hash: ActiveValue::Set(hash.clone()),
            used_at: ActiveValue::Set(None),
        };
        recovery_code::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn own_codes(user: UserId, hashes: &[String]) -> sea_orm::sea_query::SelectStatement {
    sea_orm::sea_query::Query::select()
        .expr(Expr::val(1))
        .from(recovery_code::Entity)
        .and_where(recovery_code::Column::UserId.eq(user.uuid()))
        .and_where(Expr::col(recovery_code::Column::CodeHash).is_in(hashes.iter().cloned()))
        .to_owned()
}
