//! `PUT /chatbots/{id}/grants`.

use axum::extract::State;
use vpaura_domain::ChatbotId;

use super::grants::Grants;
use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Shares a chatbot with these users and roles, and nobody else.
#[utoipa::path(
    put, path = "/chatbots/{id}/grants", tag = "chatbots", request_body = Grants,
    params(("id" = ChatbotId, Path)),
    responses((status = 200, description = "The sharings", body = Grants), Invalid, Denied, Missing),
)]
pub(crate) async fn set_grants(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
    Whence(origin): Whence,
    Json(body): Json<Grants>,
) -> Result<axum::Json<Grants>, Problem> {
    let items = state.engine.share_chatbot(&caller.scope, id, body.items, &origin).await?;
    Ok(axum::Json(Grants { items }))
}
