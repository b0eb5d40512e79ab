//! Idempotency keys: one effect, one answer.

use std::time::Duration;

use futures_util::future::join_all;
use vpaura_domain::Scope;
use vpaura_store::{Created, Started, StoreError};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::key;

conformance! {
    async fn the_same_key_gives_the_first_result(db: TestDb) {
        let (_, scope) = db.session().await;
        let operator = Scope::operator();
        let (first, second) = (db.new_conversation(&scope), db.new_conversation(&scope));
        let k = key("k", "h");
        let created = db.store.create_conversation(&scope, &first, Some(&k)).await.unwrap();
        assert_eq!(created, Created::New(first.clone()));
        let again = db.store.create_conversation(&scope, &second, Some(&k)).await.unwrap();
        assert_eq!(again, Created::Replayed(first.clone()));
        assert_eq!(db.store.get_conversation(&scope, second.id).await.unwrap(), None);

        let other = key("k", "another request");
        let refused = db.store.create_conversation(&scope, &second, Some(&other)).await;
        assert!(matches!(refused, Err(StoreError::IdempotencyMismatch)), "{refused:?}");
        let theirs = db.store.create_conversation(&operator, &second, Some(&k)).await.unwrap();
        assert_eq!(theirs, Created::New(second), "keys are each principal's own");

        db.store.delete_conversation(&scope, first.id, db.now()).await.unwrap();
        let third = db.new_conversation(&scope);
        let gone = db.store.create_conversation(&scope, &third, Some(&k)).await;
        assert!(matches!(gone, Err(StoreError::ReplayGone)), "{gone:?}");
    }

    async fn every_creating_operation_takes_a_key(db: TestDb) {
        let (_, scope) = db.session().await;
        let operator = Scope::operator();
        let sessions = [db.new_session(), db.new_session()];
        let files = [db.new_file(&scope, "aa"), db.new_file(&scope, "bb")];
        let imports = [db.new_conversation(&scope), db.new_conversation(&scope)];
        let forks = [db.new_conversation(&scope), db.new_conversation(&scope)];
        let (source, path) = db.talk(&scope, 1).await;
        for n in 0..2 {
            let (s, f, i, k) = (key("s", "h"), key("f", "h"), key("i", "h"), key("k", "h"));
            let session = db.store.create_session(&operator, &sessions[n], Some(&s)).await.unwrap();
            assert_eq!(session.into_inner(), sessions[0]);
            let file = db.store.create_file(&scope, &files[n], Some(&f)).await.unwrap();
            assert_eq!(file.into_inner(), files[0]);
            let import = db.store.import_conversation(&scope, &imports[n], &[], Some(&i)).await;
            assert_eq!(import.unwrap().into_inner(), imports[0]);
            let fork = db
                .store
                .fork_conversation(&scope, source, path[1], &forks[n], &*db.ids, Some(&k))
                .await;
            assert_eq!(fork.unwrap().unwrap().into_inner().id, forks[0].id);
        }
    }

    async fn a_hundred_equal_requests_start_one_run(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let attempts = (0..100).map(|_| {
            let mut new = db.new_run(&scope, id, None, "once");
            new.idempotency = Some(key("k", "h"));
            let store = db.store.clone();
            tokio::spawn(async move { store.start_run(&scope, new).await })
        });
        let mut started = Vec::new();
        let mut replayed = Vec::new();
        for outcome in join_all(attempts).await {
            match outcome.unwrap().unwrap() {
                Started::New(run) => started.push(run),
                Started::Replayed(run) => replayed.push(run),
            }
        }
        assert_eq!((started.len(), replayed.len()), (1, 99));
        assert!(replayed.iter().all(|run| run.id == started[0].id));
        let stored = db.store.get_conversation(&scope, id).await.unwrap().unwrap();
        assert_eq!(stored.message_count, 1);
    }

    async fn the_run_of_a_key_is_found_without_starting_another(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let k = key("k", "h");
        assert_eq!(db.store.find_idempotent_run(&scope, &k).await.unwrap(), None);
        let mut new = db.new_run(&scope, id, None, "once");
        new.idempotency = Some(k.clone());
        let run = db.start(&scope, new).await.unwrap();
        let found = db.store.find_idempotent_run(&scope, &k).await.unwrap();
        assert_eq!(found.map(|found| found.id), Some(run.id));
        let other = db.store.find_idempotent_run(&scope, &key("k", "another request")).await;
        assert!(matches!(other, Err(StoreError::IdempotencyMismatch)), "{other:?}");
        let theirs = db.store.find_idempotent_run(&Scope::operator(), &k).await.unwrap();
        assert_eq!(theirs, None, "keys are each principal's own");

        db.store.delete_conversation(&scope, id, db.now()).await.unwrap();
        let gone = db.store.find_idempotent_run(&scope, &k).await;
        assert!(matches!(gone, Err(StoreError::ReplayGone)), "{gone:?}");
        db.clock.advance(Duration::from_secs(24 * 3600));
        assert_eq!(db.store.find_idempotent_run(&scope, &k).await.unwrap(), None);
    }

    async fn a_failed_request_does_not_use_up_its_key(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, path) = db.talk(&scope, 1).await;
        let (_, elsewhere) = db.talk(&scope, 1).await;
        let mut wrong = db.new_run(&scope, id, Some(elsewhere[1]), "q");
        wrong.idempotency = Some(key("k", "h"));
        assert!(matches!(db.start(&scope, wrong).await, Err(StoreError::ParentMissing)));
        let mut right = db.new_run(&scope, id, Some(path[1]), "q");
        right.idempotency = Some(key("k", "another"));
        assert!(matches!(db.store.start_run(&scope, right).await, Ok(Started::New(_))));
    }

    async fn keys_live_for_a_day(db: TestDb) {
        let (_, scope) = db.session().await;
        let k = key("k", "h");
        let (first, second) = (db.new_conversation(&scope), db.new_conversation(&scope));
        db.store.create_conversation(&scope, &first, Some(&k)).await.unwrap();
        let used_at = db.now();
        db.clock.advance(Duration::from_secs(24 * 3600));
        let again = db.store.create_conversation(&scope, &second, Some(&key("k", "h2"))).await;
        assert_eq!(again.unwrap(), Created::New(second), "an old key counts no longer");

        let later = used_at.plus(Duration::from_millis(1));
        assert_eq!(db.store.delete_expired_idempotency_keys(later).await.unwrap(), 0);
        let now = db.now().plus(Duration::from_millis(1));
        assert_eq!(db.store.delete_expired_idempotency_keys(now).await.unwrap(), 1);
    }
}
