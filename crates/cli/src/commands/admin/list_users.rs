//! `vpaura admin list-users`.

use clap::Args;
use vpaura_domain::{MAX_LIMIT, Page, Scope, User};
use vpaura_engine::{Engine, UserFilter};

use crate::error::Result;
use crate::terminal;

/// Lists the users, the newest first.
#[derive(Debug, Args)]
pub(crate) struct ListUsers {
    /// Only those whose address or name has this in it
    query: Option<String>,
}

impl ListUsers {
    pub(super) async fn run(self, engine: &Engine, scope: &Scope) -> Result<()> {
        let filter = UserFilter { query: self.query, status: None };
        let mut page = Page { limit: MAX_LIMIT, ..Page::default() };
        loop {
            let listing = engine.list_users(scope, &filter, &page).await?;
            for user in &listing.items {
                terminal::print_line(&shown(user))?;
            }
            match listing.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => return Ok(()),
            }
        }
    }
}

fn shown(user: &User) -> String {
    let state = if user.is_active { "active" } else { "suspended" };
    let owner = if user.is_owner { "  owner" } else { "" };
    format!("{}  {state:9}  {}  {}{owner}", user.id, user.username, user.email)
}
