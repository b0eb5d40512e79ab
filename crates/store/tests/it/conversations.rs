//! Conversations: changes, branches, forks, imports, shares, deletion.

use std::time::Duration;

use vpaura_domain::{
    ConversationChanges, ConversationFilter, ConversationStatus, Listing, Page, Role, Scope,
    WorkspaceId,
};
use vpaura_store::{AuditFilter, Created, StoreError};

use crate::conformance;
use crate::db::TestDb;

conformance! {
    async fn a_conversation_comes_back_as_it_was_stored(db: TestDb) {
        let (_, scope) = db.session().await;
        let mut conversation = db.new_conversation(&scope);
        conversation.title = Some("Robert'); DROP TABLE messages;--".into());
        let created = db.store.create_conversation(&scope, &conversation, None).await.unwrap();
        assert_eq!(created, Created::New(conversation.clone()));
        let again = db.store.create_conversation(&scope, &conversation, None).await.unwrap();
        assert_eq!(again, Created::New(conversation.clone()));
        let stored = db.store.get_conversation(&scope, conversation.id).await.unwrap();
        assert_eq!(stored, Some(conversation));
    }

    async fn a_title_is_only_given_where_there_is_none(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        assert!(db.store.set_title_if_none(&scope, id, "First").await.unwrap());
        assert!(!db.store.set_title_if_none(&scope, id, "Second").await.unwrap());
        let stored = db.store.get_conversation(&scope, id).await.unwrap().unwrap();
        assert_eq!(stored.title.as_deref(), Some("First"));
    }

    async fn archived_ones_are_listed_when_asked_for_and_deleted_ones_never(db: TestDb) {
        let (_, scope) = db.session().await;
        let (kept, archived, deleted) = (
            db.conversation(&scope).await,
            db.conversation(&scope).await,
            db.conversation(&scope).await,
        );
        let changes = ConversationChanges {
            status: Some(ConversationStatus::Archived),
            ..Default::default()
        };
        db.store.update_conversation(&scope, archived, &changes, db.now()).await.unwrap().unwrap();
        assert!(db.store.delete_conversation(&scope, deleted, db.now()).await.unwrap());
        assert!(!db.store.delete_conversation(&scope, deleted, db.now()).await.unwrap());
        for (status, expected) in [
            (None, vec![kept]),
            (Some(ConversationStatus::Active), vec![kept]),
            (Some(ConversationStatus::Archived), vec![archived]),
            (Some(ConversationStatus::Deleted), vec![]),
        ] {
            let filter = ConversationFilter { status, ..Default::default() };
            let Listing { items, total, .. } =
                db.store.list_conversations(&scope, &filter, &Page::default()).await.unwrap();
            let ids: Vec<_> = items.into_iter().map(|it| it.id).collect();
            assert_eq!((ids, total), (expected.clone(), Some(expected.len() as u64)), "{status:?}");
        }
        let gone = db.store.update_conversation(&scope, deleted, &changes, db.now()).await.unwrap();
        assert_eq!(gone, None);
    }

    async fn the_latest_activity_comes_first(db: TestDb) {
        let (_, scope) = db.session().await;
        let (old, new) = (db.conversation(&scope).await, db.conversation(&scope).await);
        db.clock.advance(Duration::from_secs(1));
        db.turn(&scope, old, None, "awake").await;
        let listed = db
            .store
            .list_conversations(&scope, &ConversationFilter::default(), &Page::default())
            .await
            .unwrap();
        let ids: Vec<_> = listed.items.iter().map(|it| it.id).collect();
        assert_eq!(ids, [old, new]);
    }

    async fn showing_a_message_shows_the_newest_leaf_below_it(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, path) = db.talk(&scope, 3).await;
        // A second answer to the first question, without a continuation.
        let run = db.start(&scope, db.rerun(&scope, id, path[0])).await.unwrap();
        db.store.finish_run(db.ending(&run, "second answer")).await.unwrap();
        assert_eq!(db.shown(&scope, id).await, [path[0], run.message_id]);

        let show = |message| ConversationChanges {
            head_message_id: Some(message),
            ..Default::default()
        };
        let shown =
            db.store.update_conversation(&scope, id, &show(path[1]), db.now()).await.unwrap();
        assert_eq!(shown.unwrap().head_message_id, Some(path[5]));
        assert_eq!(db.shown(&scope, id).await, path);
        let shown =
            db.store.update_conversation(&scope, id, &show(path[0]), db.now()).await.unwrap();
        assert_eq!(shown.unwrap().head_message_id, Some(run.message_id), "it is the newest");

        let (_, elsewhere) = db.talk(&scope, 1).await;
        let refused =
            db.store.update_conversation(&scope, id, &show(elsewhere[0]), db.now()).await;
        assert!(matches!(refused, Err(StoreError::MessageMissing)), "{refused:?}");
        let stored = db.store.get_conversation(&scope, id).await.unwrap().unwrap();
        assert_eq!(stored.head_message_id, Some(run.message_id), "a refusal changes nothing");
    }

    async fn a_fork_copies_the_path_and_leaves_the_source_alone(db: TestDb) {
        let (_, scope) = db.session().await;
        let (source, path) = db.talk(&scope, 3).await;
        let new = db.new_conversation(&scope);
        let forked = db
            .store
            .fork_conversation(&scope, source, path[3], &new, &*db.ids, None)
            .await
            .unwrap()
            .unwrap()
            .into_inner();
        assert_eq!((forked.id, forked.message_count), (new.id, 4));
        let copies = db.store.message_path(&scope, new.id, None, 100).await.unwrap();
        let originals =
            db.store.message_path(&scope, source, Some(path[3]), 100).await.unwrap();
        let texts = |messages: &[vpaura_domain::Message]| {
            messages.iter().map(vpaura_domain::Message::text).collect::<Vec<_>>()
        };
        assert_eq!(texts(&copies), texts(&originals));
        assert!(copies.iter().all(|copy| !path.contains(&copy.id) && copy.run_id.is_none()));
        assert_eq!(forked.head_message_id, copies.last().map(|copy| copy.id));
        assert_eq!(db.shown(&scope, source).await, path);

        let (_, elsewhere) = db.talk(&scope, 1).await;
        let new = db.new_conversation(&scope);
        let missing =
            db.store.fork_conversation(&scope, source, elsewhere[0], &new, &*db.ids, None).await;
        assert_eq!(missing.unwrap(), None);
    }

    async fn an_import_must_be_a_tree(db: TestDb) {
        let (_, scope) = db.session().await;
        let conversation = db.new_conversation(&scope);
        let first = db.message(conversation.id, None, Role::User, "a");
        let second = db.message(conversation.id, Some(first.id), Role::Assistant, "b");
        let branch = db.message(conversation.id, None, Role::User, "a2");
        for messages in [vec![second.clone(), first.clone()], vec![second.clone()]] {
            let refused =
                db.store.import_conversation(&scope, &conversation, &messages, None).await;
            assert!(matches!(refused, Err(StoreError::ParentMissing)), "{refused:?}");
        }
        let mut shown = conversation.clone();
        shown.head_message_id = Some(second.id);
        let messages = [first.clone(), second.clone(), branch.clone()];
        let imported = db
            .store
            .import_conversation(&scope, &shown, &messages, None)
            .await
            .unwrap()
            .into_inner();
        assert_eq!((imported.head_message_id, imported.message_count), (Some(second.id), 3));
        assert_eq!(db.shown(&scope, conversation.id).await, [first.id, second.id]);
        assert_eq!(db.store.get_message(&scope, branch.id).await.unwrap(), Some(branch));
    }

    async fn a_share_shows_the_path_as_it_was_until_it_is_withdrawn(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, path) = db.talk(&scope, 1).await;
        let told = db.entry("conversation.shared");
        assert!(db.store.create_share(&scope, id, "hash", &told, db.now()).await.unwrap());
        db.turn(&scope, id, Some(path[1]), "later").await;
        let shared = db.store.get_shared("hash").await.unwrap().unwrap();
        assert_eq!((shared.conversation.id, shared.leaf), (id, Some(path[1])));
        assert_eq!(shared.owner, scope);
        let public = Scope::system(shared.owner.workspace_id);
        let seen = db.store.message_path(&public, id, shared.leaf, 100).await.unwrap();
        assert_eq!(seen.len(), 2);
        assert_eq!(db.store.get_shared("HASH").await.unwrap(), None);

        for _ in 0..2 {
            let told = db.entry("conversation.unshared");
            assert!(db.store.delete_shares(&scope, id, &told).await.unwrap());
        }
        assert_eq!(db.store.get_shared("hash").await.unwrap(), None);
        let told = db.entry("conversation.shared");
        assert!(db.store.create_share(&scope, id, "hash2", &told, db.now()).await.unwrap());
        db.store.delete_conversation(&scope, id, db.now()).await.unwrap();
        assert_eq!(db.store.get_shared("hash2").await.unwrap(), None);
        for gone in [false, true] {
            let told = db.entry("conversation.deleted");
            let purged = db.store.purge_conversation(&scope, id, &told).await.unwrap();
            assert_eq!(!purged, gone);
        }
        let (log, all) = (Some(WorkspaceId::DEFAULT), AuditFilter::default());
        let told = db.store.list_audit(log, &all, 10, None).await.unwrap().items;
        let told: Vec<_> = told.iter().rev().map(|entry| entry.action.as_str()).collect();
        let (shared, unshared) = ("conversation.shared", "conversation.unshared");
        let expected = [shared, unshared, shared, "conversation.deleted"];
        assert_eq!(told, expected, "nothing changed, none told");
    }
}
