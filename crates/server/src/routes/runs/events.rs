//! `GET /runs/{id}/events`: read a run's log from any place in it, and follow it.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{Cursor, RunId};

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::responses::{Denied, Missing, Streamed};
use crate::state::AppState;
use crate::stream::{RunEvents, respond};

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The number of the last event that the client has; 0 for all. The header `Last-Event-ID`
    /// does the same when this is absent.
    #[param(value_type = Option<u64>)]
    after: Option<String>,
}

/// Replays a run's events after a place, then follows it to its end, or until it waits for
/// answers.
#[utoipa::path(
    get, path = "/runs/{id}/events", tag = "runs",
    params(
        ("id" = RunId, Path),
        EventsQuery,
        ("Last-Event-ID" = Option<u64>, Header, description = "As `after`"),
    ),
    responses(Streamed, Denied, Missing),
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RunId>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (field, after) = match &query.after {
        Some(after) => ("after", Some(after.as_str())),
        None => ("Last-Event-ID", header(&headers)?),
    };
    let Cursor(after) = match after {
        Some(after) => {
            after.parse().map_err(|_| Problem::validation(field, "must be an event's number"))?
        }
        None => Cursor::default(),
    };
    let reader = state.engine.follow_run(&caller.scope, id, after).await?;
    respond(&state, reader, RunEvents)
}

fn header(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let bad = |_| Problem::validation("Last-Event-ID", "must be an event's number");
    let value = value.to_str().map_err(bad)?;
    // Browsers send the header empty before the first event.
    Ok(Some(value).filter(|value| !value.is_empty()))
}
