//! `vpaura admin create-user`.

use clap::{Args, ValueEnum};
use vpaura_domain::{BuiltinRole, Scope};
use vpaura_engine::Engine;

use crate::error::{Error, Result};
use crate::terminal;

/// Creates a user.
#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// Their e-mail address
    email: String,
    /// Their name here; made of the address where absent
    #[arg(long)]
    username: Option<String>,
    /// Their name
    #[arg(long)]
    full_name: Option<String>,
    /// Their role in the default workspace; the configured one where absent
    #[arg(long)]
    role: Option<Role>,
    /// Read the password from standard input, where it is not asked for
    #[arg(long)]
    password_stdin: bool,
    /// Set no password: they get a link from `reset-password`, or come from an identity provider
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    Viewer,
    Member,
    Admin,
    Owner,
}

impl From<Role> for BuiltinRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Member => Self::Member,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}

impl CreateUser {
    pub(super) async fn run(self, engine: &Engine, scope: &Scope) -> Result<()> {
        let password = match (self.no_password, self.password_stdin) {
            (true, _) => None,
            (false, true) => Some(terminal::secret("")?),
            (false, false) => Some(typed_twice()?),
        };
        let new = vpaura_engine::CreateUser {
            email: self.email,
            username: self.username,
            full_name: self.full_name,
            password,
            role: self.role.map(Into::into),
        };
        let user = engine.create_user(scope, new, &super::origin(), None).await?;
        let owns = if user.is_owner { ", who owns the installation" } else { "" };
        let told = format!("Created {} <{}>{owns}.", user.username, user.email);
        Ok(terminal::print_line(&told)?)
    }
}

fn typed_twice() -> Result<secrecy::SecretString> {
    use secrecy::ExposeSecret;
    let first = terminal::secret("Password: ")?;
    let second = terminal::secret("Once more: ")?;
    if first.expose_secret() == second.expose_secret() {
        Ok(first)
    } else {
        Err(Error::Refused("the passwords differ".to_owned()))
    }
}
