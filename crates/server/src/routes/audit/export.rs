//! `GET /workspaces/{id}/audit/export`: the whole log as JSON Lines, written as it is read.

use async_stream::try_stream;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use vpaura_domain::{Scope, WorkspaceId};
use vpaura_engine::{AuditExport, AuditLog, Error};

use super::query::AuditExportQuery;
use crate::access::InWorkspace;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Exports what was done in a workspace: one JSON object per line, the newest first.
#[utoipa::path(
    get, path = "/workspaces/{id}/audit/export", tag = "audit",
    params(("id" = WorkspaceId, Path), AuditExportQuery),
    responses(
        (
            status = 200, description = "One entry per line",
            body = String, content_type = "application/x-ndjson",
        ),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn export(
    State(state): State<AppState>,
    here: InWorkspace,
    Query(query): Query<AuditExportQuery>,
) -> Result<Response, Problem> {
    stream(&state, &here.scope(&state).await?, AuditLog::Workspace, query)
}

pub(super) fn stream(
    state: &AppState,
    scope: &Scope,
    log: AuditLog,
    query: AuditExportQuery,
) -> Result<Response, Problem> {
    let export = state.engine.export_audit(scope, log, query.into())?;
    let mut response = Response::new(Body::from_stream(lines(export)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    let attachment = HeaderValue::from_static("attachment; filename=\"audit.ndjson\"");
    headers.insert(CONTENT_DISPOSITION, attachment);
    Ok(response)
}

/// A page of the log at a time. The next is read when the client has taken the one before.
fn lines(mut export: AuditExport) -> impl futures_util::Stream<Item = Result<Bytes, Error>> {
    try_stream! {
        while let Some(entries) = export.next().await? {
            let mut page = Vec::new();
            for entry in entries {
                serde_json::to_writer(&mut page, &entry)
                    .map_err(|error| Error::Internal(error.to_string()))?;
                page.push(b'\n');
            }
            yield Bytes::from(page);
        }
    }
}
