//! `GET` and `PUT /users/me/profile`.

use axum::extract::State;
use vpaura_domain::Profile;

use crate::access::Caller;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// Shows what the caller told about themselves.
#[utoipa::path(
    get, path = "/users/me/profile", tag = "users",
    responses((status = 200, description = "The profile; empty at first", body = Profile), Denied),
)]
pub(crate) async fn get_profile(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<axum::Json<Profile>, Problem> {
    Ok(axum::Json(state.engine.my_profile(&caller.scope).await?))
}

/// Replaces it. It becomes the first prompt of the caller's conversations.
#[utoipa::path(
    put, path = "/users/me/profile", tag = "users", request_body = Profile,
    responses((status = 200, description = "The profile", body = Profile), Invalid, Denied),
)]
pub(crate) async fn put_profile(
    State(state): State<AppState>,
    caller: Caller,
    Json(profile): Json<Profile>,
) -> Result<axum::Json<Profile>, Problem> {
    Ok(axum::Json(state.engine.put_my_profile(&caller.scope, profile).await?))
}
