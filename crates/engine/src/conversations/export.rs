//! Writes a conversation out, as JSON that can be imported again or as Markdown for people.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{
    Conversation, ConversationId, CutOff, Message, MessageStatus, Metadata, Part, Permission, Role,
    RunFailure, Scope, Timestamp, Usage,
};

use crate::{Engine, Result};

/// The number of the export format.
pub(super) const FORMAT: u32 = 1;

/// What people read in the place of a quote.
pub(super) const GONE: &str = "Not here any more, or not open to you.";

/// A conversation as a file: the shown path, without ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedConversation {
    /// The format's number: 1.
    pub format: u32,
    /// The title.
    #[serde(default)]
    pub title: Option<String>,
    /// Free JSON.
    #[serde(default)]
    pub metadata: Metadata,
    /// When the conversation was created.
    pub created_at: Timestamp,
    /// The messages of the shown path, oldest first.
    pub messages: Vec<ExportedMessage>,
}

/// A message as exported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportedMessage {
    /// Who speaks.
    pub role: Role,
    /// How complete it is.
    pub status: MessageStatus,
    /// Its pieces.
    pub parts: Vec<Part>,
    /// The model that wrote it.
    #[serde(default)]
    pub model: Option<String>,
    /// What it cost.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<RunFailure>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Engine {
    /// The conversation's shown path as data.
    pub async fn export_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<ExportedConversation> {
        scope.require(Permission::ChatRead)?;
        let Conversation { title, metadata, created_at, head_message_id, .. } =
            self.find_conversation(scope, id).await?;
        let mut path = self.whole_path(scope, id, head_message_id).await?;
        self.withhold_in_messages(Some(scope), &mut path).await?;
        let messages = path.into_iter().map(exported).collect();
        Ok(ExportedConversation { format: FORMAT, title, metadata, created_at, messages })
    }
}

fn exported(message: Message) -> ExportedMessage {
    let Message { role, status, parts, model, usage, error, created_at, .. } = message;
    ExportedMessage { role, status, parts, model, usage, error, created_at }
}

impl ExportedConversation {
    /// The conversation as Markdown: a heading for each message, files and sources as lists.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail, so the results carry nothing.
        let _ = writeln!(out, "# {}\n", self.title.as_deref().unwrap_or("Conversation"));
        for message in &self.messages {
            message.write_markdown(&mut out);
        }
        out
    }
}

impl ExportedMessage {
    fn write_markdown(&self, out: &mut String) {
        let speaker = match self.role {
            Role::User => "You",
            Role::Assistant => "Assistant",
            Role::System => "System",
            Role::Tool => "Tool",
        };
        let _ = writeln!(out, "## {speaker}\n\n*{}*\n", self.created_at);
        let mut sources = Vec::new();
        for part in &self.parts {
            let _ = match part {
                Part::Text { text } => writeln!(out, "{text}\n"),
                Part::Reasoning { .. } => Ok(()),
                Part::File { name, size, .. } => writeln!(out, "- File: {name} ({size} bytes)\n"),
                Part::ToolCall { name, arguments, .. } => {
                    writeln!(out, "- Tool call: `{name}` `{arguments}`\n")
                }
                Part::ToolResult { gone: true, .. } => writeln!(out, "- Tool result: *{GONE}*\n"),
                Part::ToolResult { output, .. } => writeln!(out, "- Tool result: `{output}`\n"),
                Part::CutOff { reason: CutOff::Length } => {
                    writeln!(out, "*Cut off at the longest allowed.*\n")
                }
                Part::CutOff { reason: CutOff::Refusal } => {
                    writeln!(out, "*The model did not go on.*\n")
                }
                Part::Citation(citation) => {
                    sources.push(citation);
                    Ok(())
                }
            };
        }
        for source in sources {
            if source.gone {
                let _ = writeln!(out, "[{}] *{GONE}*", source.index);
                continue;
            }
            let lines = (source.line_start, source.line_end);
            let _ = writeln!(
                out,
                "[{}] {}, lines {}–{}",
                source.index, source.document, lines.0, lines.1
            );
        }
        match (&self.status, &self.error) {
            (MessageStatus::Cancelled, _) => drop(writeln!(out, "*Stopped.*\n")),
            (_, Some(error)) => drop(writeln!(out, "*Failed: {}*\n", error.message)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_reads_as_a_dialogue() {
        let message = |role, text: &str| ExportedMessage {
            role,
            status: MessageStatus::Completed,
            parts: vec![Part::Text { text: text.into() }],
            model: None,
            usage: None,
            error: None,
            created_at: Timestamp::from_millis(0),
        };
        let exported = ExportedConversation {
            format: FORMAT,
            title: Some("Refunds".into()),
            metadata: Metadata::default(),
            created_at: Timestamp::from_millis(0),
            messages: vec![message(Role::User, "How much?"), message(Role::Assistant, "85 %.")],
        };
        assert_eq!(
            exported.to_markdown(),
            "# Refunds\n\n## You\n\n*1970-01-01T00:00:00.000Z*\n\nHow much?\n\n\
             ## Assistant\n\n*1970-01-01T00:00:00.000Z*\n\n85 %.\n\n"
        );
    }
}
