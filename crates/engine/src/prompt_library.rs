//! The prompt library: named templates in versions, kept in the database beside the installation's
//! own. One operation, one file.

mod create;
mod delete;
mod read;
mod update;
mod versions;

pub use create::NewPrompt;
pub use read::PromptListing;
pub use update::PromptUpdate;

use crate::{Error, Result};

/// What the audit log calls them.
const KIND: &str = "prompt";
const MAX_NAME_CHARS: usize = 64;

/// Whether the text is a name that a chatbot can name.
fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(fits) {
        let reason = "must be 1 to 64 letters, digits, '.', '_' or '-'";
        return Err(Error::invalid("name", reason));
    }
    Ok(())
}
