//! Suspends a run that waits for answers. Its next life begins in `resume.rs`.

use vpaura_domain::{ConversationId, Message, RunEventKind, RunId, RunStatus, Scope};
use vpaura_graph::Ask;
use vpaura_store::SuspendRun;

use super::answer::Answer;
use super::execute::{Execution, lost};
use super::recorder::{Recorder, retry};
use crate::{Engine, Result};

impl Engine {
    /// The run waits for answers: one transaction stores what was said and that it waits, then the
    /// questions are shown.
    pub(super) async fn suspend(
        &self,
        execution: Execution,
        mut recorder: Recorder,
        answer: Answer,
        asks: Vec<Ask>,
    ) {
        let run = &execution.run;
        let mut events = recorder.unstored();
        let asks: Vec<_> = asks
            .into_iter()
            .map(|Ask { id, path, key, question }| {
                let ask = vpaura_domain::Ask { id, path: path.to_string(), key, question };
                recorder.number(RunEventKind::Interrupt { ask })
            })
            .collect();
        events.extend(asks.iter().cloned());
        let suspend = SuspendRun {
            run_id: run.id,
            workspace_id: execution.scope.workspace_id,
            epoch: run.epoch,
            events,
            usage: answer.usage,
            now: self.clock.now(),
        };
        match retry(|| self.store.suspend_run(suspend.clone())).await {
            Ok(suspended) => {
                let turn: Vec<&Message> = execution.appended.iter().collect();
                self.history.extend(&turn);
                self.waiting.insert(run.conversation_id, ());
                self.runs.remove(run.id);
                asks.into_iter().for_each(|ask| recorder.publish_stored(ask));
                metrics::counter!("vpaura_runs_interrupted_total").increment(1);
                if suspended.cancel_requested {
                    // Whoever asked may be gone by now.
                    let stopped = Box::pin(self.cancel_run(&execution.scope, run.id)).await;
                    if let Err(error) = stopped {
                        tracing::warn!(run.id = %run.id, %error, "run {} was not stopped", run.id);
                    }
                }
            }
            Err(error) => lost(run.id, &error),
        }
    }

    /// The run that waits for answers in the conversation, if it began to wait here. The store would
    /// refuse another anyway, but that only when the model has been called.
    pub(super) async fn waiting_run(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<Option<RunId>> {
        if self.waiting.get(&id).is_none() {
            return Ok(None);
        }
        let active = self.store.active_run(scope, id).await?;
        let waiting = active.filter(|run| run.status == RunStatus::Interrupted);
        if waiting.is_none() {
            self.waiting.invalidate(&id);
        }
        Ok(waiting.map(|run| run.id))
    }
}
