//! Sets aside what a run may take, or refuses.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use vpaura_domain::{Budget, RunId, Timestamp, WorkspaceId};

use super::{Reserve, Spend, state};
use crate::codec::{to_i64, to_u64};
use crate::db::Tx;
use crate::entities::budget_reservation::{ActiveModel, Column, Entity, Model};
use crate::entities::{budget, budget_period};
use crate::error::{Result, StoreError};
use crate::store::Store;

/// Takes so much of a budget's period if it is there: one statement, so that of many at once none
/// takes what another has.
const TAKE: &str = "
UPDATE budget_periods SET reserved = reserved + $1
WHERE budget_id = $2 AND begins_at = $3
    AND spent + reserved + $1 <= (SELECT amount FROM budgets WHERE id = $2)";

const BEGIN_PERIOD: &str = "
INSERT INTO budget_periods (budget_id, begins_at, workspace_id, spent, reserved)
VALUES ($1, $2, $3, 0, 0) ON CONFLICT DO NOTHING";

impl Store {
    /// Raises what the run has set aside to `total`, what it took so far included; less than it
    /// has changes nothing. Does nothing for a run without reservations. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError::BudgetExceeded`] when a budget has no room: then nothing is raised.
    pub async fn raise_reservations(
        &self,
        workspace: WorkspaceId,
        run_id: RunId,
        total: Spend,
    ) -> Result<()> {
        let now = self.now();
        self.write(workspace, (workspace, run_id), move |tx, (workspace, run_id)| {
            Box::pin(raise(tx, *workspace, *run_id, total, now))
        })
        .await
    }
}

/// Sets aside what a starting run may take of each budget.
pub(crate) async fn reserve(
    tx: &Tx,
    workspace: WorkspaceId,
    run_id: RunId,
    reserve: &Reserve,
    now: Timestamp,
) -> Result<()> {
    let mut budgets = reserve.budgets.clone();
    budgets.sort_by_key(|budget| budget.id);
    let mut rows = Vec::with_capacity(budgets.len());
    for budget in budgets {
        let begins_at = budget.period.begins_at(now);
        let amount = reserve.most.counted(budget.unit);
        if !take(tx, workspace, &budget, begins_at, amount, now).await? {
            continue;
        }
        rows.push(ActiveModel {
            run_id: ActiveValue::Set(run_id.uuid()),
            budget_id: ActiveValue::Set(budget.id.uuid()),
            begins_at: ActiveValue::Set(begins_at.millis()),
            workspace_id: ActiveValue::Set(workspace.uuid()),
            amount: ActiveValue::Set(to_i64(amount)),
        });
    }
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn raise(
    tx: &Tx,
    workspace: WorkspaceId,
    run_id: RunId,
    total: Spend,
    now: Timestamp,
) -> Result<()> {
    for row in reservations(tx, workspace, run_id).await? {
        let found = budget::Entity::find_by_id(row.budget_id).one(tx).await?;
        let Some(budget) = found.map(Budget::try_from).transpose()? else { continue };
        let wanted = total.counted(budget.unit);
        let Some(more) = wanted.checked_sub(to_u64(row.amount)).filter(|more| *more > 0) else {
            continue;
        };
        let begins_at = Timestamp::from_millis(row.begins_at);
        if take(tx, workspace, &budget, begins_at, more, now).await? {
            Entity::update_many()
                .col_expr(Column::Amount, Expr::val(to_i64(wanted)))
                .filter(Column::RunId.eq(run_id.uuid()))
                .filter(Column::BudgetId.eq(row.budget_id))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}

/// What the run has set aside, in the order in which budgets are changed.
pub(super) async fn reservations(
    tx: &Tx,
    workspace: WorkspaceId,
    run_id: RunId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::RunId.eq(run_id.uuid()))
        .filter(Column::WorkspaceId.eq(workspace.uuid()))
        .order_by_asc(Column::BudgetId)
        .lock_exclusive()
        .all(tx)
        .await?)
}

/// Sets `amount` of the budget aside; false when the budget has been deleted since it was looked
/// up.
async fn take(
    tx: &Tx,
    workspace: WorkspaceId,
    budget: &Budget,
    begins_at: Timestamp,
    amount: u64,
    now: Timestamp,
) -> Result<bool> {
    let id = budget.id.uuid();
    let backend = tx.get_database_backend();
    let take = || {
        let values = [to_i64(amount).into(), id.into(), begins_at.millis().into()];
        Statement::from_sql_and_values(backend, TAKE, values)
    };
    if tx.execute_raw(take()).await?.rows_affected() == 1 {
        return Ok(true);
    }
    let Some(row) = budget::Entity::find_by_id(id).one(tx).await? else { return Ok(false) };
    let begin = [id.into(), begins_at.millis().into(), workspace.uuid().into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, BEGIN_PERIOD, begin)).await?;
    if tx.execute_raw(take()).await?.rows_affected() == 1 {
        return Ok(true);
    }
    let period = budget_period::Entity::find_by_id((id, begins_at.millis())).one(tx).await?;
    let used = period.map(|it| (to_u64(it.spent), to_u64(it.reserved))).unwrap_or_default();
    let state = state(Budget::try_from(row)?, used, now);
    let retry_after = state.renews_at.since(now);
    Err(StoreError::BudgetExceeded { state: Box::new(state), retry_after })
}
