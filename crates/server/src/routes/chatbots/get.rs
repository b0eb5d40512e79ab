//! `GET /chatbots/{id}`.

use axum::extract::State;
use vpaura_domain::{Chatbot, ChatbotId};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Reads a chatbot. Its system prompt is shown to those alone who may change it.
#[utoipa::path(
    get, path = "/chatbots/{id}", tag = "chatbots",
    params(("id" = ChatbotId, Path)),
    responses(
        (status = 200, description = "The chatbot", body = Chatbot), BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
) -> Result<axum::Json<Chatbot>, Problem> {
    Ok(axum::Json(state.engine.get_chatbot(&caller.scope, id).await?))
}
