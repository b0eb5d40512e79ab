//! `GET /chatbots/{id}/grants`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{ChatbotId, Grant};

use crate::access::Caller;
use crate::extract::Path;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// With whom a chatbot or a collection is shared.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "items": [{ "grantee": { "role": "viewer" }, "access": "use" }] }))]
pub(crate) struct Grants {
    /// At most 200, nobody twice.
    #[schema(max_items = 200)]
    pub(crate) items: Vec<Grant>,
}

/// Lists with whom a chatbot is shared, for those who may change it.
#[utoipa::path(
    get, path = "/chatbots/{id}/grants", tag = "chatbots",
    params(("id" = ChatbotId, Path)),
    responses(
        (status = 200, description = "The sharings", body = Grants), BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn grants(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
) -> Result<axum::Json<Grants>, Problem> {
    let items = state.engine.chatbot_grants(&caller.scope, id).await?;
    Ok(axum::Json(Grants { items }))
}
