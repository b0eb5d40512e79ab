//! `POST /chatbots/{id}/rollback`.

use axum::extract::State;
use vpaura_domain::{Chatbot, ChatbotId};

use crate::access::Caller;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::Rollback;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Makes a new version of the settings of an old one.
#[utoipa::path(
    post, path = "/chatbots/{id}/rollback", tag = "chatbots", request_body = Rollback,
    params(("id" = ChatbotId, Path)),
    responses(
        (status = 200, description = "The chatbot", body = Chatbot), Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn rollback(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
    Whence(origin): Whence,
    Json(body): Json<Rollback>,
) -> Result<axum::Json<Chatbot>, Problem> {
    let (engine, scope) = (&state.engine, &caller.scope);
    Ok(axum::Json(engine.roll_chatbot_back(scope, id, body.version, &origin).await?))
}
