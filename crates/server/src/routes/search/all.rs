//! `POST /search`.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::Instant;
use utoipa::ToSchema;
use vpaura_domain::CollectionId;

use super::body::{SearchAnswer, SearchBody};
use crate::access::Caller;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What to find, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchAllBody {
    /// The collections; all that the caller sees when absent.
    #[schema(min_items = 1, max_items = 20)]
    collection_ids: Option<Vec<CollectionId>>,
    /// As in the search of one collection.
    #[schema(min_length = 1, max_length = 2_000)]
    query: String,
    /// As in the search of one collection.
    #[schema(minimum = 1, maximum = 50)]
    limit: Option<u32>,
    /// As in the search of one collection.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    filter: Map<String, Value>,
    /// As in the search of one collection.
    rerank: Option<bool>,
}

/// Searches several collections as one.
#[utoipa::path(
    post, path = "/search", tag = "collections", request_body = SearchAllBody,
    responses(
        (status = 200, description = "What was found", body = SearchAnswer),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn search_all(
    State(state): State<AppState>,
    caller: Caller,
    Json(body): Json<SearchAllBody>,
) -> Result<axum::Json<SearchAnswer>, Problem> {
    let begun = Instant::now();
    let SearchAllBody { collection_ids, query, limit, filter, rerank } = body;
    let query = SearchBody { query, limit, filter, rerank }.into_query(collection_ids)?;
    let found = state.engine.search(&caller.scope, query).await?;
    Ok(axum::Json(SearchAnswer::new(found, begun.elapsed())))
}
