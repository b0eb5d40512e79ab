//! `GET /messages/{message_id}/citations/{index}`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{Citation, MessageId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::DocumentText;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// A passage within its document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitationView {
    /// The citation; its span counts the characters of the text.
    citation: Citation,
    #[serde(flatten)]
    document: DocumentText,
    /// Whether the document can be had as it came.
    original: bool,
}

/// Opens a citation of an answer: the document's text, in which the citation's span lies. Not
/// there any more when the document was deleted, or is not shared with the caller now.
#[utoipa::path(
    get, path = "/messages/{message_id}/citations/{index}", tag = "conversations",
    params(("message_id" = MessageId, Path), ("index" = u32, Path, minimum = 1)),
    responses(
        (status = 200, description = "The passage", body = CitationView),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn citation(
    State(state): State<AppState>,
    caller: Caller,
    Path((message_id, index)): Path<(MessageId, u32)>,
) -> Result<axum::Json<CitationView>, Problem> {
    let passage = state.engine.cited_passage(&caller.scope, message_id, index).await?;
    let document = passage.extracted.into();
    // Whatever has a text has bytes that it was read from.
    Ok(axum::Json(CitationView { citation: passage.citation, document, original: true }))
}
