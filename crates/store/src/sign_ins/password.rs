//! Sets passwords.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, SessionId, Timestamp, UserId};

use super::end::end_all;
use super::one_use::OneUsePurpose;
use crate::audit;
use crate::db::Tx;
use crate::entities::{one_use_token, user};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Sets the user's password and ends their sign-ins but the one from `but`.
    pub async fn set_password(
        &self,
        user: UserId,
        password_hash: String,
        but: Option<SessionId>,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        let input = (user, password_hash, but, entry, now);
        self.write(Within::Installation, input, |tx, (user, hash, but, entry, now)| {
            Box::pin(async move {
                set(tx, *user, hash, *but, *now).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }

    /// Uses the reset token up, sets its user's password and ends all their sign-ins.
    ///
    /// # Errors
    /// [`StoreError::TokenUsed`] when the token is not, or not any more, one of theirs.
    pub async fn reset_password(
        &self,
        user: UserId,
        token_hash: String,
        password_hash: String,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        let input = (user, token_hash, password_hash, entry, now);
        self.write(Within::Installation, input, |tx, (user, token, hash, entry, now)| {
            Box::pin(async move {
                let stored = user::Entity::find_by_id(user.uuid()).one(tx).await?;
                if stored.is_some_and(|row| row.password_hash.as_ref() == Some(hash)) {
                    // Our own change, whose commit was confirmed to nobody.
                    return Ok(());
                }
                let used = one_use_token::Entity::delete_many()
                    .filter(one_use_token::Column::TokenHash.eq(token.as_str()))
                    .filter(one_use_token::Column::Purpose.eq(OneUsePurpose::PasswordReset.word()))
                    .filter(one_use_token::Column::UserId.eq(user.uuid()))
                    .filter(one_use_token::Column::ExpiresAt.gt(now.millis()))
                    .exec(tx)
                    .await?;
                if used.rows_affected == 0 {
                    return Err(StoreError::TokenUsed);
                }
                set(tx, *user, hash, None, *now).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }
}

/// Sets the password, opens it again where too many sign-ins had failed, and ends what was proved
/// with the old one.
async fn set(
    tx: &Tx,
    user: UserId,
    hash: &str,
    but: Option<SessionId>,
    now: Timestamp,
) -> Result<()> {
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::val(hash))
        .col_expr(user::Column::FailedSignIns, Expr::val(0_i64))
        .col_expr(user::Column::UpdatedAt, Expr::val(now.millis()))
        .filter(user::Column::Id.eq(user.uuid()))
        .exec(tx)
        .await?;
    one_use_token::Entity::delete_many()
        .filter(one_use_token::Column::UserId.eq(user.uuid()))
        .filter(one_use_token::Column::Purpose.eq(OneUsePurpose::PasswordReset.word()))
        .exec(tx)
        .await?;
    end_all(tx, user, but, now).await
}
