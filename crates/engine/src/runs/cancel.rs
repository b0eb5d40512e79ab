//! Stops a run, wherever it executes. What it has written so far stays.

use std::time::Duration;

use bytes::Bytes;
use vpaura_domain::{
    ConversationFilter, ConversationId, Page, Permission, Run, RunId, RunStatus, Scope, SessionId,
};

use crate::{Engine, Error, Result, Thing};

/// How long the answer to a stop waits for the run's end, so that it can show it.
const END_WAIT: Duration = Duration::from_secs(2);

impl Engine {
    /// Asks the run to stop and returns it, ended if that was quick. A run that has ended
    /// already stays as it is.
    pub async fn cancel_run(&self, scope: &Scope, id: RunId) -> Result<Run> {
        scope.require(Permission::ChatWrite)?;
        let run = self.stop_once(scope, id).await?;
        if run.status != RunStatus::Interrupted {
            return Ok(run);
        }
        // It began to wait for answers just when it was to stop.
        self.stop_once(scope, id).await
    }

    async fn stop_once(&self, scope: &Scope, id: RunId) -> Result<Run> {
        let run = self.store.request_cancel(scope, id, self.clock.now()).await?;
        let run = run.ok_or(Error::NotFound(Thing::Run))?;
        if run.status.is_terminal() {
            return Ok(run);
        }
        if run.status == RunStatus::Interrupted {
            // Taken up only to end: its stop was asked for, so it begins with it. Somebody else may
            // have been quicker.
            self.take_up(scope, (run.id, run.epoch), None).await?;
        }
        match self.runs.get(id) {
            Some(live) => live.cancel.cancel(),
            None => {
                self.kv.publish(super::CANCEL_CHANNEL, Bytes::from(id.to_string())).await;
            }
        }
        let mut reader = self.reader_of(scope, id, run.last_seq).await?;
        let ended = async { while matches!(reader.next().await, Ok(Some(_))) {} };
        // Not ended in time is no error: the caller sees the status.
        let _ = tokio::time::timeout(END_WAIT, ended).await;
        self.store.get_run(scope, id).await?.ok_or(Error::NotFound(Thing::Run))
    }

    /// Stops whatever runs or waits in the conversation.
    pub(crate) async fn stop_runs_of_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<()> {
        while let Some(run) = self.store.active_run(scope, id).await? {
            if !self.cancel_run(scope, run.id).await?.status.is_terminal() {
                return Err(Error::Conflict("the conversation's run did not stop in time"));
            }
        }
        Ok(())
    }

    /// Stops whatever runs or waits in the session's conversations.
    pub(crate) async fn stop_runs_of_session(&self, scope: &Scope, id: SessionId) -> Result<()> {
        let filter = ConversationFilter { session_id: Some(id), ..Default::default() };
        let mut page = Page { limit: vpaura_domain::MAX_LIMIT, ..Page::default() };
        loop {
            let listing = self.store.list_conversations(scope, &filter, &page).await?;
            for conversation in &listing.items {
                self.stop_runs_of_conversation(scope, conversation.id).await?;
            }
            match listing.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(()),
            }
        }
    }

    /// Listens for stops that arrived at other servers.
    pub(crate) async fn listen_for_cancels(&self) {
        let mut cancels = self.kv.subscribe(super::CANCEL_CHANNEL).await;
        loop {
            let word = tokio::select! {
                () = self.stopped.cancelled() => return,
                word = cancels.next() => word,
            };
            // A stop that was missed is found when the lease is renewed.
            let Ok(word) = word else { continue };
            let id = std::str::from_utf8(&word).ok().and_then(|id| id.parse::<RunId>().ok());
            if let Some(live) = id.and_then(|id| self.runs.get(id)) {
                live.cancel.cancel();
            }
        }
    }
}
