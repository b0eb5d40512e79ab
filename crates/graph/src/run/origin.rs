//! What a run starts from: new input, or where its thread was left.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use super::answers::given;
use super::{Begin, Settings, notes};
use crate::codec::{
    Codec, Deed, Delta, Rest, body, children, corrupt, nonce, rebuild, shown, snapshot,
};
use crate::frontier::Frontier;
use crate::journal::{Journal, Next, Text, Writer};
use crate::store::{At, Checkpoint, Loaded, Source};
use crate::task::DONE;
use crate::{Graph, GraphError, Limit, State, Usage, Writes};

/// What a run starts from.
pub(super) struct Origin<S: State> {
    pub(super) state: S,
    pub(super) frontier: Frontier,
    pub(super) late: Vec<S::Update>,
    /// What tasks wrote that have returned.
    pub(super) claims: Vec<(Arc<str>, Writes)>,
    /// What graphs had that were stopped.
    pub(super) shown: Vec<S::Update>,
    pub(super) step: u32,
    pub(super) used: Usage,
    pub(super) exhausted: Option<Limit>,
    pub(super) children: BTreeMap<String, Arc<str>>,
    /// What tells the thread from another of its name.
    pub(super) nonce: Option<String>,
}

impl<S: State> Origin<S> {
    /// A state from outside, of which nothing was run yet.
    pub(super) fn new(state: S) -> Self {
        Self {
            state,
            frontier: Frontier::default(),
            late: Vec::new(),
            claims: Vec::new(),
            shown: Vec::new(),
            step: 0,
            used: Usage::default(),
            exhausted: None,
            children: BTreeMap::new(),
            nonce: None,
        }
    }
}

/// New input on a thread, whether it exists or not. What was unfinished is dropped.
pub(super) async fn input<S: State>(
    graph: &Graph<S>,
    begin: Begin<S>,
    codec: Codec<S>,
    writer: &Arc<Writer>,
    loaded: Option<Loaded>,
    nonce: Option<String>,
) -> Result<Origin<S>, GraphError> {
    let mut origin = match &loaded {
        Some(loaded) => restored(codec, writer, &loaded.line).await?,
        None => {
            // Replaced below.
            let state = match &begin {
                Begin::Update { fresh, .. } => fresh(),
                Begin::State(state) => state.clone(),
                Begin::Resume => return Err(nothing(writer)),
            };
            let nonce = nonce.unwrap_or_else(|| format!("{:016x}", random()));
            Origin { nonce: Some(nonce), ..Origin::new(state) }
        }
    };
    let mut deeds = Vec::new();
    let whole = match begin {
        Begin::State(state) => {
            origin.state = state;
            true
        }
        Begin::Update { input, .. } => {
            if loaded.is_some() {
                // Otherwise the snapshot holds it.
                deeds.push(Deed::by_hand(input.clone()));
            }
            // Who was stopped does not go on.
            for update in std::mem::take(&mut origin.shown) {
                apply(graph, &mut origin.state, update)?;
            }
            enter(graph, &mut origin.state, input)?;
            loaded.is_none()
        }
        Begin::Resume => false,
    };
    origin.frontier = Frontier::entries(&graph.0, "");
    (origin.step, origin.used, origin.exhausted) = (0, Usage::default(), None);
    let snapshot = whole.then(|| {
        let (path, state) = (Arc::<str>::from(graph.name()), origin.state.clone());
        let (children, nonce) = (origin.children.clone(), origin.nonce.clone());
        Text::later(Arc::clone(&path), move || {
            snapshot(codec, &path, &state, &children, nonce.as_deref())
        })
    });
    let frontier = origin.frontier.clone();
    let delta = Delta { codec, graph: graph.clone(), deeds, frontier, rest: Rest::default() };
    let (source, body) = (Source::Input, delta.later());
    let next = Next { source, step: 0, body, snapshot, state: None, carry: false };
    writer.commit(next).await?;
    Ok(origin)
}

