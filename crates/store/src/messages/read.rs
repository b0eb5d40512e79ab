//! Reads one message.

use sea_orm::{EntityTrait, QueryFilter};
use vpaura_domain::{Message, MessageId, Scope};

use crate::entities::message::Entity;
use crate::error::Result;
use crate::store::Store;
use crate::visible;

impl Store {
    /// The message, unless its conversation is deleted or not visible.
    pub async fn get_message(&self, scope: &Scope, id: MessageId) -> Result<Option<Message>> {
        self.read(scope, |db| async move {
            let row =
                Entity::find_by_id(id.uuid()).filter(visible::messages(scope)).one(&db).await?;
            row.map(Message::try_from).transpose()
        })
        .await
    }
}
