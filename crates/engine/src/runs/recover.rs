//! Keeps the leases of the runs that execute here, and takes over the runs of servers that died.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use vpaura_domain::{ConversationId, Scope};
use vpaura_store::Claimed;

use super::execute::Execution;
use super::log::{RunLog, UNSTORED_WINDOW};
use super::registry::LiveRun;
use super::request::RunRequest;
use crate::revocations::Responsible;
use crate::{Engine, Result};

/// Runs taken over at a time.
const CLAIMS: u32 = 32;

impl Engine {
    /// Renews leases and sweeps for orphans until the engine stops.
    pub(crate) async fn keep_and_recover(&self) {
        let settings = &self.settings.runs;
        let mut renewals = tokio::time::interval(settings.renew);
        let mut sweeps = tokio::time::interval(settings.sweep);
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut renewed = Instant::now();
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = renewals.tick() => match self.renew().await {
                    Ok(()) => renewed = Instant::now(),
                    Err(error) => {
                        tracing::warn!(%error, "leases could not be renewed");
                        if renewed.elapsed() > settings.lease {
                            tracing::error!("leases have run out; runs go on until fenced");
                        }
                    }
                },
                _ = sweeps.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, "looking for orphaned runs failed");
                    }
                }
            }
        }
    }

    async fn renew(&self) -> Result<()> {
        let ids = self.runs.leased();
        if ids.is_empty() {
            return Ok(());
        }
        let lease = self.lease();
        for state in self.store.renew_leases(lease.owner, &ids, lease.until).await? {
            let Some(live) = self.runs.get(state.run_id) else { continue };
            if state.cancel_requested {
                live.cancel.cancel();
            }
            if !state.held {
                live.abandon.cancel();
            }
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<()> {
        if self.stopping.is_cancelled() {
            return Ok(());
        }
        // What goes on here is no orphan, however late its lease is kept.
        self.renew().await?;
        let lease = self.lease();
        for claimed in self.store.claim_orphans(lease.owner, lease.until, CLAIMS).await? {
            self.take_over(claimed).await;
        }
        Ok(())
    }

    /// Starts the run that waits longest in the conversation, if it is free.
    pub(super) async fn start_next_queued(&self, id: ConversationId) {
        if self.stopping.is_cancelled() {
            return;
        }
        let lease = self.lease();
        match self.store.claim_next_queued(id, lease.owner, lease.until).await {
            Ok(Some(claimed)) => self.take_over(claimed).await,
            Ok(None) => {}
            // The sweep finds it later.
            Err(error) => tracing::warn!(%error, "the next queued run could not be started"),
        }
    }

    async fn take_over(&self, claimed: Claimed) {
        let run_id = claimed.run.id;
        tracing::info!(run.id = %run_id, epoch = claimed.run.epoch, "run {run_id} starts here");
        if let Err(error) = self.execute_claimed(claimed).await {
            // Its lease runs out and somebody tries again.
            tracing::error!(run.id = %run_id, %error, "run {run_id} could not be taken over");
        }
    }

    async fn execute_claimed(&self, claimed: Claimed) -> Result<()> {
        // Above every number that a reader of an earlier take can have seen.
        let ahead = if claimed.run.epoch > 1 { UNSTORED_WINDOW } else { 0 };
        self.begin_claimed(claimed, ahead, false).await
    }

    /// Executes a run whose log goes on `ahead` of what is stored, `resumed` as
    /// [`Execution`] has it.
    pub(super) async fn begin_claimed(
        &self,
        claimed: Claimed,
        ahead: u64,
        resumed: bool,
    ) -> Result<()> {
        let Claimed { mut run, workspace_id, request } = claimed;
        let request = RunRequest::read(request)?;
        let scope = Scope::on_behalf_of(workspace_id, run.owner());
        run.last_seq += ahead;
        let live = LiveRun {
            run_id: run.id,
            conversation_id: run.conversation_id,
            log: Arc::new(RunLog::new(run.last_seq)),
            by: Responsible::of(workspace_id, &run, request.asked_by),
            cancel: CancellationToken::new(),
            abandon: CancellationToken::new(),
            stored: true,
        };
        if run.cancel_requested || !self.may_run(&live.by).await? {
            live.cancel.cancel();
        }
        self.take_place(&live).await;
        self.spawn_execution(Execution {
            run,
            scope,
            request,
            question: None,
            live,
            commit: None,
            appended: Vec::new(),
            resumed,
        });
        Ok(())
    }

    /// Takes the run in. What this server still has of the conversation goes first: an earlier take
    /// of the same run (a server that was paused past its lease may find its own run orphaned), or
    /// the start of another, which the store is about to refuse.
    async fn take_place(&self, live: &LiveRun) {
        let mut departures = self.runs.departures();
        while let Err(other) = self.runs.insert(live.clone()) {
            if let Some(earlier) = self.runs.get(live.run_id) {
                earlier.abandon.cancel();
            }
            tracing::debug!(run.id = %live.run_id, "waits until run {other} has gone");
            // The sender lives in the registry, which outlives this.
            let _ = departures.changed().await;
        }
    }
}
