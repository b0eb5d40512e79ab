//! `POST /invitations/look`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::Timestamp;

use crate::access::Stranger;
use crate::extract::Json;
use crate::problem::Problem;
use crate::routes::responses::{Invalid, Limited, Missing};
use crate::state::AppState;

/// The token of an invitation's link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "vpi_0123456789012345678901234567890123456789012" }))]
pub(crate) struct InvitationToken {
    /// The token.
    #[schema(max_length = 200)]
    pub(super) token: String,
}

/// An invitation, as whoever has its link sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// The workspace that it leads into.
    workspace_name: String,
    /// Whom it is for.
    email: String,
    /// What they will be there.
    role_name: String,
    /// Until when it can be accepted.
    expires_at: Timestamp,
    /// Whether the address is a user's already: sign in, else register.
    is_user: bool,
}

/// Shows what an invitation's link leads to. The token proves enough.
#[utoipa::path(
    post, path = "/invitations/look", tag = "invitations", request_body = InvitationToken,
    security(()),
    responses(
        (status = 200, description = "The invitation", body = InvitationView),
        Invalid, Limited, Missing,
    ),
)]
pub(crate) async fn look(
    State(state): State<AppState>,
    _: Stranger,
    Json(body): Json<InvitationToken>,
) -> Result<axum::Json<InvitationView>, Problem> {
    let open = state.engine.look_at_invitation(&body.token).await?;
    Ok(axum::Json(InvitationView {
        workspace_name: open.workspace_name,
        email: open.invitation.email,
        role_name: open.role_name,
        expires_at: open.invitation.expires_at,
        is_user: open.is_user,
    }))
}
