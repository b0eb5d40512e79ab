//! Documents of collections. `source` is JSON text.
//!
//! While a document is `processing` its lease says whose work it is; while it is `pending`,
//! `lease_until` says before when nobody is to take it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "documents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub collection_id: Uuid,
    pub name: String,
    pub name_key: String,
    pub source: String,
    pub media_type: Option<String>,
    pub size: Option<i64>,
    pub sha256: Option<String>,
    pub status: String,
    pub error: Option<String>,
    pub notice: Option<String>,
    pub enabled: bool,
    pub chars: i64,
    pub pages: Option<i64>,
    pub chunks: i64,
    /// The number of its first chunk; the others follow, but for edited ones.
    pub first_no: Option<i64>,
    /// Counts claims: whoever holds an earlier one is refused.
    pub attempt: i64,
    /// Claims since somebody last asked for it.
    pub tries: i64,
    /// Claims in a row, up to now, whose server was lost. With any, it is read alone.
    pub lost: i64,
    pub lease_owner: Option<Uuid>,
    pub lease_until: i64,
    pub created_by: Option<Uuid>,
    /// Who last asked for it to be read: a user, where it was not the server's operator.
    pub asked_by: Option<Uuid>,
    /// The key that they asked with.
    pub asked_by_key: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub metadata: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
