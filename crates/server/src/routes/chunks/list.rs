//! `GET /collections/{id}/documents/{document_id}/chunks`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{Chunk, CollectionId, DocumentId, Listing};

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::page;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListChunksQuery {
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// How many items to skip.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    offset: Option<u64>,
    /// The `next_cursor` of the page before; wins over `offset`.
    #[param(pattern = r"^[0-9]{1,10}$")]
    cursor: Option<String>,
}

/// Lists a document's chunks, in its order.
#[utoipa::path(
    get, path = "/collections/{id}/documents/{document_id}/chunks", tag = "documents",
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path), ListChunksQuery),
    responses(
        (status = 200, description = "A page of chunks", body = Listing<Chunk>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list_chunks(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document)): Path<(CollectionId, DocumentId)>,
    Query(query): Query<ListChunksQuery>,
) -> Result<axum::Json<Listing<Chunk>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    Ok(axum::Json(state.engine.list_chunks(&caller.scope, id, document, &page).await?))
}
