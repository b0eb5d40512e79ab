//! Effects that must not be repeated.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Ctx, Key};
use crate::codec::Finite;
use crate::journal::encode;
use crate::{NodeError, OnUnknown, State, UnknownEffect, Verdict};

/// Effects in the journal.
pub(crate) const SLOT: &str = "once:";

/// An effect in the journal.
#[derive(Serialize, Deserialize)]
struct Effect {
    /// Its idempotency key.
    key: String,
    stage: Stage,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Begun,
    Failed,
    Done(Value),
}

impl<S: State> Ctx<S> {
    /// Does something outside that must not be repeated: sends, pays, books. `effect` is given an
    /// idempotency key, the same however often the node runs in this step; hand it on where the
    /// other side takes one.
    ///
    /// That it begins is durable before it begins, its result before this returns. So in a later
    /// run of the node (a retry, an answer, a crash) an effect that was done returns its result and
    /// is not done again. One that failed may be done again. One that was begun and of which
    /// nothing more is known (the process died in between) is treated as the node's
    /// [`OnUnknown`] says.
    ///
    /// # Errors
    /// What `effect` returns; [`UnknownEffect`]; a failing store.
    pub async fn once<T, E, F, Fut>(&self, key: impl Into<Key>, effect: F) -> Result<T, NodeError>
    where
        T: Serialize + DeserializeOwned,
        E: Into<NodeError>,
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let key = key.into();
        let slot = format!("{SLOT}{key}");
        let journal = &self.run.journal;
        let noted = journal.find(self.task.step, self.place(), &slot).map_err(NodeError::engine)?;
        let noted = noted.map(|note| serde_json::from_str::<Effect>(&note)).transpose()?;
        let id = match noted {
            Some(Effect { stage: Stage::Done(value), .. }) => {
                return Ok(serde_json::from_value(value)?);
            }
            Some(Effect { key: id, stage: Stage::Begun }) => {
                if let Some(value) = self.settle(&key, &id).await? {
                    self.note(&slot, id, Stage::Done(value.clone())).await?;
                    return Ok(serde_json::from_value(value)?);
                }
                id
            }
            Some(Effect { key: id, stage: Stage::Failed }) => id,
            None => {
                let (thread, base) = (&self.run.thread, journal.base());
                let place = journal.full_path(self.task.step, self.place());
                format!("{thread}:{base}:{place}#{key}")
            }
        };
        self.note(&slot, id.clone(), Stage::Begun).await?;
        match effect(id.clone()).await {
            Ok(value) => {
                let stage = Stage::Done(serde_json::to_value(Finite(&value))?);
                self.note(&slot, id, stage).await?;
                Ok(value)
            }
            Err(error) => {
                self.note(&slot, id, Stage::Failed).await?;
                Err(error.into())
            }
        }
    }

    /// Decides over an effect that may have happened: `None` if it is to be done again.
    async fn settle(&self, key: &Key, id: &str) -> Result<Option<Value>, NodeError> {
        let unknown = UnknownEffect { key: id.to_owned() };
        match self.task.on_unknown {
            OnUnknown::Retry => Ok(None),
            OnUnknown::Fail => Err(NodeError::permanent(unknown)),
            OnUnknown::Ask => match self.interrupt(("unknown", key), &unknown).await? {
                Verdict::Retry => Ok(None),
                Verdict::Done(value) => Ok(Some(value)),
                Verdict::Fail => Err(NodeError::permanent(unknown)),
            },
        }
    }

    async fn note(&self, slot: &str, key: String, stage: Stage) -> Result<(), NodeError> {
        let note = encode(&self.task.path, &Effect { key, stage }).map_err(NodeError::engine)?;
        let noted = self.run.journal.put(self.task.step, self.place(), slot, note);
        noted.await.map_err(NodeError::engine)
    }
}
