//! Tokens that work once.

use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, Timestamp, UserId};

use crate::audit;
use crate::db::Tx;
use crate::entities::one_use_token::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneUsePurpose {
    /// Setting a new password.
    PasswordReset,
}

impl OneUsePurpose {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
        }
    }
}

/// A token to be stored.
#[derive(Debug, Clone)]
pub struct NewOneUseToken {
    /// Its hash.
    pub token_hash: String,
    /// What it is for.
    pub purpose: OneUsePurpose,
    /// Whose it is.
    pub user_id: UserId,
    /// When it stops being valid.
    pub expires_at: Timestamp,
    /// What the audit log says of it.
    pub entry: AuditEntry,
}

impl Store {
    /// Stores the token in place of the user's earlier ones for the same, and forgets those of
    /// all users that have expired.
    pub async fn put_one_use_token(&self, new: NewOneUseToken, now: Timestamp) -> Result<()> {
        self.write(Within::Installation, (new, now), |tx, (new, now)| {
            Box::pin(async move {
                Entity::delete_many()
                    .filter(Column::UserId.eq(new.user_id.uuid()))
                    .filter(Column::Purpose.eq(new.purpose.word()))
                    .exec(tx)
                    .await?;
                Entity::delete_many().filter(Column::ExpiresAt.lt(now.millis())).exec(tx).await?;
                let row = ActiveModel {
                    token_hash: ActiveValue::Set(new.token_hash.clone()),
                    purpose: ActiveValue::Set(new.purpose.word().to_owned()),
                    user_id: ActiveValue::Set(Some(new.user_id.uuid())),
                    data: ActiveValue::Set("{}".to_owned()),
                    created_at: ActiveValue::Set(now.millis()),
                    expires_at: ActiveValue::Set(new.expires_at.millis()),
                };
                Entity::insert(row).exec_without_returning(tx).await?;
                audit::insert(tx, &new.entry).await
            })
        })
        .await
    }

    /// Whose token this is, if it is still valid. It stays so.
    pub async fn one_use_token_user(
        &self,
        token_hash: &str,
        purpose: OneUsePurpose,
        now: Timestamp,
    ) -> Result<Option<UserId>> {
        self.read(Within::Installation, |db| async move {
            let row = Entity::find_by_id(token_hash)
                .filter(Column::Purpose.eq(purpose.word()))
                .filter(Column::ExpiresAt.gt(now.millis()))
                .one(&db)
                .await?;
            Ok(row.and_then(|row| row.user_id).map(UserId::from_uuid))
        })
        .await
    }
}

/// Forgets all of the user's tokens, whatever they are for: they were for an address which may be
/// somebody else's now.
pub(crate) async fn forget_all(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user.uuid())).exec(tx).await?;
    Ok(())
}
