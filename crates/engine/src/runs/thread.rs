//! A run's thread: what its graph must remember to go on after a crash or with an answer.
//!
//! Most runs store nothing of it: it is written when a tool is used or somebody is asked, and gone
//! when the run has ended. Its name is the run's id, its epoch the run's.

use std::sync::Arc;

use vpaura_domain::{RunId, Scope};
use vpaura_graph::store::{Admin, At};
use vpaura_graph::{Durability, Events, GraphError, RunBuilder, Snapshot, StoreError};

use super::execute::Execution;
use crate::Engine;
use crate::graphs::chat::{ChatContext, ChatState, ChatStateUpdate};

/// The chat graph, ready to run for an execution.
pub(super) struct Prepared {
    pub(super) graph: RunBuilder<ChatState, Arc<ChatContext>>,
    /// What an earlier take has done.
    pub(super) left: Option<Snapshot<ChatState>>,
}

impl Engine {
    /// The graph where the run stands: at its beginning, or where its thread was left.
    pub(super) async fn prepare_graph(
        &self,
        context: Arc<ChatContext>,
        execution: &Execution,
    ) -> Result<Prepared, StoreError> {
        let (run, scope) = (&execution.run, &execution.scope);
        let store = self.store.checkpoints(scope.workspace_id);
        let left = if run.epoch > 1 { self.thread_of(scope, run.id).await? } else { None };
        let mut graph = match &left {
            None => self.chat.run(ChatStateUpdate::default()),
            Some(_) => self.chat.resume(),
        };
        if run.epoch == 1 {
            graph = graph.fresh();
        }
        for ask in left.iter().flat_map(|left| &left.asks) {
            if let Some(answer) = execution.request.answers.get(&ask.id) {
                graph = graph.answer(ask.id.clone(), answer);
            }
        }
        // A run that was taken over tells again what its nodes told: that takes their updates.
        let retells = run.epoch > 1 && !execution.resumed;
        let told = Events::CUSTOM.and(Events::TASKS);
        let events = if retells { told.and(Events::UPDATES) } else { told };
        let graph = graph
            .thread(store, run.id.to_string())
            .epoch(u64::from(run.epoch))
            .durability(Durability::Exit)
            .leave_when_done()
            .events(events)
            .cancel(execution.live.cancel.clone())
            .context(context);
        Ok(Prepared { graph, left })
    }

    /// What a run's thread holds, if it has one. One that cannot be read is dropped: the run then
    /// begins again.
    ///
    /// # Errors
    /// A database that is out: the thread may hold what must not be done twice.
    async fn thread_of(
        &self,
        scope: &Scope,
        run_id: RunId,
    ) -> Result<Option<Snapshot<ChatState>>, StoreError> {
        let store = self.store.checkpoints(scope.workspace_id);
        match self.chat.thread(store, run_id.to_string()).get(At::Head).await {
            Ok(left) => Ok(left),
            Err(GraphError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(run.id = %run_id, %error, "run {run_id} cannot go on, it begins again");
                self.forget_thread(scope, run_id).await;
                Ok(None)
            }
        }
    }

    /// Deletes what is left of an ended run's thread.
    pub(super) async fn forget_thread(&self, scope: &Scope, run_id: RunId) {
        let thread = run_id.to_string().into();
        let store = self.store.checkpoints(scope.workspace_id);
        if let Err(error) = store.admin(Admin::Delete { thread, lease: None }).await {
            // It takes room and harms nobody.
            tracing::warn!(run.id = %run_id, %error, "the thread of run {run_id} was not deleted");
        }
    }
}
