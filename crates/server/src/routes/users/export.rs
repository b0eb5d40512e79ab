//! `GET /users/{id}/export`.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use vpaura_domain::UserId;

use crate::access::Caller;
use crate::extract::Path;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::attachment;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Writes everything that is a user's into a file: of oneself, or with `users:write` of anybody.
/// Files are in it by name; their contents are downloaded one by one.
#[utoipa::path(
    get, path = "/users/{id}/export", tag = "users", params(("id" = UserId, Path)),
    responses(
        (
            status = 200, description = "The file", content((Object = "application/json")),
            headers(("Content-Disposition" = String, description = "Names the file")),
        ),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn export(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let export = state.engine.export_user(&caller.scope, id, &origin).await?;
    let name = attachment(&format!("{}.json", export.user.username));
    let kind = [(CONTENT_TYPE, "application/json")];
    Ok((name, kind, Body::from_stream(export.pieces())).into_response())
}
