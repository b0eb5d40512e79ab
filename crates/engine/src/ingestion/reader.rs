//! What is under way, all in one loop: claims, documents that are read, batches that are committed.
//! All of it is polled whatever the rest waits for. Documents have children whose pipes fill, and
//! time limits that run: those that have begun must never stand still because of a commit. When the
//! commits cannot keep up, no further documents begin.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, pending};
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use vpaura_store::{ClaimTurns, ClaimedDocument};

use super::ahead::Ahead;
use super::batches::{Batches, in_turns};
use super::prepare::Prepared;
use crate::Engine;

/// How often documents that wait are looked for; those that are added here are seen at once.
const LOOK: Duration = Duration::from_secs(5);
/// Batches that are committed at a time.
const COMMITS: usize = 4;

/// Reads and commits documents for an engine.
pub(super) struct Reader<'a> {
    engine: &'a Engine,
    turns: &'a ClaimTurns,
    /// Whether there may be documents that wait.
    may_wait: bool,
    /// How many documents are claimed and not done.
    held: usize,
    ahead: Ahead<ClaimedDocument>,
    batches: Batches,
    /// At most one.
    claiming: FuturesUnordered<BoxFuture<'a, Claiming>>,
    reading: FuturesUnordered<BoxFuture<'a, Read>>,
    /// How many documents each has.
    committing: FuturesUnordered<BoxFuture<'a, usize>>,
}

/// What came of asking the store.
enum Claiming {
    Claimed {
        documents: Vec<ClaimedDocument>,
        may_be_more: bool,
    },
    GivenBack(usize),
    /// They could not be given back: they are still this server's.
    Kept(Vec<ClaimedDocument>),
    Failed,
}

/// What came of reading a document: nothing where that failed, which is noted on it.
struct Read {
    took: Duration,
    prepared: Option<Prepared>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(engine: &'a Engine, turns: &'a ClaimTurns) -> Self {
        Self {
            engine,
            turns,
            may_wait: true,
            held: 0,
            ahead: Ahead::new(Instant::now()),
            batches: Batches::default(),
            claiming: FuturesUnordered::new(),
            reading: FuturesUnordered::new(),
            committing: FuturesUnordered::new(),
        }
    }

    /// Never returns.
    pub(super) async fn run(mut self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.go_on(Instant::now());
            let alarm = self.alarm();
            tokio::select! {
                _ = looks.tick() => self.may_wait = true,
                () = self.engine.ingestions.notified() => self.may_wait = true,
                Some(claiming) = self.claiming.next() => self.end_claiming(claiming),
                Some(read) = self.reading.next() => self.end_reading(read),
                Some(documents) = self.committing.next() => self.let_go(documents),
                () = at(alarm) => {}
            }
        }
    }

    /// Starts what can be started.
    fn go_on(&mut self, now: Instant) {
        while self.committing.len() < COMMITS {
            let Some(batch) = self.batches.next(now, self.is_idle()) else { break };
            let (engine, documents) = (self.engine, batch.documents.len());
            self.committing.push(engine.commit(batch).map(move |()| documents).boxed());
        }
        if !self.batches.is_any_full() {
            while self.free() > 0 {
                let Some(document) = self.ahead.next() else { break };
                self.reading.push(read(self.engine, document).boxed());
            }
        }
        if self.claiming.is_empty() {
            self.claim(now);
        }
        self.engine.claims.set(self.held);
    }

    fn claim(&mut self, now: Instant) {
        let overdue = self.ahead.overdue(now);
        if !overdue.is_empty() {
            self.claiming.push(give_back(self.engine, overdue).boxed());
        } else if self.may_wait
            && self.free() > 0
            && self.ahead.is_empty()
            && !self.batches.is_any_full()
        {
            self.may_wait = false;
            let limit = self.ahead.claims_for(self.free());
            self.claiming.push(claim(self.engine, self.turns, limit).boxed());
        }
    }

    fn end_claiming(&mut self, claiming: Claiming) {
        match claiming {
            Claiming::Claimed { documents, may_be_more } => {
                self.may_wait |= may_be_more;
                self.held += documents.len();
                // The many documents of one collection, or that one person asked for, do not keep
                // those of another waiting.
                let whose = |it: &ClaimedDocument| (it.claim.collection_id, it.asked_by);
                let documents = in_turns(documents, whose);
                self.ahead.add(documents, Instant::now());
            }
            Claiming::GivenBack(count) => {
                self.may_wait = true;
                self.let_go(count);
            }
            Claiming::Kept(documents) => self.ahead.add(documents, Instant::now()),
            Claiming::Failed => {}
        }
    }

    fn end_reading(&mut self, read: Read) {
        self.ahead.took(read.took);
        match read.prepared {
            Some(prepared) => self.batches.add(prepared, Instant::now()),
            None => self.let_go(1),
        }
    }

    fn let_go(&mut self, count: usize) {
        self.held -= count;
        // What is read alone may have waited for the others, or they for it.
        self.may_wait |= self.held == 0;
    }

    fn free(&self) -> usize {
        self.engine.settings.ingestion_workers.max(1).saturating_sub(self.reading.len())
    }

    /// Whether nothing comes that a batch could wait for.
    fn is_idle(&self) -> bool {
        !self.may_wait
            && self.claiming.is_empty()
            && self.ahead.is_empty()
            && self.reading.is_empty()
    }

    /// When there is something to do even if nothing happens.
    fn alarm(&self) -> Option<Instant> {
        let give_back = self.ahead.deadline().filter(|_| self.claiming.is_empty());
        let commit = self.batches.deadline().filter(|_| self.committing.len() < COMMITS);
        give_back.into_iter().chain(commit).min()
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}

async fn claim(engine: &Engine, turns: &ClaimTurns, limit: usize) -> Claiming {
    let (lease, most) = (engine.settings.runs.lease, u32::try_from(limit).unwrap_or(u32::MAX));
    match engine.store.claim_documents(engine.instance, most, lease, turns).await {
        Ok(documents) => Claiming::Claimed { may_be_more: documents.len() == limit, documents },
        Err(error) => {
            tracing::warn!(%error, "documents that wait could not be claimed");
            Claiming::Failed
        }
    }
}

async fn give_back(engine: &Engine, documents: Vec<ClaimedDocument>) -> Claiming {
    let claims = documents.iter().map(|document| document.claim).collect();
    match engine.store.give_back_documents(claims).await {
        Ok(_) => Claiming::GivenBack(documents.len()),
        Err(error) => {
            tracing::warn!(%error, "documents could not be given back");
            Claiming::Kept(documents)
        }
    }
}

async fn read(engine: &Engine, document: ClaimedDocument) -> Read {
    let began = Instant::now();
    let prepared = engine.prepare_document(document).await;
    Read { took: began.elapsed(), prepared }
}
