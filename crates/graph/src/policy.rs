//! What can be tuned: how nodes are retried, joined, cached and paid for.

mod budget;
mod cache;
mod join;
mod retry;

pub use budget::{Budget, Limit, Usage};
pub(crate) use budget::{Charged, Meter};
pub use cache::Cache;
pub(crate) use cache::Cached;
pub use join::JoinPolicy;
pub use retry::Retry;

/// What happens to an effect of [`Ctx::once`](crate::Ctx::once) that was begun and of which
/// nothing more is known: the process died, or the node was dropped, in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnknown {
    /// The node fails with [`UnknownEffect`].
    #[default]
    Fail,
    /// Somebody is asked, as with [`Ctx::interrupt`](crate::Ctx::interrupt): the question is an
    /// [`UnknownEffect`], the answer a [`Verdict`].
    Ask,
    /// It is done again, with the same idempotency key.
    Retry,
}

/// An effect that was begun, and may or may not have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("effect `{key}` was begun and may have happened")]
pub struct UnknownEffect {
    /// Its idempotency key.
    pub key: String,
}

/// What somebody says of an [`UnknownEffect`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It has not happened: do it.
    Retry,
    /// It has happened, with this result (JSON of what the effect returns).
    Done(serde_json::Value),
    /// The node is to fail.
    Fail,
}
