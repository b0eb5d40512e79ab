//! `POST /workspaces`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::Workspace;

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Repeated};
use crate::state::AppState;

/// What the workspace is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Sales" }))]
pub(crate) struct CreateWorkspace {
    /// Its name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    name: String,
}

/// Creates a workspace. Its maker becomes its owner.
#[utoipa::path(
    post, path = "/workspaces", tag = "workspaces", request_body = CreateWorkspace,
    params(IdempotencyHeader),
    responses(
        (status = 201, description = "The workspace", body = Workspace),
        Invalid, Denied, Repeated,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    key: IdempotencyKey,
    Json(body): Json<CreateWorkspace>,
) -> Result<(StatusCode, axum::Json<Workspace>), Problem> {
    let key = key.bind("create_workspace", &body)?;
    let made = state.engine.create_workspace(&caller.scope, &origin, &body.name, key).await?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}
