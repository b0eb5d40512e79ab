//! The path of messages that ends in a leaf.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use vpaura_domain::{ConversationId, Message, MessageId, Owner, Scope};

use crate::entities::message::Model;
use crate::error::Result;
use crate::store::Store;
use crate::visible;

/// Walks parents from the leaf, one primary-key lookup a step, and stops at the limit: so the
/// cost follows the limit, however long the conversation is. Whole rows are carried along: a
/// join after the walk would tempt PostgreSQL's planner, which cannot know how short the walk
/// is, into reading the whole table. (So would COALESCE, under row-level security: it counts as
/// what may leak rows. CASE does not.) The columns are named because a server of the next version
/// may add one while this one still runs.
const PATH: &str = "
WITH RECURSIVE path AS (
    SELECT leaf.id, leaf.workspace_id, leaf.conversation_id, leaf.parent_id, leaf.run_id,
        leaf.role, leaf.status, leaf.parts, leaf.model, leaf.usage, leaf.error,
        leaf.created_at,
        1 AS depth
    FROM conversations
    JOIN messages leaf
        ON leaf.id = CASE WHEN $2 IS NULL THEN conversations.head_message_id ELSE $2 END
        AND leaf.conversation_id = conversations.id
    WHERE conversations.id = $1 AND conversations.workspace_id = $3
        AND conversations.status <> 'deleted'
        AND ($4 IS NULL OR conversations.session_id = $4)
        AND ($6 IS NULL OR conversations.user_id = $6)
        AND ($7 IS NULL OR EXISTS (SELECT 1 FROM api_key_chatbots usable
            WHERE usable.api_key_id = $7 AND usable.chatbot_id = conversations.chatbot_id))
    UNION ALL
    SELECT parent.id, parent.workspace_id, parent.conversation_id, parent.parent_id,
        parent.run_id, parent.role, parent.status, parent.parts, parent.model, parent.usage,
        parent.error, parent.created_at,
        path.depth + 1
    FROM path JOIN messages parent ON parent.id = path.parent_id
    WHERE path.depth < $5
)
SELECT * FROM path ORDER BY depth DESC";

impl Store {
    /// At most `limit` messages of the path that ends in `leaf` (by default the conversation's
    /// head), oldest first; empty when the conversation or the leaf is not visible. For the page
    /// before, pass the oldest message's `parent_id` as the leaf.
    pub async fn message_path(
        &self,
        scope: &Scope,
        conversation: ConversationId,
        leaf: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Message>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let owner = scope.owner();
        self.read(scope, |db| async move {
            let query = Statement::from_sql_and_values(
                db.get_database_backend(),
                PATH,
                [
                    conversation.uuid().into(),
                    leaf.map(|id| id.uuid()).into(),
                    visible::workspace(scope).into(),
                    owner.and_then(Owner::session_id).map(|id| id.uuid()).into(),
                    i64::from(limit).into(),
                    owner.and_then(Owner::user_id).map(|id| id.uuid()).into(),
                    scope.limited_key().map(|id| id.uuid()).into(),
                ],
            );
            let rows = Model::find_by_statement(query).all(&db).await?;
            rows.into_iter().map(Message::try_from).collect()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sea_orm::DbBackend;
    use uuid::Uuid;
    use vpaura_domain::{SystemClock, WorkspaceId};

    use super::*;
    use crate::StoreSettings;

    /// PostgreSQL's cost is measured in the conformance suite; SQLite counts no rows, but its
    /// plan is fixed: every table is searched by key, none is scanned.
    #[tokio::test]
    async fn no_table_is_scanned() {
        let settings = StoreSettings::new("sqlite::memory:");
        let store = Store::connect(&settings, Arc::new(SystemClock)).await.expect("opens");
        store.migrate_up().await.expect("migrates");
        let explain = Statement::from_sql_and_values(
            DbBackend::Sqlite,
            format!("EXPLAIN QUERY PLAN {PATH}"),
            [
                Uuid::nil().into(),
                None::<Uuid>.into(),
                Uuid::nil().into(),
                None::<Uuid>.into(),
                50_i64.into(),
                None::<Uuid>.into(),
                None::<Uuid>.into(),
            ],
        );
        let asked = store.read(WorkspaceId::DEFAULT, |db| {
            let explain = explain.clone();
            async move { Ok(db.query_all_raw(explain).await?) }
        });
        let rows = asked.await.expect("explains");
        let plan: Vec<String> =
            rows.iter().map(|row| row.try_get("", "detail").expect("a detail")).collect();
        let of = |words: &str| plan.iter().filter(|step| step.starts_with(words)).count();
        assert_eq!(of("SEARCH"), 4, "{plan:#?}");
        assert_eq!(of("SCAN"), of("SCAN path"), "{plan:#?}");
    }
}
