//! `GET /prompts`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vpaura_domain::Prompt;

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
pub(crate) struct ListPromptsQuery {
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

/// A template of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromptFile {
    /// Its name.
    name: String,
}

/// A page of the library, and the installation's own templates.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromptPage {
    /// The prompts.
    items: Vec<Prompt>,
    /// How many there are in all; absent on the pages after the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Asks for the next page; null on the last.
    next_cursor: Option<String>,
    /// The installation's templates, which are files of the server.
    files: Vec<PromptFile>,
}

/// Lists the workspace's prompts, the newest first, and the installation's templates.
#[utoipa::path(
    get, path = "/prompts", tag = "prompts", params(ListPromptsQuery),
    responses(
        (status = 200, description = "A page of prompts", body = PromptPage), BadAddress, Denied,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListPromptsQuery>,
) -> Result<axum::Json<PromptPage>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    let listing = state.engine.list_prompts(&caller.scope, &page).await?;
    Ok(axum::Json(PromptPage {
        items: listing.prompts.items,
        total: listing.prompts.total,
        next_cursor: listing.prompts.next_cursor,
        files: listing.files.into_iter().map(|name| PromptFile { name }).collect(),
    }))
}
