//! Reads one message.

use std::slice;

use vpaura_domain::{Message, MessageId, Permission, Scope};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The message, if the caller may see it, with the quotes that they may see now.
    pub async fn get_message(&self, scope: &Scope, id: MessageId) -> Result<Message> {
        scope.require(Permission::ChatRead)?;
        let message = self.store.get_message(scope, id).await?;
        let mut message = message.ok_or(Error::NotFound(Thing::Message))?;
        self.withhold_in_messages(Some(scope), slice::from_mut(&mut message)).await?;
        Ok(message)
    }
}
