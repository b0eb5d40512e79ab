//! A lane: nodes one after the other as one task, none of which waits for the task's siblings.

use std::sync::Arc;

use super::{Ended, Had, Job, Returned, Task, guarded};
use crate::{GraphError, State, Step};

impl<S: State> Task<S> {
    /// Runs the lane's nodes in order, each on what the one before left. What a node returned is
    /// noted when it is done; a lane that is interrupted goes on behind it.
    pub(super) async fn lane(&self, path: &Arc<str>, members: &[usize]) -> Ended<S> {
        let mut state = Arc::clone(&self.state);
        let mut whole = Step::new();
        for &member in members {
            let spec = &self.run.graph.0.nodes[member];
            let path: Arc<str> = format!("{path}/{}", spec.name).into();
            let ended = match self.recalled(&path).await {
                Some(ended) => ended,
                None => {
                    let (state, path) = (Arc::clone(&state), Arc::clone(&path));
                    let job =
                        Job { spec, path: Arc::clone(&path), state, parcel: None, timeout: None };
                    match self.node(job).await {
                        Ended::Returned(returned) => self.note(&path, returned).await,
                        ended => ended,
                    }
                }
            };
            let returned = match ended {
                Ended::Returned(returned) => returned,
                // What a lane that is stopped had is what its nodes have written so far.
                Ended::Interrupted(had) => return Ended::Interrupted(so_far(whole, had)),
                Ended::Stopped(had) => return Ended::Stopped(so_far(whole, had)),
                Ended::Dropped(had) => return Ended::Dropped(so_far(whole, had)),
                Ended::Exhausted(limit, had) => {
                    return Ended::Exhausted(limit, so_far(whole, had));
                }
                Ended::Failed(error) => return Ended::Failed(error),
            };
            let Returned { step, attempt, out, diverted, .. } = returned;
            if let Err(error) = enter(&path, &mut state, &step.updates) {
                return Ended::Failed(error);
            }
            whole.updates.extend(step.updates);
            whole.goto.extend(step.goto);
            whole.sends.extend(step.sends);
            whole.children.extend(step.children);
            whole.claimed = whole.claimed.or(step.claimed);
            whole.parent = step.parent;
            whole.out = whole.out.or(out);
            if diverted || whole.parent.is_some() {
                let returned = Returned::plain(whole, attempt);
                return Ended::Returned(Returned { diverted, ..returned });
            }
        }
        Ended::Returned(Returned::plain(whole, 1))
    }
}

/// What the lane's finished nodes wrote, and what the one has that did not finish. Where they lead
/// is a matter of the whole lane.
fn so_far<S: State>(whole: Step<S>, had: Had<S>) -> Had<S> {
    let Step { mut updates, mut children, claimed, .. } = whole;
    let Had { step: last, attempt, voice, .. } = had;
    updates.extend(last.updates);
    children.extend(last.children);
    let step = Step { updates, children, shown: last.shown, claimed, ..Step::new() };
    // A lane has no number of its own.
    Had { step, attempt, call: 0, voice }
}

/// Puts what a node wrote into the lane's own view of the state.
fn enter<S: State>(
    path: &Arc<str>,
    state: &mut Arc<S>,
    updates: &[S::Update],
) -> Result<(), GraphError> {
    guarded(path, || {
        let state = Arc::make_mut(state);
        updates.iter().try_for_each(|update| state.apply(update.clone()))
    })?
    .map_err(|error| GraphError::Reduce {
        path: Arc::clone(path),
        field: error.field,
        reason: error.reason,
    })
}
