//! `GET /tools`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied};
use crate::state::AppState;

/// A tool that is turned on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tool {
    /// Its name, as chatbots name it.
    name: String,
    /// What it does.
    description: String,
    /// Whether somebody must agree before it is used.
    needs_approval: bool,
}

/// All tools that are turned on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToolListing {
    /// The tools.
    items: Vec<Tool>,
}

/// Lists the tools that chatbots can use.
#[utoipa::path(
    get, path = "/tools", tag = "chatbots",
    responses((status = 200, description = "The tools", body = ToolListing), BadAddress, Denied),
    operation_id = "tools",
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<axum::Json<ToolListing>, Problem> {
    let tools = state.engine.list_tools(&caller.scope)?.into_iter().map(|tool| Tool {
        name: tool.name,
        description: tool.description,
        needs_approval: tool.needs_approval,
    });
    Ok(axum::Json(ToolListing { items: tools.collect() }))
}