/// Goes on where the thread was left, or from an older checkpoint.
pub(super) async fn resume<S: State>(
    graph: &Graph<S>,
    set: &mut Settings<S>,
    codec: Codec<S>,
    writer: &Arc<Writer>,
    loaded: Option<Loaded>,
) -> Result<(Origin<S>, Journal), GraphError> {
    let mut loaded = loaded.ok_or_else(|| nothing(writer))?;
    if let Some(seq) = set.at {
        let at = writer.store().load(&writer.lease().thread, At::Seq(seq)).await?;
        loaded = at.ok_or_else(|| nothing(writer))?;
        // Another branch asks anew and does its effects anew.
        loaded.records.clear();
    }
    let mut origin = restored(codec, writer, &loaded.line).await?;
    let tip = loaded.line.last().ok_or_else(|| nothing(writer))?;
    let (thread, seq) = (&writer.lease().thread, tip.seq);
    let tip = body::<S>(thread, tip)?;
    origin.frontier = Frontier::read(&graph.0, thread, "", &tip)?;
    if let Some(held) = &tip.h {
        let late = held.late(codec);
        origin.late = late.map_err(|reason| corrupt(thread, seq, reason))?;
        origin.claims = held.claims::<S>();
    }
    let mut kept = tip.e;
    if set.at.is_some() {
        // What a lane's nodes wrote is in the state already. A graph in a task begins anew.
        kept.retain(|(path, slot, _)| slot == DONE && !path.contains(':'));
    }
    let records = notes::of_step(kept.clone(), loaded.records);
    origin.used = notes::used(origin.used, &records);
    let journal = Journal::new(Some(Arc::clone(writer)), records);
    // Before anything is stored: what is refused changes nothing.
    let answers = given(&journal, std::mem::take(&mut set.answers))?;
    let mut deeds = Vec::new();
    if let Some(change) = set.change.take() {
        deeds.push(Deed::by_hand(change.clone()));
        apply(graph, &mut origin.state, change)?;
    }
    if set.at.is_some() || !deeds.is_empty() {
        let (used, exhausted, children) = (origin.used, origin.exhausted, Vec::new());
        let (late, claims) = (origin.late.clone(), origin.claims.clone());
        let shown = std::mem::take(&mut origin.shown);
        let rest = Rest { used, children, exhausted, kept, late, shown, claims };
        let frontier = origin.frontier.clone();
        let body = Delta { codec, graph: graph.clone(), deeds, frontier, rest }.later();
        let source = if set.at.is_some() { Source::Fork } else { Source::Update };
        let (step, carry) = (origin.step, set.at.is_none());
        let next = Next { source, step, body, snapshot: None, state: None, carry };
        match set.at {
            Some(from) => writer.fork(from, next).await?,
            None => writer.commit(next).await?,
        };
    }
    if !answers.is_empty() {
        journal.put_all(answers).await?;
    }
    Ok((origin, journal))
}

/// What a line of checkpoints leads to.
async fn restored<S: State>(
    codec: Codec<S>,
    writer: &Writer,
    line: &[Checkpoint],
) -> Result<Origin<S>, GraphError> {
    let thread = &writer.lease().thread;
    let state = rebuild(codec, thread, line)?;
    let last = line.last().ok_or_else(|| nothing(writer))?;
    let tip = body::<S>(thread, last)?;
    writer.goes_on_from(line).await;
    Ok(Origin {
        state,
        // Of no matter to new input, which may come to a graph that has changed.
        frontier: Frontier::default(),
        late: Vec::new(),
        claims: Vec::new(),
        shown: shown(codec, thread, last.seq, &tip)?,
        step: last.step,
        used: tip.u,
        exhausted: tip.x,
        children: children::<S>(thread, line)?,
        nonce: nonce::<S>(thread, line)?,
    })
}

/// New input: what lived for one step is over.
pub(super) fn enter<S: State>(
    graph: &Graph<S>,
    state: &mut S,
    input: S::Update,
) -> Result<(), GraphError> {
    state.begin_step();
    apply(graph, state, input)
}

fn apply<S: State>(graph: &Graph<S>, state: &mut S, update: S::Update) -> Result<(), GraphError> {
    let path: Arc<str> = graph.name().into();
    crate::task::guarded(&path, || state.apply(update))?.map_err(|error| GraphError::Reduce {
        path,
        field: error.field,
        reason: error.reason,
    })
}

fn nothing(writer: &Writer) -> GraphError {
    GraphError::NothingToResume { thread: writer.lease().thread.clone() }
}

pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
