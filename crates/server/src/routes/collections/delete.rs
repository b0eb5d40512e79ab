//! `DELETE /collections/{id}`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::CollectionId;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Deletes a collection with all its documents. From then on no answer finds anything of it.
#[utoipa::path(
    delete, path = "/collections/{id}", tag = "collections",
    params(("id" = CollectionId, Path)),
    responses((status = 204, description = "Deleted"), BadAddress, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Whence(origin): Whence,
) -> Result<StatusCode, Problem> {
    state.engine.delete_collection(&caller.scope, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
