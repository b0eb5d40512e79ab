//! Turns what the graph tells into the run's log and answer.

use std::sync::Arc;

use vpaura_domain::RunEventKind;
use vpaura_graph::{Event, EventKind, State};

use super::answer::Answer;
use super::recorder::Recorder;
use crate::graphs::chat::{ChatEvent, ChatState, ChatStateUpdate};

/// What the graph tells, on its way into the log.
pub(super) struct Teller {
    /// The run was taken over and its log is void: what nodes told before is told again.
    retells: bool,
    /// What nodes returned that are just finishing.
    returned: Vec<(Arc<str>, ChatStateUpdate)>,
}

impl Teller {
    pub(super) const fn new(retells: bool) -> Self {
        Self { retells, returned: Vec::new() }
    }

    /// Tells again what the steps of an earlier take told.
    pub(super) fn again(said: &[RunEventKind], recorder: &mut Recorder, answer: &mut Answer) {
        for kind in said {
            answer.apply(kind);
            recorder.record(kind.clone());
        }
    }

    /// Takes one event of the graph.
    pub(super) fn take(
        &mut self,
        event: Event<ChatEvent>,
        recorder: &mut Recorder,
        answer: &mut Answer,
    ) {
        let Event { path, step, kind, .. } = event;
        let kind = match kind {
            EventKind::NodeStarted => RunEventKind::StepStarted { step, node: path.to_string() },
            EventKind::NodeFinished { cached } => {
                let said = self.said(&path);
                match (cached, self.retells) {
                    // Readers have seen it.
                    (true, false) => return,
                    (true, true) => Self::again(&said, recorder, answer),
                    (false, _) => {}
                }
                RunEventKind::StepFinished { step, node: path.to_string() }
            }
            EventKind::Custom(ChatEvent::Log(kind)) => kind,
            EventKind::Custom(ChatEvent::Serving(model)) => {
                answer.model = Some(model.to_string());
                return;
            }
            EventKind::Update(data) if self.retells => {
                self.returned.extend(data.get().cloned().map(|update| (path, update)));
                return;
            }
            // Questions are told once the run is known to wait for their answers.
            _ => return,
        };
        answer.apply(&kind);
        recorder.record(kind);
    }

    /// What the node at `path` told in an earlier take, if it returned just now.
    fn said(&mut self, path: &Arc<str>) -> Vec<RunEventKind> {
        let mut state = ChatState::default();
        self.returned.retain(|(of, update)| {
            if of != path {
                return true;
            }
            // Appending cannot be refused.
            let _appended = state.apply(update.clone());
            false
        });
        state.said
    }
}
