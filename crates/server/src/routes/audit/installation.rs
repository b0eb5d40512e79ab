//! `GET /audit` and `GET /audit/export`: the installation's log, of what belongs to no workspace.

use axum::extract::State;
use axum::response::Response;
use vpaura_domain::{AuditEntry, Listing};
use vpaura_engine::AuditLog;

use super::export::stream;
use super::list::read;
use super::query::{AuditExportQuery, AuditQuery};
use crate::access::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied};
use crate::state::AppState;

/// Lists what was done on the installation, the newest first. Entries are not counted.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(AuditQuery),
    responses(
        (status = 200, description = "A page of entries", body = Listing<AuditEntry>),
        BadAddress, Denied,
    ),
)]
pub(crate) async fn list_installation(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<axum::Json<Listing<AuditEntry>>, Problem> {
    read(&state, &caller.scope, AuditLog::Installation, query).await
}

/// Exports what was done on the installation: one JSON object per line, the newest first.
#[utoipa::path(
    get, path = "/audit/export", tag = "audit", params(AuditExportQuery),
    responses(
        (
            status = 200, description = "One entry per line",
            body = String, content_type = "application/x-ndjson",
        ),
        BadAddress, Denied,
    ),
)]
pub(crate) async fn export_installation(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<AuditExportQuery>,
) -> Result<Response, Problem> {
    stream(&state, &caller.scope, AuditLog::Installation, query)
}
