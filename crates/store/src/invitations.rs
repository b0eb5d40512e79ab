//! Invitations into workspaces. The token is stored as its hash and works once.

mod accept;
mod create;
mod list;

use vpaura_domain::{Invitation, InvitationId, InvitationStatus, Timestamp, UserId};

use crate::codec::{self, Word};
use crate::entities::invitation::Model;
use crate::error::{Result, StoreError};

pub(crate) use accept::accept;
pub use accept::{Acceptance, OpenInvitation};
pub use create::NewInvitation;

impl TryFrom<Model> for Invitation {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: InvitationId::from_uuid(row.id),
            role: codec::role_ref(row.role.as_deref(), row.role_id, "invitations.role")?,
            email: row.email,
            status: InvitationStatus::from_word(&row.status, "invitations.status")?,
            invited_by: row.invited_by.map(UserId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: Timestamp::from_millis(row.expires_at),
        })
    }
}
