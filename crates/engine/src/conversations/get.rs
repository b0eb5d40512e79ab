//! Reads a conversation with the end of its shown path and the run that is going.

use vpaura_domain::{Conversation, ConversationId, Permission, Scope};

use super::messages::MessagePage;
use crate::{Engine, Error, Result, RunDetail, Thing};

const SHOWN_MESSAGES: u32 = 50;

/// A conversation as a client opens it.
#[derive(Debug, Clone)]
pub struct ConversationDetail {
    /// The conversation.
    pub conversation: Conversation,
    /// The run that is going or waiting, if any, with what it waits for.
    pub active_run: Option<RunDetail>,
    /// The newest messages of the shown path.
    pub messages: MessagePage,
}

impl Engine {
    /// The conversation, its active run and its last 50 messages.
    pub async fn get_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<ConversationDetail> {
        scope.require(Permission::ChatRead)?;
        let conversation = self.find_conversation(scope, id).await?;
        // The run is read before the messages: if it ends in between, the client follows a
        // finished run to its end, which is harmless; the other way round it would miss it.
        let active_run = match self.store.active_run(scope, id).await? {
            Some(run) => Some(self.detail_of(scope, run).await?),
            None => None,
        };
        let messages = match conversation.head_message_id {
            Some(head) => self.message_page(scope, id, head, SHOWN_MESSAGES).await?,
            None => MessagePage::default(),
        };
        Ok(ConversationDetail { conversation, active_run, messages })
    }

    /// The conversation's row alone.
    pub async fn find_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<Conversation> {
        self.store.get_conversation(scope, id).await?.ok_or(Error::NotFound(Thing::Conversation))
    }
}
