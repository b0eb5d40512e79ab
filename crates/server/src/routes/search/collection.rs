//! `POST /collections/{id}/search`.

use axum::extract::State;
use tokio::time::Instant;
use vpaura_domain::CollectionId;

use super::body::{SearchAnswer, SearchBody};
use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Searches a collection, by words and by meaning.
#[utoipa::path(
    post, path = "/collections/{id}/search", tag = "collections", request_body = SearchBody,
    params(("id" = CollectionId, Path)),
    responses(
        (status = 200, description = "What was found", body = SearchAnswer),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn search_collection(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Json(body): Json<SearchBody>,
) -> Result<axum::Json<SearchAnswer>, Problem> {
    let begun = Instant::now();
    let query = body.into_query(Some(vec![id]))?;
    let found = state.engine.search(&caller.scope, query).await?;
    Ok(axum::Json(SearchAnswer::new(found, begun.elapsed())))
}
