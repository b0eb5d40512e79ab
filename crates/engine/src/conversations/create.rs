//! Creates an empty conversation.

use vpaura_domain::{
    ChatbotId, Conversation, ConversationId, ConversationStatus, Metadata, Owner, Permission,
    Scope, SessionId, clean_title,
};

use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

/// What a new conversation is made of.
#[derive(Debug, Clone, Default)]
pub struct NewConversation {
    /// A title.
    pub title: Option<String>,
    /// Free JSON.
    pub metadata: Metadata,
    /// The chatbot that answers in it; the workspace's default one when none is given.
    pub chatbot_id: Option<ChatbotId>,
    /// The session it is for; only the operator may name another than its own.
    pub session_id: Option<SessionId>,
}

impl Engine {
    /// Creates an empty conversation for the caller.
    pub async fn create_conversation(
        &self,
        scope: &Scope,
        new: NewConversation,
        idempotency: Option<Idempotency>,
    ) -> Result<Conversation> {
        scope.require(Permission::ChatWrite)?;
        let owner = self.owner_for(scope, new.session_id).await?;
        let title = new.title.map(|t| clean_title(&t)).transpose().map_err(Error::text("title"))?;
        let mut conversation = self.conversation_record(owner, title, new.metadata);
        let ready = self.chatbot_for(scope, new.chatbot_id, None).await?;
        conversation.chatbot_id = Some(ready.chatbot.id);
        let key = idempotency.map(Into::into);
        Ok(self.store.create_conversation(scope, &conversation, key.as_ref()).await?.into_inner())
    }

    /// Whom a new thing of the caller's belongs to: to themselves. Who sees the whole workspace may
    /// name a session that exists.
    pub(crate) async fn owner_for(
        &self,
        scope: &Scope,
        asked: Option<SessionId>,
    ) -> Result<Option<Owner>> {
        match (scope.owner(), asked) {
            (Some(_), Some(asked)) if scope.session_id() != Some(asked) => {
                Err(Error::Forbidden("session_id must be the caller's own session"))
            }
            (Some(own), _) => Ok(Some(own)),
            (None, Some(asked)) => {
                let session = self.get_session(scope, asked).await?;
                Ok(Some(session.owner_id.map_or(Owner::Session(session.id), Owner::User)))
            }
            (None, None) => Ok(None),
        }
    }

    pub(crate) fn conversation_record(
        &self,
        owner: Option<Owner>,
        title: Option<String>,
        metadata: Metadata,
    ) -> Conversation {
        let now = self.clock.now();
        Conversation {
            id: ConversationId::generate(&*self.ids),
            session_id: owner.and_then(Owner::session_id),
            user_id: owner.and_then(Owner::user_id),
            chatbot_id: None,
            title,
            status: ConversationStatus::Active,
            metadata,
            head_message_id: None,
            message_count: 0,
            created_at: now,
            updated_at: now,
        }
    }
}
