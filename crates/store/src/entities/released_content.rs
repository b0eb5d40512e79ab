//! Contents that rows stopped referring to, until somebody has looked whether any still does.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "released_contents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    /// Who looks.
    pub claim: Option<Uuid>,
    pub claimed_until: i64,
    /// Released once more while somebody looked.
    pub again: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
