//! `[auth]`: secrets, and who comes in how.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::reader::Reader;
use crate::sections::app::AppConfig;
use crate::sections::oidc::{self, OidcConfig};
use crate::sections::server::ServerConfig;

/// Fewest bytes of a secret that signs.
pub(crate) const MIN_SECRET_BYTES: usize = 32;
const MIN_API_KEY_BYTES: usize = 16;

/// Words of secrets that people copy from examples and forget.
const KNOWN_DEFAULTS: [&str; 12] = [
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "change-this",
    "your-secret",
    "your_secret",
    "secret-key",
    "default-secret",
    "random bytes",
    "example",
    "insecure",
];

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Those who are invited.
    Invitation,
    /// Nobody.
    Closed,
}

const REGISTRATION: [(&str, Registration); 3] = [
    ("open", Registration::Open),
    ("invitation", Registration::Invitation),
    ("closed", Registration::Closed),
];

/// The roles that there always are.
pub(crate) const ROLES: [(&str, &str); 4] =
    [("viewer", "viewer"), ("member", "member"), ("admin", "admin"), ("owner", "owner")];

/// `[auth]`.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// Signs the tokens of anonymous sessions.
    pub session_secret: SecretString,
    /// Signs the access tokens of users.
    pub jwt_secret: SecretString,
    /// The operator's key.
    pub api_key: Option<SecretString>,
    /// Who comes in, and how.
    pub policy: AuthPolicy,
    /// Providers that people can sign in with, ordered by name.
    pub oidc: Vec<OidcConfig>,
}

/// What of `[auth]` is no secret.
#[derive(Debug, Clone)]
pub struct AuthPolicy {
    /// Whether people may chat without signing in.
    pub anonymous: bool,
    /// Life of an anonymous session.
    pub session_life: Duration,
    /// Who may register.
    pub registration: Registration,
    /// The name of the role of who registers without an invitation: one of the four ready ones.
    pub default_role: &'static str,
    /// Life of an access token.
    pub access_life: Duration,
    /// Life of a sign-in after its last use.
    pub refresh_life: Duration,
    /// The fewest characters of a password.
    pub min_password_length: usize,
    /// Attempts that one address may make in a minute.
    pub attempts_per_address: u32,
    /// Attempts to sign in as one user in a minute.
    pub attempts_per_user: u32,
}

/// `[auth]` as given; secrets may have to be generated still.
pub(crate) struct GivenAuth {
    pub(crate) session_secret: Option<SecretString>,
    pub(crate) jwt_secret: Option<SecretString>,
    api_key: Option<SecretString>,
    policy: AuthPolicy,
    oidc: Vec<OidcConfig>,
}

impl GivenAuth {
    pub(crate) fn read(r: &mut Reader<'_>, app: &AppConfig, server: &ServerConfig) -> Self {
        let auth = Self {
            session_secret: r.secret("auth.session_secret"),
            jwt_secret: r.secret("auth.jwt_secret"),
            api_key: r.secret("auth.api_key"),
            policy: read_policy(r, app),
            oidc: oidc::read(r, server),
        };
        if !app.is_development() {
            if auth.session_secret.is_none() {
                r.missing("auth.session_secret", "production needs it; set SESSION_SECRET");
            }
            if auth.jwt_secret.is_none() {
                r.missing("auth.jwt_secret", "production needs it; set JWT_SECRET_KEY");
            }
            refuse_weak(r, "auth.session_secret", auth.session_secret.as_ref(), MIN_SECRET_BYTES);
            refuse_weak(r, "auth.jwt_secret", auth.jwt_secret.as_ref(), MIN_SECRET_BYTES);
            refuse_weak(r, "auth.api_key", auth.api_key.as_ref(), MIN_API_KEY_BYTES);
        }
        auth
    }

    /// With the secrets that were given or generated.
    pub(crate) fn with_secrets(
        self,
        session_secret: SecretString,
        jwt_secret: SecretString,
    ) -> AuthConfig {
        let Self { api_key, policy, oidc, .. } = self;
        AuthConfig { session_secret, jwt_secret, api_key, policy, oidc }
    }
}

fn read_policy(r: &mut Reader<'_>, app: &AppConfig) -> AuthPolicy {
    let days = |days: u32| Duration::from_secs(u64::from(days) * 86_400);
    let registration = match r.optional_text("auth.registration") {
        Some(_) => r.choice("auth.registration", &REGISTRATION, Registration::Closed),
        None if app.is_development() => Registration::Open,
        None => Registration::Invitation,
    };
    let minutes: u32 = r.integer("auth.access_minutes", 1..=1440);
    AuthPolicy {
        anonymous: r.boolean("auth.anonymous"),
        session_life: days(r.integer("auth.session_days", 1..=3650)),
        registration,
        default_role: r.choice("auth.default_role", &ROLES, "member"),
        access_life: Duration::from_secs(u64::from(minutes) * 60),
        refresh_life: days(r.integer("auth.refresh_days", 1..=365)),
        min_password_length: r.integer("auth.min_password_length", 8..=64),
        attempts_per_address: r.integer("auth.attempts_per_address", 1..=1_000_000),
        attempts_per_user: r.integer("auth.attempts_per_user", 1..=1_000_000),
    }
}

fn refuse_weak(r: &mut Reader<'_>, key: &str, secret: Option<&SecretString>, bytes: usize) {
    let Some(secret) = secret else { return };
    let secret = secret.expose_secret();
    let lower = secret.to_lowercase();
    if secret.len() < bytes {
        r.refuse(key, &format!("at least {bytes} bytes in production, this has {}", secret.len()));
    } else if KNOWN_DEFAULTS.iter().any(|known| lower.contains(known)) {
        r.refuse(key, "a secret of your own, this is a known default");
    } else if distinct_bytes(secret) < 8 {
        r.refuse(key, "random bytes, this repeats a few");
    }
}

fn distinct_bytes(text: &str) -> usize {
    let mut bytes = text.as_bytes().to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}
