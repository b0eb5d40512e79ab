//! A thread from outside: looking at it, changing it by hand, keeping it small.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::codec::{
    Body, Codec, Finished, Written, body, children, nonce, raw, rebuild, shown, snapshot,
};
use crate::frontier::{Due, Frontier, Leads};
use crate::graph::Work;
use crate::journal::{Journal, Next, Text, Writer, encode};
use crate::run::notes::{of_step, used};
use crate::run::open_asks;
use crate::store::{Admin, At, Claim, Lease, Loaded, Meta, Page, Seq, Source};
use crate::task::DONE;
use crate::view::Waiting;
use crate::{Ask, Durability, Durable, Graph, GraphError, Node, State, Store, ThreadId};

/// A thread of a graph. Made by [`Graph::thread`].
pub struct Thread<S: State> {
    graph: Graph<S>,
    store: Arc<dyn Store>,
    id: ThreadId,
    state: PhantomData<S>,
}

/// A checkpoint as it can be looked at.
#[derive(Debug, Clone)]
pub struct Snapshot<S> {
    /// The state.
    pub state: S,
    /// The checkpoint's number.
    pub seq: Seq,
    /// Its branch.
    pub branch: u32,
    /// The step, from 0 with each input.
    pub step: u32,
    /// What is due next.
    pub waiting: Waiting,
    /// The open questions of the step in progress.
    pub asks: Vec<Ask>,
}

impl<S: Durable> Graph<S> {
    /// A thread of this graph in `store`.
    pub fn thread(&self, store: Arc<dyn Store>, thread: impl Into<ThreadId>) -> Thread<S> {
        Thread { graph: self.clone(), store, id: thread.into(), state: PhantomData }
    }
}

impl<S: Durable> Thread<S> {
    /// The thread as it was after a checkpoint; `None` if there is nothing of it.
    ///
    /// # Errors
    /// A failing store; a checkpoint that cannot be read.
    pub async fn get(&self, at: At) -> Result<Option<Snapshot<S>>, GraphError> {
        let Some(loaded) = self.store.load(&self.id, at).await? else { return Ok(None) };
        let codec = Codec::<S>::of();
        let mut state = rebuild(codec, &self.id, &loaded.line)?;
        let Some(last) = loaded.line.last() else { return Ok(None) };
        let body = body::<S>(&self.id, last)?;
        for update in shown(codec, &self.id, last.seq, &body)? {
            Self::apply(&"".into(), &mut state, update)?;
        }
        let (nodes, sends) = body.h.map(|held| (held.n, held.s)).unwrap_or_default();
        let joins = body.j.into_iter().map(|(join, _)| join);
        let mut waiting = Waiting {
            nodes: body.n.into_iter().chain(joins).chain(nodes).collect(),
            workers: body.s.into_iter().chain(sends).map(|sent| sent.w).collect(),
            version: body.v,
        };
        let notes = of_step(body.e, loaded.records);
        let done = notes.iter().filter(|note| note.slot == DONE && self.is_ours(&note.path));
        for note in done {
            // A note that cannot be read is reported by the run that needs it.
            let Ok(finished) = serde_json::from_str::<Finished>(&note.body) else { continue };
            waiting.nodes.extend(finished.w.g);
            waiting.workers.extend(finished.s.into_iter().map(|sent| sent.w));
        }
        let asks = open_asks(&Journal::new(None, notes))?;
        Ok(Some(Snapshot {
            state,
            seq: last.seq,
            branch: last.branch,
            step: last.step,
            waiting,
            asks,
        }))
    }

    /// Whether what is at `path` is a node of this graph, and not one of a graph in it.
    fn is_ours(&self, path: &str) -> bool {
        let graph = &self.graph.0;
        let is_lane = |name: &str| {
            let node = graph.find(name).map(|node| &graph.nodes[node].work);
            matches!(node, Some(Work::Lane(_)))
        };
        match path.split_once('/') {
            None => true,
            Some((lane, node)) => !node.contains('/') && is_lane(lane),
        }
    }

    /// Its checkpoints, newest first.
    ///
    /// # Errors
    /// A failing store.
    pub async fn history(&self, page: Page) -> Result<Vec<Meta>, GraphError> {
        Ok(self.store.history(&self.id, page).await?)
    }

    /// Changes the state by hand, and gives the new checkpoint's number. With `as_node` it is as if
    /// that node had returned the update: what follows it is due next, and what was due before is
    /// not. Without, what is due and what was asked stays.
    ///
    /// # Errors
    /// A run that holds the thread; a thread that is not there; an update that is refused.
    pub async fn update(
        &self,
        update: S::Update,
        as_node: Option<Node<S>>,
    ) -> Result<Seq, GraphError> {
        self.claimed(async |lease, loaded| {
            let codec = Codec::<S>::of();
            let mut state = rebuild(codec, &self.id, &loaded.line)?;
            let Some(last) = loaded.line.last() else { return Err(self.nothing()) };
            let path: Arc<str> = as_node.map_or("", Node::name).into();
            let before = body::<S>(&self.id, last)?;
            // In a node's name nothing goes on that was stopped: what it had counts.
            let shown = as_node.map(|_| shown(codec, &self.id, last.seq, &before)).transpose()?;
            let mut after = Body { v: S::VERSION, c: Vec::new(), w: Vec::new(), ..before };
            for update in shown.into_iter().flatten().chain([update]) {
                let encoded = encode(&path, &update)?;
                Self::apply(&path, &mut state, update)?;
                after.w.push(Written::by_hand(&path, raw(&path, &encoded)?));
            }
            if let Some(node) = as_node {
                let frontier = self.after(node, &state)?;
                after.n = frontier.names(&self.graph.0);
                after.s = Vec::new();
                after.j = frontier.joins(&self.graph.0);
                // The notes are done with, and what the step had used up would be with them.
                let kept = std::mem::take(&mut after.e);
                after.u = used(after.u, &of_step(kept, loaded.records.clone()));
                after.h = None;
            }
            let body = Text::Made(encode(&path, &after)?);
            let noted = !loaded.records.is_empty();
            let writer = self.writer(lease, &loaded, noted);
            let (step, carry) = (last.step, as_node.is_none());
            let source = Source::Update;
            let next = Next { source, step, body, snapshot: None, state: None, carry };
            Ok(writer.commit(next).await?)
        })
        .await
    }

