//! What a user has, for their own copy of it.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, CollectionId, ConversationId, Document, FileRecord, Message, Scope, Session,
    Timestamp, UserId, WorkspaceId,
};

use crate::db::Db;
use crate::entities::{api_key, collection, conversation, document, file, message, session};
use crate::error::Result;
use crate::store::Store;
use crate::visible;
use crate::within::Within;

/// What a user has, in all workspaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Holdings {
    /// Their sign-ins.
    pub sessions: Vec<Session>,
    /// Their API keys, without the secrets.
    pub api_keys: Vec<HeldKey>,
    /// Records of their files.
    pub files: Vec<FileRecord>,
    /// Collections that they made.
    pub collections: Vec<HeldCollection>,
    /// Documents that they added to collections.
    pub documents: Vec<HeldDocument>,
    /// Where their conversations are, the oldest first.
    pub conversations: Vec<(WorkspaceId, ConversationId)>,
}

/// An API key by what is public of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The workspace that it is for.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The beginning of it.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A collection by what its maker said of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldCollection {
    /// Its id.
    pub id: CollectionId,
    /// The workspace that it is in.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A document by what is said of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldDocument {
    /// The workspace that it is in.
    pub workspace_id: WorkspaceId,
    /// The document.
    #[serde(flatten)]
    pub document: Document,
}

impl Store {
    /// What the user has. What they deleted is not among it.
    pub async fn holdings_of(&self, user: UserId) -> Result<Holdings> {
        let id = user.uuid();
        self.read(Within::Installation, |db| async move {
            let sessions = session::Entity::find()
                .filter(session::Column::OwnerId.eq(id))
                .filter(session::Column::Status.ne("deleted"))
                .order_by_asc(session::Column::Id)
                .all(&db)
                .await?;
            let keys = api_key::Entity::find()
                .filter(api_key::Column::UserId.eq(id))
                .order_by_asc(api_key::Column::Id)
                .all(&db)
                .await?;
            let files = file::Entity::find()
                .filter(file::Column::UserId.eq(id))
                .order_by_asc(file::Column::Id)
                .all(&db)
                .await?;
            let collections = collection::Entity::find()
                .filter(collection::Column::CreatedBy.eq(id))
                .filter(collection::Column::Status.ne(visible::DELETING))
                .order_by_asc(collection::Column::Id)
                .all(&db)
                .await?;
            let documents = documents_of(&db, id).await?;
            let conversations: Vec<(Uuid, Uuid)> = conversation::Entity::find()
                .select_only()
                .column(conversation::Column::WorkspaceId)
                .column(conversation::Column::Id)
                .filter(conversation::Column::UserId.eq(id))
                .filter(conversation::Column::Status.ne("deleted"))
                .order_by_asc(conversation::Column::Id)
                .into_tuple()
                .all(&db)
                .await?;
            Ok(Holdings {
                sessions: sessions.into_iter().map(Session::try_from).collect::<Result<_>>()?,
                api_keys: keys.into_iter().map(HeldKey::from).collect(),
                files: files.into_iter().map(FileRecord::try_from).collect::<Result<_>>()?,
                collections: collections.into_iter().map(HeldCollection::from).collect(),
                documents,
                conversations: conversations
                    .into_iter()
                    .map(|(place, id)| {
                        (WorkspaceId::from_uuid(place), ConversationId::from_uuid(id))
                    })
                    .collect(),
            })
        })
        .await
    }

    /// Every message of the conversation, on all branches, the oldest first.
    pub async fn all_messages(&self, scope: &Scope, id: ConversationId) -> Result<Vec<Message>> {
        self.read(scope, |db| async move {
            let rows = message::Entity::find()
                .filter(message::Column::ConversationId.eq(id.uuid()))
                .filter(visible::messages(scope))
                .order_by_asc(message::Column::Id)
                .all(&db)
                .await?;
            rows.into_iter().map(Message::try_from).collect()
        })
        .await
    }
}

/// Those of collections that are there.
async fn documents_of(db: &Db, user: Uuid) -> Result<Vec<HeldDocument>> {
    let of = Expr::col((document::Entity, document::Column::CollectionId));
    let there = Query::select()
        .expr(Expr::val(1))
        .from(collection::Entity)
        .and_where(Expr::col((collection::Entity, collection::Column::Id)).eq(of))
        .and_where(collection::Column::Status.ne(visible::DELETING))
        .to_owned();
    let rows = document::Entity::find()
        .filter(document::Column::CreatedBy.eq(user))
        .filter(Expr::exists(there))
        .order_by_asc(document::Column::Id)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let workspace_id = WorkspaceId::from_uuid(row.workspace_id);
            Ok(HeldDocument { workspace_id, document: Document::try_from(row)? })
        })
        .collect()
}

impl From<collection::Model> for HeldCollection {
    fn from(row: collection::Model) -> Self {
        Self {
            id: CollectionId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            name: row.name,
            description: row.description,
            created_at: Timestamp::from_millis(row.created_at),
        }
    }
}

impl From<api_key::Model> for HeldKey {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: ApiKeyId::from_uuid(row.id),
            workspace_id: WorkspaceId::from_uuid(row.workspace_id),
            name: row.name,
            prefix: row.prefix,
            created_at: Timestamp::from_millis(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp::from_millis),
        }
    }
}
