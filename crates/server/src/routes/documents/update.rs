//! `PATCH /collections/{id}/documents/{document_id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{CollectionId, Document, DocumentId, Metadata};
use vpaura_engine::DocumentUpdate;

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::patch::replaceable;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What changes; what is absent stays. At least one field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "enabled": false }))]
pub(crate) struct UpdateDocument {
    /// The new name.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 255)]
    name: Option<String>,
    /// All that is noted on it from now on.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(required = false)]
    metadata: Option<Metadata>,
    /// Whether it is searched.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = bool, required = false)]
    enabled: Option<bool>,
}

/// Renames a document, changes what is noted on it, or switches it off and on.
#[utoipa::path(
    patch, path = "/collections/{id}/documents/{document_id}", tag = "documents",
    request_body = UpdateDocument,
    params(("id" = CollectionId, Path), ("document_id" = DocumentId, Path)),
    responses(
        (status = 200, description = "The document", body = Document), Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, document)): Path<(CollectionId, DocumentId)>,
    Whence(origin): Whence,
    Json(body): Json<UpdateDocument>,
) -> Result<axum::Json<Document>, Problem> {
    let UpdateDocument { name, metadata, enabled } = body;
    if name.is_none() && metadata.is_none() && enabled.is_none() {
        return Err(Problem::validation("", "there is nothing to change"));
    }
    let update = DocumentUpdate { name, metadata, enabled };
    let (engine, scope) = (&state.engine, &caller.scope);
    Ok(axum::Json(engine.update_document(scope, id, document, update, &origin).await?))
}
