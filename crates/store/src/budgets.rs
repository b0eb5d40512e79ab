//! Budgets as a ledger. A run sets aside the most that it may take before a model is asked, and
//! takes what it took when it ends. What is set aside counts as spent, so however many runs begin
//! at once, they never take more than there is.
//!
//! A budget has a row for each period in which it was used. Rows of several budgets are changed in
//! the order of the budgets' ids, so no two transactions wait for each other.

mod forget;
mod read;
mod reserve;
mod set;
mod settle;

use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, Budget, BudgetId, BudgetPeriod, BudgetState, BudgetUnit, ChatbotId, Scope, Spender,
    Timestamp, Usage, UserId,
};

pub(crate) use forget::{forget_keys, forget_user};
pub(crate) use reserve::reserve;
pub(crate) use settle::{settle, settle_all};

use crate::codec::{Word, to_u64};
use crate::entities::budget::Model;
use crate::error::{Result, StoreError};
use crate::visible;

/// So much in both units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spend {
    /// Tokens sent and received.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub money: u64,
}

impl Spend {
    /// What was used.
    pub const fn of(usage: &Usage) -> Self {
        Self { tokens: usage.input.saturating_add(usage.output), money: usage.cost }
    }

    /// In a budget's unit.
    pub const fn counted(self, unit: BudgetUnit) -> u64 {
        match unit {
            BudgetUnit::Tokens => self.tokens,
            BudgetUnit::Money => self.money,
        }
    }
}

/// What a run sets aside when it starts.
#[derive(Debug, Clone, Default)]
pub struct Reserve {
    /// The budgets that it takes from.
    pub budgets: Vec<Budget>,
    /// The most that it may take.
    pub most: Spend,
}

/// The columns of a spender.
fn spender_columns(scope: &Scope, spender: Spender) -> (&'static str, Uuid) {
    match spender {
        Spender::Workspace => ("workspace", visible::workspace(scope)),
        Spender::User(id) => ("user", id.uuid()),
        Spender::Chatbot(id) => ("chatbot", id.uuid()),
        Spender::ApiKey(id) => ("api_key", id.uuid()),
    }
}

fn spender(word: &str, id: Uuid) -> Result<Spender> {
    match word {
        "workspace" => Ok(Spender::Workspace),
        "user" => Ok(Spender::User(UserId::from_uuid(id))),
        "chatbot" => Ok(Spender::Chatbot(ChatbotId::from_uuid(id))),
        "api_key" => Ok(Spender::ApiKey(ApiKeyId::from_uuid(id))),
        _ => Err(StoreError::Corrupt { column: "budgets.spender", reason: "unknown word".into() }),
    }
}

impl TryFrom<Model> for Budget {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: BudgetId::from_uuid(row.id),
            spender: spender(&row.spender, row.spender_id)?,
            period: BudgetPeriod::from_word(&row.period, "budgets.period")?,
            unit: BudgetUnit::from_word(&row.unit, "budgets.unit")?,
            amount: to_u64(row.amount),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// Where a budget stands.
fn state(budget: Budget, (spent, reserved): (u64, u64), now: Timestamp) -> BudgetState {
    let left = budget.amount.saturating_sub(spent).saturating_sub(reserved);
    BudgetState { budget, spent, reserved, left, renews_at: budget.period.renews_at(now) }
}
