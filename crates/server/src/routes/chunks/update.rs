//! `PATCH /collections/{id}/chunks/{chunk_id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Chunk, ChunkId, CollectionId};
use vpaura_engine::ChunkUpdate;

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
pub(crate) struct UpdateChunk {
    /// Its words from now on, at most 16,000 characters.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 16_000)]
    text: Option<String>,
    /// Whether it is searched.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = bool, required = false)]
    enabled: Option<bool>,
}

/// Corrects a chunk's words, or switches it off and on. Indexing its document again undoes both.
#[utoipa::path(
    patch, path = "/collections/{id}/chunks/{chunk_id}", tag = "documents",
    request_body = UpdateChunk,
    params(("id" = CollectionId, Path), ("chunk_id" = ChunkId, Path)),
    responses((status = 200, description = "The chunk", body = Chunk), Invalid, Denied, Missing),
)]
pub(crate) async fn update_chunk(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, chunk)): Path<(CollectionId, ChunkId)>,
    Whence(origin): Whence,
    Json(body): Json<UpdateChunk>,
) -> Result<axum::Json<Chunk>, Problem> {
    let UpdateChunk { text, enabled } = body;
    if text.is_none() && enabled.is_none() {
        return Err(Problem::validation("", "there is nothing to change"));
    }
    let update = ChunkUpdate { text, enabled };
    Ok(axum::Json(state.engine.update_chunk(&caller.scope, id, chunk, update, &origin).await?))
}
