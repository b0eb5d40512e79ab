//! Reads an exported conversation in as a new one.

use vpaura_domain::{Conversation, Message, MessageId, Part, Permission, Role, Scope, clean_title};

use super::export::{ExportedConversation, ExportedMessage, FORMAT, GONE};
use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

const MAX_MESSAGES: usize = 10_000;

impl Engine {
    /// A new conversation of the caller's with the exported messages. References to files are
    /// dropped (the export does not carry the files), their names stay as text.
    pub async fn import_conversation(
        &self,
        scope: &Scope,
        exported: ExportedConversation,
        idempotency: Option<Idempotency>,
    ) -> Result<Conversation> {
        scope.require(Permission::ChatWrite)?;
        if exported.format != FORMAT {
            return Err(Error::invalid("format", format!("must be {FORMAT}")));
        }
        if exported.messages.len() > MAX_MESSAGES {
            let reason = format!("must be at most {MAX_MESSAGES} messages");
            return Err(Error::invalid("messages", reason));
        }
        let title =
            exported.title.map(|t| clean_title(&t)).transpose().map_err(Error::text("title"))?;
        let owner = self.owner_for(scope, None).await?;
        let mut conversation = self.conversation_record(owner, title, exported.metadata);
        let mut messages: Vec<Message> = Vec::with_capacity(exported.messages.len());
        for (place, message) in exported.messages.into_iter().enumerate() {
            let parent_id = messages.last().map(|previous| previous.id);
            messages.push(self.imported_message(&conversation, parent_id, place, message)?);
        }
        conversation.head_message_id = messages.last().map(|message| message.id);
        conversation.message_count = messages.len() as u64;
        let key = idempotency.map(Into::into);
        let imported =
            self.store.import_conversation(scope, &conversation, &messages, key.as_ref()).await?;
        Ok(imported.into_inner())
    }

    fn imported_message(
        &self,
        conversation: &Conversation,
        parent_id: Option<MessageId>,
        place: usize,
        exported: ExportedMessage,
    ) -> Result<Message> {
        if !matches!(exported.role, Role::User | Role::Assistant) {
            let field = format!("messages[{place}].role");
            return Err(Error::invalid(field, "must be user or assistant"));
        }
        let parts = exported
            .parts
            .into_iter()
            .filter_map(|part| match part {
                Part::File { name, .. } => Some(Part::Text { text: format!("[file: {name}]\n") }),
                Part::Citation(_) => None,
                // Gone for whoever exported it: for everybody here.
                Part::ToolResult { id, is_error, gone: true, .. } => {
                    let (output, quotes) = (GONE.to_owned(), Vec::new());
                    Some(Part::ToolResult { id, output, is_error, quotes, gone: false })
                }
                other => Some(other),
            })
            .collect();
        Ok(Message {
            id: MessageId::generate(&*self.ids),
            conversation_id: conversation.id,
            parent_id,
            run_id: None,
            role: exported.role,
            status: exported.status,
            parts,
            model: exported.model,
            usage: exported.usage,
            error: exported.error,
            created_at: exported.created_at,
        })
    }
}
