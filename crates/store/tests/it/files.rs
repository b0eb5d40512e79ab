//! Files, attachments and feedback.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_domain::{FeedbackRating, Part, Scope};
use vpaura_store::{Created, StoreError};

use crate::conformance;
use crate::db::TestDb;

fn attached(file: &vpaura_domain::FileRecord) -> Part {
    Part::File {
        file_id: file.id,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size: file.size,
    }
}

conformance! {
    async fn files_come_back_in_the_order_asked_for(db: TestDb) {
        let (_, scope) = db.session().await;
        let (first, second) = (db.new_file(&scope, "aa"), db.new_file(&scope, "bb"));
        for file in [&first, &second] {
            let created = db.store.create_file(&scope, file, None).await.unwrap();
            assert_eq!(created, Created::New(file.clone()));
        }
        let files = db.store.get_files(&scope, &[second.id, first.id]).await.unwrap();
        assert_eq!(files, [second, first]);
        assert_eq!(db.store.get_files(&scope, &[]).await.unwrap(), []);
    }

    async fn the_bytes_may_go_with_the_last_record(db: TestDb) {
        let (_, scope) = db.session().await;
        let (first, second) = (db.new_file(&scope, "aa"), db.new_file(&scope, "aa"));
        for file in [&first, &second] {
            db.store.create_file(&scope, file, None).await.unwrap();
        }
        assert!(db.store.delete_file(&scope, first.id).await.unwrap());
        assert_eq!(db.orphans().await, [""; 0]);
        assert!(!db.store.delete_file(&scope, first.id).await.unwrap());
        assert!(db.store.delete_file(&scope, second.id).await.unwrap());
        assert_eq!(db.orphans().await, ["aa"]);
    }

    async fn released_contents_are_looked_at_by_one_and_until_that_is_said(db: TestDb) {
        let (_, scope) = db.session().await;
        for sha256 in ["aa", "bb", "cc"] {
            let file = db.new_file(&scope, sha256);
            db.store.create_file(&scope, &file, None).await.unwrap();
            assert!(db.store.delete_file(&scope, file.id).await.unwrap());
        }
        let lease = std::time::Duration::from_secs(60);
        let claim = async |id, limit| {
            let mut hashes = db.store.claim_released_contents(id, limit, lease).await.unwrap();
            hashes.sort_unstable();
            hashes
        };
        let (here, there) = (db.uuid(), db.uuid());
        assert_eq!(claim(here, 2).await.len(), 2);
        assert_eq!(claim(there, 2).await, ["cc"]);
        assert_eq!(claim(db.uuid(), 2).await, [""; 0]);
        // One was stored and released once more meanwhile; of another nobody has said anything.
        let file = db.new_file(&scope, "aa");
        db.store.create_file(&scope, &file, None).await.unwrap();
        assert!(db.store.delete_file(&scope, file.id).await.unwrap());
        let all: Vec<_> = ["aa", "bb", "cc"].map(str::to_owned).into();
        db.store.settle_released_contents(here, all).await.unwrap();
        assert_eq!(claim(db.uuid(), 10).await, ["aa"]);
        let raw = db.raw().await;
        raw.execute_unprepared("UPDATE released_contents SET claimed_until = 0").await.unwrap();
        assert_eq!(claim(db.uuid(), 10).await, ["aa", "cc"]);
    }

    async fn whatever_takes_a_row_its_content_is_released(db: TestDb) {
        let (session, scope) = db.session().await;
        let file = db.new_file(&scope, "aa");
        db.store.create_file(&scope, &file, None).await.unwrap();
        let raw = db.raw().await;
        let gone = Statement::from_sql_and_values(
            raw.get_database_backend(),
            "DELETE FROM sessions WHERE id = $1",
            [session.id.uuid().into()],
        );
        raw.execute_raw(gone).await.unwrap();
        assert_eq!(db.orphans().await, ["aa"]);
        // What was expected and never came is looked at when its time is over, or at once when
        // somebody says so.
        db.store.expect_content("bb", std::time::Duration::from_secs(60)).await.unwrap();
        assert_eq!(db.orphans().await, [""; 0]);
        db.store.release_content("bb").await.unwrap();
        assert_eq!(db.orphans().await, ["bb"]);
    }

    async fn a_document_is_not_made_of_an_upload_that_is_gone(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, vpaura_domain::Visibility::Workspace).await;
        let file = db.new_file(&operator, "aa");
        db.store.create_file(&operator, &file, None).await.unwrap();
        let mut new = db.new_document(collection, "d");
        new.source = vpaura_domain::DocumentSource::File { file_id: Some(file.id) };
        let entry = db.entry("x");
        db.store.add_document(&operator, &new, None, &entry).await.unwrap();
        assert!(db.store.delete_file(&operator, file.id).await.unwrap());
        let late = vpaura_store::NewDocument { id: db.new_document(collection, "d").id, ..new };
        let refused = db.store.add_document(&operator, &late, None, &entry).await;
        assert!(matches!(refused, Err(StoreError::FileMissing)), "{refused:?}");
    }

    async fn only_visible_files_can_be_attached(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, other) = db.session().await;
        let conversation = db.conversation(&scope).await;
        let foreign = db.new_file(&other, "aa");
        db.store.create_file(&other, &foreign, None).await.unwrap();
        let mut new = db.new_run(&scope, conversation, None, "steal");
        new.messages[0].parts.push(attached(&foreign));
        let refused = db.start(&scope, new).await;
        assert!(matches!(refused, Err(StoreError::FileMissing)), "{refused:?}");
        assert_eq!(db.shown(&scope, conversation).await, [], "nothing of it is stored");
    }

    async fn a_purged_conversation_takes_its_own_files_along(db: TestDb) {
        let (_, scope) = db.session().await;
        let (own, common, unused) =
            (db.new_file(&scope, "aa"), db.new_file(&scope, "bb"), db.new_file(&scope, "cc"));
        for file in [&own, &common, &unused] {
            db.store.create_file(&scope, file, None).await.unwrap();
        }
        let (gone, kept) = (db.conversation(&scope).await, db.conversation(&scope).await);
        for (conversation, files) in [(gone, vec![&own, &common]), (kept, vec![&common])] {
            let mut new = db.new_run(&scope, conversation, None, "read");
            new.messages[0].parts.extend(files.into_iter().map(attached));
            db.start(&scope, new).await.unwrap();
        }
        let purged = db.store.purge_conversation(&scope, gone, &db.entry("conversation.deleted")).await.unwrap();
        assert!(purged);
        assert_eq!(db.orphans().await, ["aa"]);
        let left = db.store.get_files(&scope, &[own.id, common.id, unused.id]).await.unwrap();
        assert_eq!(left, [common, unused]);
    }

    async fn the_last_verdict_of_each_principal_counts(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, path) = db.talk(&scope, 1).await;
        let first = db.new_feedback(&scope, path[1]);
        let stored = db.store.put_feedback(&scope, &first).await.unwrap();
        assert_eq!(stored, Some(first.clone()));
        db.clock.advance(std::time::Duration::from_secs(1));
        let mut second = db.new_feedback(&scope, path[1]);
        second.feedback = FeedbackRating::Negative;
        second.comment = None;
        let stored = db.store.put_feedback(&scope, &second).await.unwrap().unwrap();
        assert_eq!((stored.id, stored.created_at), (first.id, first.created_at));
        assert_eq!((stored.feedback, stored.comment), (FeedbackRating::Negative, None));
        assert_eq!(stored.updated_at, second.updated_at);

        let operator = Scope::operator();
        let praise = db.new_feedback(&operator, path[1]);
        db.store.put_feedback(&operator, &praise).await.unwrap().unwrap();
        let own = db.store.feedback_of(&scope, &path).await.unwrap();
        assert_eq!(own, [(path[1], FeedbackRating::Negative)].into());
        let operators = db.store.feedback_of(&operator, &path).await.unwrap();
        assert_eq!(operators, [(path[1], FeedbackRating::Positive)].into());

        let on_question = db.new_feedback(&scope, path[0]);
        assert_eq!(db.store.put_feedback(&scope, &on_question).await.unwrap(), None);
    }
}
