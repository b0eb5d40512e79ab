//! Deletes the budgets of spenders that go. What was spent and is set aside of them goes with them.

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use vpaura_domain::{UserId, WorkspaceId};

use crate::db::Tx;
use crate::entities::api_key;
use crate::entities::budget::{Column, Entity};
use crate::error::Result;

/// Deletes the budgets of the API keys that meet the condition, as long as they are there.
pub(crate) async fn forget_keys(tx: &Tx, keys: Condition) -> Result<()> {
    let keys = Query::select()
        .column(api_key::Column::Id)
        .from(api_key::Entity)
        .cond_where(keys)
        .to_owned();
    Entity::delete_many()
        .filter(Column::Spender.eq("api_key"))
        .filter(Column::SpenderId.in_subquery(keys))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes the user's own budgets: in one workspace, or in all.
pub(crate) async fn forget_user(
    tx: &Tx,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<()> {
    let within = Condition::all().add_option(workspace.map(|id| Column::WorkspaceId.eq(id.uuid())));
    Entity::delete_many()
        .filter(Column::Spender.eq("user"))
        .filter(Column::SpenderId.eq(user.uuid()))
        .filter(within)
        .exec(tx)
        .await?;
    Ok(())
}
