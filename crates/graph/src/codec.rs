//! The stored forms: what a checkpoint and a record say.
//!
//! JSON: it describes itself, so versions can be migrated and a log can be read by eye. A
//! checkpoint holds the updates of its step as the nodes returned them, not the state: reading
//! merges them again.

mod claim;
mod finite;
mod json;
mod step;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(crate) use claim::Claim;
pub(crate) use finite::Finite;
pub(crate) use json::Json;
pub(crate) use step::{Deed, Delta, Rest, begin, end, finished, merged};

use crate::event::Encode;
use crate::journal::Unstored;
use crate::store::{Checkpoint, Seq, Source};
use crate::{Durable, GraphError, Limit, Part, State, ThreadId, Usage, Writes};

/// What a checkpoint adds. Keys are short: there is one for each step.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Body {
    /// The version of the state's form.
    pub(crate) v: u32,
    /// What was merged, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) w: Vec<Written>,
    /// The nodes that are due next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) n: Vec<String>,
    /// The sends that are due next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) s: Vec<Sent>,
    /// The joins that wait, and how many have arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) j: Vec<(String, u32)>,
    /// What is used up so far.
    #[serde(default, skip_serializing_if = "Usage::is_zero")]
    pub(crate) u: Usage,
    /// States of persistent subgraphs that changed, by node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) c: Vec<(String, Box<RawValue>)>,
    /// The limit that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x: Option<Limit>,
    /// Notes of the step before that hold in the one that is due: of tasks that were stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) e: Vec<Kept>,
    /// What a stopped step holds back until its tasks that were stopped, which are due, are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) h: Option<Held>,
}

/// What is for the step behind one that was stopped: where the tasks led that had returned, and what
/// they wrote that nobody else may. And what the stopped had that is theirs until they go on. It has
/// a version of its own: a change by hand takes it over as it is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    /// The version of the state's form.
    pub(crate) v: u32,
    /// Nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) n: Vec<String>,
    /// Sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) s: Vec<Sent>,
    /// What the tasks wrote that lives for one step, the next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) u: Vec<Box<RawValue>>,
    /// What graphs had that were stopped. They bring it when they go on; where they do not, since
    /// new input comes, it counts as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) p: Vec<Box<RawValue>>,
    /// What tasks wrote that have returned, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) f: Vec<(Arc<str>, Claim)>,
}

impl Held {
    /// What tasks wrote that have returned, by path.
    pub(crate) fn claims<S: State>(&self) -> Vec<(Arc<str>, Writes)> {
        self.f.iter().map(|(path, claim)| (Arc::clone(path), claim.writes::<S>())).collect()
    }

    /// What graphs had that were stopped.
    pub(crate) fn shown<S: State>(&self, codec: Codec<S>) -> Result<Vec<S::Update>, String> {
        self.p.iter().map(|update| (codec.decode_update)(self.v, update)).collect()
    }

    /// What lives for one step, the next.
    pub(crate) fn late<S: State>(&self, codec: Codec<S>) -> Result<Vec<S::Update>, String> {
        self.u.iter().map(|update| (codec.decode_update)(self.v, update)).collect()
    }
}

/// A note that a checkpoint keeps: a task's path, which of its notes, the note.
pub(crate) type Kept = (String, String, Box<RawValue>);

/// A whole state, as it is stored. It has a version of its own: it may be written long after the
/// checkpoint that holds it.
#[derive(Deserialize)]
pub(crate) struct Whole {
    /// The version of the state's form.
    pub(crate) v: u32,
    /// The state.
    pub(crate) s: Box<RawValue>,
    /// The states of all persistent subgraphs, by node.
    #[serde(default)]
    pub(crate) c: BTreeMap<String, Box<RawValue>>,
    /// What tells the thread from another of its name; threads of old have none.
    #[serde(default)]
    pub(crate) i: Option<String>,
}

/// What one task wrote.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Written {
    /// The task's path.
    pub(crate) p: String,
    /// Its updates.
    pub(crate) u: Vec<Box<RawValue>>,
    /// Whether the task was stopped and they are what it had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) partial: bool,
    /// Whether the task left another way than by its edges.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) diverted: bool,
    /// Where it went by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) g: Vec<String>,
}

impl Written {
    /// What somebody else than a task wrote.
    pub(crate) fn by_hand(path: &str, update: Box<RawValue>) -> Self {
        Self { p: path.to_owned(), u: vec![update], partial: false, diverted: false, g: vec![] }
    }

    /// What its checkpoint merges: where a step was stopped, what lives for one step is left out.
    pub(crate) fn updates<S: State>(
        &self,
        codec: Codec<S>,
        version: u32,
        source: Source,
    ) -> Result<Vec<S::Update>, String> {
        let updates = self.u.iter().map(|update| {
            let mut update = (codec.decode_update)(version, update)?;
            if source == Source::Cancelled {
                let _kept_apart = S::take_ephemeral(&mut update);
            }
            Ok(update)
        });
        updates.collect()
    }
}

