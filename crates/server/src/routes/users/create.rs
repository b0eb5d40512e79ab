//! `POST /users`.

use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{BuiltinRole, User};

use crate::access::Caller;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Repeated};
use crate::state::AppState;

/// Who is to be a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org" }))]
pub(crate) struct CreateUser {
    /// The address; unique whatever the case.
    #[schema(max_length = 254)]
    email: String,
    /// The name here; one is made of the address where absent.
    #[schema(min_length = 3, max_length = 64)]
    username: Option<String>,
    /// The person's name.
    #[schema(max_length = 200)]
    full_name: Option<String>,
    /// A password; without one they set it by a link, or come from an identity provider.
    #[schema(value_type = Option<String>, max_length = 256)]
    password: Option<SecretString>,
    /// The role in the default workspace; the configured one where absent.
    #[schema(inline)]
    role: Option<BuiltinRole>,
}

/// Creates a user as a member of the default workspace. It needs `users:write`.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = CreateUser, params(IdempotencyHeader),
    responses((status = 201, description = "The user", body = User), Invalid, Denied, Repeated),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    key: IdempotencyKey,
    Json(body): Json<CreateUser>,
) -> Result<(StatusCode, axum::Json<User>), Problem> {
    let CreateUser { email, username, full_name, password, role } = body;
    // The password stays out of the key: not even its hash is to be kept.
    let key = key.bind("create_user", &(&email, &username, &full_name, &role))?;
    let new = vpaura_engine::CreateUser { email, username, full_name, password, role };
    let user = state.engine.create_user(&caller.scope, new, &origin, key).await?;
    Ok((StatusCode::CREATED, axum::Json(user)))
}
