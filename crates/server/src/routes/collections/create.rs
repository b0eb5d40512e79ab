//! `POST /collections`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{Chunking, Collection, Visibility};
use vpaura_engine::NewCollection;

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Repeated};
use crate::state::AppState;

/// What the collection is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Handbook", "visibility": "workspace" }))]
pub(crate) struct CreateCollection {
    /// Its name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    name: String,
    /// What it holds.
    #[schema(max_length = 2_000)]
    description: Option<String>,
    /// Who may search it; everybody in the workspace when absent.
    #[serde(default)]
    visibility: Visibility,
    /// How its documents are cut.
    #[serde(default)]
    chunking: Chunking,
}

/// Creates an empty collection.
#[utoipa::path(
    post, path = "/collections", tag = "collections", request_body = CreateCollection,
    params(IdempotencyHeader),
    responses(
        (status = 201, description = "The collection", body = Collection),
        Invalid, Denied, Repeated,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    key: IdempotencyKey,
    Whence(origin): Whence,
    Json(body): Json<CreateCollection>,
) -> Result<(StatusCode, axum::Json<Collection>), Problem> {
    let key = key.bind("create_collection", &body)?;
    let CreateCollection { name, description, visibility, chunking } = body;
    let new = NewCollection { name, description, visibility, chunking };
    let created = state.engine.create_collection(&caller.scope, new, key, &origin).await?;
    Ok((StatusCode::CREATED, axum::Json(created)))
}
