//! Sign-in by an OpenID Connect provider: authorization code flow with PKCE.
//!
//! A sign-in has two steps. [`OidcProvider::start`] gives the address to send the browser to, and
//! a [`PendingSignIn`] to keep for that browser alone. [`OidcProvider::finish`] takes what the
//! browser brings back and gives an [`OidcIdentity`] that has been verified: the state and the
//! issuer of the answer, the code by its PKCE verifier, the ID token by its signature, algorithm,
//! issuer, audience, times and nonce.

mod claims;
mod discovery;
mod error;
mod http;
mod id_token;
mod identity;
mod protocol;
mod provider;
mod role_mapping;
mod settings;
mod sign_in;

pub use error::OidcError;
pub use identity::OidcIdentity;
pub use provider::OidcProvider;
pub use role_mapping::RoleMapping;
pub use settings::OidcSettings;
pub use sign_in::{Callback, PendingSignIn, SignInStart};
