//! `PATCH /workspaces/{id}/members/{user_id}`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use vpaura_domain::{Member, RoleRef, UserId, WorkspaceId};

use crate::access::InWorkspace;
use crate::extract::{Json, Path};
use crate::origin::Whence;
use crate::problem::Problem;
use crate::routes::responses::{Denied, Invalid, Missing};
use crate::state::AppState;

/// What changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "viewer" }))]
pub(crate) struct ChangeMember {
    /// The new role: `viewer`, `member`, `admin`, `owner`, or a custom role's id.
    #[schema(value_type = String)]
    role: RoleRef,
}

/// Gives a member another role.
///
/// The caller holds all that the old and the new role allow. The last owner stays one.
#[utoipa::path(
    patch, path = "/workspaces/{id}/members/{user_id}", tag = "members",
    params(("id" = WorkspaceId, Path), ("user_id" = UserId, Path)), request_body = ChangeMember,
    responses(
        (status = 200, description = "The member", body = Member),
        Invalid, Denied, Missing,
    ),
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    here: InWorkspace,
    Path((_workspace, user_id)): Path<(WorkspaceId, UserId)>,
    Whence(origin): Whence,
    Json(body): Json<ChangeMember>,
) -> Result<axum::Json<Member>, Problem> {
    let changed = state
        .engine
        .change_member_role(&here.scope(&state).await?, &origin, user_id, body.role)
        .await?;
    Ok(axum::Json(changed))
}
