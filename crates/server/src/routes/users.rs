//! `/users`: oneself, and those who manage the installation's users.

mod confirm_second_factor;
mod create;
mod delete;
mod export;
mod get;
mod list;
mod me;
mod profile;
mod recovery_codes;
mod second_factor;
mod update;

pub(crate) use confirm_second_factor::*;
pub(crate) use create::*;
pub(crate) use delete::*;
pub(crate) use export::*;
pub(crate) use get::*;
pub(crate) use list::*;
pub(crate) use me::*;
pub(crate) use profile::*;
pub(crate) use recovery_codes::*;
pub(crate) use second_factor::*;
pub(crate) use update::*;
