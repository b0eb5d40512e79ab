//! Changes a user, and what follows from it for their credentials.

use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use vpaura_domain::{AuditEntry, Timestamp, User, UserId, UserStatus, WorkspaceId};

use crate::audit;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::user::{ActiveModel, Column, Entity, Model};
use crate::error::{Result, StoreError};
use crate::revocations::{self, RevocationKind};
use crate::sign_ins;
use crate::store::Store;
use crate::within::Within;
use crate::workspaces;

/// What changes of a user; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserChanges {
    /// The address, and the form of it in which two count as the same.
    pub email: Option<(String, String)>,
    /// The username, and the same form of it.
    pub username: Option<(String, String)>,
    /// The full name; `Some(None)` removes it.
    pub full_name: Option<Option<String>>,
    /// Whether they may sign in.
    pub status: Option<UserStatus>,
    /// Whether they own the installation.
    pub is_owner: Option<bool>,
}

impl Store {
    /// Applies the changes; `None` when there is no such user. Who is suspended has no sign-in
    /// left, and links that went to an earlier address do not work any more; a change of what the
    /// user may do is told to all servers.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`], [`StoreError::NameTaken`], and [`StoreError::LastOwner`] when
    /// the installation would be left without an active owner.
    pub async fn update_user(
        &self,
        id: UserId,
        changes: UserChanges,
        entries: Vec<AuditEntry>,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let input = (id, changes, entries, now);
        self.write(Within::Installation, input, |tx, (id, changes, entries, now)| {
            Box::pin(update(tx, *id, changes, entries, *now))
        })
        .await
    }
}

async fn update(
    tx: &Tx,
    id: UserId,
    changes: &UserChanges,
    entries: &[AuditEntry],
    now: Timestamp,
) -> Result<Option<User>> {
    // Owners change one at a time, so that one is left.
    workspaces::lock(tx, WorkspaceId::DEFAULT).await?;
    let Some(row) = Entity::find_by_id(id.uuid()).one(tx).await? else { return Ok(None) };
    let suspends = changes.status == Some(UserStatus::Suspended);
    if suspends || changes.is_owner == Some(false) {
        keep_an_owner(tx, &row).await?;
    }
    if let Some((_, key)) = &changes.email
        && is_taken(tx, id, Column::EmailKey, key).await?
    {
        return Err(StoreError::EmailTaken);
    }
    if let Some((_, key)) = &changes.username
        && is_taken(tx, id, Column::UsernameKey, key).await?
    {
        return Err(StoreError::NameTaken);
    }
    let changes_rights = changes.status.is_some_and(|status| status.word() != row.status)
        || changes.is_owner.is_some_and(|owner| owner != row.is_owner);
    let moves = changes.email.as_ref().is_some_and(|(email, _)| *email != row.email);
    Entity::update_many()
        .set(changed(changes, now))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    if moves {
        sign_ins::forget_one_use_tokens(tx, id).await?;
    }
    if suspends {
        sign_ins::end_all(tx, id, None, now).await?;
    }
    if changes_rights {
        revocations::insert(tx, RevocationKind::User, id.uuid(), now).await?;
    }
    for entry in entries {
        audit::insert(tx, entry).await?;
    }
    let row = Entity::find_by_id(id.uuid()).one(tx).await?;
    row.map(User::try_from).transpose()
}

fn changed(changes: &UserChanges, now: Timestamp) -> ActiveModel {
    let mut row =
        ActiveModel { updated_at: ActiveValue::Set(now.millis()), ..ActiveModel::default() };
    if let Some((email, key)) = changes.email.clone() {
        row.email = ActiveValue::Set(email);
        row.email_key = ActiveValue::Set(key);
    }
    if let Some((username, key)) = changes.username.clone() {
        row.username = ActiveValue::Set(username);
        row.username_key = ActiveValue::Set(key);
    }
    if let Some(full_name) = changes.full_name.clone() {
        row.full_name = ActiveValue::Set(full_name);
    }
    if let Some(status) = changes.status {
        row.status = ActiveValue::Set(status.word().to_owned());
    }
    if let Some(is_owner) = changes.is_owner {
        row.is_owner = ActiveValue::Set(is_owner);
    }
    row
}

/// Refuses when `leaving` is the only active owner of the installation.
pub(super) async fn keep_an_owner<C: ConnectionTrait>(tx: &C, leaving: &Model) -> Result<()> {
    if !leaving.is_owner || leaving.status != UserStatus::Active.word() {
        return Ok(());
    }
    let others = Entity::find()
        .filter(Column::IsOwner.eq(true))
        .filter(Column::Status.eq(UserStatus::Active.word()))
        .filter(Column::Id.ne(leaving.id))
        .count(tx)
        .await?;
    if others == 0 { Err(StoreError::LastOwner) } else { Ok(()) }
}

async fn is_taken(tx: &Tx, id: UserId, column: Column, key: &str) -> Result<bool> {
    let others = Entity::find().filter(column.eq(key)).filter(Column::Id.ne(id.uuid()));
    Ok(others.count(tx).await? > 0)
}
