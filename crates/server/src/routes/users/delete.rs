//! `DELETE /users/{id}`.

use axum::extract::State;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::UserId;

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Proof, of who deletes themselves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct DeleteUser {
    /// One's own password.
    #[schema(value_type = Option<String>, max_length = 256)]
    password: Option<SecretString>,
}

/// Deletes a user with everything that is theirs: oneself, or with `users:write` any. Not the last
/// owner of the installation or of a workspace.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "users", params(("id" = UserId, Path)),
    request_body = DeleteUser,
    responses((status = 204, description = "Deleted"), Invalid, Denied, Missing),
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Path(id): Path<UserId>,
    Json(body): Json<DeleteUser>,
) -> Result<StatusCode, Problem> {
    let password = body.password.as_ref().map(|password| password.expose_secret());
    state.engine.delete_user(&caller.scope, id, password, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
