//! Lists and searches conversations.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{Conversation, ConversationFilter, ConversationStatus, Listing, Page, Scope};

use crate::codec::Word;
use crate::entities::conversation::{Column, Entity};
use crate::error::Result;
use crate::keyset::{self, Place};
use crate::search;
use crate::store::Store;
use crate::visible;

impl Store {
    /// The scope's conversations, newest activity first.
    pub async fn list_conversations(
        &self,
        scope: &Scope,
        filter: &ConversationFilter,
        page: &Page,
    ) -> Result<Listing<Conversation>> {
        let status = filter.status.unwrap_or(ConversationStatus::Active);
        let mut select = Entity::find()
            .filter(visible::conversations(scope))
            .filter(Column::Status.eq(status.word()));
        if let Some(session) = filter.session_id {
            select = select.filter(Column::SessionId.eq(session.uuid()));
        }
        if let Some(query) = filter.query.as_deref().filter(|query| !query.is_empty()) {
            let workspace = visible::workspace(scope);
            select = select.filter(Column::Id.in_subquery(search::conversations_with(
                self.backend(),
                workspace,
                query,
            )));
        }
        let order = (Column::UpdatedAt, Column::Id);
        self.read(scope, |db| {
            let select = select.clone();
            async move {
                keyset::page(&db, select, order, page, |row| Place {
                    at: row.updated_at,
                    id: row.id,
                })
                .await
            }
        })
        .await
    }
}
