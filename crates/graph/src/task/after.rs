//! What becomes of an attempt that did not return: another, somebody else's turn, or the end.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::attempt::Fault;
use super::{Ended, Had, Job, Returned, Task, guarded, scramble};
use crate::ctx::Attempt;
use crate::error::Failing;
use crate::graph::Work;
use crate::{Failure, GraphError, Limit, Send, State, Step};

impl<S: State> Task<S> {
    /// What becomes of a failed attempt.
    pub(super) async fn after(
        &self,
        job: &Job<'_, S>,
        attempt: &Attempt<S>,
        fault: Fault,
    ) -> After<S> {
        let error = match fault {
            Fault::Panicked(message) => {
                self.discard(attempt).await;
                let error = GraphError::Panicked { path: Arc::clone(&job.path), message };
                return self.handle(job, attempt, error);
            }
            Fault::Error(error) => error,
        };
        match &*error.0 {
            Failing::Interrupted => {
                // It says it again when it is answered.
                self.take_back(attempt).await;
                return After::End(Box::new(Ended::Interrupted(Had::nothing())));
            }
            Failing::Budget(limit) => {
                let ended = self.exhausted(job, *limit, attempt).await;
                return After::End(Box::new(ended.unwrap_or_else(Ended::Failed)));
            }
            _ if self.cancel.is_cancelled() => {
                return After::End(Box::new(self.stopped(job, attempt).await));
            }
            Failing::BadAnswer { ask, reason } => {
                let error = GraphError::BadAnswer { ask: ask.clone(), reason: reason.clone() };
                return After::End(Box::new(Ended::Failed(error)));
            }
            Failing::Cancelled | Failing::Failed { .. } | Failing::Engine(_) => {}
        }
        self.discard(attempt).await;
        let random = random(self.run.seed, &job.path, attempt.attempt);
        let retry = job.spec.tune.retry.as_ref();
        let wait = || retry.and_then(|retry| retry.wait(attempt.attempt, &error, random));
        match guarded(&job.path, wait) {
            Ok(Some(wait)) => return After::Again(wait),
            Ok(None) => {}
            Err(error) => return self.handle(job, attempt, error),
        }
        let error = match *error.0 {
            Failing::Engine(error) => error,
            Failing::Failed { source, class } => GraphError::Node {
                path: Arc::clone(&job.path),
                attempt: attempt.attempt,
                source,
                class,
            },
            _ => GraphError::Node {
                path: Arc::clone(&job.path),
                attempt: attempt.attempt,
                source: error.to_string().into(),
                class: None,
            },
        };
        self.handle(job, attempt, error)
    }

