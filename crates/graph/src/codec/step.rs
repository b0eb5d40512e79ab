//! What a step adds to its thread, written straight from what its tasks returned: at once where it
//! is stored at once, and otherwise once it is stored, if ever.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Claim, Codec, Finished, Held, Json, Kept, Sent, Written, raw};
use crate::frontier::{Frontier, sent};
use crate::graph::Compiled;
use crate::journal::{Text, Unstored};
use crate::task::Returned;
use crate::{Graph, Limit, Node, State, Step, Usage, Writes};

/// What one task wrote.
pub(crate) struct Deed<'a, S: State> {
    /// The task's path; empty where it was nobody's.
    pub(crate) path: Arc<str>,
    pub(crate) updates: Cow<'a, [S::Update]>,
    /// Where it went by itself.
    pub(crate) goto: Cow<'a, [Node<S>]>,
    /// Whether the task was stopped and it is what it had.
    pub(crate) partial: bool,
    /// Whether the task left another way than by its edges.
    pub(crate) diverted: bool,
}

impl<S: State> Deed<'static, S> {
    /// What somebody else than a task wrote.
    pub(crate) fn by_hand(update: S::Update) -> Self {
        Self {
            path: Arc::default(),
            updates: vec![update].into(),
            goto: Cow::default(),
            partial: false,
            diverted: false,
        }
    }
}

impl<'a, S: State> Deed<'a, S> {
    /// What a task's step holds.
    pub(crate) fn of(path: &Arc<str>, step: &'a Step<S>) -> Self {
        Self {
            path: Arc::clone(path),
            updates: Cow::Borrowed(&step.updates),
            goto: Cow::Borrowed(&step.goto),
            partial: false,
            diverted: false,
        }
    }

    /// The same, to be kept.
    pub(crate) fn into_owned(self) -> Deed<'static, S> {
        let Self { path, updates, goto, partial, diverted } = self;
        let (updates, goto) = (updates.into_owned().into(), goto.into_owned().into());
        Deed { path, updates, goto, partial, diverted }
    }

    /// In the form of [`Written`](super::Written).
    fn write(&self, json: &mut Json, codec: Codec<S>) -> Result<(), Unstored> {
        let write = |json: &mut Json| -> serde_json::Result<()> {
            json.piece("{\"p\":");
            json.value(&*self.path)?;
            json.piece(",\"u\":[");
            for (at, update) in self.updates.iter().enumerate() {
                json.piece(if at == 0 { "" } else { "," });
                (codec.write_update)(json, update)?;
            }
            json.piece("]");
            if self.partial {
                json.piece(",\"partial\":true");
            }
            if self.diverted {
                json.piece(",\"diverted\":true");
            }
            if !self.goto.is_empty() {
                json.piece(",\"g\":");
                json.value(&self.goto.iter().map(|node| node.name()).collect::<Vec<_>>())?;
            }
            json.piece("}");
            Ok(())
        };
        write(json).map_err(|error| Unstored::encode(&self.path, error))
    }
}

/// What a step adds beside what its tasks wrote and what is due.
pub(crate) struct Rest<S: State> {
    /// What is used up so far.
    pub(crate) used: Usage,
    /// States of persistent subgraphs that changed, as JSON, by node.
    pub(crate) children: Vec<(String, Arc<str>)>,
    /// The limit that was reached.
    pub(crate) exhausted: Option<Limit>,
    /// Notes that hold in the step that is due.
    pub(crate) kept: Vec<Kept>,
    /// What the tasks of a stopped step wrote that lives for one step, the next.
    pub(crate) late: Vec<S::Update>,
    /// What stopped graphs had.
    pub(crate) shown: Vec<S::Update>,
    /// What the tasks of a stopped step wrote that have returned.
    pub(crate) claims: Vec<(Arc<str>, Writes)>,
}

