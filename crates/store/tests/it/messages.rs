//! The tree of messages: paths, branches, siblings, and what a page of it costs.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use vpaura_domain::{
    ConversationFilter, ConversationId, Message, MessageId, Page, Part, Role, RunFailure, Scope,
};
use vpaura_store::Backend;

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::USAGE;

conformance! {
    async fn a_message_comes_back_as_it_was_stored_even_with_nul(db: TestDb) {
        let (_, scope) = db.session().await;
        let conversation = db.new_conversation(&scope);
        let mut message = db.message(conversation.id, None, Role::Assistant, "a\u{0}b \u{1F600}");
        message.parts.push(Part::ToolCall {
            id: "1".into(),
            name: "t".into(),
            arguments: "{\"broken".into(),
        });
        message.usage = Some(USAGE);
        message.error = Some(RunFailure { code: "LLM_ERROR".into(), message: "n\u{0}".into() });
        message.model = Some("p/m".into());
        let messages = [message.clone()];
        db.store.import_conversation(&scope, &conversation, &messages, None).await.unwrap();
        assert_eq!(db.store.get_message(&scope, message.id).await.unwrap(), Some(message));
    }

    /// More than one trip to the database takes.
    async fn a_thousand_messages_are_stored_at_once(db: TestDb) {
        let (_, scope) = db.session().await;
        let conversation = db.new_conversation(&scope);
        let mut messages: Vec<Message> = Vec::new();
        for n in 0..1_000 {
            let parent = messages.last().map(|message| message.id);
            let role = if n % 2 == 0 { Role::User } else { Role::Assistant };
            messages.push(db.message(conversation.id, parent, role, &format!("word{n}")));
        }
        db.store.import_conversation(&scope, &conversation, &messages, None).await.unwrap();
        let path: Vec<_> = messages.iter().map(|message| message.id).collect();
        assert_eq!(db.shown(&scope, conversation.id).await, path);
        for query in ["word0", "word999"] {
            let filter = ConversationFilter { query: Some(query.into()), ..Default::default() };
            let page = Page::default();
            let found = db.store.list_conversations(&scope, &filter, &page).await.unwrap();
            assert_eq!(found.items.len(), 1, "{query}");
        }
    }

    async fn pages_go_from_the_leaf_upwards(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, path) = db.talk(&scope, 5).await;
        let page = |leaf| {
            let (store, scope) = (db.store.clone(), scope);
            async move { store.message_path(&scope, id, leaf, 4).await.unwrap() }
        };
        let ids = |page: &[Message]| page.iter().map(|it| it.id).collect::<Vec<_>>();
        let newest = page(None).await;
        assert_eq!(ids(&newest), path[6..]);
        let middle = page(newest[0].parent_id).await;
        assert_eq!(ids(&middle), path[2..6]);
        let oldest = page(middle[0].parent_id).await;
        assert_eq!(ids(&oldest), path[..2]);
        assert_eq!(oldest[0].parent_id, None);
        assert_eq!(db.store.message_path(&scope, id, None, 0).await.unwrap(), []);
    }

    async fn branches_are_paths_of_their_own_with_siblings(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, path) = db.talk(&scope, 2).await;
        let (edited, answer) = db.turn(&scope, id, Some(path[1]), "question 1, edited").await;
        assert_eq!(db.shown(&scope, id).await, [path[0], path[1], edited, answer]);
        let (restart, _) = db.turn(&scope, id, None, "question 0, edited").await;
        let asked = [path[0], path[1], path[2], edited];
        let siblings = db.store.siblings(&scope, &asked).await.unwrap();
        let expected: HashMap<MessageId, Vec<MessageId>> = [
            (path[0], vec![path[0], restart]),
            (path[1], vec![path[1]]),
            (path[2], vec![path[2], edited]),
            (edited, vec![path[2], edited]),
        ]
        .into();
        assert_eq!(siblings, expected);
        assert_eq!(db.store.siblings(&scope, &[]).await.unwrap(), HashMap::new());
    }

    async fn a_page_of_a_long_conversation_reads_only_its_own_rows(db: TestDb) {
        let (_, scope) = db.session().await;
        let conversation = db.new_conversation(&scope);
        let mut messages: Vec<Message> = Vec::new();
        for n in 0..5000 {
            let parent = messages.last().map(|last| last.id);
            let role = if n % 2 == 0 { Role::User } else { Role::Assistant };
            messages.push(db.message(conversation.id, parent, role, &format!("message {n}")));
        }
        db.store.import_conversation(&scope, &conversation, &messages, None).await.unwrap();
        let page = db.store.message_path(&scope, conversation.id, None, 50).await.unwrap();
        assert_eq!(page, messages[4950..]);
        let whole = db.store.message_path(&scope, conversation.id, None, 10_000).await.unwrap();
        assert_eq!(whole.len(), 5000);
        if db.store.backend() == Backend::Postgres {
            let visits = visits(&db, &scope, conversation.id).await;
            assert!((50..300).contains(&visits), "50 messages cost {visits} row visits");
        }
    }
}

/// How many rows of `messages` PostgreSQL visits for a page of 50, by its own statistics. (For
/// SQLite, which has none, a unit test looks at the query plan.)
async fn visits(db: &TestDb, scope: &Scope, id: ConversationId) -> i64 {
    let raw = db.raw().await;
    raw.execute_unprepared("ANALYZE").await.unwrap();
    let ask = |sql: &str| {
        let (raw, query) = (raw.clone(), Statement::from_string(DbBackend::Postgres, sql));
        async move {
            let row = raw.query_one_raw(query).await.unwrap().unwrap();
            row.try_get::<i64>("", "n").unwrap()
        }
    };
    let rows = "SELECT CAST(seq_tup_read + idx_tup_fetch AS BIGINT) AS n
                FROM pg_stat_user_tables WHERE relname = 'messages'";
    let others = "SELECT COUNT(*) AS n FROM pg_stat_activity
                  WHERE application_name = 'vpaura' AND datname = current_database()";
    // A connection reports its statistics at the latest when it ends.
    db.store.close().await.unwrap();
    while ask(others).await > 0 {}
    let before = ask(rows).await;
    let fresh = db.another().await;
    assert_eq!(fresh.message_path(scope, id, None, 50).await.unwrap().len(), 50);
    fresh.close().await.unwrap();
    while ask(others).await > 0 {}
    ask(rows).await - before
}
