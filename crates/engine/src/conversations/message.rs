//! Reads one message.

use vpaura_domain::{Message, MessageId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The message, if the caller may see it.
    pub async fn get_message(&self, scope: &Scope, id: MessageId) -> Result<Message> {
        scope.require(Permission::ChatRead)?;
        self.store.get_message(scope, id).await?.ok_or(Error::NotFound(Thing::Message))
    }
}
