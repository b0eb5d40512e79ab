//! `POST /invitations/accept`.

use axum::extract::State;
use vpaura_domain::Membership;

use super::look::InvitationToken;
use crate::access::Caller;
use crate::extract::Json;
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// Accepts an invitation. The signed-in user has the invited address.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "invitations", request_body = InvitationToken,
    responses(
        (status = 200, description = "The new membership", body = Membership),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn accept(
    State(state): State<AppState>,
    caller: Caller,
    Whence(origin): Whence,
    Json(body): Json<InvitationToken>,
) -> Result<axum::Json<Membership>, Problem> {
    let joined = state.engine.accept_invitation(&caller.scope, &origin, &body.token).await?;
    Ok(axum::Json(joined))
}
