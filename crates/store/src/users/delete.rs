//! Deletes a user with everything that is theirs, in all workspaces.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement,
};
use vpaura_domain::{AuditEntry, Timestamp, UserId, WorkspaceId};

use super::update::keep_an_owner;
use crate::db::Tx;
use crate::entities::user::Entity;
use crate::entities::{api_key, conversation, idempotency_key, run};
use crate::error::{Result, StoreError};
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::within::Within;
use crate::{api_keys, audit, budgets, members, runs, workspaces};

impl Store {
    /// Removes the user, their conversations, files, sessions, keys, budgets and memberships, and
    /// the collections that they alone could see; `None` when there is no such user. What their
    /// unfinished runs had set aside is free again. Entries of the audit log stay, as do the sums
    /// of what they used.
    ///
    /// # Errors
    /// [`StoreError::LastOwner`] when they are the last active owner of the installation or the
    /// last owner of a workspace.
    pub async fn delete_user(&self, id: UserId, entry: AuditEntry, now: Timestamp) -> Result<bool> {
        self.write(Within::Installation, (id, entry, now), |tx, (id, entry, now)| {
            Box::pin(delete(tx, *id, entry, *now))
        })
        .await
    }
}

/// Their rows go with those of other deleted collections.
const FORGET_PRIVATE: &str = "UPDATE collections SET status = 'deleting'
    WHERE created_by = $1 AND visibility = 'private'
        AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.object_id = collections.id)";

async fn delete(tx: &Tx, id: UserId, entry: &AuditEntry, now: Timestamp) -> Result<bool> {
    workspaces::lock(tx, WorkspaceId::DEFAULT).await?;
    // Locked, so that no conversation of theirs is begun from here on.
    let found = Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?;
    let Some(row) = found else { return Ok(false) };
    keep_an_owner(tx, &row).await?;
    if !members::only_owner_of(tx, id).await?.is_empty() {
        return Err(StoreError::LastOwner);
    }
    runs::settle_unfinished(tx, Condition::all().add(conversation::Column::UserId.eq(id.uuid())))
        .await?;
    budgets::forget_user(tx, id, None).await?;
    api_keys::delete(tx, Condition::all().add(api_key::Column::UserId.eq(id.uuid()))).await?;
    delete_threads(tx, id).await?;
    let private = [id.uuid().into()];
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, FORGET_PRIVATE, private)).await?;
    idempotency_key::Entity::delete_many()
        .filter(idempotency_key::Column::PrincipalKey.eq(format!("user:{id}")))
        .exec(tx)
        .await?;
    // The rest follows by cascade.
    Entity::delete_by_id(id.uuid()).exec(tx).await?;
    revocations::insert(tx, RevocationKind::User, id.uuid(), now).await?;
    audit::insert(tx, entry).await?;
    Ok(true)
}

/// Deletes what the graphs of the user's waiting runs have kept. A run that has ended has nothing.
async fn delete_threads(tx: &Tx, id: UserId) -> Result<()> {
    let waiting = run::Entity::find()
        .filter(run::Column::UserId.eq(id.uuid()))
        .filter(run::Column::FinishedAt.is_null())
        .all(tx)
        .await?;
    for run in waiting {
        let delete = Statement::from_sql_and_values(
            tx.get_database_backend(),
            "DELETE FROM graph_threads WHERE workspace_id = $1 AND name = $2",
            [run.workspace_id.into(), run.id.to_string().into()],
        );
        tx.execute_raw(delete).await?;
    }
    Ok(())
}
