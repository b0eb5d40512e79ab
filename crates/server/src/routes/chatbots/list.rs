//! `GET /chatbots`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{Chatbot, Listing};

use crate::access::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::page;
use crate::routes::responses::{BadAddress, Denied};
use crate::state::AppState;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListChatbotsQuery {
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// How many items to skip.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    offset: Option<u64>,
    /// The `next_cursor` of the page before; wins over `offset`.
    #[param(pattern = r"^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
}

/// Lists the chatbots that the caller may use, the newest first.
///
/// System prompts are shown to those alone who may change chatbots.
#[utoipa::path(
    get, path = "/chatbots", tag = "chatbots", params(ListChatbotsQuery),
    responses(
        (status = 200, description = "A page of chatbots", body = Listing<Chatbot>),
        BadAddress, Denied,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListChatbotsQuery>,
) -> Result<axum::Json<Listing<Chatbot>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    Ok(axum::Json(state.engine.list_chatbots(&caller.scope, &page).await?))
}
