//! `GET /graphs`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Caller;
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied};
use crate::state::AppState;

/// The names of the ready graphs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GraphListing {
    /// The names, as chatbots name them.
    items: Vec<&'static str>,
}

/// Lists the graphs that a chatbot can answer with.
#[utoipa::path(
    get, path = "/graphs", tag = "chatbots",
    responses((status = 200, description = "The graphs", body = GraphListing), BadAddress, Denied),
    operation_id = "graphs",
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<axum::Json<GraphListing>, Problem> {
    Ok(axum::Json(GraphListing { items: state.engine.list_graphs(&caller.scope)?.to_vec() }))
}
