//! `GET /auth/oidc/{id}/callback`: back from an identity provider.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::LOCATION;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_engine::{Callback, Error};

use super::cookies;
use super::doorstep::Doorstep;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

/// What the provider sends along. It may send more, which does not matter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OidcCallbackQuery {
    /// The state that was sent to it.
    state: Option<String>,
    /// The code to exchange.
    #[param(value_type = Option<String>)]
    code: Option<SecretString>,
    /// Who answers.
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Lets in who comes back from an identity provider, and goes on to the path that was wanted. Who
/// is refused comes to the sign-in page, with the reason as `error`.
#[utoipa::path(
    get, path = "/auth/oidc/{id}/callback", tag = "auth", security(()),
    params(
        (
            "id" = String, Path, pattern = "^[A-Za-z0-9_-]+$", max_length = 64,
            description = "The provider, as in `/auth/status`",
        ),
        OidcCallbackQuery,
    ),
    responses(
        (
            status = 303, description = "To the path that was wanted, or to the sign-in page",
            headers(("Location" = String, description = "That path")),
        ),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn oidc_callback(
    State(state): State<AppState>,
    door: Doorstep,
    Path(id): Path<String>,
    Query(query): Query<OidcCallbackQuery>,
) -> Result<Response, Problem> {
    let OidcCallbackQuery { state: given, code, iss, error } = query;
    let callback = Callback { state: given, code, iss, error };
    let binding = door.binding.as_ref().ok_or(Error::TokenRefused)?;
    let (jar, to) = match state.engine.finish_oidc(&id, binding, callback, &door.arrival).await {
        Ok(back) => (cookies::of_signed_in(&back.signed_in, door.is_secure), back.return_to),
        Err(error) => match reason(&error) {
            Some(reason) => (Default::default(), format!("/sign-in?error={reason}")),
            None => return Err(error.into()),
        },
    };
    let jar = cookies::without_binding(jar, door.is_secure);
    Ok((StatusCode::SEE_OTHER, jar, [(LOCATION, to)]).into_response())
}

/// What the sign-in page is to say, where it was not an attack or a defect.
fn reason(error: &Error) -> Option<&str> {
    match error {
        Error::ProviderRefused(code) => Some(code),
        Error::ProviderFailed => Some("provider_failed"),
        Error::RegistrationClosed(_) => Some("registration_closed"),
        Error::SignInFailed => Some("sign_in_failed"),
        _ => None,
    }
}
