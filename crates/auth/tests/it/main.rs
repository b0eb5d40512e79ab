//! Sign-in by providers and letters, against servers that really answer.
//!
//! The provider of `real_provider` needs Node and npm. Where they are missing, set
//! `VPAURA_SKIP_NODE=1`.

mod browser;
mod mail;
mod oidc_real;
mod oidc_scripted;
mod real_provider;
mod scripted_provider;
