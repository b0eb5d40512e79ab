//! `GET /prompts/{id}/versions`.

use axum::extract::State;
use vpaura_domain::{Listing, PromptId, PromptVersion};

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::routes::{VersionsQuery, limit};
use crate::state::AppState;

/// Lists the versions of a prompt, the newest first.
#[utoipa::path(
    get, path = "/prompts/{id}/versions", tag = "prompts",
    params(("id" = PromptId, Path), VersionsQuery),
    responses(
        (status = 200, description = "A page of versions", body = Listing<PromptVersion>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn versions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PromptId>,
    Query(query): Query<VersionsQuery>,
) -> Result<axum::Json<Listing<PromptVersion>>, Problem> {
    let (limit, cursor) = (limit(query.limit)?, query.cursor.as_deref());
    let versions = state.engine.list_prompt_versions(&caller.scope, id, limit, cursor).await?;
    Ok(axum::Json(versions))
}