/// A send.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The worker.
    pub(crate) w: String,
    /// The payload.
    pub(crate) p: Box<RawValue>,
    /// Its own limit, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) t: Option<u64>,
}

/// The record of a task that finished before its step did.
#[derive(Deserialize)]
pub(crate) struct Finished {
    pub(crate) v: u32,
    pub(crate) w: Written,
    #[serde(default)]
    pub(crate) s: Vec<Sent>,
    #[serde(default)]
    pub(crate) u: Usage,
    /// The states that persistent subgraphs are left in, by node.
    #[serde(default)]
    pub(crate) c: Vec<(String, Box<RawValue>)>,
    /// The limit whose way out was taken.
    #[serde(default)]
    pub(crate) out: Option<Limit>,
    /// Whether its edges are not followed.
    #[serde(default)]
    pub(crate) diverted: bool,
    /// What it wrote that has been merged since, in a lane that was stopped.
    #[serde(default)]
    pub(crate) f: Claim,
    /// What the node of the parent graph returns for it: one of these.
    #[serde(default)]
    pub(crate) p: Option<Box<RawValue>>,
}

/// How a state is written and read. A table of functions, so that only graphs that run in threads
/// need a JSON form.
pub(crate) struct Codec<S: State> {
    pub(crate) write: fn(&mut Json, &S) -> serde_json::Result<()>,
    pub(crate) write_update: fn(&mut Json, &S::Update) -> serde_json::Result<()>,
    pub(crate) value: Encode,
    pub(crate) value_of_update: Encode,
    pub(crate) decode: fn(u32, &str) -> Result<S, String>,
    pub(crate) decode_update: fn(u32, &RawValue) -> Result<S::Update, String>,
}

impl<S: State> Clone for Codec<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: State> Copy for Codec<S> {}

impl<S: Durable> Codec<S> {
    pub(crate) const fn of() -> Self {
        Self {
            write: Json::value,
            write_update: Json::value,
            value: value::<S>,
            value_of_update: value::<S::Update>,
            decode: |version, json| read::<S, S>(version, Part::State, json),
            decode_update: |version, json| read::<S, S::Update>(version, Part::Update, json.get()),
        }
    }
}

/// The JSON of an event's data.
fn value<T: Serialize + 'static>(
    data: &(dyn std::any::Any + Send + Sync),
) -> serde_json::Result<serde_json::Value> {
    // The data is always what the codec was made for.
    let data = data.downcast_ref::<T>();
    data.map_or(Ok(serde_json::Value::Null), |data| serde_json::to_value(Finite(data)))
}

fn read<S: Durable, T: serde::de::DeserializeOwned>(
    version: u32,
    part: Part,
    json: &str,
) -> Result<T, String> {
    let parsed = if version == S::VERSION {
        serde_json::from_str(json)
    } else if version > S::VERSION {
        return Err(format!("version {version} wrote it, version {} is known", S::VERSION));
    } else {
        let old = serde_json::from_str(json).map_err(|error| error.to_string())?;
        serde_json::from_value(S::migrate(version, part, old)?)
    };
    parsed.map_err(|error| error.to_string())
}

/// A checkpoint's body.
pub(crate) fn body<S: State>(
    thread: &ThreadId,
    checkpoint: &Checkpoint,
) -> Result<Body, GraphError> {
    let body: Body = serde_json::from_str(&checkpoint.body)
        .map_err(|error| corrupt(thread, checkpoint.seq, error))?;
    if body.v > S::VERSION {
        return Err(GraphError::Newer {
            thread: thread.clone(),
            stored: body.v,
            known: S::VERSION,
        });
    }
    Ok(body)
}

/// A checkpoint's snapshot, if it has one.
fn whole<S: State>(
    thread: &ThreadId,
    checkpoint: &Checkpoint,
) -> Result<Option<Whole>, GraphError> {
    let Some(snapshot) = &checkpoint.snapshot else { return Ok(None) };
    let whole: Whole =
        serde_json::from_str(snapshot).map_err(|error| corrupt(thread, checkpoint.seq, error))?;
    if whole.v > S::VERSION {
        return Err(GraphError::Newer {
            thread: thread.clone(),
            stored: whole.v,
            known: S::VERSION,
        });
    }
    Ok(Some(whole))
}

/// The states of persistent subgraphs after the last checkpoint of a line.
pub(crate) fn children<S: State>(
    thread: &ThreadId,
    line: &[Checkpoint],
) -> Result<BTreeMap<String, Arc<str>>, GraphError> {
    let mut children = BTreeMap::new();
    for checkpoint in line {
        let changed = match whole::<S>(thread, checkpoint)? {
            Some(whole) => whole.c.into_iter().collect(),
            None => body::<S>(thread, checkpoint)?.c,
        };
        children.extend(changed.into_iter().map(|(name, json)| (name, Arc::from(json.get()))));
    }
    Ok(children)
}

