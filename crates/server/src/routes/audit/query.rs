//! Which entries of a log.

use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{Timestamp, UserId};
use vpaura_engine::AuditFilter;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    pub(super) limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(pattern = r"^[A-Za-z0-9_-]{32}$")]
    pub(super) cursor: Option<String>,
    /// Only what this user did.
    actor_user_id: Option<UserId>,
    /// Only this action, such as `member.removed`.
    action: Option<String>,
    /// Only what was done to the object with this id.
    object_id: Option<String>,
    /// Only from this moment on.
    from: Option<Timestamp>,
    /// Only before this moment.
    to: Option<Timestamp>,
}

/// Which entries of an export.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditExportQuery {
    /// Only what this user did.
    actor_user_id: Option<UserId>,
    /// Only this action, such as `member.removed`.
    action: Option<String>,
    /// Only what was done to the object with this id.
    object_id: Option<String>,
    /// Only from this moment on.
    from: Option<Timestamp>,
    /// Only before this moment.
    to: Option<Timestamp>,
}

impl From<AuditExportQuery> for AuditFilter {
    fn from(query: AuditExportQuery) -> Self {
        let AuditExportQuery { actor_user_id, action, object_id, from, to } = query;
        Self { actor_user_id, action, object_id, from, to }
    }
}

impl AuditQuery {
    pub(super) fn filter(self) -> AuditFilter {
        let Self { actor_user_id, action, object_id, from, to, .. } = self;
        AuditFilter { actor_user_id, action, object_id, from, to }
    }
}
