//! With whom chatbots and collections are shared.

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query, SelectStatement};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use vpaura_domain::{
    Access, AuditEntry, ChatbotId, CollectionId, Grant, Grantee, RoleRef, Scope, Timestamp, UserId,
};

use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::grant::{ActiveModel, Column, Entity, Model};
use crate::entities::{chatbot, collection, member, role};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::{audit, visible};

/// What is shared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Object {
    Chatbot(ChatbotId),
    Collection(CollectionId),
}

impl Object {
    const fn kind(self) -> &'static str {
        match self {
            Self::Chatbot(_) => "chatbot",
            Self::Collection(_) => "collection",
        }
    }

    const fn id(self) -> Uuid {
        match self {
            Self::Chatbot(id) => id.uuid(),
            Self::Collection(id) => id.uuid(),
        }
    }

    /// Finds it, if the scope sees it.
    fn visible(self, scope: &Scope) -> SelectStatement {
        let mut select = Query::select();
        select.expr(Expr::val(1));
        match self {
            Self::Chatbot(id) => select
                .from(chatbot::Entity)
                .and_where(Expr::col(chatbot::Column::Id).eq(id.uuid()))
                .cond_where(visible::chatbots(scope)),
            Self::Collection(id) => select
                .from(collection::Entity)
                .and_where(Expr::col(collection::Column::Id).eq(id.uuid()))
                .cond_where(visible::collections(scope)),
        };
        select
    }
}

/// The new list of sharings, each with the id of its row.
struct Sharing {
    scope: Scope,
    object: Object,
    grants: Vec<(Uuid, Grant)>,
    now: Timestamp,
    entry: AuditEntry,
}

impl Store {
    /// With whom the chatbot is shared; `None` when it is not visible.
    pub async fn chatbot_grants(&self, scope: &Scope, id: ChatbotId) -> Result<Option<Vec<Grant>>> {
        self.grants_of(scope, Object::Chatbot(id)).await
    }

    /// With whom the collection is shared; `None` when it is not visible.
    pub async fn collection_grants(
        &self,
        scope: &Scope,
        id: CollectionId,
    ) -> Result<Option<Vec<Grant>>> {
        self.grants_of(scope, Object::Collection(id)).await
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
        let (object, entry) = (Object::Chatbot(id), entry.clone());
        self.share(Sharing { scope: *scope, object, grants, now, entry }).await
    }

    /// Shares the collection with these and nobody else; whether it was visible.
    ///
    /// # Errors
    /// As [`share_chatbot`](Self::share_chatbot).
    pub async fn share_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        grants: Vec<(Uuid, Grant)>,
        now: Timestamp,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let (object, entry) = (Object::Collection(id), entry.clone());
        self.share(Sharing { scope: *scope, object, grants, now, entry }).await
    }

    async fn grants_of(&self, scope: &Scope, object: Object) -> Result<Option<Vec<Grant>>> {
        self.read(scope, |db| async move {
            if db.query_one(&object.visible(scope)).await?.is_none() {
                return Ok(None);
            }
            let rows = Entity::find()
                .filter(Column::ObjectId.eq(object.id()))
                .order_by_asc(Column::Id)
                .all(&db)
                .await?;
            rows.into_iter().map(Grant::try_from).collect::<Result<_>>().map(Some)
        })
        .await
    }

    async fn share(&self, sharing: Sharing) -> Result<bool> {
        let scope = sharing.scope;
        self.write(&scope, sharing, |tx, sharing| Box::pin(share(tx, sharing))).await
    }

    /// What the scope's user may do with it because it is shared with them.
    pub(crate) async fn access_to(&self, scope: &Scope, object: Object) -> Result<Option<Access>> {
        let Some(user) = scope.user_id() else { return Ok(None) };
        self.read(scope, |db| async move {
            let words: Vec<String> = Entity::find()
                .select_only()
                .column(Column::Access)
                .filter(visible::grants(scope, user))
                .filter(Column::ObjectId.eq(object.id()))
                .into_tuple()
                .all(&db)
                .await?;
            let access = words.iter().map(|word| Access::from_word(word, "grants.access"));
            Ok(access.collect::<Result<Vec<_>>>()?.into_iter().max())
        })
        .await
    }
}

async fn share(tx: &Tx, sharing: &Sharing) -> Result<bool> {
    let Sharing { scope, object, grants, now, entry } = sharing;
    let mut visible = object.visible(scope);
    // SQLite knows no locks of rows.
    if tx.query_one(visible.lock(LockType::Update)).await?.is_none() {
        return Ok(false);
    }
    check(tx, scope, grants).await?;
    Entity::delete_many().filter(Column::ObjectId.eq(object.id())).exec(tx).await?;
    let rows = grants.iter().map(|(row_id, grant)| row(*row_id, scope, *object, grant, *now));
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

fn row(id: Uuid, scope: &Scope, object: Object, grant: &Grant, now: Timestamp) -> ActiveModel {
    let (user_id, (role, role_id)) = match grant.grantee {
        Grantee::User(id) => (Some(id.uuid()), (None, None)),
        Grantee::Role(role) => (None, codec::role_columns(role)),
    };
    ActiveModel {
        id: ActiveValue::Set(id),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
        object_kind: ActiveValue::Set(object.kind().to_owned()),
        object_id: ActiveValue::Set(object.id()),
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
