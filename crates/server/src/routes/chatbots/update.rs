//! `PATCH /chatbots/{id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Chatbot, ChatbotId, ChatbotSettings, Visibility};
use vpaura_engine::ChatbotUpdate;

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
#[schema(example = json!({ "settings": { "temperature": 0.7 }, "note": "livelier" }))]
pub(crate) struct UpdateChatbot {
    /// The new name.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The new description; null removes it.
    #[serde(default, deserialize_with = "removable")]
    #[schema(value_type = Option<String>, max_length = 2_000)]
    description: Option<Option<String>>,
    /// Who may use it.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = Visibility, required = false)]
    visibility: Option<Visibility>,
    /// True makes it the workspace's default chatbot in place of the present one.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = bool, required = false)]
    is_default: Option<bool>,
    /// What its next version is made of: all of it, not what differs.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = ChatbotSettings, required = false)]
    settings: Option<ChatbotSettings>,
    /// Why that version is made.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = String, required = false, max_length = 500)]
    note: Option<String>,
    /// The version that the caller saw: with another one the answer is 409, and nothing changes.
    #[serde(default, deserialize_with = "replaceable")]
    #[schema(value_type = u32, required = false, minimum = 1)]
    expected_version: Option<u32>,
}

impl UpdateChatbot {
    const fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.description.is_none()
            && self.visibility.is_none()
            && self.is_default.is_none()
            && self.settings.is_none()
    }
}

/// Changes a chatbot. New settings make a new version.
#[utoipa::path(
    patch, path = "/chatbots/{id}", tag = "chatbots", request_body = UpdateChatbot,
    params(("id" = ChatbotId, Path)),
    responses(
        (status = 200, description = "The chatbot", body = Chatbot), Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<ChatbotId>,
    Whence(origin): Whence,
    Json(body): Json<UpdateChatbot>,
) -> Result<axum::Json<Chatbot>, Problem> {
    if body.is_empty() {
        return Err(Problem::validation("", "there is nothing to change"));
    }
    let update = ChatbotUpdate {
        name: body.name,
        description: body.description,
        visibility: body.visibility,
        is_default: body.is_default,
        settings: body.settings,
        note: body.note,
        expected_version: body.expected_version,
    };
    Ok(axum::Json(state.engine.update_chatbot(&caller.scope, id, update, &origin).await?))
}
