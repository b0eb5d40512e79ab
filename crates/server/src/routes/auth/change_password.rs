//! `POST /auth/password/change`.

use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::extract::Json;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid};
use crate::state::AppState;

/// A new password in the place of the present one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The present one.
    #[schema(value_type = String, max_length = 256)]
    current_password: SecretString,
    /// The new one.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
}

/// Changes one's own password. The user's other sign-ins end.
#[utoipa::path(
    post, path = "/auth/password/change", tag = "auth", request_body = ChangePassword,
    responses((status = 204, description = "Changed"), Invalid, Denied),
)]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let (current, new) = (body.current_password.expose_secret(), body.password.expose_secret());
    state.engine.change_password(&caller.scope, current, new, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
