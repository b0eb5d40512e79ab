//! Suspends a run that waits for answers. Its next life begins in `resume.rs`.

use vpaura_domain::{Message, RunEventKind};
use vpaura_graph::Ask;
use vpaura_store::SuspendRun;

use super::answer::Answer;
use super::execute::{Execution, lost};
use super::recorder::{Recorder, retry};
use crate::Engine;

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
            Ok(_) => {
                let turn: Vec<&Message> = execution.appended.iter().collect();
                self.history.extend(&turn);
                self.runs.remove(run.id);
                asks.into_iter().for_each(|ask| recorder.publish_stored(ask));
                metrics::counter!("vpaura_runs_interrupted_total").increment(1);
            }
            Err(error) => lost(run.id, &error),
        }
    }
}
