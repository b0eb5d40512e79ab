//! What the audit log is told of users' own identities.

use serde_json::Value;
use vpaura_domain::{Actor, AuditEntry, Origin, UserId};

use crate::Engine;
use crate::audit::Deed;

impl Engine {
    /// An entry of the installation's log: what the user did with their own identity.
    pub(crate) fn own_entry(
        &self,
        user: UserId,
        origin: &Origin,
        action: &'static str,
        details: Value,
    ) -> AuditEntry {
        let deed = Deed::to(action, "user", user, details);
        self.entry_in(None, Actor::User { id: user }, origin, deed)
    }
}
