//! For how long and for how many a join waits.

use std::time::Duration;

/// For how long and for how many a join waits. The default waits for every branch that can still
/// arrive; a branch that was routed elsewhere is not waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JoinPolicy {
    pub(crate) deadline: Option<Duration>,
    pub(crate) proceed: bool,
    pub(crate) quorum: Option<u32>,
}

impl JoinPolicy {
    /// Waits for every branch that can still arrive.
    pub const fn all() -> Self {
        Self { deadline: None, proceed: false, quorum: None }
    }

    /// Waits at most so long, counted from the moment when the first of the joined nodes begins.
    /// After that the run fails, unless told to [`proceed`](Self::proceed).
    pub const fn deadline(limit: Duration) -> Self {
        Self { deadline: Some(limit), proceed: false, quorum: None }
    }

    /// When the deadline has passed, drops the branches that are late and goes on without them.
    #[must_use]
    pub const fn proceed(mut self) -> Self {
        self.proceed = true;
        self
    }

    /// Goes on as soon as `arrivals` of the joined nodes have arrived; drops the others.
    #[must_use]
    pub const fn quorum(mut self, arrivals: u32) -> Self {
        self.quorum = Some(arrivals);
        self
    }
}
