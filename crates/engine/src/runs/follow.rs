//! Reads a run's log from any place in it, wherever the run executes: from memory while it runs
//! here, from the store otherwise.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use vpaura_domain::{Permission, RunEvent, RunId, RunStatus, Scope};
use vpaura_kv::Subscription;

use super::log::{Read, RunLog};
use crate::revocations::Presence;
use crate::{Engine, Error, Result, Thing};

/// Events handed out at a time.
const BATCH: usize = 64;
/// Stored batches read at a time.
const STORED_BATCHES: u32 = 32;
/// How often the store is asked about a run that executes elsewhere. With a cache in between the
/// other server's word comes sooner.
const POLL: Duration = Duration::from_millis(250);

/// A reader with a place in a run's log.
pub struct RunReader {
    engine: Engine,
    scope: Scope,
    run_id: RunId,
    after: u64,
    live: Option<(Arc<RunLog>, watch::Receiver<u64>)>,
    /// Hears when a run that executes elsewhere has stored more.
    wake: Option<Subscription>,
    /// Ends when the reader may no longer read.
    presence: Presence,
    /// Whether it reads the run from its start, as it is written, and the run reads with the
    /// reader's own eyes: then what is quoted there is what they may see now.
    from_start: bool,
    ended: bool,
}

impl std::fmt::Debug for RunReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunReader")
            .field("run_id", &self.run_id)
            .field("after", &self.after)
            .finish()
    }
}

impl Engine {
    /// A reader of the run's events after the one with the number `after`.
    pub async fn follow_run(&self, scope: &Scope, id: RunId, after: u64) -> Result<RunReader> {
        scope.require(Permission::ChatRead)?;
        self.reader_of(scope, id, after).await
    }

    /// As [`follow_run`](Self::follow_run), for what is done with a run besides reading it.
    pub(super) async fn reader_of(
        &self,
        scope: &Scope,
        id: RunId,
        after: u64,
    ) -> Result<RunReader> {
        self.store.get_run(scope, id).await?.ok_or(Error::NotFound(Thing::Run))?;
        let mut reader = RunReader::stored(self.clone(), *scope, id);
        reader.after = after;
        Ok(reader)
    }
}

impl RunReader {
    /// Of a run that has just been started here, which reads with the eyes of `run_scope`.
    pub(super) fn live(
        engine: Engine,
        scope: Scope,
        run_scope: Scope,
        run_id: RunId,
        log: Arc<RunLog>,
    ) -> Self {
        let watch = log.watch();
        let (live, from_start) = (Some((log, watch)), scope == run_scope);
        Self { live, from_start, ..Self::stored(engine, scope, run_id) }
    }

    pub(super) fn stored(engine: Engine, scope: Scope, run_id: RunId) -> Self {
        let presence = engine.presences.enter(&scope);
        let (after, live, wake) = (0, None, None);
        let (from_start, ended) = (false, false);
        Self { engine, scope, run_id, after, live, wake, presence, from_start, ended }
    }

    /// The next events, in order, at least one; `None` after the terminal one, and when the run
    /// waits for answers and there is nothing more of it. Safe to drop and call again.
    ///
    /// Whoever reads the run that they started, as it is written, reads all of it: it was found with
    /// their own eyes. Others, and whoever reads it again, see the quotes that they may see at that
    /// moment.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] as soon as the reader may no longer read; and what the store says.
    // What asks the store is boxed: most readers never do, and each held stream has one of these.
    pub async fn next(&mut self) -> Result<Option<Vec<RunEvent>>> {
        while !self.ended {
            if self.presence.is_ended() {
                return Err(Error::Unauthorized);
            }
            let events = match &mut self.live {
                Some((log, watch)) => match read_live(log, watch, &self.presence, self.after).await
                {
                    Read::Events(events) if self.from_start => events,
                    Read::Events(events) => Box::pin(self.withheld(events)).await?,
                    Read::Behind { until } => {
                        let events = Box::pin(self.read_stored()).await?;
                        if events.is_empty() {
                            self.after = until;
                        }
                        events
                    }
                    Read::Pending => continue,
                    // Given up here, and found again who knows when.
                    Read::Closed => {
                        (self.live, self.from_start) = (None, false);
                        continue;
                    }
                },
                None => Box::pin(self.find()).await?,
            };
            if let Some(last) = events.last() {
                self.after = last.seq;
                self.ended = last.kind.is_terminal();
                return Ok(Some(events));
            }
        }
        Ok(None)
    }

    async fn read_stored(&self) -> Result<Vec<RunEvent>> {
        let (scope, id) = (&self.scope, self.run_id);
        let events = self.engine.store.run_events(scope, id, self.after, STORED_BATCHES).await?;
        self.withheld(events).await
    }

    /// The events without the quotes that the reader may not see.
    async fn withheld(&self, mut events: Vec<RunEvent>) -> Result<Vec<RunEvent>> {
        self.engine.withhold_in_events(&self.scope, &mut events).await?;
        Ok(events)
    }

    /// Looks for the run here, then in the store; waits when there is nothing new. An empty
    /// result means: look again.
    async fn find(&mut self) -> Result<Vec<RunEvent>> {
        let mut arrivals = self.engine.runs.arrivals();
        arrivals.mark_unchanged();
        if let Some(live) = self.engine.runs.get(self.run_id) {
            let watch = live.log.watch();
            self.live = Some((live.log, watch));
            return Ok(Vec::new());
        }
        // Subscribed before the store is asked, so that nothing falls between.
        let channel = super::advanced_channel(self.run_id);
        let wake = match &mut self.wake {
            Some(wake) => wake,
            none => none.insert(self.engine.kv.subscribe(&channel).await),
        };
        let (scope, id) = (&self.scope, self.run_id);
        let run = self.engine.store.get_run(scope, id).await?;
        let run = run.ok_or(Error::NotFound(Thing::Run))?;
        let mut events =
            self.engine.store.run_events(scope, id, self.after, STORED_BATCHES).await?;
        if !events.is_empty() {
            self.engine.withhold_in_events(scope, &mut events).await?;
            // While it is written its words are not weighed: it has just found what it quotes.
            if run.status.is_terminal() {
                let (engine, from_start) = (&self.engine, self.after == 0);
                engine.withhold_deltas(scope, run.message_id, &mut events, from_start).await?;
            }
            return Ok(events);
        }
        if run.status.is_terminal() || run.status == RunStatus::Interrupted {
            // The reader has everything already. One that waits for answers is read on when it has
            // been resumed.
            self.ended = true;
            return Ok(Vec::new());
        }
        tokio::select! {
            // A missed word is as good as one heard: look again.
            _ = wake.next() => {}
            // The sender lives in the engine, which this reader holds.
            _ = arrivals.changed() => {}
            () = tokio::time::sleep(POLL) => {}
            () = self.presence.ended() => {}
        }
        Ok(Vec::new())
    }
}

/// Reads from a live log, waiting while there is nothing. Answers `Pending` when the reader is to
/// go.
async fn read_live(
    log: &RunLog,
    watch: &mut watch::Receiver<u64>,
    presence: &Presence,
    after: u64,
) -> Read {
    loop {
        // Marked before reading: what comes in between wakes the wait below.
        watch.mark_unchanged();
        match log.read(after, BATCH) {
            Read::Pending => {
                tokio::select! {
                    changed = watch.changed() => if changed.is_err() {
                        return Read::Closed;
                    },
                    () = presence.ended() => return Read::Pending,
                }
            }
            read => return read,
        }
    }
}
