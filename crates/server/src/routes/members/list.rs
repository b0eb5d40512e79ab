//! `GET /workspaces/{id}/members`.

use axum::extract::State;
use vpaura_domain::{Listing, Member, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::routes::{ListQuery, page};
use crate::state::AppState;

/// Lists a workspace's members, the newest first.
#[utoipa::path(
    get, path = "/workspaces/{id}/members", tag = "members",
    params(("id" = WorkspaceId, Path), ListQuery),
    responses(
        (status = 200, description = "A page of members", body = Listing<Member>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    here: InWorkspace,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<Listing<Member>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    Ok(axum::Json(state.engine.list_members(&here.scope(&state).await?, &page).await?))
}