/// What tells a thread from another of its name: whatever leads a line says it.
pub(crate) fn nonce<S: State>(
    thread: &ThreadId,
    line: &[Checkpoint],
) -> Result<Option<String>, GraphError> {
    let first = line.first().map(|first| whole::<S>(thread, first)).transpose()?.flatten();
    Ok(first.and_then(|whole| whole.i))
}

/// The text of a [`Whole`]; only its length when that is above `limit`.
pub(crate) fn snapshot_within<S: State>(
    codec: Codec<S>,
    path: &Arc<str>,
    state: &S,
    children: &BTreeMap<String, Arc<str>>,
    nonce: Option<&str>,
    limit: usize,
) -> Result<Result<String, usize>, Unstored> {
    let write = || {
        let mut json = Json::within(limit);
        json.piece("{\"v\":");
        json.number(S::VERSION);
        json.piece(",\"s\":");
        (codec.write)(&mut json, state)?;
        let mut before = ",\"c\":{";
        for (name, child) in children {
            json.piece(before);
            json.value(name)?;
            json.piece(":");
            json.piece(child);
            before = ",";
        }
        json.piece(if before == "," { "}" } else { "" });
        if let Some(nonce) = nonce {
            json.piece(",\"i\":");
            json.value(nonce)?;
        }
        json.piece("}");
        let len = json.len();
        if len > limit { Ok(Err(len)) } else { json.text().map(Ok) }
    };
    write().map_err(|error| Unstored::encode(path, error))
}

/// The text of a [`Whole`].
pub(crate) fn snapshot<S: State>(
    codec: Codec<S>,
    path: &Arc<str>,
    state: &S,
    children: &BTreeMap<String, Arc<str>>,
    nonce: Option<&str>,
) -> Result<String, Unstored> {
    let whole = snapshot_within(codec, path, state, children, nonce, usize::MAX)?;
    whole.map_err(|_| Unstored::encode(path, "it is too long"))
}

/// A JSON text as part of another.
pub(crate) fn raw(path: &Arc<str>, json: &str) -> Result<Box<RawValue>, Unstored> {
    RawValue::from_string(json.to_owned()).map_err(|error| Unstored::encode(path, error))
}

pub(crate) fn corrupt(thread: &ThreadId, seq: Seq, reason: impl ToString) -> GraphError {
    GraphError::Corrupt { thread: thread.clone(), seq, reason: reason.to_string() }
}

/// What graphs had that were stopped in the last checkpoint of a line, whose body this is.
pub(crate) fn shown<S: State>(
    codec: Codec<S>,
    thread: &ThreadId,
    seq: Seq,
    tip: &Body,
) -> Result<Vec<S::Update>, GraphError> {
    let shown = tip.h.as_ref().map(|held| held.shown(codec));
    shown.unwrap_or_else(|| Ok(Vec::new())).map_err(|reason| corrupt(thread, seq, reason))
}

/// The state after the last checkpoint of a line, without what graphs had that were stopped there.
pub(crate) fn rebuild<S: State>(
    codec: Codec<S>,
    thread: &ThreadId,
    line: &[Checkpoint],
) -> Result<S, GraphError> {
    let mut state: Option<S> = None;
    let mut held: Option<Held> = None;
    for checkpoint in line {
        let bad = |reason: String| corrupt(thread, checkpoint.seq, reason);
        let body = body::<S>(thread, checkpoint)?;
        let before = std::mem::replace(&mut held, body.h);
        if let Some(whole) = whole::<S>(thread, checkpoint)? {
            state = Some((codec.decode)(whole.v, whole.s.get()).map_err(bad)?);
            continue;
        }
        let state = state.as_mut().ok_or_else(|| bad("nothing is before it".into()))?;
        if let Some(held) = before.as_ref().filter(|_| checkpoint.source == Source::Input) {
            for update in held.shown(codec).map_err(bad)? {
                state.apply(update).map_err(|error| bad(error.to_string()))?;
            }
        }
        if checkpoint.source.begins_step() {
            state.begin_step();
        }
        if let Some(held) = before.filter(|_| checkpoint.source == Source::Step) {
            for update in held.late(codec).map_err(bad)? {
                state.apply(update).map_err(|error| bad(error.to_string()))?;
            }
        }
        for written in &body.w {
            for update in written.updates(codec, body.v, checkpoint.source).map_err(bad)? {
                state.apply(update).map_err(|error| bad(error.to_string()))?;
            }
        }
    }
    state.ok_or_else(|| corrupt(thread, 0, "no snapshot"))
}