    /// Sends a failure to its handler, if there is one. A failing store is nobody's to handle, nor
    /// is a bad answer: its question stays open.
    fn handle(&self, job: &Job<'_, S>, attempt: &Attempt<S>, error: GraphError) -> After<S> {
        // A lane's handler is that of its nodes.
        let handler = self.run.graph.0.nodes[self.due.node].tune.on_error;
        let ours = matches!(error, GraphError::Store(_) | GraphError::BadAnswer { .. });
        let Some(handler) = handler.filter(|_| !ours) else {
            return After::End(Box::new(Ended::Failed(error)));
        };
        let message = match &error {
            GraphError::Node { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        let failure = Failure {
            node: job.spec.name.to_owned(),
            path: job.path.to_string(),
            attempts: attempt.attempt,
            message,
        };
        let send = Send {
            builder: self.run.graph.0.builder,
            worker: handler,
            name: self.run.graph.0.nodes[handler].name,
            payload: Arc::new(failure),
            timeout: None,
            state: std::marker::PhantomData,
        };
        let step = Step { sends: vec![send], ..Step::new() };
        let returned = {
            let plain = Returned::plain(step, attempt.attempt);
            Returned { diverted: true, call: attempt.call, ..plain }
        };
        After::End(Box::new(Ended::Returned(returned)))
    }

    /// Takes the way out of the budget, if there is one.
    async fn exhausted(
        &self,
        job: &Job<'_, S>,
        limit: Limit,
        attempt: &Attempt<S>,
    ) -> Result<Ended<S>, GraphError> {
        let had = kept(&job.path, attempt)?;
        if had.updates.is_empty() {
            self.take_back(attempt).await;
        }
        // A lane's way out is that of its nodes.
        Ok(match self.run.graph.0.nodes[self.due.node].tune.on_budget {
            None => Ended::Exhausted(limit, self.apart(job, attempt, had)),
            Some(out) => {
                if !had.updates.is_empty() {
                    self.count(attempt);
                }
                attempt.meter.leave();
                let call = attempt.call;
                Ended::Returned(Returned { call, ..self.way_out(out, attempt.attempt, limit, had) })
            }
        })
    }

    /// The end of an attempt that was cancelled. What it has said counts only if it kept something.
    pub(super) async fn stopped(&self, job: &Job<'_, S>, attempt: &Attempt<S>) -> Ended<S> {
        let had = match kept(&job.path, attempt) {
            Ok(had) => had,
            Err(error) => return Ended::Failed(error),
        };
        if had.updates.is_empty() {
            self.take_back(attempt).await;
        }
        Ended::Stopped(self.apart(job, attempt, had))
    }

    /// In a thread a graph that was stopped goes on behind its last step when its node is due again.
    /// What it had is kept apart: merged, it would be there twice.
    fn apart(&self, job: &Job<'_, S>, of: &Attempt<S>, had: Step<S>) -> Had<S> {
        let (attempt, call) = (of.attempt, of.call);
        let spoke = of.spoke.load(Ordering::Relaxed) && !had.updates.is_empty();
        let voice = spoke.then(|| of.voice());
        let is_apart = self.run.codec.is_some() && matches!(job.spec.work, Work::Subgraph { .. });
        let step = match is_apart {
            true => Step { shown: had.updates, ..Step::new() },
            false => had,
        };
        Had { step, attempt, call, voice }
    }

    /// Takes the way out of a limit that has stopped the task.
    pub(crate) async fn leave(&self, out: usize, limit: Limit, had: Had<S>) -> Ended<S> {
        let Had { mut step, attempt, call, voice } = had;
        step.settle();
        if let Some(voice) = voice {
            self.counts(&voice);
        }
        let returned = Returned { call, ..self.way_out(out, attempt, limit, step) };
        match self.noted {
            true => self.note(&self.due.path, returned).await,
            false => Ended::Returned(returned),
        }
    }

    /// A return that goes the way out of the budget.
    fn way_out(&self, out: usize, attempt: u32, limit: Limit, had: Step<S>) -> Returned<S> {
        let name = self.run.graph.0.nodes[out].name;
        let goto = vec![crate::Node::new(self.run.graph.0.builder, out, name)];
        let step = Step { goto, ..had };
        Returned { out: Some(limit), diverted: true, ..Returned::plain(step, attempt) }
    }
}

pub(super) enum After<S: State> {
    Again(Duration),
    End(Box<Ended<S>>),
}

/// What a cancelled attempt had.
fn kept<S: State>(path: &Arc<str>, attempt: &Attempt<S>) -> Result<Step<S>, GraphError> {
    let finish = attempt.partial.lock().unwrap_or_else(PoisonError::into_inner).take();
    let had = finish.map(|finish| guarded(path, finish)).transpose()?;
    Ok(had.map_or_else(Step::new, Step::update))
}

/// A number in 0..1 that depends on nothing but these.
fn random(seed: u64, path: &str, attempt: u32) -> f64 {
    let mut mixed = seed ^ u64::from(attempt);
    for byte in path.bytes() {
        mixed = scramble(mixed ^ u64::from(byte));
    }
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what fits")]
    let unit = (scramble(mixed) >> 11) as f64 / (1u64 << 53) as f64;
    unit
}
