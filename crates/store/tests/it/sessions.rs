//! Sessions.

use std::time::Duration;

use vpaura_domain::{AuditEntry, Page, Scope, SessionChanges, SessionStatus, WorkspaceId};
use vpaura_store::{AuditFilter, Created, SessionFilter, StoreError};

use crate::conformance;
use crate::db::TestDb;

fn revoked(db: &TestDb) -> AuditEntry {
    let log = Some(WorkspaceId::DEFAULT);
    AuditEntry { workspace_id: log, ..db.told("session.revoked") }
}

/// How often the audit log tells of a session that was ended.
async fn revocations_told(db: &TestDb) -> usize {
    let filter =
        AuditFilter { action: Some("session.revoked".to_owned()), ..AuditFilter::default() };
    let log = db.store.list_audit(Some(WorkspaceId::DEFAULT), &filter, 10, None).await;
    log.unwrap().items.len()
}

conformance! {
    async fn a_session_comes_back_as_it_was_stored(db: TestDb) {
        let session = db.new_session();
        let created = db.store.create_session(&Scope::operator(), &session, None).await.unwrap();
        assert_eq!(created, Created::New(session.clone()));
        let scope = Scope::session(session.id);
        assert_eq!(db.store.get_session(&scope, session.id).await.unwrap(), Some(session.clone()));

        let again = db.store.create_session(&scope, &session, None).await.unwrap();
        assert_eq!(again, Created::New(session.clone()), "a repeat of the same insert succeeds");
        let mut other = session;
        other.title = Some("other".into());
        let refused = db.store.create_session(&scope, &other, None).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    }

    async fn changes_touch_only_what_they_name(db: TestDb) {
        let (session, scope) = db.session().await;
        db.clock.advance(Duration::from_secs(5));
        let changes = SessionChanges { title: Some(Some("T".into())), ..Default::default() };
        let changed =
            db.store.update_session(&scope, session.id, &changes, db.now()).await.unwrap().unwrap();
        assert_eq!(changed.title.as_deref(), Some("T"));
        assert_eq!(changed.metadata, session.metadata);
        assert_eq!(changed.updated_at, db.now());

        let changes = SessionChanges {
            title: Some(None),
            status: Some(SessionStatus::Archived),
            ..Default::default()
        };
        let changed =
            db.store.update_session(&scope, session.id, &changes, db.now()).await.unwrap().unwrap();
        assert_eq!((changed.title, changed.status), (None, SessionStatus::Archived));

        let filter = SessionFilter::default();
        let active = db.store.list_sessions(&scope, &filter, &Page::default()).await.unwrap();
        assert_eq!(active.items, []);
        let filter = SessionFilter { status: Some(SessionStatus::Archived) };
        let archived = db.store.list_sessions(&scope, &filter, &Page::default()).await.unwrap();
        assert_eq!((archived.items.len(), archived.total), (1, Some(1)));
    }

    async fn use_is_noted_to_the_minute(db: TestDb) {
        let (session, scope) = db.session().await;
        let first = db.now();
        db.clock.advance(Duration::from_secs(60));
        db.store.touch_session(&scope, session.id, db.now()).await.unwrap();
        let stored = db.store.get_session(&scope, session.id).await.unwrap().unwrap();
        assert_eq!(stored.last_accessed, first);
        db.clock.advance(Duration::from_millis(1));
        db.store.touch_session(&scope, session.id, db.now()).await.unwrap();
        let stored = db.store.get_session(&scope, session.id).await.unwrap().unwrap();
        assert_eq!(stored.last_accessed, db.now());
    }

    async fn soft_deletion_hides_the_session_and_its_conversations(db: TestDb) {
        let (session, scope) = db.session().await;
        let conversation = db.conversation(&scope).await;
        for is_there in [true, false] {
            let told = revoked(&db);
            let deleted = db.store.delete_session(&scope, session.id, &told, db.now()).await;
            assert_eq!(deleted.unwrap(), is_there);
        }
        assert_eq!(revocations_told(&db).await, 1);
        for scope in [scope, Scope::operator()] {
            assert_eq!(db.store.get_session(&scope, session.id).await.unwrap(), None);
            assert_eq!(db.store.get_conversation(&scope, conversation).await.unwrap(), None);
            let filter = SessionFilter { status: Some(SessionStatus::Deleted) };
            let listed = db.store.list_sessions(&scope, &filter, &Page::default()).await.unwrap();
            assert_eq!(listed.items, []);
        }
    }

    async fn hard_deletion_leaves_nothing_and_names_the_orphaned_content(db: TestDb) {
        let (session, scope) = db.session().await;
        let (_, other) = db.session().await;
        let (conversation, path) = db.talk(&scope, 2).await;
        let (own, shared) = (db.new_file(&scope, "aa"), db.new_file(&scope, "bb"));
        for (scope, file) in
            [(&scope, &own), (&scope, &shared), (&other, &db.new_file(&other, "bb"))]
        {
            db.store.create_file(scope, file, None).await.unwrap();
        }
        db.store.delete_session(&scope, session.id, &revoked(&db), db.now()).await.unwrap();
        let purge = async || {
            let told = revoked(&db);
            db.store.purge_session(&scope, session.id, Some(&told)).await.unwrap()
        };
        assert!(purge().await);
        assert_eq!(db.orphans().await, ["aa"]);
        assert!(!purge().await);
        assert_eq!(revocations_told(&db).await, 2);
        let all = Scope::operator();
        assert_eq!(db.store.get_file(&all, own.id).await.unwrap(), None);
        assert_eq!(db.store.get_message(&all, path[0]).await.unwrap(), None);
        assert!(!db.store.purge_conversation(&all, conversation, &db.entry("conversation.deleted")).await.unwrap());
    }
}
