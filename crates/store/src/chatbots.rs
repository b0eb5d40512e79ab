//! Chatbots and their versions. A version is never changed; a chatbot points at its current one.

mod change;
mod create;
mod delete;
mod read;
mod versions;

use uuid::Uuid;
use vpaura_domain::{
    Chatbot, ChatbotId, ChatbotSettings, Timestamp, UserId, Visibility, WorkspaceId,
};

pub(crate) use versions::version_cursor;

use crate::codec::{self, Word};
use crate::entities::chatbot::Model;
use crate::error::Result;

/// What changes of a chatbot; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatbotChanges {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Who may use it from now on.
    pub visibility: Option<Visibility>,
    /// Makes it the workspace's default one in place of the present one.
    pub make_default: bool,
    /// What its next version is made of.
    pub settings: Option<ChatbotSettings>,
    /// Why that version is made.
    pub note: Option<String>,
    /// The version that the caller saw; another one refuses the change.
    pub expected_version: Option<u32>,
}

/// The chatbot of a row and the text of its current settings.
fn chatbot(row: Model, settings: &str) -> Result<Chatbot> {
    Ok(Chatbot {
        id: ChatbotId::from_uuid(row.id),
        name: row.name,
        description: row.description,
        is_default: row.is_default,
        visibility: Visibility::from_word(&row.visibility, "chatbots.visibility")?,
        version: number(row.version),
        settings: codec::from_text(settings, "chatbot_versions.settings")?,
        created_by: row.created_by.map(UserId::from_uuid),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

/// The row of a chatbot.
fn row(workspace: WorkspaceId, chatbot: &Chatbot) -> Model {
    Model {
        id: chatbot.id.uuid(),
        workspace_id: workspace.uuid(),
        name: chatbot.name.clone(),
        description: chatbot.description.clone(),
        is_default: chatbot.is_default,
        visibility: chatbot.visibility.word().to_owned(),
        version: i64::from(chatbot.version),
        created_by: chatbot.created_by.map(UserId::uuid),
        created_at: chatbot.created_at.millis(),
        updated_at: chatbot.updated_at.millis(),
    }
}

/// A version's number from its column.
pub(crate) fn number(version: i64) -> u32 {
    u32::try_from(version).unwrap_or(u32::MAX)
}

/// A version to be stored.
struct NewVersion<'a> {
    chatbot: Uuid,
    number: i64,
    workspace: WorkspaceId,
    settings: &'a ChatbotSettings,
    note: Option<&'a str>,
    by: Option<UserId>,
    now: Timestamp,
}
