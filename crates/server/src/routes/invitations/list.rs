//! `GET /workspaces/{id}/invitations`.

use axum::extract::State;
use vpaura_domain::{Invitation, Listing, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::routes::{ListQuery, page};
use crate::state::AppState;

/// Lists the invitations into a workspace that nobody has accepted, the newest first.
#[utoipa::path(
    get, path = "/workspaces/{id}/invitations", tag = "invitations",
    params(("id" = WorkspaceId, Path), ListQuery),
    responses(
        (status = 200, description = "A page of invitations", body = Listing<Invitation>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    here: InWorkspace,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<Listing<Invitation>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    Ok(axum::Json(state.engine.list_invitations(&here.scope(&state).await?, &page).await?))
}
