//! What a credential is worth at this moment: looked up for whoever proves to hold one, and again
//! when something was revoked. One query each.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, BuiltinRole, PermissionSet, SessionId, Timestamp, UserId, WorkspaceId,
};

use crate::codec;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::within::Within;

/// How exact the moment of the last use is, in milliseconds.
const EXACTNESS: i64 = 60_000;

/// A user as they act in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserPrincipal {
    /// Whether they own the installation.
    pub is_owner: bool,
    /// What their role allows there; none when they are no member of it.
    pub permissions: Option<PermissionSet>,
    /// When the session that they signed in to was last noted as used.
    pub last_accessed: Timestamp,
}

/// An API key as it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPrincipal {
    /// The key.
    pub id: ApiKeyId,
    /// Where it acts.
    pub workspace_id: WorkspaceId,
    /// Its maker, an active member.
    pub user_id: UserId,
    /// Whether it may use the chatbots listed with it alone.
    pub limited: bool,
    /// What it allows, as far as its maker's role does now.
    pub permissions: PermissionSet,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was last noted as used.
    pub last_used_at: Option<Timestamp>,
}

/// Which key is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyIdentity {
    /// The one whose secret has this SHA-256, in hexadecimal.
    Hash(String),
    /// The one with this id.
    Id(ApiKeyId),
}

#[derive(FromQueryResult)]
struct UserRow {
    is_owner: bool,
    role: Option<String>,
    permissions: Option<String>,
    last_accessed: i64,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: Uuid,
    workspace_id: Uuid,
    user_id: Uuid,
    limited: bool,
    key_permissions: String,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    role: Option<String>,
    permissions: Option<String>,
}

const USER: &str = "
SELECT users.is_owner, members.role, roles.permissions, sessions.last_accessed
FROM users
JOIN sessions ON sessions.id = $2 AND sessions.owner_id = users.id
    AND sessions.status <> 'deleted' AND sessions.expires_at > $4
JOIN workspaces ON workspaces.id = $3 AND workspaces.status = 'active'
LEFT JOIN members ON members.workspace_id = workspaces.id AND members.user_id = users.id
LEFT JOIN roles ON roles.id = members.role_id
WHERE users.id = $1 AND users.status = 'active'";

/// As [`USER`] without a session, and of a workspace that need not be in use.
const MEMBER: &str = "
SELECT users.is_owner, members.role, roles.permissions, users.updated_at AS last_accessed
FROM users
LEFT JOIN workspaces ON workspaces.id = $2 AND workspaces.status = 'active'
LEFT JOIN members ON members.workspace_id = workspaces.id AND members.user_id = users.id
LEFT JOIN roles ON roles.id = members.role_id
WHERE users.id = $1 AND users.status = 'active'";

const KEY: &str = "
SELECT api_keys.id, api_keys.workspace_id, api_keys.user_id, api_keys.limited,
    api_keys.permissions AS key_permissions, api_keys.expires_at, api_keys.last_used_at,
    members.role, roles.permissions
FROM api_keys
JOIN users ON users.id = api_keys.user_id AND users.status = 'active'
JOIN workspaces ON workspaces.id = api_keys.workspace_id AND workspaces.status = 'active'
JOIN members ON members.workspace_id = api_keys.workspace_id
    AND members.user_id = api_keys.user_id
LEFT JOIN roles ON roles.id = members.role_id
WHERE (api_keys.expires_at IS NULL OR api_keys.expires_at > $2) AND ";

impl Store {
    /// The user as they act in the workspace from the session that they signed in to; `None` when
    /// they may not sign in, the session has ended, or the workspace is gone or being deleted.
    pub async fn user_principal(
        &self,
        user: UserId,
        session: SessionId,
        workspace: WorkspaceId,
        now: Timestamp,
    ) -> Result<Option<UserPrincipal>> {
        let values = [
            user.uuid().into(),
            session.uuid().into(),
            workspace.uuid().into(),
            now.millis().into(),
        ];
        self.find_user(USER, values.to_vec()).await
    }

    /// The user as they act in the workspace, from wherever; `None` when they may not sign in. In
    /// a workspace that is gone or being deleted everybody is no member.
    pub async fn member_principal(
        &self,
        user: UserId,
        workspace: WorkspaceId,
    ) -> Result<Option<UserPrincipal>> {
        self.find_user(MEMBER, vec![user.uuid().into(), workspace.uuid().into()]).await
    }

