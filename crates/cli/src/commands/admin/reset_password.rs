//! `vpaura admin reset-password`.

use clap::Args;
use secrecy::ExposeSecret;
use vpaura_domain::Scope;
use vpaura_engine::Engine;

use crate::error::Result;
use crate::terminal;

/// Prints a link with which a user sets a new password.
#[derive(Debug, Args)]
pub(crate) struct ResetPassword {
    /// Their e-mail address
    email: String,
}

impl ResetPassword {
    pub(super) async fn run(self, engine: &Engine, scope: &Scope) -> Result<()> {
        let link = engine.password_reset_link(scope, &self.email, &super::origin()).await?;
        terminal::note(&format!(
            "It works once, until {}. Links before it are void.",
            link.expires_at
        ));
        Ok(terminal::print_line(link.url.expose_secret())?)
    }
}