impl<S: State> Default for Rest<S> {
    fn default() -> Self {
        Self {
            used: Usage::default(),
            children: Vec::new(),
            exhausted: None,
            kept: Vec::new(),
            late: Vec::new(),
            shown: Vec::new(),
            claims: Vec::new(),
        }
    }
}

/// The members of [`Body`](super::Body) that follow the tasks'.
#[derive(Serialize)]
struct Tail<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    n: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    s: Vec<Sent>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    j: Vec<(&'static str, u32)>,
    #[serde(skip_serializing_if = "Usage::is_zero")]
    u: Usage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    c: Vec<(&'a str, Box<RawValue>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<Limit>,
    #[serde(skip_serializing_if = "<[Kept]>::is_empty")]
    e: &'a [Kept],
    #[serde(skip_serializing_if = "Option::is_none")]
    h: Option<Held>,
}

/// The members of [`Finished`](super::Finished) that follow what the task wrote.
#[derive(Serialize)]
struct Ending<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    s: Vec<Sent>,
    #[serde(skip_serializing_if = "Usage::is_zero")]
    u: Usage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    c: Vec<(&'a str, Box<RawValue>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out: Option<Limit>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    diverted: bool,
    #[serde(skip_serializing_if = "Claim::is_empty")]
    f: Claim,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<Box<RawValue>>,
}

/// Begins a [`Body`](super::Body) with what the tasks wrote.
pub(crate) fn begin<'a, S: State, D: Borrow<Deed<'a, S>>>(
    json: &mut Json,
    codec: Codec<S>,
    deeds: impl Iterator<Item = D>,
) -> Result<(), Unstored> {
    version::<S>(json);
    let mut before = ",\"w\":[";
    for deed in deeds {
        json.piece(before);
        deed.borrow().write(json, codec)?;
        before = ",";
    }
    json.piece(if before == "," { "]" } else { "" });
    Ok(())
}

/// Ends it with what is due, and the rest.
pub(crate) fn end<S: State>(
    json: &mut Json,
    codec: Codec<S>,
    graph: &Compiled<S>,
    frontier: &Frontier,
    rest: &Rest<S>,
) -> Result<(), Unstored> {
    let path = || graph.name.into();
    let tail = Tail {
        n: frontier.pulls(graph).collect(),
        s: frontier.sends(graph)?,
        j: frontier.arrivals(graph).collect(),
        u: rest.used,
        c: children(path, &rest.children)?,
        x: rest.exhausted,
        e: &rest.kept,
        h: held(codec, graph, frontier, rest)?,
    };
    json.end_with(&tail).map_err(|error| Unstored::encode(&path(), error))
}

fn held<S: State>(
    codec: Codec<S>,
    graph: &Compiled<S>,
    frontier: &Frontier,
    rest: &Rest<S>,
) -> Result<Option<Held>, Unstored> {
    if frontier.held.is_none()
        && rest.late.is_empty()
        && rest.shown.is_empty()
        && rest.claims.is_empty()
    {
        return Ok(None);
    }
    let texts = |updates: &[S::Update]| {
        let texts = updates.iter().map(|update| written(codec, update));
        texts.collect::<Result<_, _>>().map_err(|error| Unstored::encode(&graph.name.into(), error))
    };
    let (n, s) = match &frontier.held {
        Some(held) => (held.names(graph), held.sent(graph)?),
        None => (Vec::new(), Vec::new()),
    };
    let (u, p) = (texts(&rest.late)?, texts(&rest.shown)?);
    let claims = rest.claims.iter();
    let f = claims.map(|(path, writes)| (Arc::clone(path), Claim::of::<S>(*writes))).collect();
    Ok(Some(Held { v: S::VERSION, n, s, u, p, f }))
}

/// The text of a [`Finished`](super::Finished).
pub(crate) fn finished<S: State>(
    graph: &Compiled<S>,
    codec: Codec<S>,
    path: &Arc<str>,
    returned: &Returned<S>,
    parent: Option<String>,
    used: Usage,
) -> Result<String, Unstored> {
    let Returned { step, out, diverted, .. } = returned;
    let mut json = Json::new();
    version::<S>(&mut json);
    json.piece(",\"w\":");
    Deed::of(path, step).write(&mut json, codec)?;
    let sends = step.sends.iter();
    let ending = Ending {
        s: sends
            .map(|send| sent(graph, send.worker, &send.payload, send.timeout))
            .collect::<Result<_, _>>()?,
        u: used,
        c: children(|| Arc::clone(path), &step.children)?,
        out: *out,
        diverted: *diverted,
        f: Claim::of::<S>(step.claimed),
        p: parent.map(|step| raw(path, &step)).transpose()?,
    };
    let text = json.end_with(&ending).and_then(|()| json.text());
    text.map_err(|error| Unstored::encode(path, error))
}

/// The text of a [`Finished`](super::Finished) whose updates have been merged into the state, but
/// for what lives for one step.
pub(crate) fn merged<S: State>(
    codec: Codec<S>,
    path: &Arc<str>,
    note: &str,
) -> Result<String, Unstored> {
    type Members = BTreeMap<String, Box<RawValue>>;
    let split = |finished: &Finished| -> Result<(Vec<Box<RawValue>>, Writes), String> {
        let (mut left, mut writes) = (Vec::new(), finished.f.writes::<S>());
        for update in &finished.w.u {
            let mut update = (codec.decode_update)(finished.v, update)?;
            writes = writes.or(S::writes(&update));
            if let Some(update) = S::take_ephemeral(&mut update) {
                left.push(written(codec, &update).map_err(|error| error.to_string())?);
            }
        }
        Ok((left, writes))
    };
    let finished: Finished =
        serde_json::from_str(note).map_err(|error| Unstored::encode(path, error))?;
    let (left, writes) = split(&finished).map_err(|error| Unstored::encode(path, error))?;
    let replaced = || -> serde_json::Result<String> {
        let mut note: Members = serde_json::from_str(note)?;
        let w = Written { u: left, ..finished.w };
        note.insert("v".to_owned(), serde_json::value::to_raw_value(&S::VERSION)?);
        note.insert("w".to_owned(), serde_json::value::to_raw_value(&w)?);
        let claim = Claim::of::<S>(writes);
        note.insert("f".to_owned(), serde_json::value::to_raw_value(&claim)?);
        serde_json::to_string(&note)
    };
    replaced().map_err(|error| Unstored::encode(path, error))
}

/// An update on its own.
fn written<S: State>(codec: Codec<S>, update: &S::Update) -> serde_json::Result<Box<RawValue>> {
    let mut json = Json::new();
    (codec.write_update)(&mut json, update)?;
    json.text().and_then(RawValue::from_string)
}

fn version<S: State>(json: &mut Json) {
    json.piece("{\"v\":");
    json.number(S::VERSION);
}

fn children(
    path: impl Fn() -> Arc<str>,
    children: &[(String, Arc<str>)],
) -> Result<Vec<(&str, Box<RawValue>)>, Unstored> {
    children.iter().map(|(name, child)| Ok((name.as_str(), raw(&path(), child)?))).collect()
}

/// A step that is not text yet.
pub(crate) struct Delta<S: State> {
    pub(crate) codec: Codec<S>,
    pub(crate) graph: Graph<S>,
    pub(crate) deeds: Vec<Deed<'static, S>>,
    pub(crate) frontier: Frontier,
    pub(crate) rest: Rest<S>,
}

impl<S: State> Delta<S> {
    /// Its text, made once it is needed.
    pub(crate) fn later(self) -> Text {
        let path: Arc<str> = self.graph.0.name.into();
        Text::later(Arc::clone(&path), move || {
            let mut json = Json::new();
            begin(&mut json, self.codec, self.deeds.iter())?;
            end(&mut json, self.codec, &self.graph.0, &self.frontier, &self.rest)?;
            json.text().map_err(|error| Unstored::encode(&path, error))
        })
    }
}
