//! `vpaura admin`: users, by whoever can start the server. It works on the configured database,
//! whether or not a server runs.

mod create_user;
mod list_users;
mod reset_password;
mod suspend_user;

use std::time::Duration;

use clap::{Args, Subcommand};
use vpaura_domain::{Origin, Scope};
use vpaura_engine::Engine;

use super::load_config;
use crate::error::Result;

/// How long work that is under way may take to end.
const ENDING: Duration = Duration::from_secs(5);

/// Manages users.
#[derive(Debug, Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a user; the first one owns the installation
    CreateUser(create_user::CreateUser),
    /// List the users
    ListUsers(list_users::ListUsers),
    /// End all sign-ins of a user and let them sign in no more
    SuspendUser(suspend_user::SuspendUser),
    /// Print a link with which a user sets a new password; it works once
    ResetPassword(reset_password::ResetPassword),
}

impl Admin {
    pub(crate) async fn run(self) -> Result<()> {
        let engine = Engine::assemble(&load_config()?).await?;
        let scope = Scope::operator();
        let done = match self.action {
            Action::CreateUser(action) => action.run(&engine, &scope).await,
            Action::ListUsers(action) => action.run(&engine, &scope).await,
            Action::SuspendUser(action) => action.run(&engine, &scope).await,
            Action::ResetPassword(action) => action.run(&engine, &scope).await,
        };
        engine.stop(ENDING).await;
        done
    }
}

/// From the command line.
fn origin() -> Origin {
    Origin { user_agent: Some("vpaura admin".to_owned()), ..Origin::default() }
}
