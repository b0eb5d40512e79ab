//! Users: people who can sign in, on the whole installation. They belong to no workspace, so
//! these operations take no scope: who may call them is for the engine to say.

mod create;
mod delete;
mod holdings;
mod list;
mod profile;
mod read;
mod standing;
mod update;

use std::fmt;

use vpaura_domain::{Timestamp, User, UserId, UserStatus, WorkspaceId};

use crate::codec::{Word, to_u64};
use crate::entities::user::Model;
use crate::error::StoreError;

pub use create::{CreatedUser, Join, NewUser};
pub use holdings::{HeldCollection, HeldDocument, HeldKey, Holdings};
pub use list::UserFilter;
pub use standing::Standing;
pub use update::UserChanges;

/// A user with what proves them. `Debug` shows no secret.
#[derive(Clone, PartialEq)]
pub struct KnownUser {
    /// The user.
    pub user: User,
    /// The hash of their password, if they have one.
    pub password_hash: Option<String>,
    /// The secret of their second factor in Base32, confirmed or not.
    pub totp_secret: Option<String>,
    /// The last step of the second factor that was used.
    pub totp_last_step: Option<i64>,
    /// How many sign-ins failed since the last that did not.
    pub failed_sign_ins: u64,
}

impl fmt::Debug for KnownUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownUser").field("id", &self.user.id).finish_non_exhaustive()
    }
}

impl TryFrom<Model> for User {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        KnownUser::try_from(row).map(|known| known.user)
    }
}

impl TryFrom<Model> for KnownUser {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let status = UserStatus::from_word(&row.status, "users.status")?;
        let user = User {
            id: UserId::from_uuid(row.id),
            email: row.email,
            username: row.username,
            full_name: row.full_name,
            status,
            is_active: status == UserStatus::Active,
            is_owner: row.is_owner,
            has_second_factor: row.totp_confirmed,
            has_password: row.password_hash.is_some(),
            workspace_id: row.workspace_id.map(WorkspaceId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            last_sign_in_at: row.last_sign_in_at.map(Timestamp::from_millis),
        };
        Ok(Self {
            user,
            password_hash: row.password_hash,
            totp_secret: row.totp_secret,
            totp_last_step: row.totp_last_step,
            failed_sign_ins: to_u64(row.failed_sign_ins),
        })
    }
}
