//! Reads the audit log: of the scope's workspace, or the installation's.

use vpaura_domain::{AuditEntry, Listing, Permission, Scope, WorkspaceId};
use vpaura_store::AuditFilter;

use crate::{Engine, Result};

/// Entries read at a time for an export.
const EXPORTED: u32 = 500;

/// Whose log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditLog {
    /// The scope's workspace's.
    Workspace,
    /// The installation's: what belongs to no workspace.
    Installation,
}

/// An export under way: the entries from the newest to the oldest, in pages.
#[derive(Debug)]
pub struct AuditExport {
    engine: Engine,
    /// Who reads, and what; asked again for each page.
    scope: Scope,
    log: AuditLog,
    filter: AuditFilter,
    /// Where to go on; `None` at the end.
    next: Option<Option<String>>,
}

impl Engine {
    /// A page of the log, the newest entries first. They are not counted.
    pub async fn list_audit(
        &self,
        scope: &Scope,
        log: AuditLog,
        filter: &AuditFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listing<AuditEntry>> {
        let log = readable(scope, log)?;
        Ok(self.store.list_audit(log, filter, limit, cursor).await?)
    }

    /// The whole log, as far as the filter lets through, to be read in pages.
    pub fn export_audit(
        &self,
        scope: &Scope,
        log: AuditLog,
        filter: AuditFilter,
    ) -> Result<AuditExport> {
        readable(scope, log)?;
        Ok(AuditExport { engine: self.clone(), scope: *scope, log, filter, next: Some(None) })
    }
}

impl AuditExport {
    /// The next entries, at least one; `None` at the end.
    ///
    /// # Errors
    /// Also when the reader may not read them any more.
    pub async fn next(&mut self) -> Result<Option<Vec<AuditEntry>>> {
        let Some(cursor) = self.next.take() else { return Ok(None) };
        let log = readable(&self.engine.still(&self.scope).await?, self.log)?;
        let store = &self.engine.store;
        let page = store.list_audit(log, &self.filter, EXPORTED, cursor.as_deref()).await?;
        self.next = page.next_cursor.map(Some);
        Ok(Some(page.items).filter(|items| !items.is_empty()))
    }
}

fn readable(scope: &Scope, log: AuditLog) -> Result<Option<WorkspaceId>> {
    match log {
        AuditLog::Workspace => {
            scope.require(Permission::AuditRead)?;
            Ok(Some(scope.workspace_id))
        }
        AuditLog::Installation => {
            scope.require(Permission::UsersRead)?;
            Ok(None)
        }
    }
}
