//! With whom things are shared: a user, a ready role (`role`) or a custom one (`role_id`).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub object_kind: String,
    pub object_id: Uuid,
    pub user_id: Option<Uuid>,
    pub role: Option<String>,
    pub role_id: Option<Uuid>,
    pub access: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
