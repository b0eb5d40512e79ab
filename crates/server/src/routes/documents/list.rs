//! `GET /collections/{id}/documents`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{CollectionId, Document, DocumentStatus, Listing};
use vpaura_engine::DocumentFilter;

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::collections::name_query;
use crate::routes::page;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Which documents, and which part of their list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDocumentsQuery {
    /// Only those that are this far.
    #[param(inline)]
    status: Option<DocumentStatus>,
    /// Only those whose names contain this.
    #[param(max_length = 200)]
    query: Option<String>,
    /// Only those with this content: its SHA-256 in hexadecimal.
    #[param(pattern = r"^[0-9a-f]{64}$")]
    sha256: Option<String>,
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

/// Lists a collection's documents, the newest first.
#[utoipa::path(
    get, path = "/collections/{id}/documents", tag = "documents",
    params(("id" = CollectionId, Path), ListDocumentsQuery),
    responses(
        (status = 200, description = "A page of documents", body = Listing<Document>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Query(query): Query<ListDocumentsQuery>,
) -> Result<axum::Json<Listing<Document>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    if query.sha256.as_deref().is_some_and(|hash| !is_sha256(hash)) {
        return Err(Problem::validation("sha256", "must be 64 hexadecimal digits in lower case"));
    }
    let filter = DocumentFilter {
        status: query.status,
        query: name_query(query.query)?,
        sha256: query.sha256,
    };
    Ok(axum::Json(state.engine.list_documents(&caller.scope, id, &page, &filter).await?))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
