//! `PUT /collections/{id}/grants`.

use axum::extract::State;
use vpaura_domain::CollectionId;

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::chatbots::Grants;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Shares a collection with these users and roles, and nobody else.
#[utoipa::path(
    put, path = "/collections/{id}/grants", tag = "collections", request_body = Grants,
    params(("id" = CollectionId, Path)),
    responses((status = 200, description = "The sharings", body = Grants), Invalid, Denied, Missing),
)]
pub(crate) async fn set_grants(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Whence(origin): Whence,
    Json(body): Json<Grants>,
) -> Result<axum::Json<Grants>, Problem> {
    let items = state.engine.share_collection(&caller.scope, id, body.items, &origin).await?;
    Ok(axum::Json(Grants { items }))
}
