//! `GET /users/{id}`.

use axum::extract::State;
use vpaura_domain::{User, UserId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Shows a user: oneself, or with `users:read` any.
#[utoipa::path(
    get, path = "/users/{id}", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, description = "The user", body = User), BadAddress, Denied, Missing),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<axum::Json<User>, Problem> {
    Ok(axum::Json(state.engine.get_user(&caller.scope, id).await?))
}
