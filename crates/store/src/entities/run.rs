//! The table of runs. `request` and `error` are JSON text, see [`message`](super::message).

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub conversation_id: Uuid,
    pub session_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub api_key_id: Option<Uuid>,
    pub chatbot_id: Option<Uuid>,
    pub user_message_id: Uuid,
    pub message_id: Uuid,
    /// The first of the messages appended with the run, for those that wait their turn.
    pub first_message_id: Option<Uuid>,
    pub status: String,
    pub model: String,
    pub epoch: i64,
    pub last_seq: i64,
    pub cancel_requested: bool,
    pub usage: Json,
    pub error: Option<String>,
    pub request: String,
    pub lease_owner: Uuid,
    pub lease_until: i64,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
