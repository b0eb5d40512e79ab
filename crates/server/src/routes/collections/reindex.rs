//! `POST /collections/{id}/reindex`.

use axum::extract::State;
use http::StatusCode;
use vpaura_domain::{Collection, CollectionId};

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads, cuts and indexes all documents of a collection again, as the collection says now. The old
/// chunks of each are found until its new ones are there.
#[utoipa::path(
    post, path = "/collections/{id}/reindex", tag = "collections",
    params(("id" = CollectionId, Path)),
    responses(
        (status = 202, description = "The collection, whose documents wait", body = Collection),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn reindex_all(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Whence(origin): Whence,
) -> Result<(StatusCode, axum::Json<Collection>), Problem> {
    let collection = state.engine.reindex_collection(&caller.scope, id, &origin).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(collection)))
}
