//! The audit log: entries are added with the change that they tell of, and never changed.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;
use vpaura_domain::{
    Actor, ApiKeyId, AuditEntry, AuditEntryId, Listing, Origin, SessionId, Timestamp, UserId,
    WorkspaceId,
};

use crate::codec;
use crate::db::Tx;
use crate::entities::audit_entry::{Column, Entity, Model};
use crate::error::{Result, StoreError};
use crate::keyset::Place;
use crate::store::Store;
use crate::within::Within;

/// Which entries of the audit log a list shows. What is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only what this user did, by themselves or through a key.
    pub actor_user_id: Option<UserId>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what was done to the object with this id.
    pub object_id: Option<String>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub to: Option<Timestamp>,
}

/// Adds the entry within the transaction of the change. An entry that concerns the installation
/// needs a transaction that is within it. Safe to repeat.
pub(crate) async fn insert(tx: &Tx, entry: &AuditEntry) -> Result<()> {
    let (actor, actor_id, user_id) = columns(entry.actor);
    let details = codec::to_text(&entry.details, "audit_log.details")?;
    let insert = Query::insert()
        .into_table(Entity)
        .columns([
            Column::Id,
            Column::WorkspaceId,
            Column::Actor,
            Column::ActorId,
            Column::ActorUserId,
            Column::Action,
            Column::ObjectKind,
            Column::ObjectId,
            Column::IpAddress,
            Column::UserAgent,
            Column::RequestId,
            Column::Details,
            Column::At,
        ])
        .values_panic([
            entry.id.uuid().into(),
            entry.workspace_id.map(WorkspaceId::uuid).into(),
            actor.into(),
            actor_id.into(),
            user_id.map(UserId::uuid).into(),
            entry.action.as_str().into(),
            entry.object_kind.clone().into(),
            entry.object_id.clone().into(),
            entry.origin.ip_address.clone().into(),
            entry.origin.user_agent.clone().into(),
            entry.origin.request_id.clone().into(),
            details.into(),
            entry.at.millis().into(),
        ])
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

impl Store {
    /// Adds an entry that goes with no change, such as a failed sign-in.
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<()> {
        let within = entry.workspace_id.map_or(Within::Installation, Within::Workspace);
        self.write(within, entry.clone(), |tx, entry| Box::pin(insert(tx, entry))).await
    }

    /// The log of one workspace, or the installation's own (`None`): up to `limit` entries, the
    /// newest first, from behind `cursor`. They are not counted.
    pub async fn list_audit(
        &self,
        log: Option<WorkspaceId>,
        filter: &AuditFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listing<AuditEntry>> {
        let within = log.map_or(Within::Installation, Within::Workspace);
        let mut select = filtered(log, filter);
        if let Some(cursor) = cursor {
            select = select.filter(Column::Id.lt(Place::decode(cursor)?.id));
        }
        let select = select.order_by(Column::Id, Order::Desc).limit(u64::from(limit) + 1);
        self.read(within, |db| {
            let select = select.clone();
            async move {
                let mut rows = select.all(&db).await?;
                let more = rows.len() > limit as usize;
                rows.truncate(limit as usize);
                let last = rows.last().filter(|_| more);
                let next_cursor = last.map(|row| Place { at: row.at, id: row.id }.encode());
                let items = rows.into_iter().map(AuditEntry::try_from).collect::<Result<_>>()?;
                Ok(Listing { items, total: None, next_cursor })
            }
        })
        .await
    }
}

fn filtered(log: Option<WorkspaceId>, filter: &AuditFilter) -> Select<Entity> {
    let mut select = match log {
        Some(id) => Entity::find().filter(Column::WorkspaceId.eq(id.uuid())),
        None => Entity::find().filter(Column::WorkspaceId.is_null()),
    };
    if let Some(user) = filter.actor_user_id {
        select = select.filter(Column::ActorUserId.eq(user.uuid()));
    }
    if let Some(action) = &filter.action {
        select = select.filter(Column::Action.eq(action.as_str()));
    }
    if let Some(object) = &filter.object_id {
        select = select.filter(Column::ObjectId.eq(object.as_str()));
    }
    if let Some(from) = filter.from {
        select = select.filter(Expr::col(Column::At).gte(from.millis()));
    }
    if let Some(to) = filter.to {
        select = select.filter(Expr::col(Column::At).lt(to.millis()));
    }
    select
}

/// What an actor is stored as: its kind, its id, and the user behind it.
fn columns(actor: Actor) -> (&'static str, Option<Uuid>, Option<UserId>) {
    match actor {
        Actor::User { id } => ("user", Some(id.uuid()), Some(id)),
        Actor::ApiKey { id, user_id } => ("api_key", Some(id.uuid()), Some(user_id)),
        Actor::Session { id } => ("session", Some(id.uuid()), None),
        Actor::Operator => ("operator", None, None),
        Actor::System => ("system", None, None),
        Actor::Anonymous => ("anonymous", None, None),
    }
}

fn actor(row: &Model) -> Option<Actor> {
    let user = row.actor_user_id.map(UserId::from_uuid);
    match (row.actor.as_str(), row.actor_id) {
        ("user", _) => user.map(|id| Actor::User { id }),
        ("api_key", Some(id)) => {
            user.map(|user_id| Actor::ApiKey { id: ApiKeyId::from_uuid(id), user_id })
        }
        ("session", Some(id)) => Some(Actor::Session { id: SessionId::from_uuid(id) }),
        ("operator", _) => Some(Actor::Operator),
        ("system", _) => Some(Actor::System),
        ("anonymous", _) => Some(Actor::Anonymous),
        _ => None,
    }
}

impl TryFrom<Model> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        let unknown = || StoreError::Corrupt {
            column: "audit_log.actor",
            reason: "unknown word or missing id".to_owned(),
        };
        Ok(Self {
            id: AuditEntryId::from_uuid(row.id),
            workspace_id: row.workspace_id.map(WorkspaceId::from_uuid),
            actor: actor(&row).ok_or_else(unknown)?,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            origin: Origin {
                ip_address: row.ip_address,
                user_agent: row.user_agent,
                request_id: row.request_id,
            },
            details: codec::from_text(&row.details, "audit_log.details")?,
            at: Timestamp::from_millis(row.at),
        })
    }
}
