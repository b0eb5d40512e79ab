//! Runs that go with their conversation before they end.

use std::collections::HashMap;

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use vpaura_domain::Run;

use super::row::Row;
use crate::budgets::{self, Spend};
use crate::conversations;
use crate::db::Tx;
use crate::entities::conversation;
use crate::entities::run::{Column, Entity};
use crate::error::Result;

/// Settles what the unfinished runs of these conversations have set aside of budgets, with what is
/// known that they took: the conversations are about to be deleted, and nobody can end the runs
/// after that. Takes the conversations' locks, so that no run begins or ends in between.
pub(crate) async fn settle_unfinished(tx: &Tx, conversations: Condition) -> Result<()> {
    conversations::lock_all(tx, conversations.clone()).await?;
    let of_these = Query::select()
        .column(conversation::Column::Id)
        .from(conversation::Entity)
        .cond_where(conversations)
        .to_owned();
    let rows = Entity::find()
        .filter(Column::ConversationId.in_subquery(of_these))
        .filter(Column::FinishedAt.is_null())
        .into_partial_model::<Row>()
        .all(tx)
        .await?;
    let runs = rows.into_iter().map(Run::try_from).collect::<Result<Vec<_>>>()?;
    let took: HashMap<_, _> = runs.iter().map(|run| (run.id, Spend::of(&run.usage))).collect();
    budgets::settle_all(tx, &took).await
}
