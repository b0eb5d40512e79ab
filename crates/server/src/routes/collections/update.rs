//! `PATCH /collections/{id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Chunking, Collection, CollectionId, Visibility};
use vpaura_engine::CollectionUpdate;

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
#[schema(example = json!({ "visibility": "private" }))]
pub(crate) struct UpdateCollection {
    /// The new name.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The new description; null removes it.
    #[serde(default, deserialize_with = "removable")]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    description: Option<Option<String>>,
    /// Who may search it.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = Visibility, required = false)]
    visibility: Option<Visibility>,
    /// How documents are cut from now on; those that are there when they are indexed again.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = Chunking, required = false)]
    chunking: Option<Chunking>,
}

impl UpdateCollection {
    const fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.description.is_none()
            && self.visibility.is_none()
            && self.chunking.is_none()
    }
}

/// Changes a collection.
#[utoipa::path(
    patch, path = "/collections/{id}", tag = "collections", request_body = UpdateCollection,
    params(("id" = CollectionId, Path)),
    responses(
        (status = 200, description = "The collection", body = Collection),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<CollectionId>,
    Whence(origin): Whence,
    Json(body): Json<UpdateCollection>,
) -> Result<axum::Json<Collection>, Problem> {
    if body.is_empty() {
        return Err(Problem::validation("", "there is nothing to change"));
    }
    let UpdateCollection { name, description, visibility, chunking } = body;
    let update = CollectionUpdate { name, description, visibility, chunking };
    Ok(axum::Json(state.engine.update_collection(&caller.scope, id, update, &origin).await?))
}
