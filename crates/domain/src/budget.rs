//! Budgets: how much may be spent by whom, in tokens or money, per day or month.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ApiKeyId, BudgetId, ChatbotId, Timestamp, UserId};

/// Whose spending a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spender {
    /// Everybody in the workspace together.
    Workspace,
    /// One user, their keys included.
    User(UserId),
    /// One chatbot, whoever asks it.
    Chatbot(ChatbotId),
    /// One API key.
    ApiKey(ApiKeyId),
}

/// After what a budget is whole again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPeriod {
    /// At each midnight, UTC.
    Day,
    /// At the midnight that begins a month, UTC.
    Month,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetUnit {
    /// Tokens sent and received.
    Tokens,
    /// Money: millionths of a US dollar.
    Money,
}

/// A limit on what may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// Whose spending it limits.
    pub spender: Spender,
    /// After what it is whole again.
    pub period: BudgetPeriod,
    /// What is counted.
    pub unit: BudgetUnit,
    /// How much: tokens, or millionths of a US dollar.
    pub amount: u64,
    /// When it was set.
    pub created_at: Timestamp,
}

/// A budget and where it stands in its present period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// What runs that have ended took of it.
    pub spent: u64,
    /// What is set aside for runs under way.
    pub reserved: u64,
    /// What is left: never negative.
    pub left: u64,
    /// When it is whole again.
    pub renews_at: Timestamp,
}
