//! Takes of budgets what an ended run took, and frees the rest of what it had set aside.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use vpaura_domain::{Budget, RunId, WorkspaceId};

use super::Spend;
use super::reserve::reservations;
use crate::codec::to_i64;
use crate::db::Tx;
use crate::entities::budget;
use crate::entities::budget_reservation::{Column, Entity, Model};
use crate::error::Result;

const SETTLE: &str = "
UPDATE budget_periods SET spent = spent + $1, reserved = reserved - $2
WHERE budget_id = $3 AND begins_at = $4";

/// Settles the run, if it has anything set aside. It counts in the period in which it started.
pub(crate) async fn settle(
    tx: &Tx,
    workspace: WorkspaceId,
    run_id: RunId,
    took: Spend,
) -> Result<()> {
    let reserved = reservations(tx, workspace, run_id).await?;
    free(tx, reserved, &HashMap::from([(run_id, took)])).await
}

/// Settles several runs, of whatever workspaces, each with what it took.
pub(crate) async fn settle_all(tx: &Tx, took: &HashMap<RunId, Spend>) -> Result<()> {
    if took.is_empty() {
        return Ok(());
    }
    let reserved = Entity::find()
        .filter(Column::RunId.is_in(took.keys().map(|id| id.uuid())))
        .order_by_asc(Column::BudgetId)
        .order_by_asc(Column::RunId)
        .lock_exclusive()
        .all(tx)
        .await?;
    free(tx, reserved, took).await
}

async fn free(tx: &Tx, reserved: Vec<Model>, took: &HashMap<RunId, Spend>) -> Result<()> {
    if reserved.is_empty() {
        return Ok(());
    }
    let ids = reserved.iter().map(|row| row.budget_id);
    let budgets = budget::Entity::find().filter(budget::Column::Id.is_in(ids)).all(tx).await?;
    let budgets = budgets.into_iter().map(Budget::try_from).collect::<Result<Vec<_>>>()?;
    let runs: HashSet<_> = reserved.iter().map(|row| row.run_id).collect();
    for row in reserved {
        let budget = budgets.iter().find(|budget| budget.id.uuid() == row.budget_id);
        let Some(budget) = budget else { continue };
        let took = took.get(&RunId::from_uuid(row.run_id)).copied().unwrap_or_default();
        let values = [
            to_i64(took.counted(budget.unit)).into(),
            row.amount.into(),
            row.budget_id.into(),
            row.begins_at.into(),
        ];
        let settle = Statement::from_sql_and_values(tx.get_database_backend(), SETTLE, values);
        tx.execute_raw(settle).await?;
    }
    Entity::delete_many().filter(Column::RunId.is_in(runs)).exec(tx).await?;
    Ok(())
}
