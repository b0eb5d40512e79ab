//! Budgets: how much may be spent by whom. `apply` sees to it that a run is refused before a model
//! is asked when it might spend more than there is.
//!
//! A run sets aside the most that its first call of a model may take, when it starts; before each
//! further call it sets aside what that may take too. So a run is never begun, nor gone on with,
//! that could overspend. How many tokens a prompt has is known exactly for OpenAI's models; for
//! others half as much again is set aside.

mod apply;
mod bound;
mod delete;
mod known;
mod list;
mod set;

pub use set::NewBudget;

pub(crate) use known::KnownBudgets;

/// What the audit log calls them.
const KIND: &str = "budget";
