//! Chunks. A row is there exactly while its document shows it. `span` and `headings` are JSON text.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chunks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub collection_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i64,
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub document_id: Uuid,
    pub position: i64,
    pub tokens: i64,
    pub enabled: bool,
    pub edited: bool,
    pub span: String,
    pub headings: String,
    pub text: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
