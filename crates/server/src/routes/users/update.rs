//! `PUT /users/{id}`.

use axum::extract::State;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{User, UserId, UserStatus};

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::patch::{removable, replaceable};
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What changes; what is absent stays. At least one field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "full_name": "Ada Lovelace" }))]
pub(crate) struct UpdateUser {
    /// The address. Another one of one's own takes `current_password`; who comes from an identity
    /// provider and has no password cannot change it here.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, max_length = 254)]
    email: Option<String>,
    /// The name here.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, min_length = 3, max_length = 64)]
    username: Option<String>,
    /// The person's name; null removes it.
    #[serde(default, deserialize_with = "removable")]
    #[schema(value_type = Option<String>, max_length = 200)]
    full_name: Option<Option<String>>,
    /// Whether they may sign in. It needs `users:write`.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = UserStatus, required = false)]
    status: Option<UserStatus>,
    /// Whether they own the installation. It needs `users:write`.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = bool, required = false)]
    is_owner: Option<bool>,
    /// One's own password, for another address of one's own. It changes nothing by itself.
    #[schema(value_type = Option<String>, max_length = 256)]
    current_password: Option<SecretString>,
}

/// Changes a user: oneself, or with `users:write` any. Who is suspended loses every credential. A
/// link to reset the password that went to an earlier address does not work any more.
#[utoipa::path(
    put, path = "/users/{id}", tag = "users", params(("id" = UserId, Path)),
    request_body = UpdateUser,
    responses((status = 200, description = "The user", body = User), Invalid, Denied, Missing),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Path(id): Path<UserId>,
    Json(body): Json<UpdateUser>,
) -> Result<axum::Json<User>, Problem> {
    let UpdateUser { email, username, full_name, status, is_owner, current_password } = body;
    let changes = vpaura_engine::UpdateUser { email, username, full_name, status, is_owner };
    if changes == vpaura_engine::UpdateUser::default() {
        return Err(Problem::validation("", "at least one field must be given"));
    }
    let password = current_password.as_ref().map(|password| password.expose_secret());
    let user = state.engine.update_user(&caller.scope, id, changes, password, &origin).await?;
    Ok(axum::Json(user))
}
