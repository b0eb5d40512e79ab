//! Copies a path of a conversation into a new one.

use vpaura_domain::{Conversation, ConversationId, MessageId, Permission, Scope};
use vpaura_store::Created;

use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// A new conversation with a copy of every message from the beginning to `up_to`.
    pub async fn fork_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        up_to: MessageId,
        idempotency: Option<Idempotency>,
    ) -> Result<Conversation> {
        scope.require(Permission::ChatWrite)?;
        let source = self.find_conversation(scope, id).await?;
        let chatbot_id = source.chatbot_id;
        let copy = self.conversation_record(source.owner(), source.title, source.metadata);
        let copy = Conversation { chatbot_id, ..copy };
        let key = idempotency.map(Into::into);
        self.store
            .fork_conversation(scope, id, up_to, &copy, &*self.ids, key.as_ref())
            .await?
            .map(Created::into_inner)
            .ok_or(Error::NotFound(Thing::Message))
    }
}