    fn apply(path: &Arc<str>, state: &mut S, update: S::Update) -> Result<(), GraphError> {
        let applied = crate::task::guarded(path, || state.apply(update))?;
        applied.map_err(|error| GraphError::Reduce {
            path: Arc::clone(path),
            field: error.field,
            reason: error.reason,
        })
    }

    /// What follows a node in this state.
    fn after(&self, node: Node<S>, state: &S) -> Result<Frontier, GraphError> {
        let graph = &self.graph.0;
        if node.builder != graph.builder {
            return Err(GraphError::UnknownNode {
                thread: self.id.clone(),
                node: node.name().to_owned(),
            });
        }
        let path = Arc::clone(&graph.nodes[node.index].path);
        let due = Due { node: node.index, path, parcel: None, timeout: None };
        let mut leads = Leads::default();
        crate::driver::follow(graph, &due, state, &mut leads)?;
        Ok(leads.settle(graph, ""))
    }

    /// Drops all checkpoints before `before`, which must be on the current branch, and the branches
    /// that begin in them. What is left can be read as before.
    ///
    /// # Errors
    /// A run that holds the thread; a checkpoint that is not there.
    pub async fn prune(&self, before: Seq) -> Result<(), GraphError> {
        self.claimed(async |lease, _| {
            let at = self.store.load(&self.id, At::Seq(before)).await?;
            let at = at.ok_or_else(|| self.nothing())?;
            let codec = Codec::<S>::of();
            let state = rebuild(codec, &self.id, &at.line)?;
            let children = children::<S>(&self.id, &at.line)?;
            let nonce = nonce::<S>(&self.id, &at.line)?;
            let snapshot = snapshot(codec, &"".into(), &state, &children, nonce.as_deref())?;
            let lease = lease.clone();
            Ok(self.store.admin(Admin::Prune { lease, before, snapshot }).await?)
        })
        .await
    }

    /// Keeps the newest `keep` checkpoints of the line that leads to the head and drops the rest,
    /// as [`Self::prune`] does. Fewer than that: nothing happens.
    ///
    /// # Errors
    /// As [`Self::prune`].
    pub async fn retain(&self, keep: u32) -> Result<(), GraphError> {
        let Some(loaded) = self.store.load(&self.id, At::Head).await? else { return Ok(()) };
        let page = Page { before: None, limit: u32::MAX };
        let all = self.store.history(&self.id, page).await?;
        let mut next = Some(loaded.head.seq);
        let mut left = keep.max(1);
        for one in &all {
            if next != Some(one.seq) {
                continue;
            }
            left -= 1;
            if left == 0 {
                let older = all.iter().any(|other| other.seq < one.seq);
                return if older { self.prune(one.seq).await } else { Ok(()) };
            }
            next = one.parent;
        }
        Ok(())
    }

    /// Copies the thread to a name that must be free.
    ///
    /// # Errors
    /// A name that is taken; a failing store.
    pub async fn copy(&self, to: impl Into<ThreadId>) -> Result<(), GraphError> {
        let (from, to) = (self.id.clone(), to.into());
        Ok(self.store.admin(Admin::Copy { from, to }).await?)
    }

    /// Deletes the thread.
    ///
    /// # Errors
    /// A failing store.
    pub async fn delete(&self) -> Result<(), GraphError> {
        Ok(self.store.admin(Admin::Delete { thread: self.id.clone(), lease: None }).await?)
    }

    /// Does something while no run can hold the thread.
    async fn claimed<T>(
        &self,
        act: impl AsyncFnOnce(&Lease, Loaded) -> Result<T, GraphError>,
    ) -> Result<T, GraphError> {
        let claim = Claim { ttl: crate::DEFAULT_LEASE, steal: false, epoch: None };
        let lease = self.store.claim(&self.id, claim).await?;
        let done = match self.store.load(&self.id, At::Head).await {
            Ok(Some(loaded)) => act(&lease, loaded).await,
            Ok(None) => Err(self.nothing()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = self.store.release(&lease).await {
            // It ends by itself, and what was done is done.
            tracing::debug!(%error, "a lease was not given back");
        }
        done
    }

    fn writer(&self, lease: &Lease, loaded: &Loaded, noted: bool) -> Arc<Writer> {
        let store = Arc::clone(&self.store);
        let head = Some(loaded.head);
        Arc::new(Writer::new(store, lease.clone(), Durability::Sync, head, noted))
    }

    fn nothing(&self) -> GraphError {
        GraphError::NothingToResume { thread: self.id.clone() }
    }
}
