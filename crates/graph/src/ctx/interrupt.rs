//! Asking somebody outside and going on with the answer.

use std::fmt::{self, Display};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Alive, Ctx};
use crate::codec::Finite;
use crate::error::Failing;
use crate::event::EventKind;
use crate::journal::encode;
use crate::{NodeError, State, Warning};

/// Questions in the journal.
pub(crate) const SLOT: &str = "ask:";

/// Tells a node's questions and effects apart: by what they are about, not by their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) String);

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl<T: Display> From<(&str, T)> for Key {
    fn from((kind, which): (&str, T)) -> Self {
        Self(format!("{kind}:{which}"))
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An open question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// Names it in an answer. Unique in its thread, and the same after a restart.
    pub id: String,
    /// The path of the node that asks.
    pub path: Arc<str>,
    /// The node's key for it.
    pub key: String,
    /// What is asked.
    pub question: Value,
}

/// A question in the journal, with its answer once it has one.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) ask: Ask,
    // An absent answer is none; null is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) answer: Option<Value>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl<S: State> Ctx<S> {
    /// Asks `question` of somebody outside and returns the answer. The first time, `?` ends the
    /// node here; once its siblings have finished, the run ends as
    /// [`Outcome::Interrupted`](crate::Outcome::Interrupted). When the thread is resumed with the
    /// answer the node runs again from its top, and this returns it. What came before in the node
    /// is done again: wrap effects in [`Self::once`].
    ///
    /// Questions are told apart by `key`, not by their order, so a node may ask several. In a run
    /// without a thread nobody can answer: that is a [`Warning`].
    ///
    /// # Errors
    /// While there is no answer, and when the question or the answer cannot be read.
    pub async fn interrupt<A: DeserializeOwned>(
        &self,
        key: impl Into<Key>,
        question: &impl Serialize,
    ) -> Result<A, NodeError> {
        let key = key.into();
        let slot = format!("{SLOT}{key}");
        let path = &self.task.path;
        let noted = self.run.journal.find(self.task.step, self.place(), &slot);
        let noted = noted.map_err(NodeError::engine)?;
        let asked = noted.map(|note| serde_json::from_str::<Asked>(&note)).transpose()?;
        match asked {
            Some(Asked { ask, answer: Some(answer) }) => {
                serde_json::from_value(answer).map_err(|error| {
                    let reason = error.to_string();
                    NodeError(Box::new(Failing::BadAnswer { ask: ask.id, reason }))
                })
            }
            Some(Asked { ask, answer: None }) => Err(self.ask(ask).await),
            None => {
                if self.run.journal.writer().is_none() {
                    let (path, key) = (Arc::clone(path), key.0.clone());
                    self.warn(Warning::InterruptWithoutStore { path, key }).await?;
                }
                let base = self.run.journal.base();
                let place = self.run.journal.full_path(self.task.step, self.place());
                let id = format!("{base}:{place}#{key}");
                let question = serde_json::to_value(Finite(question))?;
                let ask = Ask { id, path: Arc::clone(path), key: key.0, question };
                let asked = Asked { ask, answer: None };
                let note = encode(path, &asked).map_err(NodeError::engine)?;
                self.goes_on()?;
                let noted = self.run.journal.put(self.task.step, self.place(), &slot, note);
                noted.await.map_err(NodeError::engine)?;
                Err(self.ask(asked.ask).await)
            }
        }
    }

    /// Fails where the attempt is over, or that of a graph around it: the one that comes next must
    /// find nothing of it that was not there before.
    pub(super) fn goes_on(&self) -> Result<(), NodeError> {
        match self.task.is_over() || self.run.above.iter().any(|above| above.is_over()) {
            true => Err(NodeError(Box::new(Failing::Cancelled))),
            false => Ok(()),
        }
    }

    async fn ask(&self, ask: Ask) -> NodeError {
        self.send(EventKind::InterruptAsked(ask)).await;
        NodeError(Box::new(Failing::Interrupted))
    }

    /// The node's place in the journal: its path in its own graph.
    pub(crate) fn place(&self) -> &str {
        self.task.path.strip_prefix(&*self.run.prefix).unwrap_or(&self.task.path)
    }
}
