//! `POST /users/me/recovery-codes`.

use axum::extract::State;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_engine::RecoveryCodes;

use crate::access::Caller;
use crate::extract::Json;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Codes that each work once in the place of the app.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct ShownRecoveryCodes {
    /// Ten of them.
    recovery_codes: Vec<String>,
}

impl From<RecoveryCodes> for ShownRecoveryCodes {
    fn from(RecoveryCodes(codes): RecoveryCodes) -> Self {
        let shown = |code: &SecretString| code.expose_secret().to_owned();
        Self { recovery_codes: codes.iter().map(shown).collect() }
    }
}

/// Proof that it is the user who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenewRecoveryCodes {
    /// The password.
    #[schema(value_type = String, max_length = 256)]
    password: SecretString,
}

/// Makes new recovery codes. The old ones work no more.
#[utoipa::path(
    post, path = "/users/me/recovery-codes", tag = "users", request_body = RenewRecoveryCodes,
    responses(
        (status = 200, description = "They are shown once", body = ShownRecoveryCodes),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn renew_recovery_codes(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Json(body): Json<RenewRecoveryCodes>,
) -> Result<axum::Json<ShownRecoveryCodes>, Problem> {
    let password = body.password.expose_secret();
    let codes = state.engine.renew_recovery_codes(&caller.scope, password, &origin).await?;
    Ok(axum::Json(codes.into()))
}
