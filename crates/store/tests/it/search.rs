//! Search: substrings whatever the case, and no syntax.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_domain::{
    Citation, ConversationFilter, ConversationId, EXTRACTIVE_MODEL, MessageStatus, Page, Part,
    Role, Scope,
};

use crate::conformance;
use crate::db::TestDb;

async fn found(db: &TestDb, scope: &Scope, query: &str) -> Vec<ConversationId> {
    let filter = ConversationFilter { query: Some(query.into()), ..Default::default() };
    let listing = db.store.list_conversations(scope, &filter, &Page::default()).await.unwrap();
    assert_eq!(listing.total, Some(listing.items.len() as u64));
    listing.items.into_iter().map(|it| it.id).collect()
}

conformance! {
    async fn titles_and_messages_are_found_whatever_the_case(db: TestDb) {
        let (_, scope) = db.session().await;
        let talk = db.conversation(&scope).await;
        db.turn(&scope, talk, None, "Wie weit ist es nach ÖSTERREICH? 100% of \"a_b\" \\ it's").await;
        let titled = db.conversation(&scope).await;
        db.store.set_title_if_none(&scope, titled, "Émile Zola").await.unwrap();
        for (query, expected) in [
            ("österreich", vec![talk]),
            ("WEIT IST", vec![talk]),
            ("ANSWER TO wie", vec![talk]),
            ("émile", vec![titled]),
            ("ZOLA", vec![titled]),
            ("É", vec![titled]),
            ("öS", vec![talk]),
            ("nowhere", vec![]),
            ("zz", vec![]),
        ] {
            assert_eq!(found(&db, &scope, query).await, expected, "{query:?}");
        }
    }

    async fn what_the_user_types_is_never_syntax(db: TestDb) {
        let (_, scope) = db.session().await;
        let talk = db.conversation(&scope).await;
        db.turn(&scope, talk, None, "100% of \"a_b\" \\ it's NOT x AND (y*)").await;
        for query in ["0%", "% of", "a_b", "\"a_b\"", "\\ it", "t's", "not x and (y*)", "\\", "\""] {
            assert_eq!(found(&db, &scope, query).await, [talk], "{query:?}");
        }
        for query in ["1%0", "a__b", "aXb", "100% OR it", "body:100", "y**", "'; DROP", "%%", "__"] {
            assert_eq!(found(&db, &scope, query).await, [], "{query:?}");
        }
    }

    async fn quotes_that_an_older_version_made_findable_are_found_no_more(db: TestDb) {
        let (_, scope) = db.session().await;
        let citation = Part::Citation(Citation::default());
        let answer = async |model: &str, status, more: &[Part]| {
            let new = db.new_conversation(&scope);
            let question = db.message(new.id, None, Role::User, "question");
            let mut answer = db.message(new.id, Some(question.id), Role::Assistant, "Heliotrope \"type\":\"citation\"");
            answer.model = Some("another/model".into());
            answer.status = status;
            answer.parts.extend_from_slice(more);
            db.store.import_conversation(&scope, &new, &[question, answer], None).await.unwrap();
            // As it was written before.
            let raw = db.raw().await;
            let sql = "UPDATE messages SET model = $1 WHERE conversation_id = $2 AND role = 'assistant'";
            let values = [model.into(), new.id.uuid().into()];
            let made = Statement::from_sql_and_values(raw.get_database_backend(), sql, values);
            assert_eq!(raw.execute_raw(made).await.unwrap().rows_affected(), 1);
            new.id
        };
        let quoting = answer(EXTRACTIVE_MODEL, MessageStatus::Completed, std::slice::from_ref(&citation)).await;
        let stopped = answer(EXTRACTIVE_MODEL, MessageStatus::Cancelled, &[]).await;
        let plain = answer(EXTRACTIVE_MODEL, MessageStatus::Completed, &[]).await;
        let own_words = answer("another/model", MessageStatus::Completed, &[citation]).await;
        assert_eq!(found(&db, &scope, "heliotrope").await.len(), 4);
        let known = db.store.migration_status().await.unwrap();
        let at = known.iter().position(|it| it.name == "m0011_unquoted_search").unwrap();
        db.store.migrate_down(u32::try_from(known.len() - at).unwrap()).await.unwrap();
        db.store.migrate_up().await.unwrap();
        for query in ["heliotrope", "lio", "ot"] {
            assert_eq!(found(&db, &scope, query).await, [own_words, plain], "{query}");
        }
        let all = found(&db, &scope, "question").await;
        assert_eq!(all, [own_words, plain, stopped, quoting]);
    }

    async fn what_is_gone_is_not_found(db: TestDb) {
        let (_, scope) = db.session().await;
        let (talk, _) = db.talk(&scope, 1).await;
        let changes = |title: &str| vpaura_domain::ConversationChanges {
            title: Some(Some(title.into())),
            ..Default::default()
        };
        for title in ["apple pie", "banana"] {
            db.store.update_conversation(&scope, talk, &changes(title), db.now()).await.unwrap();
        }
        assert_eq!(found(&db, &scope, "banana").await, [talk]);
        assert_eq!(found(&db, &scope, "apple").await, []);
        assert!(db.store.purge_conversation(&scope, talk, &db.entry("conversation.deleted")).await.unwrap());
        assert_eq!(found(&db, &scope, "banana").await, []);
        let later = db.conversation(&scope).await;
        assert_eq!(found(&db, &scope, "question").await, []);
        db.turn(&scope, later, None, "question again").await;
        assert_eq!(found(&db, &scope, "question").await, [later]);
    }
}
