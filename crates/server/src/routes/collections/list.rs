//! `GET /collections`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{Collection, Listing};

use crate::access::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::page;
use crate::routes::responses::{BadAddress, Denied};
use crate::state::AppState;

const MAX_QUERY_CHARS: usize = 200;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCollectionsQuery {
    /// Only those whose names contain this.
    #[param(max_length = 200)]
    query: Option<String>,
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// How many items to skip.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    offset: Option<u64>,
    /// The `next_cursor` of the page before; wins over `offset`.
    #[param(pattern = r"^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

/// What of a name is looked for, as given by a caller.
pub(crate) fn name_query(given: Option<String>) -> Result<Option<String>, Problem> {
    match given {
        Some(text) if text.chars().count() > MAX_QUERY_CHARS => {
            Err(Problem::validation("query", "must be at most 200 characters"))
        }
        given => Ok(given.filter(|text| !text.trim().is_empty())),
    }
}

/// Lists the collections that the caller may search, the newest first.
#[utoipa::path(
    get, path = "/collections", tag = "collections", params(ListCollectionsQuery),
    responses(
        (status = 200, description = "A page of collections", body = Listing<Collection>),
        BadAddress, Denied,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListCollectionsQuery>,
) -> Result<axum::Json<Listing<Collection>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    let name = name_query(query.query)?;
    let list = state.engine.list_collections(&caller.scope, &page, name.as_deref()).await?;
    Ok(axum::Json(list))
}
