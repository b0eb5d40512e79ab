//! `GET /workspaces/{id}/audit`.

use axum::extract::State;
use vpaura_domain::{AuditEntry, Listing, Scope, WorkspaceId};
use vpaura_engine::AuditLog;

use super::query::AuditQuery;
use crate::access::InWorkspace;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::limit;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Lists what was done in a workspace, the newest first. Entries are not counted.
#[utoipa::path(
    get, path = "/workspaces/{id}/audit", tag = "audit",
    params(("id" = WorkspaceId, Path), AuditQuery),
    responses(
        (status = 200, description = "A page of entries", body = Listing<AuditEntry>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    here: InWorkspace,
    Query(query): Query<AuditQuery>,
) -> Result<axum::Json<Listing<AuditEntry>>, Problem> {
    read(&state, &here.scope(&state).await?, AuditLog::Workspace, query).await
}

pub(super) async fn read(
    state: &AppState,
    scope: &Scope,
    log: AuditLog,
    mut query: AuditQuery,
) -> Result<axum::Json<Listing<AuditEntry>>, Problem> {
    let limit = limit(query.limit)?;
    let cursor = query.cursor.take();
    let filter = query.filter();
    let listing = state.engine.list_audit(scope, log, &filter, limit, cursor.as_deref()).await?;
    Ok(axum::Json(listing))
}
