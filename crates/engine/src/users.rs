//! Users: themselves, and as those who own the installation manage them. Each operation is a file.

mod checks;
mod create;
mod delete;
mod export;
mod get;
mod list;
mod profile;
mod second_factor;
mod update;

pub use create::CreateUser;
pub use export::UserExport;
pub use second_factor::{RecoveryCodes, SecondFactorSecret};
pub use update::UpdateUser;

pub(crate) use checks::{clean_full_name, fresh_user, parse_email, parse_username};
