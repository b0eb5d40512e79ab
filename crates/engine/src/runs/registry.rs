//! The runs that execute in this process: their logs and cancel tokens, and which conversation
//! each one occupies.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vpaura_domain::{ConversationId, RunId};

use super::log::RunLog;
use crate::revocations::Responsible;

/// A run in this process.
#[derive(Debug, Clone)]
pub(crate) struct LiveRun {
    pub(crate) run_id: RunId,
    pub(crate) conversation_id: ConversationId,
    pub(crate) log: Arc<RunLog>,
    /// Who stands behind it.
    pub(crate) by: Responsible,
    /// Asks the run to stop and keep what it has.
    pub(crate) cancel: CancellationToken,
    /// Tells the run that it is no longer ours: it must stop and write nothing.
    pub(crate) abandon: CancellationToken,
    /// Whether the store has the run, as the registry knows it. A run may execute while its start
    /// is being committed; until then there is no lease to keep, nor one that could be lost.
    pub(crate) stored: bool,
}

/// All runs in this process.
#[derive(Debug)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
    /// Counts arrivals; wakes readers that wait for a run to start here.
    arrivals: watch::Sender<u64>,
    /// Counts runs that were stored; wakes who waits for that of one.
    commits: watch::Sender<u64>,
    /// Counts departures; wakes whoever waits for the runs to end.
    departures: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    runs: HashMap<RunId, LiveRun>,
    by_conversation: HashMap<ConversationId, RunId>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            inner: Mutex::default(),
            arrivals: watch::Sender::new(0),
            commits: watch::Sender::new(0),
            departures: watch::Sender::new(0),
        }
    }

    /// Takes the run in, unless its conversation is occupied: then says by which run.
    pub(crate) fn insert(&self, run: LiveRun) -> Result<(), RunId> {
        {
            let mut inner = self.inner.lock();
            if let Some(other) = inner.by_conversation.get(&run.conversation_id) {
                return Err(*other);
            }
            inner.by_conversation.insert(run.conversation_id, run.run_id);
            inner.runs.insert(run.run_id, run);
        }
        self.arrivals.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Lets the run go.
    pub(crate) fn remove(&self, run_id: RunId) {
        {
            let mut inner = self.inner.lock();
            if let Some(run) = inner.runs.remove(&run_id) {
                inner.by_conversation.remove(&run.conversation_id);
            }
        }
        self.departures.send_modify(|count| *count += 1);
    }

    pub(crate) fn get(&self, run_id: RunId) -> Option<LiveRun> {
        self.inner.lock().runs.get(&run_id).cloned()
    }

    /// The run that occupies the conversation here.
    pub(crate) fn of_conversation(&self, id: ConversationId) -> Option<RunId> {
        self.inner.lock().by_conversation.get(&id).copied()
    }

    /// The runs behind whom somebody stands who is `concerned`.
    pub(crate) fn of_responsible(&self, concerned: impl Fn(Responsible) -> bool) -> Vec<LiveRun> {
        self.inner.lock().runs.values().filter(|run| concerned(run.by)).cloned().collect()
    }

    pub(crate) fn ids(&self) -> Vec<RunId> {
        self.inner.lock().runs.keys().copied().collect()
    }

    /// Notes that the store has the run.
    pub(crate) fn mark_stored(&self, run_id: RunId) {
        if let Some(run) = self.inner.lock().runs.get_mut(&run_id) {
            run.stored = true;
        }
        self.commits.send_modify(|count| *count += 1);
    }

    /// Waits until the store has the run, or it has gone from here.
    pub(crate) async fn settled(&self, run_id: RunId) {
        let (mut commits, mut departures) = (self.commits.subscribe(), self.departures.subscribe());
        while self.get(run_id).is_some_and(|run| !run.stored) {
            // The senders live in the registry, which outlives this.
            tokio::select! {
                _ = commits.changed() => {}
                _ = departures.changed() => {}
            }
        }
    }

    /// The runs whose leases are to be kept.
    pub(crate) fn leased(&self) -> Vec<RunId> {
        let inner = self.inner.lock();
        inner.runs.values().filter(|run| run.stored).map(|run| run.run_id).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.inner.lock().runs.len()
    }

    /// A receiver that changes whenever a run ends here.
    pub(crate) fn departures(&self) -> watch::Receiver<u64> {
        self.departures.subscribe()
    }

    /// A receiver that changes whenever a run starts here.
    pub(crate) fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpaura_domain::{IdGen, SequentialIds, WorkspaceId};

    fn live(run_id: RunId, conversation_id: ConversationId) -> LiveRun {
        LiveRun {
            run_id,
            conversation_id,
            log: Arc::new(RunLog::new(0)),
            by: Responsible {
                workspace_id: WorkspaceId::DEFAULT,
                user_id: None,
                asked_by: None,
                api_key_id: None,
            },
            cancel: CancellationToken::new(),
            abandon: CancellationToken::new(),
            stored: false,
        }
    }

    #[test]
    fn a_run_has_a_lease_once_it_is_stored() {
        let ids = SequentialIds::default();
        let registry = Registry::new();
        let run_id = RunId::from_uuid(ids.uuid());
        let run = live(run_id, ConversationId::from_uuid(ids.uuid()));
        assert_eq!(registry.insert(run), Ok(()));
        assert_eq!(registry.leased(), []);
        registry.mark_stored(run_id);
        assert_eq!(registry.leased(), [run_id]);
        registry.remove(run_id);
        registry.mark_stored(run_id);
        assert_eq!(registry.leased(), []);
    }

    #[tokio::test]
    async fn a_run_is_settled_when_it_is_stored_or_gone() {
        let ids = SequentialIds::default();
        let registry = Registry::new();
        let [stored, gone] = [(); 2].map(|()| RunId::from_uuid(ids.uuid()));
        for run_id in [stored, gone] {
            let run = live(run_id, ConversationId::from_uuid(ids.uuid()));
            assert_eq!(registry.insert(run), Ok(()));
        }
        let (waits, acts) = (registry.settled(stored), async { registry.mark_stored(stored) });
        tokio::join!(waits, acts);
        let (waits, acts) = (registry.settled(gone), async { registry.remove(gone) });
        tokio::join!(waits, acts);
        registry.settled(stored).await;
    }

    #[test]
    fn a_conversation_has_one_live_run() {
        let ids = SequentialIds::default();
        let registry = Registry::new();
        let conversation_id = ConversationId::from_uuid(ids.uuid());
        let live = |run_id| live(run_id, conversation_id);
        let (first, second) = (RunId::from_uuid(ids.uuid()), RunId::from_uuid(ids.uuid()));
        assert_eq!(registry.insert(live(first)), Ok(()));
        assert_eq!(registry.insert(live(second)), Err(first));
        registry.remove(first);
        assert_eq!(registry.insert(live(second)), Ok(()));
        assert_eq!(registry.of_conversation(conversation_id), Some(second));
    }
}
