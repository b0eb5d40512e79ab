//! Whose rows an operation is about. Every way to a connection takes one, so that a query which
//! does not say it does not compile.

use vpaura_domain::{Scope, WorkspaceId};

/// The rows that a connection is for. On PostgreSQL it sees no others, whatever the query says;
/// on SQLite the conditions of [`visible`](crate::visible) alone decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// One workspace's.
    Workspace(WorkspaceId),
    /// All: for what belongs to no workspace or may belong to any. Leases and recovery, users and
    /// their signing in, tokens that are looked up before anybody knows whose they are.
    Installation,
}

impl From<&Scope> for Within {
    fn from(scope: &Scope) -> Self {
        Self::Workspace(scope.workspace_id)
    }
}

impl From<WorkspaceId> for Within {
    fn from(workspace: WorkspaceId) -> Self {
        Self::Workspace(workspace)
    }
}
