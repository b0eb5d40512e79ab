//! The alternatives at a place of the tree.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{MessageId, Scope};

use crate::entities::message::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::visible;

/// A message and where it hangs.
type Node = (Uuid, Uuid, Option<Uuid>);

impl Store {
    /// For each of these messages that is visible, all messages with the same parent (itself
    /// among them), oldest first.
    pub async fn siblings(
        &self,
        scope: &Scope,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, Vec<MessageId>>> {
        self.read(scope, |db| async move {
            let asked = Condition::all()
                .add(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
                .add(visible::messages(scope));
            let asked = nodes(&db, asked).await?;
            // Messages with a parent and first messages are looked up by different indexes.
            let parents = asked.iter().filter_map(|(_, _, parent)| *parent);
            let mut all = nodes(&db, Column::ParentId.is_in(parents).into()).await?;
            let rooted = asked.iter().filter(|(_, _, parent)| parent.is_none());
            let rooted: Vec<Uuid> = rooted.map(|(_, conversation, _)| *conversation).collect();
            if !rooted.is_empty() {
                let first = Condition::all()
                    .add(Column::ParentId.is_null())
                    .add(Column::ConversationId.is_in(rooted));
                all.extend(nodes(&db, first).await?);
            }
            let mut places: HashMap<(Uuid, Option<Uuid>), Vec<MessageId>> = HashMap::new();
            for (id, conversation, parent) in all {
                places.entry((conversation, parent)).or_default().push(MessageId::from_uuid(id));
            }
            for place in places.values_mut() {
                place.sort_unstable();
            }
            Ok(asked
                .into_iter()
                .filter_map(|(id, conversation, parent)| {
                    let here = places.get(&(conversation, parent))?;
                    Some((MessageId::from_uuid(id), here.clone()))
                })
                .collect())
        })
        .await
    }
}

async fn nodes<C: ConnectionTrait>(db: &C, condition: Condition) -> Result<Vec<Node>> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::ConversationId, Column::ParentId])
        .filter(condition)
        .into_tuple()
        .all(db)
        .await?)
}
