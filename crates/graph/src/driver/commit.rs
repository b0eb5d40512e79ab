//! Committing a step: one record of what it added.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::Driver;
use super::barrier::{Parts, Written};
use crate::codec::{Codec, Delta, Json, Rest, end};
use crate::journal::{AnyState, Next, Text, Unstored};
use crate::store::{Seq, Source};
use crate::subgraph::STEP;
use crate::{GraphError, State};

/// Memory that is kept for the next step's text.
const SCRATCH: usize = 64 * 1024;

impl<S: State> Driver<S> {
    /// Stores the step, as the run's durability says. Its number, in a thread.
    pub(super) async fn commit(
        &mut self,
        source: Source,
        parts: Parts<S>,
    ) -> Result<Option<Seq>, GraphError> {
        let Some(codec) = self.run.codec else {
            if self.place.is_none() {
                self.run.journal.clear();
            }
            return Ok(None);
        };
        if self.place.is_some() && source == Source::Cancelled {
            // Its node is due again, and goes on from where the graph was before this step. What its
            // tasks had is shown by the node, and their questions and effects are noted.
            return Ok(None);
        }
        let body = self.body(codec, parts)?;
        if let Some(place) = &self.place {
            // Of a nested graph: a note of the outermost graph's step.
            self.run.wait_if_over().await;
            let slot = format!("{STEP}{:08}", self.step);
            match body {
                Text::Made(note) => {
                    place.journal.put(place.step, &place.path, &slot, note).await?;
                }
                later => place.journal.put_later(place.step, &place.path, &slot, later),
            }
            return Ok(None);
        }
        let Some(writer) = self.run.journal.writer() else { return Ok(None) };
        let children = self.children().clone();
        let state = Some(AnyState { state: Arc::clone(&self.state) as _, children });
        let next = Next { source, step: self.step, body, snapshot: None, state, carry: false };
        let seq = writer.commit(next).await?;
        self.run.journal.clear();
        Ok(Some(seq))
    }

    /// What the step added: text where it is stored now, and otherwise what makes it.
    fn body(&mut self, codec: Codec<S>, parts: Parts<S>) -> Result<Text, Unstored> {
        let Parts { written, children, kept } = parts;
        let (used, exhausted) = (self.run.meter.total(), self.exhausted);
        let (late, shown, claims) = (self.late.clone(), self.shown.clone(), self.claims.clone());
        let rest = Rest { used, children, exhausted, kept, late, shown, claims };
        match written {
            Written::Typed(deeds) => {
                let (graph, frontier) = (self.run.graph.clone(), self.frontier.clone());
                Ok(Delta { codec, graph, deeds, frontier, rest }.later())
            }
            Written::Begun(mut json) => {
                end(&mut json, codec, &self.run.graph.0, &self.frontier, &rest)?;
                let (text, memory) =
                    json.copied().map_err(|error| Unstored::encode(&self.root(), error))?;
                if memory.capacity() <= SCRATCH {
                    self.scratch = memory;
                }
                Ok(Text::Made(text))
            }
        }
    }

    /// The beginning of a text, in the memory of the last one.
    pub(super) fn json(&mut self) -> Json {
        Json::reusing(std::mem::take(&mut self.scratch))
    }

    pub(super) fn children(&self) -> MutexGuard<'_, BTreeMap<String, Arc<str>>> {
        self.run.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn root(&self) -> Arc<str> {
        self.run.graph.0.name.into()
    }
}
