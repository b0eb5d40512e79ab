//! Noting what a task returned, and recalling it: a finished task does not run again.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::{Ended, Returned, Task};
use crate::codec::{Codec, Finished, Written};
use crate::event::{Data, EventKind};
use crate::frontier::{opened, sent};
use crate::journal::encode;
use crate::{Durability, GraphError, Node, Send, State, Step, ThreadId};

const SLOT: &str = "done";

impl<S: State> Task<S> {
    /// Notes what a task returned before its siblings are done, and tells that it has finished.
    pub(super) async fn note(&self, path: &Arc<str>, returned: Returned<S>) -> Ended<S> {
        if let Some(codec) = self.run.codec
            // What goes to the parent graph ends this one: there is nothing to go on with.
            && returned.step.parent.is_none()
        {
            let place = path.strip_prefix(&*self.run.prefix).unwrap_or(path);
            let noted = match self.finished(codec, path, &returned) {
                Ok(note) if self.is_synced() => self
                    .run
                    .journal
                    .put(self.step, place, SLOT, note)
                    .await
                    .map_err(GraphError::from),
                Ok(note) => {
                    self.run.journal.put_later(self.step, place, SLOT, note);
                    Ok(())
                }
                Err(error) => Err(error),
            };
            if let Err(error) = noted {
                return Ended::Failed(error);
            }
        }
        self.finish(path, &returned).await;
        Ended::Returned(returned)
    }

    fn is_synced(&self) -> bool {
        let writer = self.run.journal.writer();
        writer.is_some_and(|writer| writer.durability() == Durability::Sync)
    }

    /// Tells that a task has finished.
    pub(crate) async fn finish(&self, path: &Arc<str>, returned: &Returned<S>) {
        if self.shows_updates() {
            let encode = self.run.codec.map(|codec| codec.value_of_update);
            for update in &returned.step.updates {
                let data = Data::new(Arc::new(update.clone()), encode);
                self.tell(path, returned.attempt, EventKind::Update(data)).await;
            }
        }
        let finished = EventKind::NodeFinished { cached: returned.cached };
        self.tell(path, returned.attempt, finished).await;
    }

    fn finished(
        &self,
        codec: Codec<S>,
        path: &Arc<str>,
        returned: &Returned<S>,
    ) -> Result<String, GraphError> {
        let Returned { step, out, diverted, .. } = returned;
        let (sends, children) = (step.sends.iter(), step.children.iter());
        let finished = Finished {
            v: S::VERSION,
            w: written(codec, path, step, false)?,
            s: sends
                .map(|send| sent(&self.graph.0, send.worker, &send.payload, send.timeout))
                .collect::<Result<_, _>>()?,
            u: self.run.meter.used(),
            c: children
                .map(|(name, child)| Ok((name.clone(), raw(path, child)?)))
                .collect::<Result<_, GraphError>>()?,
            out: *out,
            diverted: *diverted,
        };
        encode(path, &finished)
    }

    /// What the task returned in an earlier life of the step.
    pub(super) async fn recalled(&self, path: &Arc<str>) -> Option<Ended<S>> {
        let codec = self.run.codec?;
        let place = path.strip_prefix(&*self.run.prefix).unwrap_or(path);
        let note = self.run.journal.find(self.step, place, SLOT)?;
        Some(match self.recall(codec, path, &note) {
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
        let Finished { v, w, s, c, out, diverted, .. } =
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
        step.children = c.into_iter().map(|(name, child)| (name, child.get().into())).collect();
        Ok(Returned { step, attempt: 1, cached: true, out, diverted })
    }
}

/// What a task wrote, as it is stored.
pub(crate) fn written<S: State>(
    codec: Codec<S>,
    path: &Arc<str>,
    step: &Step<S>,
    partial: bool,
) -> Result<Written, GraphError> {
    let updates = step.updates.iter().map(codec.encode_update).collect::<Result<_, _>>();
    Ok(Written {
        p: path.to_string(),
        u: updates.map_err(|error| GraphError::Encode {
            path: Arc::clone(path),
            reason: error.to_string(),
        })?,
        partial,
        diverted: false,
        g: step.goto.iter().map(|node| node.name().to_owned()).collect(),
    })
}

/// A JSON text as part of another.
pub(crate) fn raw(path: &Arc<str>, json: &str) -> Result<Box<RawValue>, GraphError> {
    RawValue::from_string(json.to_owned())
        .map_err(|error| GraphError::Encode { path: Arc::clone(path), reason: error.to_string() })
}
