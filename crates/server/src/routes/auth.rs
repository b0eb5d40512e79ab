//! `/auth`: come in, stay in, go out. Tokens are in the answers and, for browsers, in cookies.

mod change_password;
mod cookies;
mod doorstep;
mod forgot_password;
mod login;
mod logout;
mod oidc;
mod oidc_callback;
mod refresh;
mod register;
mod reset_password;
mod second_factor;
mod signed_in;
mod status;
mod switch;

pub(crate) use change_password::*;
pub(crate) use forgot_password::*;
pub(crate) use login::*;
pub(crate) use logout::*;
pub(crate) use oidc::*;
pub(crate) use oidc_callback::*;
pub(crate) use refresh::*;
pub(crate) use register::*;
pub(crate) use reset_password::*;
pub(crate) use second_factor::*;
pub(crate) use status::*;
pub(crate) use switch::*;
