//! Sessions: create, list, change, keep alive, delete.

mod change;
mod create;
mod delete;
mod read;

use vpaura_domain::{Session, SessionId, SessionStatus, Timestamp, UserId};

use crate::codec::{self, Word};
use crate::entities::session::Model;
use crate::error::StoreError;

/// Which sessions a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only these states; `None` means active alone. Deleted ones are never listed.
    pub status: Option<SessionStatus>,
}

impl TryFrom<Model> for Session {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: SessionId::from_uuid(row.id),
            user_id: row.user_id,
            owner_id: row.owner_id.map(UserId::from_uuid),
            title: row.title,
            status: SessionStatus::from_word(&row.status, "sessions.status")?,
            metadata: codec::metadata(row.metadata, "sessions.metadata")?,
            user_agent: row.user_agent,
            ip_address: row.ip_address,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            last_accessed: Timestamp::from_millis(row.last_accessed),
            expires_at: Timestamp::from_millis(row.expires_at),
        })
    }
}
