//! The same run with its tasks finishing in other orders.

use std::sync::Arc;

use serde_json::Value;

use super::{THREAD, TestGraph, json, log};
use crate::store::{Checkpoint, Store};
use crate::{Durable, MemoryStore};

/// What was left by runs whose tasks finished in different orders.
pub struct Schedules {
    runs: Vec<Left>,
}

/// What one run left.
struct Left {
    schedule: u64,
    state: Value,
    log: Vec<Checkpoint>,
}

impl<S: Durable + Default> TestGraph<S> {
    /// Runs `count` times on `input`; each time the tasks of a step finish in another order.
    ///
    /// # Panics
    /// When a run fails.
    pub async fn schedules(&self, input: S::Update, count: u64) -> Schedules {
        let mut runs = Vec::new();
        for schedule in 0..count {
            let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
            let scheduled = Self { schedule: Some(schedule), ..self.again() };
            let life = Box::pin(scheduled.live(&store, &self.staged(), Some(input.clone()))).await;
            let outcome =
                life.outcome.unwrap_or_else(|error| panic!("schedule {schedule}: {error}"));
            let log = log(&*store, &THREAD.into()).await;
            runs.push(Left { schedule, state: json(outcome.state()), log });
        }
        Schedules { runs }
    }

    /// The same graph under test, its scripts aside.
    fn again(&self) -> Self {
        Self {
            graph: self.graph.clone(),
            context: Arc::clone(&self.context),
            scripts: Vec::new(),
            answer: self.answer.clone(),
            ..*self
        }
    }
}

impl Schedules {
    /// Asserts that all left the same state.
    ///
    /// # Panics
    /// When one did not; the message names its schedule.
    pub fn same_state(&self) -> &Self {
        self.same("state", |left| &left.state)
    }

    /// Asserts that all left the same checkpoints.
    ///
    /// # Panics
    /// When one did not; the message names its schedule.
    pub fn same_log(&self) -> &Self {
        self.same("log", |left| &left.log)
    }

    fn same<T: PartialEq + std::fmt::Debug>(&self, what: &str, of: impl Fn(&Left) -> &T) -> &Self {
        let Some(first) = self.runs.first() else { return self };
        for left in &self.runs {
            let schedule = left.schedule;
            assert_eq!(of(left), of(first), "the {what} of schedule {schedule} and of the first");
        }
        self
    }
}
