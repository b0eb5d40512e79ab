//! A run that is over: what it told, and how it ended.

use std::sync::Arc;
use std::time::Duration;

use crate::store::Store;
use crate::{Ask, Durable, Event, EventKind, Graph, GraphError, Outcome};

/// A run that is over, with those that answered its questions.
pub struct TestRun<S: Durable> {
    /// What was told, in order.
    pub events: Vec<Event<S::Event>>,
    /// How it ended.
    pub outcome: Result<Outcome<S>, GraphError>,
    /// How long it took, by Tokio's clock.
    pub elapsed: Duration,
    /// The store it ran in, as thread `test`.
    pub store: Arc<dyn Store>,
    pub(super) graph: Graph<S>,
}

impl<S: Durable> TestRun<S> {
    /// Asserts which nodes ran, in the order in which they began; each attempt after the first is
    /// left out.
    ///
    /// # Panics
    /// When other nodes ran, or in another order.
    pub fn path(&self, expected: impl IntoIterator<Item = impl AsRef<str>>) -> &Self {
        let began = self
            .events
            .iter()
            .filter(|event| matches!(event.kind, EventKind::NodeStarted) && event.attempt == 1);
        let found: Vec<&str> = began.map(|event| &*event.path).collect();
        let expected: Vec<_> = expected.into_iter().collect();
        let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
        assert_eq!(found, expected, "the nodes that ran");
        self
    }

    /// Asserts the text that the nodes said: all tokens in order, without those that an attempt
    /// had said when it was discarded.
    ///
    /// # Panics
    /// When they said something else.
    pub fn tokens(&self, expected: &str) -> &Self {
        let mut said = Vec::new();
        for event in &self.events {
            match &event.kind {
                EventKind::Token(text) => said.push((event.call, text)),
                EventKind::Discard => said.retain(|(call, _)| *call != event.call),
                _ => {}
            }
        }
        let said: Vec<u8> = said.into_iter().flat_map(|(_, text)| text.to_vec()).collect();
        assert_eq!(String::from_utf8_lossy(&said), expected, "what the nodes said");
        self
    }

    /// The state at the end.
    ///
    /// # Panics
    /// When the run failed.
    pub fn state(&self) -> &S {
        match &self.outcome {
            Ok(outcome) => outcome.state(),
            Err(error) => panic!("the run failed: {error}"),
        }
    }

    /// The questions that are open.
    ///
    /// # Panics
    /// When the run failed.
    pub fn asks(&self) -> &[Ask] {
        match &self.outcome {
            Ok(outcome) => outcome.asks(),
            Err(error) => panic!("the run failed: {error}"),
        }
    }

    /// The failure.
    ///
    /// # Panics
    /// When the run did not fail.
    pub fn error(&self) -> &GraphError {
        match &self.outcome {
            Ok(_) => panic!("the run did not fail"),
            Err(error) => error,
        }
    }
}
