//! Who stands at the door.

use vpaura_domain::{Origin, SessionId};

/// Somebody who is about to prove who they are: from where, and as which visitor until now.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// From where, for the session and the audit log.
    pub origin: Origin,
    /// The anonymous session that they proved to hold. What it has becomes theirs.
    pub visitor: Option<SessionId>,
}
