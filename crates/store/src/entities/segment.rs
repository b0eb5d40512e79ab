//! Segments of the index: immutable, apart from `dead`, the count of chunks whose rows are gone.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub collection_id: Uuid,
    pub first_no: i64,
    pub span: i64,
    pub chunks: i64,
    pub terms_total: i64,
    pub dead: i64,
    pub status: String,
    pub created_at: i64,
    pub languages: String,
    pub lengths: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
