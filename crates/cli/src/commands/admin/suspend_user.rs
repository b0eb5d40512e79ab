//! `vpaura admin suspend-user`.

use clap::Args;
use vpaura_domain::{Scope, UserStatus};
use vpaura_engine::{Engine, UpdateUser};

use crate::error::Result;
use crate::terminal;

/// Suspends a user, or lets them in again.
#[derive(Debug, Args)]
pub(crate) struct SuspendUser {
    /// Their e-mail address
    email: String,
    /// Let them sign in again
    #[arg(long)]
    undo: bool,
}

impl SuspendUser {
    pub(super) async fn run(self, engine: &Engine, scope: &Scope) -> Result<()> {
        let user = engine.find_user(scope, &self.email).await?;
        let status = if self.undo { UserStatus::Active } else { UserStatus::Suspended };
        let changes = UpdateUser { status: Some(status), ..UpdateUser::default() };
        let user = engine.update_user(scope, user.id, changes, None, &super::origin()).await?;
        let state = if user.is_active { "may sign in" } else { "is suspended" };
        let told = format!("{} <{}> {state}.", user.username, user.email);
        Ok(terminal::print_line(&told)?)
    }
}
