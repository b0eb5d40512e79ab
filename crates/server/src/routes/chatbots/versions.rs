//! `GET /chatbots/{id}/versions`.

use axum::extract::State;
use vpaura_domain::{ChatbotId, ChatbotVersion, Listing};

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::routes::{VersionsQuery, limit};
use crate::state::AppState;

/// Lists the versions of a chatbot, the newest first, for those who may change it.
#[utoipa::path(
    get, path = "/chatbots/{id}/versions", tag = "chatbots",
    params(("id" = ChatbotId, Path), VersionsQuery),
    responses(
        (status = 200, description = "A page of versions", body = Listing<ChatbotVersion>),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn versions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
    Query(query): Query<VersionsQuery>,
) -> Result<axum::Json<Listing<ChatbotVersion>>, Problem> {
    let (limit, cursor) = (limit(query.limit)?, query.cursor.as_deref());
    let versions = state.engine.list_chatbot_versions(&caller.scope, id, limit, cursor).await?;
    Ok(axum::Json(versions))
}
