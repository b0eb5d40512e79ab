//! What somebody has to know before they sign in.

use serde::Serialize;
use utoipa::ToSchema;
use vpaura_config::Registration;

use crate::{Engine, Result};

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationPolicy {
    /// Everybody.
    Open,
    /// Those who are invited.
    Invitation,
    /// Nobody.
    Closed,
}

impl From<Registration> for RegistrationPolicy {
    fn from(registration: Registration) -> Self {
        match registration {
            Registration::Open => Self::Open,
            Registration::Invitation => Self::Invitation,
            Registration::Closed => Self::Closed,
        }
    }
}

/// A provider to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProviderName {
    /// Its part of the address `/auth/oidc/{id}`.
    pub id: String,
    /// What people see.
    pub name: String,
}

/// How one comes in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthStatus {
    /// Whether there is no user yet: the first one to register owns the installation.
    pub needs_setup: bool,
    /// Who may register.
    pub registration: RegistrationPolicy,
    /// Whether people may chat without signing in.
    pub anonymous: bool,
    /// Providers to sign in with.
    pub oidc: Vec<ProviderName>,
    /// Whether letters are sent; else links are handed over by people.
    pub mail: bool,
    /// The fewest characters of a password.
    pub min_password_length: usize,
}

impl Engine {
    /// How one comes in here. Anybody may know.
    pub async fn auth_status(&self) -> Result<AuthStatus> {
        let name = |it: &super::IdentityProvider| ProviderName {
            id: it.id.clone(),
            name: it.name.clone(),
        };
        Ok(AuthStatus {
            needs_setup: !self.store.has_users().await?,
            registration: self.settings.auth.registration.into(),
            anonymous: self.settings.auth.anonymous,
            oidc: self.providers.iter().map(name).collect(),
            mail: self.mailer.is_enabled(),
            min_password_length: self.settings.auth.min_password_length,
        })
    }
}
