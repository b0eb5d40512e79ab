//! `GET /collections/{id}/grants`.

use axum::extract::State;
use vpaura_domain::CollectionId;

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::chatbots::Grants;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Lists with whom a collection is shared, for those who may change it.
#[utoipa::path(
    get, path = "/collections/{id}/grants", tag = "collections",
    params(("id" = CollectionId, Path)),
    responses(
        (status = 200, description = "The sharings", body = Grants), BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn grants(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
) -> Result<axum::Json<Grants>, Problem> {
    let items = state.engine.collection_grants(&caller.scope, id).await?;
    Ok(axum::Json(Grants { items }))
}
