//! `GET /users`.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use vpaura_domain::{Listing, User, UserStatus};
use vpaura_engine::UserFilter;

use crate::access::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::routes::page;
use crate::routes::responses::{BadAddress, Denied};
use crate::state::AppState;

/// Which users, and which part of their list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsersQuery {
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// How many items to skip.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    offset: Option<u64>,
    /// The `next_cursor` of the page before; wins over `offset`.
    #[param(pattern = r"^[A-Za-z0-9_-]{32}$")]
    cursor: Option<String>,
    /// Only those whose address or name has this in it, whatever the case.
    #[param(max_length = 200)]
    query: Option<String>,
    /// Only these.
    #[param(inline)]
    status: Option<UserStatus>,
}

/// Lists the installation's users, the newest first. It needs `users:read`.
#[utoipa::path(
    get, path = "/users", tag = "users", params(ListUsersQuery),
    responses(
        (status = 200, description = "A page of users", body = Listing<User>),
        BadAddress, Denied,
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListUsersQuery>,
) -> Result<axum::Json<Listing<User>>, Problem> {
    let page = page(query.limit, query.offset, query.cursor)?;
    let filter = UserFilter { query: query.query, status: query.status };
    Ok(axum::Json(state.engine.list_users(&caller.scope, &filter, &page).await?))
}
