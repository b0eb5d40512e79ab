//! Coming in: registering, signing in with a password, a second factor or an identity provider,
//! staying in with refresh tokens, and passwords that are forgotten. Each operation is a file.
//!
//! Who fails to sign in is told the same, after the same work, whether or not there is such a user.

mod arrival;
mod attempts;
mod change_password;
mod forgot_password;
mod oidc_finish;
mod oidc_start;
mod own_entry;
mod place;
mod provider;
mod refresh;
mod register;
mod reset_password;
mod second_step;
mod sign_in;
mod sign_out;
mod signed_in;
mod status;
mod switch;

pub use arrival::Arrival;
pub use oidc_finish::OidcReturn;
pub use oidc_start::OidcStart;
pub use place::{Me, MyWorkspace};
pub use provider::IdentityProvider;
pub use register::Registration;
pub use reset_password::ResetLink;
pub use sign_in::SignInStep;
pub use signed_in::SignedIn;
pub use status::{AuthStatus, ProviderName, RegistrationPolicy};

pub(crate) use sign_in::hashing;