    async fn find_user(
        &self,
        sql: &'static str,
        values: Vec<sea_orm::Value>,
    ) -> Result<Option<UserPrincipal>> {
        self.read(Within::Installation, |db| {
            let values = values.clone();
            async move {
                let ask = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
                let Some(row) = UserRow::find_by_statement(ask).one(&db).await? else {
                    return Ok(None);
                };
                Ok(Some(UserPrincipal {
                    is_owner: row.is_owner,
                    permissions: allowed(row.role.as_deref(), row.permissions.as_deref())?,
                    last_accessed: Timestamp::from_millis(row.last_accessed),
                }))
            }
        })
        .await
    }

    /// The key as it acts now; `None` when there is no such key, it has expired, or its maker is
    /// no active member of its workspace any more.
    pub async fn key_principal(
        &self,
        key: &KeyIdentity,
        now: Timestamp,
    ) -> Result<Option<KeyPrincipal>> {
        let (condition, value) = match key {
            KeyIdentity::Hash(hash) => ("api_keys.key_hash = $1", hash.as_str().into()),
            KeyIdentity::Id(id) => ("api_keys.id = $1", id.uuid().into()),
        };
        let sql = format!("{KEY}{condition}");
        let values: [sea_orm::Value; 2] = [value, now.millis().into()];
        self.read(Within::Installation, |db| {
            let ask = Statement::from_sql_and_values(
                db.get_database_backend(),
                sql.clone(),
                values.clone(),
            );
            async move {
                let Some(row) = KeyRow::find_by_statement(ask).one(&db).await? else {
                    return Ok(None);
                };
                let makers = allowed(row.role.as_deref(), row.permissions.as_deref())?;
                let own: PermissionSet =
                    codec::from_text(&row.key_permissions, "api_keys.permissions")?;
                Ok(Some(KeyPrincipal {
                    id: ApiKeyId::from_uuid(row.id),
                    workspace_id: WorkspaceId::from_uuid(row.workspace_id),
                    user_id: UserId::from_uuid(row.user_id),
                    limited: row.limited,
                    permissions: own.and(makers.unwrap_or(PermissionSet::NONE)),
                    expires_at: row.expires_at.map(Timestamp::from_millis),
                    last_used_at: row.last_used_at.map(Timestamp::from_millis),
                }))
            }
        })
        .await
    }

    /// Notes that the key is in use. Writes only where the noted moment is more than a minute
    /// old.
    pub async fn touch_key(&self, key: &KeyPrincipal, now: Timestamp) -> Result<()> {
        let noted = key.last_used_at.map_or(i64::MIN, Timestamp::millis);
        if now.millis().saturating_sub(EXACTNESS) < noted {
            return Ok(());
        }
        const TOUCH: &str = "UPDATE api_keys SET last_used_at = $2
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        self.touch(key.workspace_id.into(), TOUCH, key.id.uuid(), now).await
    }

    /// Notes that the session which a user signed in to is in use, as
    /// [`touch_key`](Self::touch_key) does.
    pub async fn touch_sign_in(
        &self,
        session: SessionId,
        noted: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        if now.millis().saturating_sub(EXACTNESS) < noted.millis() {
            return Ok(());
        }
        const TOUCH: &str = "UPDATE sessions SET last_accessed = $2
            WHERE id = $1 AND last_accessed < $2";
        // It may have been begun in another workspace than the one that is used now.
        self.touch(Within::Installation, TOUCH, session.uuid(), now).await
    }

    async fn touch(
        &self,
        within: Within,
        sql: &'static str,
        id: Uuid,
        now: Timestamp,
    ) -> Result<()> {
        self.write(within, (sql, id, now), |tx, (sql, id, now)| {
            Box::pin(async move {
                let values = [(*id).into(), now.millis().into()];
                let backend = tx.get_database_backend();
                tx.execute_raw(Statement::from_sql_and_values(backend, *sql, values)).await?;
                Ok(())
            })
        })
        .await
    }
}

/// What a member's role allows: a ready one by name, or a custom one's list; `None` for somebody
/// without a role.
fn allowed(role: Option<&str>, permissions: Option<&str>) -> Result<Option<PermissionSet>> {
    match (role, permissions) {
        (Some(name), _) => {
            let role = BuiltinRole::named(name).ok_or_else(|| StoreError::Corrupt {
                column: "members.role",
                reason: "unknown word".to_owned(),
            })?;
            Ok(Some(role.permissions()))
        }
        (None, Some(list)) => codec::from_text(list, "roles.permissions").map(Some),
        (None, None) => Ok(None),
    }
}
