//! Creates a user. The first one owns the installation, however many try at once.

use std::fmt;

use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use vpaura_domain::{AuditEntry, BuiltinRole, RoleRef, Scope, Timestamp, User, WorkspaceId};

use crate::codec::Word;
use crate::db::Tx;
use crate::entities::user::{Column, Entity, Model};
use crate::entities::user_identity;
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, IdempotencyKey};
use crate::store::Store;
use crate::within::Within;
use crate::{audit, invitations, members, workspaces};

/// Somebody to be stored. `Debug` shows no secret.
#[derive(Clone)]
pub struct NewUser {
    /// The user. Whether they own the installation, and what workspace signing in leads to, is
    /// decided here.
    pub user: User,
    /// The form of the address in which two count as the same.
    pub email_key: String,
    /// The same of the username.
    pub username_key: String,
    /// The hash of the password.
    pub password_hash: Option<String>,
    /// Issuer and subject of the identity provider that vouches for them.
    pub identity: Option<(String, String)>,
    /// The workspace to join; none where only the very first user may be created.
    pub join: Option<Join>,
    /// Who creates them, with a key of theirs for repeats.
    pub idempotency: Option<(Scope, IdempotencyKey)>,
    /// What the audit log says of it.
    pub entries: Vec<AuditEntry>,
}

/// A workspace to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Join {
    /// As whoever creates the user says.
    As(WorkspaceId, RoleRef),
    /// By the invitation whose token has this hash, with the role that it gives.
    Invited(WorkspaceId, String),
}

impl Join {
    const fn workspace_id(&self) -> WorkspaceId {
        match self {
            Self::As(id, _) | Self::Invited(id, _) => *id,
        }
    }
}

/// A user who was created, or had been with the same idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub struct CreatedUser {
    /// The user as stored.
    pub user: User,
    /// Whether they are new.
    pub is_new: bool,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser").field("id", &self.user.id).finish_non_exhaustive()
    }
}

impl Store {
    /// Stores the user and lets them join the workspace. The first user of all owns the
    /// installation and the default workspace, whatever `join` says.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`], [`StoreError::NameTaken`], [`StoreError::InvitationMissing`]
    /// when the invitation cannot be accepted by them, and [`StoreError::NotFirst`] when only the
    /// first user may be created and there is one.
    pub async fn create_user(&self, new: NewUser, now: Timestamp) -> Result<CreatedUser> {
        self.write(Within::Installation, (new, now), |tx, (new, now)| {
            Box::pin(create(tx, new, *now))
        })
        .await
    }
}

async fn create(tx: &Tx, new: &NewUser, now: Timestamp) -> Result<CreatedUser> {
    // Users come one at a time, so that there is one first.
    workspaces::lock(tx, WorkspaceId::DEFAULT).await?;
    let id = new.user.id.uuid();
    if let Some((scope, key)) = &new.idempotency
        && let Claim::Used(used) = idempotency::claim(tx, scope, Some(key), id, now).await?
    {
        let first = Entity::find_by_id(used).one(tx).await?.ok_or(StoreError::ReplayGone)?;
        return Ok(CreatedUser { user: first.try_into()?, is_new: used == id });
    }
    if let Some(own) = Entity::find_by_id(id).one(tx).await? {
        // Our own insert, whose commit was confirmed to nobody.
        return Ok(CreatedUser { user: own.try_into()?, is_new: true });
    }
    let is_first = Entity::find().count(tx).await? == 0;
    let join = match &new.join {
        Some(join) if !is_first => join.clone(),
        None if !is_first => return Err(StoreError::NotFirst),
        _ => Join::As(WorkspaceId::DEFAULT, RoleRef::Builtin(BuiltinRole::Owner)),
    };
    if exists(tx, Column::EmailKey, &new.email_key).await? {
        return Err(StoreError::EmailTaken);
    }
    if exists(tx, Column::UsernameKey, &new.username_key).await? {
        return Err(StoreError::NameTaken);
    }
    let user = User {
        is_owner: is_first || new.user.is_owner,
        has_password: new.password_hash.is_some(),
        workspace_id: Some(join.workspace_id()),
        ..new.user.clone()
    };
    Entity::insert(row(&user, new).into_active_model()).exec_without_returning(tx).await?;
    if let Some((issuer, subject)) = &new.identity {
        let identity = user_identity::ActiveModel {
            issuer: ActiveValue::Set(issuer.clone()),
            subject: ActiveValue::Set(subject.clone()),
            user_id: ActiveValue::Set(id),
            created_at: ActiveValue::Set(now.millis()),
        };
        user_identity::Entity::insert(identity).exec_without_returning(tx).await?;
    }
    match &join {
        Join::As(workspace, role) => {
            workspaces::lock(tx, *workspace).await?;
            members::insert(tx, *workspace, user.id, *role, now).await?;
        }
        Join::Invited(workspace, token) => {
            invitations::accept(tx, token, *workspace, user.id, now).await?;
        }
    }
    for entry in &new.entries {
        audit::insert(tx, entry).await?;
    }
    Ok(CreatedUser { user, is_new: true })
}

async fn exists(tx: &Tx, column: Column, key: &str) -> Result<bool> {
    Ok(Entity::find().filter(column.eq(key)).count(tx).await? > 0)
}

fn row(user: &User, new: &NewUser) -> Model {
    Model {
        id: user.id.uuid(),
        email: user.email.clone(),
        email_key: new.email_key.clone(),
        username: user.username.clone(),
        username_key: new.username_key.clone(),
        full_name: user.full_name.clone(),
        status: user.status.word().to_owned(),
        is_owner: user.is_owner,
        password_hash: new.password_hash.clone(),
        totp_secret: None,
        totp_confirmed: false,
        totp_last_step: None,
        failed_sign_ins: 0,
        workspace_id: user.workspace_id.map(|id| id.uuid()),
        created_at: user.created_at.millis(),
        updated_at: user.updated_at.millis(),
        last_sign_in_at: None,
    }
}
