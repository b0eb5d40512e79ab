//! Effects that must not be repeated.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Attempt, Ctx, Key};
use crate::codec::Finite;
use crate::journal::encode;
use crate::{NodeError, OnUnknown, State, UnknownEffect, Verdict, Warning};

/// Effects in the journal.
pub(crate) const SLOT: &str = "once:";

/// An effect in the journal.
#[derive(Serialize, Deserialize)]
struct Effect {
    /// Its idempotency key.
    key: String,
    stage: Stage,
    /// How often it was found begun and was done again: each time is a question of its own.
    #[serde(default, skip_serializing_if = "is_zero")]
    again: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Begun,
    Failed,
    Done(Value),
}

/// A verdict over an effect that returns `T`: one that says another result is none.
enum Decided<T> {
    Retry,
    Done(Value, T),
    Fail,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Decided<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Verdict::deserialize(deserializer)? {
            Verdict::Retry => Self::Retry,
            Verdict::Done(value) => {
                let result = T::deserialize(&value).map_err(D::Error::custom)?;
                Self::Done(value, result)
            }
            Verdict::Fail => Self::Fail,
        })
    }
}

/// The key of the question whether an effect happened. An answer holds for one time only.
fn question(key: &Key, again: u32) -> Key {
    match again {
        0 => ("unknown", key).into(),
        again => Key(format!("unknown#{again}:{key}")),
    }
}

/// How far an attempt is with an effect it has called for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Called {
    UnderWay,
    Failed,
    Done,
}

/// An effect is called for a second time while the first call is under way.
#[derive(Debug, thiserror::Error)]
#[error("an effect `{0}` is under way in this node already")]
struct UnderWay(Key);

/// A call for an effect. One that is dropped half-way has failed.
struct Call<'a, S: State> {
    task: &'a Attempt<S>,
    key: &'a Key,
    done: bool,
}

impl<'a, S: State> Call<'a, S> {
    /// Enters it, unless one of that key is under way; `done` says whether one was done already.
    fn begin(task: &'a Attempt<S>, key: &'a Key) -> Result<Self, NodeError> {
        let mut effects = task.effects();
        let done = match effects.get(key) {
            Some(Called::UnderWay) => return Err(NodeError::permanent(UnderWay(key.clone()))),
            Some(Called::Done) => true,
            Some(Called::Failed) | None => {
                effects.insert(key.clone(), Called::UnderWay);
                false
            }
        };
        Ok(Self { task, key, done })
    }
}

impl<S: State> Drop for Call<'_, S> {
    fn drop(&mut self) {
        let called = if self.done { Called::Done } else { Called::Failed };
        self.task.effects().insert(self.key.clone(), called);
    }
}

impl<S: State> Attempt<S> {
    fn effects(&self) -> MutexGuard<'_, BTreeMap<Key, Called>> {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    /// Each effect of a node has a key of its own. One under a key of which the attempt has done
    /// an effect already gets that one's result and is not done, with a [`Warning`].
    ///
    /// # Errors
    /// What `effect` returns; [`UnknownEffect`]; a failing store; an effect under the same key that
    /// is under way at the same time.
    pub async fn once<T, E, F, Fut>(&self, key: impl Into<Key>, effect: F) -> Result<T, NodeError>
    where
        T: Serialize + DeserializeOwned,
        E: Into<NodeError>,
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let key = key.into();
        let mut call = self.call(&key).await?;
        let slot = format!("{SLOT}{key}");
        let journal = &self.run.journal;
        let noted = journal.find(self.task.step, self.place(), &slot).map_err(NodeError::engine)?;
        let noted = noted.map(|note| serde_json::from_str::<Effect>(&note)).transpose()?;
        let (id, again) = match noted {
            Some(Effect { stage: Stage::Done(value), .. }) => {
                call.done = true;
                return Ok(serde_json::from_value(value)?);
            }
            Some(Effect { key: id, stage: Stage::Begun, again }) => {
                if let Some((value, result)) = self.settle(&key, &id, again).await? {
                    let stage = Stage::Done(value);
                    self.note(&slot, Effect { key: id, stage, again }).await?;
                    call.done = true;
                    return Ok(result);
                }
                (id, again.saturating_add(1))
            }
            Some(Effect { key: id, stage: Stage::Failed, again }) => (id, again),
            None => {
                let (keys, base) = (&self.run.keys, journal.base());
                let place = journal.full_path(self.task.step, self.place());
                (format!("{keys}:{base}:{place}#{key}"), 0)
            }
        };
        let note = |stage| Effect { key: id.clone(), stage, again };
        self.note(&slot, note(Stage::Begun)).await?;
        match effect(id.clone()).await {
            Ok(value) => {
                let stage = Stage::Done(serde_json::to_value(Finite(&value))?);
                self.note(&slot, note(stage)).await?;
                call.done = true;
                Ok(value)
            }
            Err(error) => {
                self.note(&slot, note(Stage::Failed)).await?;
                Err(error.into())
            }
        }
    }

    /// Enters a call for an effect.
    async fn call<'a>(&'a self, key: &'a Key) -> Result<Call<'a, S>, NodeError> {
        let call = Call::begin(&self.task, key)?;
        if call.done {
            let (path, key) = (Arc::clone(&self.task.path), key.0.clone());
            self.warn(Warning::KeyReused { path, key }).await?;
        }
        Ok(call)
    }

    /// Decides over an effect that may have happened: `None` if it is to be done again.
    async fn settle<T: DeserializeOwned>(
        &self,
        key: &Key,
        id: &str,
        again: u32,
    ) -> Result<Option<(Value, T)>, NodeError> {
        let unknown = UnknownEffect { key: id.to_owned() };
        match self.task.on_unknown {
            OnUnknown::Retry => Ok(None),
            OnUnknown::Fail => Err(NodeError::permanent(unknown)),
            OnUnknown::Ask => match self.interrupt(question(key, again), &unknown).await? {
                Decided::Retry => Ok(None),
                Decided::Done(value, result) => Ok(Some((value, result))),
                Decided::Fail => Err(NodeError::permanent(unknown)),
            },
        }
    }

    async fn note(&self, slot: &str, effect: Effect) -> Result<(), NodeError> {
        let note = encode(&self.task.path, &effect).map_err(NodeError::engine)?;
        self.goes_on()?;
        let noted = self.run.journal.put(self.task.step, self.place(), slot, note);
        noted.await.map_err(NodeError::engine)
    }
}
