//! Noting what a task returned, and recalling it: a finished task does not run again.

use std::sync::Arc;
use std::time::Duration;

use super::{Ended, Returned, Task, ToParent};
use crate::codec::{Codec, Finished, finished};
use crate::ctx::{RunShared, Voice};
use crate::event::{Data, EventKind, Events};
use crate::frontier::opened;
use crate::journal::{Text, Unstored};
use crate::store::Seq;
use crate::{Graph, GraphError, Node, Send, State, Step, ThreadId, Usage};

/// What tasks returned, in the journal.
pub(crate) const SLOT: &str = "done";

impl<S: State> Task<S> {
    /// Notes what a task returned before its siblings are done, and tells that it has finished.
    pub(super) async fn note(&self, path: &Arc<str>, returned: Returned<S>) -> Ended<S> {
        if let Some(codec) = self.run.codec
            && self.is_whole(&returned)
            && let Err(error) = self.keep(codec, path, &returned).await
        {
            return Ended::Failed(error.into());
        }
        self.finish(path, &returned).await;
        Ended::Returned(returned)
    }

    /// Whether all of it can be stored. A step for a parent that is not there is refused later.
    fn is_whole(&self, returned: &Returned<S>) -> bool {
        let Some(step) = &returned.step.parent else { return true };
        self.run.parent.as_ref().is_some_and(|parent| (parent.is_its)(&**step))
    }

    /// Stores it now, or as text when something is stored.
    async fn keep(
        &self,
        codec: Codec<S>,
        path: &Arc<str>,
        returned: &Returned<S>,
    ) -> Result<(), Unstored> {
        self.run.wait_if_over().await;
        let place = path.strip_prefix(&*self.run.prefix).unwrap_or(path);
        let (journal, used) = (&self.run.journal, self.run.meter.total());
        let noted = Noted::of(&self.run, codec, path);
        if journal.is_synced() {
            let note = noted.write(returned, used)?;
            return journal.put(self.step, place, SLOT, note).await;
        }
        let returned = returned.clone();
        let note = Text::later(Arc::clone(path), move || noted.write(&returned, used));
        journal.put_later(self.step, place, SLOT, note);
        Ok(())
    }

    /// Tells that a task has finished.
    pub(crate) async fn finish(&self, path: &Arc<str>, returned: &Returned<S>) {
        let Returned { attempt, call, .. } = *returned;
        let voice = || Voice { path: Arc::clone(path), step: self.step, attempt, call };
        if self.run.sink.wants(Events::UPDATES) {
            let encode = self.run.codec.map(|codec| codec.value_of_update);
            for update in &returned.step.updates {
                let data = Data::new(Arc::new(update.clone()), encode);
                self.tell(voice(), EventKind::Update(data)).await;
            }
        }
        let finished = EventKind::NodeFinished { cached: returned.cached };
        self.tell(voice(), finished).await;
    }

    /// What the task returned in an earlier life of the step.
    pub(super) async fn recalled(&self, path: &Arc<str>) -> Option<Ended<S>> {
        let codec = self.run.codec?;
        let place = path.strip_prefix(&*self.run.prefix).unwrap_or(path);
        let note = self.run.journal.find(self.step, place, SLOT).transpose()?;
        let noted = Noted::of(&self.run, codec, path);
        let recalled = note.map_err(GraphError::from).and_then(|note| noted.read(&note));
        Some(match recalled {
            Ok(returned) => {
                self.finish(path, &returned).await;
                Ended::Returned(returned)
            }
            Err(error) => Ended::Failed(error),
        })
    }
}

/// Writes and reads the note of what a node returned. The run's journal may hold it, so it does not
/// hold the run.
pub(super) struct Noted<S: State> {
    graph: Graph<S>,
    codec: Codec<S>,
    parent: Option<Arc<ToParent>>,
    path: Arc<str>,
    thread: Arc<str>,
    /// The checkpoint that the step starts from.
    base: Seq,
}

impl<S: State> Noted<S> {
    pub(super) fn of(run: &RunShared<S>, codec: Codec<S>, path: &Arc<str>) -> Self {
        Self {
            graph: run.graph.clone(),
            codec,
            parent: run.parent.clone(),
            path: Arc::clone(path),
            thread: Arc::clone(&run.thread),
            base: run.journal.base(),
        }
    }

    fn write(&self, returned: &Returned<S>, used: Usage) -> Result<String, Unstored> {
        let parent = returned.step.parent.as_deref().zip(self.parent.as_ref());
        let parent = parent.map(|(step, parent)| (parent.write)(step, used)).transpose()?;
        finished(&self.graph.0, self.codec, &self.path, returned, parent, used)
    }

    /// Writes what the node returns for another of a graph in it.
    pub(super) fn write_step(&self, step: Step<S>, used: Usage) -> Result<String, Unstored> {
        self.write(&Returned::plain(step, 1), used)
    }

    /// The step alone.
    pub(super) fn read_step(&self, note: &str) -> Result<Step<S>, GraphError> {
        Ok(self.read(note)?.step)
    }

    fn read(&self, note: &str) -> Result<Returned<S>, GraphError> {
        let Self { graph, codec, path, .. } = self;
        let graph = &graph.0;
        let bad = |reason: String| GraphError::Corrupt {
            thread: ThreadId::from(&*self.thread),
            seq: self.base,
            reason: format!("what node `{path}` returned: {reason}"),
        };
        let Finished { v, w, s, c, out, diverted, f, p, .. } =
            serde_json::from_str(note).map_err(|error| bad(error.to_string()))?;
        let mut step = Step::<S>::new();
        for update in &w.u {
            step.updates.push((codec.decode_update)(v, update).map_err(bad)?);
        }
        let find = |name: &str| {
            graph.find(name).ok_or_else(|| bad(format!("it went to `{name}`, which is gone")))
        };
        for name in &w.g {
            let node = find(name)?;
            step.goto.push(Node::new(graph.builder, node, graph.nodes[node].name));
        }
        for sent in &s {
            let (worker, payload) = opened(graph, find(&sent.w)?, sent)?;
            step.sends.push(Send {
                builder: graph.builder,
                worker,
                name: graph.nodes[worker].name,
                payload,
                timeout: sent.t.map(Duration::from_millis),
                state: std::marker::PhantomData,
            });
        }
        step.claimed = f.writes::<S>();
        step.children = c.into_iter().map(|(name, child)| (name, child.get().into())).collect();
        let parent = p.as_ref().zip(self.parent.as_ref());
        step.parent = parent.map(|(step, parent)| (parent.read)(step.get())).transpose()?;
        Ok(Returned { step, attempt: 1, call: 0, cached: true, out, diverted })
    }
}
