//! The prompt library and its versions. A version is never changed; a prompt points at its
//! current one.

mod change;
mod create;
mod read;
mod versions;

use uuid::Uuid;
use vpaura_domain::{Prompt, PromptId, Timestamp, UserId, WorkspaceId};

use crate::chatbots::number;
use crate::entities::prompt::Model;

/// What changes of a prompt; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PromptChanges {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// The text of its next version; the text that it has makes none.
    pub text: Option<String>,
}

/// The prompt of a row and its current text.
fn prompt(row: Model, text: String) -> Prompt {
    Prompt {
        id: PromptId::from_uuid(row.id),
        name: row.name,
        description: row.description,
        version: number(row.version),
        text,
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    }
}

/// A version to be stored.
struct NewVersion<'a> {
    prompt: Uuid,
    number: i64,
    workspace: WorkspaceId,
    text: &'a str,
    by: Option<UserId>,
    now: Timestamp,
}
