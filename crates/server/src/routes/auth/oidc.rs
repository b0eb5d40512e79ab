//! `GET /auth/oidc/{id}`: to an identity provider.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::LOCATION;
use serde::Deserialize;
use utoipa::IntoParams;

use super::cookies;
use super::doorstep::Doorstep;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// Where to afterwards.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OidcQuery {
    /// A path on this server; `/` when absent.
    #[param(max_length = 1024)]
    return_to: Option<String>,
}

/// Sends the browser to an identity provider.
#[utoipa::path(
    get, path = "/auth/oidc/{id}", tag = "auth", security(()),
    params(
        (
            "id" = String, Path, pattern = "^[A-Za-z0-9_-]+$", max_length = 64,
            description = "The provider, as in `/auth/status`",
        ),
        OidcQuery,
    ),
    responses(
        (
            status = 302, description = "To the provider's page",
            headers(("Location" = String, description = "That page")),
        ),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn oidc(
    State(state): State<AppState>,
    door: Doorstep,
    Path(id): Path<String>,
    Query(query): Query<OidcQuery>,
) -> Result<Response, Problem> {
    let return_to = query.return_to.as_deref();
    let start = state.engine.begin_oidc(&id, return_to, &door.arrival).await?;
    let jar = cookies::of_binding(&start.binding, start.life, door.is_secure);
    Ok((StatusCode::FOUND, jar, [(LOCATION, start.url)]).into_response())
}
