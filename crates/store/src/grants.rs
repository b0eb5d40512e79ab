//! With whom chatbots are shared.

use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{
    Access, AuditEntry, ChatbotId, Grant, Grantee, RoleRef, Scope, Timestamp, UserId,
};

use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::grant::{ActiveModel, Column, Entity, Model};
use crate::entities::{chatbot, member, role};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::{audit, visible};

/// The kind of what is shared.
const CHATBOT: &str = "chatbot";

/// The new list of sharings, each with the id of its row.
struct Sharing {
    scope: Scope,
    id: ChatbotId,
    grants: Vec<(Uuid, Grant)>,
    now: Timestamp,
    entry: AuditEntry,
}

impl Store {
    /// With whom the chatbot is shared; `None` when it is not visible.
    pub async fn chatbot_grants(&self, scope: &Scope, id: ChatbotId) -> Result<Option<Vec<Grant>>> {
        self.read(scope, |db| async move {
            let visible = chatbot::Entity::find_by_id(id.uuid()).filter(visible::chatbots(scope));
            if visible.all(&db).await?.is_empty() {
                return Ok(None);
            }
            let rows = Entity::find()
                .filter(Column::ObjectId.eq(id.uuid()))
                .order_by_asc(Column::Id)
                .all(&db)
                .await?;
            rows.into_iter().map(Grant::try_from).collect::<Result<_>>().map(Some)
        })
        .await
    }

    /// Shares the chatbot with these and nobody else; whether it was visible.
    ///
    /// # Errors
    /// [`StoreError::GranteeMissing`] for a user who is not a member, or a role of elsewhere.
    pub async fn share_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        grants: Vec<(Uuid, Grant)>,
        now: Timestamp,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let sharing = Sharing { scope: *scope, id, grants, now, entry: entry.clone() };
        self.write(scope, sharing, |tx, sharing| Box::pin(share(tx, sharing))).await
    }
}

async fn share(tx: &Tx, sharing: &Sharing) -> Result<bool> {
    let Sharing { scope, id, grants, now, entry } = sharing;
    let chatbot =
        chatbot::Entity::find_by_id(id.uuid()).filter(visible::chatbots(scope)).lock_exclusive();
    if chatbot.all(tx).await?.is_empty() {
        return Ok(false);
    }
    check(tx, scope, grants).await?;
    Entity::delete_many().filter(Column::ObjectId.eq(id.uuid())).exec(tx).await?;
    let rows = grants.iter().map(|(row_id, grant)| row(*row_id, scope, *id, grant, *now));
    if !grants.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    audit::insert(tx, entry).await?;
    Ok(true)
}

/// Every user must be a member, every role of their own be this workspace's.
async fn check(tx: &Tx, scope: &Scope, grants: &[(Uuid, Grant)]) -> Result<()> {
    let workspace = visible::workspace(scope);
    let users = grants.iter().filter_map(|(_, grant)| match grant.grantee {
        Grantee::User(id) => Some(id.uuid()),
        Grantee::Role(_) => None,
    });
    let roles = grants.iter().filter_map(|(_, grant)| match grant.grantee {
        Grantee::Role(RoleRef::Custom(id)) => Some(id.uuid()),
        _ => None,
    });
    let members: Vec<Uuid> = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::WorkspaceId.eq(workspace))
        .filter(member::Column::UserId.is_in(users))
        .into_tuple()
        .all(tx)
        .await?;
    let custom: Vec<Uuid> = role::Entity::find()
        .select_only()
        .column(role::Column::Id)
        .filter(role::Column::WorkspaceId.eq(workspace))
        .filter(role::Column::Id.is_in(roles))
        .into_tuple()
        .all(tx)
        .await?;
    let missing = grants.iter().position(|(_, grant)| match grant.grantee {
        Grantee::User(id) => !members.contains(&id.uuid()),
        Grantee::Role(RoleRef::Custom(id)) => !custom.contains(&id.uuid()),
        Grantee::Role(RoleRef::Builtin(_)) => false,
    });
    missing.map_or(Ok(()), |place| Err(StoreError::GranteeMissing { place }))
}

fn row(id: Uuid, scope: &Scope, chatbot: ChatbotId, grant: &Grant, now: Timestamp) -> ActiveModel {
    let (user_id, (role, role_id)) = match grant.grantee {
        Grantee::User(id) => (Some(id.uuid()), (None, None)),
        Grantee::Role(role) => (None, codec::role_columns(role)),
    };
    ActiveModel {
        id: ActiveValue::Set(id),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
        object_kind: ActiveValue::Set(CHATBOT.to_owned()),
        object_id: ActiveValue::Set(chatbot.uuid()),
        user_id: ActiveValue::Set(user_id),
        role: ActiveValue::Set(role),
        role_id: ActiveValue::Set(role_id),
        access: ActiveValue::Set(grant.access.word().to_owned()),
        created_at: ActiveValue::Set(now.millis()),
    }
}

impl TryFrom<Model> for Grant {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        let grantee = match row.user_id {
            Some(id) => Grantee::User(UserId::from_uuid(id)),
            None => {
                Grantee::Role(codec::role_ref(row.role.as_deref(), row.role_id, "grants.role")?)
            }
        };
        Ok(Self { grantee, access: Access::from_word(&row.access, "grants.access")? })
    }
}
