//! Workspaces: the tenants. Create, list, rename, and remove with all that they hold.

mod change;
mod create;
mod move_out;
mod read;
mod remove;

use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};
use vpaura_domain::{Timestamp, Workspace, WorkspaceId, WorkspaceStatus};

use crate::codec::Word;
use crate::db::Tx;
use crate::entities::workspace::{Column, Entity, Model};
use crate::error::{Result, StoreError};

pub use create::NewWorkspace;
pub use remove::Removed;

/// Takes the workspace's lock, under which its members, roles and keys change, so that no two
/// changes miss each other. Fails with [`StoreError::WorkspaceMissing`] when it is not in use.
pub(crate) async fn lock(tx: &Tx, id: WorkspaceId) -> Result<()> {
    let mut select =
        Entity::find_by_id(id.uuid()).filter(Column::Status.eq(WorkspaceStatus::Active.word()));
    // SQLite has one writer at a time.
    if tx.get_database_backend() != DbBackend::Sqlite {
        select = select.lock_exclusive();
    }
    match select.one(tx).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::WorkspaceMissing),
    }
}

impl TryFrom<Model> for Workspace {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: WorkspaceId::from_uuid(row.id),
            name: row.name,
            status: WorkspaceStatus::from_word(&row.status, "workspaces.status")?,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}
