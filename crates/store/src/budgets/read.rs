//! Reads budgets.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;
use vpaura_domain::{Budget, BudgetPeriod, BudgetState, Scope, Timestamp};

use super::state;
use crate::codec::to_u64;
use crate::db::Db;
use crate::entities::budget::{Column, Entity};
use crate::entities::budget_period;
use crate::error::Result;
use crate::store::Store;
use crate::visible;

impl Store {
    /// The workspace's budgets, the oldest first.
    pub async fn budgets(&self, scope: &Scope) -> Result<Vec<Budget>> {
        self.read(scope, |db| async move { all(&db, scope).await }).await
    }

    /// The workspace's budgets, the oldest first, and where each stands in the period of `now`.
    pub async fn budget_states(&self, scope: &Scope, now: Timestamp) -> Result<Vec<BudgetState>> {
        let begins = [BudgetPeriod::Day, BudgetPeriod::Month].map(|it| it.begins_at(now).millis());
        self.read(scope, |db| async move {
            let budgets = all(&db, scope).await?;
            let rows = budget_period::Entity::find()
                .filter(budget_period::Column::WorkspaceId.eq(visible::workspace(scope)))
                .filter(budget_period::Column::BeginsAt.is_in(begins))
                .all(&db)
                .await?;
            let used: HashMap<(Uuid, i64), (u64, u64)> = rows
                .into_iter()
                .map(|row| {
                    let used = (to_u64(row.spent), to_u64(row.reserved));
                    ((row.budget_id, row.begins_at), used)
                })
                .collect();
            let states = budgets.into_iter().map(|budget| {
                let period = (budget.id.uuid(), budget.period.begins_at(now).millis());
                state(budget, used.get(&period).copied().unwrap_or_default(), now)
            });
            Ok(states.collect())
        })
        .await
    }
}

async fn all(db: &Db, scope: &Scope) -> Result<Vec<Budget>> {
    let rows = Entity::find()
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(Budget::try_from).collect()
}
