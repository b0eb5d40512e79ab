//! `GET /workspaces/{id}/api-keys`.

use axum::extract::State;
use vpaura_domain::{ApiKey, Listing, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::routes::{ListQuery, page};
use crate::state::AppState;

/// Lists the caller's API keys in a workspace, the newest first; everybody's with the permission
/// `keys:manage`.
#[utoipa::path(
    get, path = "/workspaces/{id}/api-keys", tag = "api-keys",
    params(("id" = WorkspaceId, Path), ListQuery),
    responses(
        (status = 200, description = "A page of keys", body = Listing<ApiKey>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    here: InWorkspace,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<Listing<ApiKey>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    Ok(axum::Json(state.engine.list_api_keys(&here.scope(&state).await?, &page).await?))
}
