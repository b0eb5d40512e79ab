//! `POST /workspaces/{id}/api-keys`.

use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{ApiKey, ChatbotId, PermissionSet, Timestamp, WorkspaceId};
use vpaura_engine::NewApiKey;

use crate::access::InWorkspace;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What the key is to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Website", "permissions": ["chat:read", "chat:write"] }))]
pub(crate) struct CreateApiKey {
    /// Its name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+$"
    )]
    name: String,
    /// What it may do; at least one thing, and nothing that the caller may not.
    permissions: PermissionSet,
    /// The chatbots that it may use, 1 to 100; all that the caller may when absent.
    chatbot_ids: Option<Vec<ChatbotId>>,
    /// When it stops working; never when absent.
    expires_at: Option<Timestamp>,
}

/// A new key.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    /// The key.
    api_key: ApiKey,
    /// Its text, for `X-API-Key` or as a bearer token. Shown once: null when an
    /// `Idempotency-Key` repeats the request.
    key: Option<String>,
}

/// Makes an API key of the signed-in user.
#[utoipa::path(
    post, path = "/workspaces/{id}/api-keys", tag = "api-keys", request_body = CreateApiKey,
    params(("id" = WorkspaceId, Path), IdempotencyHeader),
    responses(
        (status = 201, description = "The key", body = CreatedApiKey),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    here: InWorkspace,
    Whence(origin): Whence,
    key: IdempotencyKey,
    Json(body): Json<CreateApiKey>,
) -> Result<(StatusCode, axum::Json<CreatedApiKey>), Problem> {
    let key = key.bind("create_api_key", &body)?;
    let CreateApiKey { name, permissions, chatbot_ids, expires_at } = body;
    let new = NewApiKey { name, permissions, chatbot_ids, expires_at };
    let created =
        state.engine.create_api_key(&here.scope(&state).await?, &origin, new, key).await?;
    let key = created.key.map(|key| key.expose_secret().to_owned());
    Ok((StatusCode::CREATED, axum::Json(CreatedApiKey { api_key: created.api_key, key })))
}
