//! Signing in: sessions of users with their refresh tokens, passwords, second factors, tokens that
//! work once, and identities elsewhere. All of it is before, or beside, any workspace, so these
//! operations take no scope.

mod adopt;
mod begin;
mod end;
mod failures;
mod identity;
mod one_use;
mod password;
mod refresh;
mod second_factor;
mod switch;

pub use begin::BeginSignIn;
pub use identity::MappedRole;
pub use one_use::{NewOneUseToken, OneUsePurpose};
pub use refresh::{RefreshSignIn, Refreshed};

pub(crate) use end::end_all;
pub(crate) use one_use::forget_all as forget_one_use_tokens;
