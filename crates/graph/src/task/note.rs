//! Noting what a task returned, and recalling it: a finished task does not run again.

use std::sync::Arc;
use std::time::Duration;

use super::{Ended, Returned, Task};
use crate::codec::{Codec, Finished, finished};
use crate::ctx::Voice;
use crate::event::{Data, EventKind};
use crate::frontier::opened;
use crate::journal::{Text, Unstored};
use crate::{GraphError, Node, Send, State, Step, ThreadId};

/// What tasks returned, in the journal.
pub(crate) const SLOT: &str = "done";

impl<S: State> Task<S> {
    /// Notes what a task returned before its siblings are done, and tells that it has finished.
    pub(super) async fn note(&self, path: &Arc<str>, returned: Returned<S>) -> Ended<S> {
        if let Some(codec) = self.run.codec
            // What goes to the parent graph ends this one: there is nothing to go on with.
            && returned.step.parent.is_none()
            && let Err(error) = self.keep(codec, path, &returned).await
        {
            return Ended::Failed(error.into());
        }
        self.finish(path, &returned).await;
        Ended::Returned(returned)
    }

    /// Stores it now, or as text when something is stored.
    async fn keep(
        &self,
        codec: Codec<S>,
        path: &Arc<str>,
        returned: &Returned<S>,
    ) -> Result<(), Unstored> {
        let place = path.strip_prefix(&*self.run.prefix).unwrap_or(path);
        let (journal, used) = (&self.run.journal, self.run.meter.total());
        if journal.is_synced() {
            let note = finished(&self.graph.0, codec, path, returned, used)?;
            return journal.put(self.step, place, SLOT, note).await;
        }
        let (graph, whose, returned) = (self.graph.clone(), Arc::clone(path), returned.clone());
        let note = Text::later(Arc::clone(path), move || {
            finished(&graph.0, codec, &whose, &returned, used)
        });
        journal.put_later(self.step, place, SLOT, note);
        Ok(())
    }

    /// Tells that a task has finished.
    pub(crate) async fn finish(&self, path: &Arc<str>, returned: &Returned<S>) {
        let Returned { attempt, call, .. } = *returned;
        let voice = || Voice { path: Arc::clone(path), step: self.step, attempt, call };
        if self.shows_updates() {
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
        let recalled = note.map_err(GraphError::from);
        Some(match recalled.and_then(|note| self.recall(codec, path, &note)) {
            Ok(returned) => {
                self.finish(path, &returned).await;
                Ended::Returned(returned)
            }
            Err(error) => Ended::Failed(error),
        })
    }

    fn recall(
        &self,
        codec: Codec<S>,
        path: &Arc<str>,
        note: &str,
    ) -> Result<Returned<S>, GraphError> {
        let bad = |reason: String| GraphError::Corrupt {
            thread: ThreadId::from(&*self.run.thread),
            seq: self.run.journal.base(),
            reason: format!("what node `{path}` returned: {reason}"),
        };
        let Finished { v, w, s, c, out, diverted, f, .. } =
            serde_json::from_str(note).map_err(|error| bad(error.to_string()))?;
        let mut step = Step::<S>::new();
        for update in &w.u {
            step.updates.push((codec.decode_update)(v, update).map_err(bad)?);
        }
        let graph = &self.graph.0;
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
        Ok(Returned { step, attempt: 1, call: 0, cached: true, out, diverted })
    }
}
