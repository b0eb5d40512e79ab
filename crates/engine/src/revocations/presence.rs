//! Who reads an open stream, so that it can be closed when they may no longer.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use vpaura_domain::{Scope, Subject, WorkspaceId};

type Key = (WorkspaceId, Subject);

/// Everybody who reads a stream of this process, each once.
#[derive(Debug, Default)]
pub(crate) struct Presences(Arc<Mutex<HashMap<Key, Weak<Present>>>>);

/// That somebody reads; over with the last clone.
#[derive(Debug, Clone)]
pub(crate) struct Presence(Arc<Present>);

#[derive(Debug)]
struct Present {
    scope: Scope,
    ended: CancellationToken,
    all: Weak<Mutex<HashMap<Key, Weak<Present>>>>,
}

impl Presences {
    /// Notes that the scope's principal reads.
    pub(crate) fn enter(&self, scope: &Scope) -> Presence {
        let mut all = self.0.lock();
        let place = all.entry((scope.workspace_id, scope.subject)).or_default();
        // One who was sent away may come back with the same credential: they begin anew.
        if let Some(present) = place.upgrade().filter(|present| !present.ended.is_cancelled()) {
            return Presence(present);
        }
        let present = Arc::new(Present {
            scope: *scope,
            ended: CancellationToken::new(),
            all: Arc::downgrade(&self.0),
        });
        *place = Arc::downgrade(&present);
        Presence(present)
    }

    /// Those whom a revocation may concern.
    pub(crate) fn concerned(&self, concerns: impl Fn(&Scope) -> bool) -> Vec<Presence> {
        let present: Vec<_> = self.0.lock().values().filter_map(Weak::upgrade).collect();
        // Outside the lock, which the last holder of a presence takes when it goes.
        present.into_iter().map(Presence).filter(|presence| concerns(presence.scope())).collect()
    }
}

impl Presence {
    pub(crate) fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Sends the principal away, from all that they read.
    pub(crate) fn end(&self) {
        self.0.ended.cancel();
    }

    /// Resolves when they are to go.
    pub(crate) async fn ended(&self) {
        self.0.ended.cancelled().await;
    }

    /// Whether they are to go.
    pub(crate) fn is_ended(&self) -> bool {
        self.0.ended.is_cancelled()
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let Some(all) = self.all.upgrade() else { return };
        let key = (self.scope.workspace_id, self.scope.subject);
        let mut all = all.lock();
        // Somebody may have come back in the meantime.
        if all.get(&key).is_some_and(|place| place.strong_count() == 0) {
            all.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpaura_domain::{IdGen, SequentialIds, SessionId};

    #[test]
    fn a_principal_is_present_once_and_as_long_as_they_read() {
        let presences = Presences::default();
        let scope = Scope::session(SessionId::from_uuid(SequentialIds::default().uuid()));
        let (first, second) = (presences.enter(&scope), presences.enter(&scope));
        assert_eq!(presences.concerned(|_| true).len(), 1);
        assert_eq!(presences.concerned(|_| false).len(), 0);
        first.end();
        assert!(second.is_ended());
        let back = presences.enter(&scope);
        assert!(!back.is_ended());
        drop((first, second));
        assert_eq!(presences.concerned(|_| true).len(), 1, "who came back is still there");
        drop(back);
        assert!(presences.0.lock().is_empty());
    }
}
