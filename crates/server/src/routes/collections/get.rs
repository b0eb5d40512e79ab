//! `GET /collections/{id}`.

use axum::extract::State;
use vpaura_domain::{Collection, CollectionId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads a collection, with how many of its documents are ready, failed, or still wait.
#[utoipa::path(
    get, path = "/collections/{id}", tag = "collections",
    params(("id" = CollectionId, Path)),
    responses(
        (status = 200, description = "The collection", body = Collection),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
) -> Result<axum::Json<Collection>, Problem> {
    Ok(axum::Json(state.engine.get_collection(&caller.scope, id).await?))
}
