//! The audit log: what its entries are made of, and reading it.

mod read;

use serde_json::Value;
use vpaura_domain::{Actor, AuditEntry, AuditEntryId, Origin, Scope, Subject, WorkspaceId};

use crate::{Engine, Result};

pub use read::{AuditExport, AuditLog};

/// What was done, and to what.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    /// `thing.verb`.
    pub(crate) action: &'static str,
    /// The kind and the id of what it was done to.
    pub(crate) object: Option<(&'static str, String)>,
    /// What else is worth knowing: no secrets, no words of conversations.
    pub(crate) details: Value,
}

impl Deed {
    /// `action`, done to the thing of this kind and id.
    pub(crate) fn to(
        action: &'static str,
        kind: &'static str,
        id: impl std::fmt::Display,
        details: Value,
    ) -> Self {
        Self { action, object: Some((kind, id.to_string())), details }
    }
}

/// Who the scope's principal is, in the audit log.
pub(crate) const fn actor(scope: &Scope) -> Actor {
    match scope.subject {
        Subject::Session(id) => Actor::Session { id },
        Subject::User { id, .. } => Actor::User { id },
        Subject::ApiKey { id, user, .. } => Actor::ApiKey { id, user_id: user },
        Subject::Operator => Actor::Operator,
        Subject::System => Actor::System,
    }
}

impl Engine {
    /// An entry for the log of the scope's workspace.
    pub(crate) fn entry(&self, scope: &Scope, origin: &Origin, deed: Deed) -> AuditEntry {
        self.entry_in(Some(scope.workspace_id), actor(scope), origin, deed)
    }

    /// An entry for the log of a workspace, or the installation's.
    pub(crate) fn entry_in(
        &self,
        log: Option<WorkspaceId>,
        actor: Actor,
        origin: &Origin,
        deed: Deed,
    ) -> AuditEntry {
        let (object_kind, object_id) = deed.object.unzip();
        AuditEntry {
            id: AuditEntryId::generate(&*self.ids),
            workspace_id: log,
            actor,
            action: deed.action.to_owned(),
            object_kind: object_kind.map(str::to_owned),
            object_id,
            origin: origin.clone(),
            details: deed.details,
            at: self.clock.now(),
        }
    }

    /// Notes what changed nothing, such as a sign-in that failed.
    pub(crate) async fn audit(&self, entry: &AuditEntry) -> Result<()> {
        Ok(self.store.append_audit(entry).await?)
    }
}
