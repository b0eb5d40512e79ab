//! `POST /workspaces/{id}/invitations`.

use axum::extract::State;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{Invitation, RoleRef, WorkspaceId};
use vpaura_engine::NewInvitation;

use crate::access::InWorkspace;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

const USUAL_DAYS: u32 = 7;

/// Who is invited.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org", "role": "member" }))]
pub(crate) struct CreateInvitation {
    /// The address. Only the user who has it can accept.
    #[schema(min_length = 3, max_length = 254)]
    email: String,
    /// The role that they get: `viewer`, `member`, `admin`, `owner`, or a custom role's id.
    #[schema(value_type = String)]
    role: RoleRef,
    /// For how many days the link works; 7 when absent.
    #[schema(minimum = 1, maximum = 90)]
    expires_in_days: Option<u32>,
}

/// A new invitation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedInvitation {
    /// The invitation.
    invitation: Invitation,
    /// What proves it. Shown once: null when an `Idempotency-Key` repeats the request.
    token: Option<String>,
    /// The page that accepts it; without a host when the server knows none of its own
    /// (`server.public_url`). Null with the token.
    url: Option<String>,
    /// Whether it was sent to the address. If not, hand the link over.
    mailed: bool,
}

/// Invites somebody into a workspace. The caller holds all that the role allows.
///
/// An open invitation to the same address is replaced.
#[utoipa::path(
    post, path = "/workspaces/{id}/invitations", tag = "invitations",
    request_body = CreateInvitation, params(("id" = WorkspaceId, Path), IdempotencyHeader),
    responses(
        (status = 201, description = "The invitation", body = CreatedInvitation),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    here: InWorkspace,
    Whence(origin): Whence,
    key: IdempotencyKey,
    Json(body): Json<CreateInvitation>,
) -> Result<(StatusCode, axum::Json<CreatedInvitation>), Problem> {
    let key = key.bind("create_invitation", &body)?;
    let CreateInvitation { email, role, expires_in_days } = body;
    let expires_in_days = expires_in_days.unwrap_or(USUAL_DAYS);
    let new = NewInvitation { email, role, expires_in_days };
    let created =
        state.engine.create_invitation(&here.scope(&state).await?, &origin, new, key).await?;
    let token = created.token.map(|token| token.expose_secret().to_owned());
    let host = state.public_url.as_deref().unwrap_or_default();
    let answer = CreatedInvitation {
        url: token.as_ref().map(|token| format!("{host}/accept?token={token}")),
        token,
        invitation: created.invitation,
        mailed: created.mailed,
    };
    Ok((StatusCode::CREATED, axum::Json(answer)))
}
