//! Sets and deletes budgets.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    Statement,
};
use vpaura_domain::{AuditEntry, Budget, BudgetId, BudgetUnit, Scope, Spender, Timestamp};

use super::spender_columns;
use crate::codec::{Word, to_i64};
use crate::db::Tx;
use crate::entities::budget::{Column, Entity, Model};
use crate::entities::{api_key, chatbot, member};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::usage::day_of;
use crate::{audit, visible};

/// The most budgets of a workspace.
const MAX_BUDGETS: u64 = 1_000;

/// Sets the budget; one of the same spender, period and unit keeps its id and gets the amount.
const SET: &str = "
INSERT INTO budgets (id, workspace_id, spender, spender_id, period, unit, amount, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (workspace_id, spender, spender_id, period, unit)
    DO UPDATE SET amount = excluded.amount
RETURNING id, workspace_id, spender, spender_id, period, unit, amount, created_at";

impl Store {
    /// Sets a budget, in place of the one of the same spender, period and unit. What was used in
    /// the present period before there was one counts as spent. The entry gets the id of the
    /// budget as it is stored.
    ///
    /// # Errors
    /// [`StoreError::SpenderMissing`] when the spender is not of the workspace;
    /// [`StoreError::TooManyBudgets`].
    pub async fn set_budget(
        &self,
        scope: &Scope,
        budget: &Budget,
        entry: &AuditEntry,
    ) -> Result<Budget> {
        let input = (*scope, *budget, entry.clone());
        self.write(scope, input, |tx, (scope, budget, entry)| {
            Box::pin(set(tx, scope, budget, entry))
        })
        .await
    }

    /// Deletes the budget; whether it was there.
    pub async fn delete_budget(
        &self,
        scope: &Scope,
        id: BudgetId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let input = (*scope, id, entry.clone());
        self.write(scope, input, |tx, (scope, id, entry)| {
            Box::pin(async move {
                let delete = Entity::delete_many()
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(Column::WorkspaceId.eq(visible::workspace(scope)));
                if delete.exec(tx).await?.rows_affected == 0 {
                    return Ok(false);
                }
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn set(tx: &Tx, scope: &Scope, budget: &Budget, entry: &AuditEntry) -> Result<Budget> {
    if !is_there(tx, scope, budget.spender).await? {
        return Err(StoreError::SpenderMissing);
    }
    let (spender, spender_id) = spender_columns(scope, budget.spender);
    let set = Statement::from_sql_and_values(
        tx.get_database_backend(),
        SET,
        [
            budget.id.uuid().into(),
            visible::workspace(scope).into(),
            spender.into(),
            spender_id.into(),
            budget.period.word().into(),
            budget.unit.word().into(),
            to_i64(budget.amount).into(),
            budget.created_at.millis().into(),
        ],
    );
    let row = tx.query_one_raw(set).await?.ok_or(StoreError::SpenderMissing)?;
    let stored = Budget::try_from(Model::from_query_result(&row, "")?)?;
    let of_workspace = Entity::find().filter(Column::WorkspaceId.eq(visible::workspace(scope)));
    if of_workspace.count(tx).await? > MAX_BUDGETS {
        return Err(StoreError::TooManyBudgets);
    }
    begin_with_usage(tx, scope, &stored, budget.created_at).await?;
    // One that was there has kept its id.
    let entry = AuditEntry { object_id: Some(stored.id.to_string()), ..entry.clone() };
    audit::insert(tx, &entry).await?;
    Ok(stored)
}

/// Whether there is such a spender in the workspace.
async fn is_there(tx: &Tx, scope: &Scope, spender: Spender) -> Result<bool> {
    let workspace = visible::workspace(scope);
    let count = match spender {
        Spender::Workspace => return Ok(true),
        Spender::User(id) => member::Entity::find_by_id((workspace, id.uuid())).count(tx).await?,
        Spender::Chatbot(id) => {
            let own = chatbot::Column::WorkspaceId.eq(workspace);
            chatbot::Entity::find_by_id(id.uuid()).filter(own).count(tx).await?
        }
        Spender::ApiKey(id) => {
            let own = api_key::Column::WorkspaceId.eq(workspace);
            api_key::Entity::find_by_id(id.uuid()).filter(own).count(tx).await?
        }
    };
    Ok(count > 0)
}

/// The present period's row of a new budget: what was used in it so far is spent.
async fn begin_with_usage(tx: &Tx, scope: &Scope, budget: &Budget, now: Timestamp) -> Result<()> {
    let sum = match budget.unit {
        BudgetUnit::Tokens => "input + output",
        BudgetUnit::Money => "cost",
    };
    let (of_spender, spender_id) = match budget.spender {
        Spender::Workspace => ("workspace_id", visible::workspace(scope)),
        Spender::User(id) => ("user_id", id.uuid()),
        Spender::Chatbot(id) => ("chatbot_id", id.uuid()),
        Spender::ApiKey(id) => ("api_key_id", id.uuid()),
    };
    let begins = budget.period.begins_at(now);
    let sql = format!(
        "INSERT INTO budget_periods (budget_id, begins_at, workspace_id, spent, reserved)
         SELECT $1, $2, $3, CAST(COALESCE(SUM({sum}), 0) AS BIGINT), 0 FROM usage
         WHERE workspace_id = $3 AND day >= $4 AND {of_spender} = $5
         ON CONFLICT DO NOTHING"
    );
    let values = [
        budget.id.uuid().into(),
        begins.millis().into(),
        visible::workspace(scope).into(),
        day_of(begins).into(),
        spender_id.into(),
    ];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}
