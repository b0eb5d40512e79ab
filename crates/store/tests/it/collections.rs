//! Collections and documents: who sees them, how they are changed, and that nothing is left.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use vpaura_domain::{
    Access, ApiKeyId, BuiltinRole, Chatbot, ChatbotSettings, Chunking, CollectionId,
    DocumentStatus, Grant, Grantee, Metadata, Page, RoleRef, Scope, Subject, Visibility,
    WorkspaceId,
};
use vpaura_store::{
    AuditFilter, ChatbotChanges, CollectionChanges, Content, Created, DocumentChanges,
    DocumentFilter, DocumentMatch, Fetched, Rename, StoreError,
};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::key;

fn content(sha256: &str) -> Option<Content> {
    Some(Content { sha256: sha256.into(), media_type: "text/plain".into(), size: 3 })
}

impl TestDb {
    pub async fn share_with(
        &self,
        collection: vpaura_domain::CollectionId,
        grants: &[Grant],
    ) -> bool {
        let grants = grants.iter().map(|grant| (self.uuid(), *grant)).collect();
        let entry = self.entry("collection.shared");
        let operator = Scope::operator();
        self.store
            .share_collection(&operator, collection, grants, self.now(), &entry)
            .await
            .unwrap()
    }
}

conformance! {
    async fn a_collection_is_made_changed_and_deleted(db: TestDb) {
        let operator = Scope::operator();
        let new = db.new_collection("Händbuch 100%", Visibility::Workspace, None);
        let entry = db.entry("collection.created");
        let one = key("k", "h");
        let made = db.store.create_collection(&operator, &new, Some(&one), &entry).await.unwrap();
        assert_eq!(made, Created::New(new.clone()));
        let other = db.new_collection("again", Visibility::Workspace, None);
        let again = db.store.create_collection(&operator, &other, Some(&one), &entry).await.unwrap();
        assert_eq!(again, Created::Replayed(new.clone()));
        assert_eq!(db.store.get_collection(&operator, new.id).await.unwrap(), Some(new.clone()));

        db.clock.advance(std::time::Duration::from_secs(1));
        let changes = CollectionChanges {
            name: Some("Ordner".into()),
            description: Some(None),
            visibility: Some(Visibility::Private),
            chunking: Some(Chunking { max_tokens: 99, overlap_tokens: 9 }),
        };
        let entry = db.entry("collection.updated");
        let changed = db.store.update_collection(&operator, new.id, &changes, &entry).await.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), changed.description.as_deref()), ("Ordner", None));
        assert_eq!((changed.visibility, changed.chunking.max_tokens), (Visibility::Private, 99));
        assert_eq!((changed.created_at, changed.updated_at), (new.created_at, db.now()));

        let list = async |query: &str| {
            let listed = db.store.list_collections(&operator, &Page::default(), Some(query)).await;
            listed.unwrap().items.len()
        };
        assert_eq!((list("ORD").await, list("händ").await, list("%").await), (1, 0, 0));
        let entry = db.entry("collection.deleted");
        assert!(db.store.delete_collection(&operator, new.id, &entry).await.unwrap());
        assert!(!db.store.delete_collection(&operator, new.id, &entry).await.unwrap());
        assert_eq!(db.store.get_collection(&operator, new.id).await.unwrap(), None);
        assert_eq!(list("").await, 0);
    }

    async fn nobody_sees_more_of_a_collection_than_is_shared_with_them(db: TestDb) {
        let operator = Scope::operator();
        let (maker, maker_scope) = db.member(BuiltinRole::Member).await;
        let (friend, friend_scope) = db.member(BuiltinRole::Member).await;
        let (_, viewer) = db.member(BuiltinRole::Viewer).await;
        let (_, admin) = db.member(BuiltinRole::Admin).await;
        let (_, visitor) = db.session().await;
        let elsewhere = db.elsewhere().await;
        let open = db.collection(&operator, Visibility::Workspace).await;
        let private = db.collection(&maker_scope, Visibility::Private).await;
        assert_eq!(db.store.get_collection(&maker_scope, private).await.unwrap().unwrap().created_by, Some(maker));
        db.publish(&operator, open, "open", &["open word"]).await;
        let document = db.publish(&maker_scope, private, "private", &["private word"]).await;
        let chunk = db.found(&maker_scope, "private").await.remove(0).chunk;

        let sees = async |scope: &Scope, what: &[&str]| {
            let texts = db.texts(scope, "word").await;
            let wanted: Vec<String> = what.iter().map(|it| format!("{it} word")).collect();
            assert_eq!(texts, wanted);
            let space = db.store.search_space(scope, Some(&[open, private])).await.unwrap();
            assert_eq!(space.collections.len(), what.len());
            let listed = db.store.list_collections(scope, &Page::default(), None).await.unwrap();
            assert_eq!(listed.items.len(), what.len());
            let sees_it = what.contains(&"private");
            let got = db.store.get_collection(scope, private).await.unwrap();
            assert_eq!(got.is_some(), sees_it);
            let got = db.store.get_document(scope, private, document.id).await.unwrap();
            assert_eq!(got.is_some(), sees_it);
            let (page, filter) = (Page::default(), DocumentFilter::default());
            let documents = db.store.list_documents(scope, private, &page, &filter);
            assert_eq!(documents.await.unwrap().items.len(), usize::from(sees_it));
            let chunks = db.store.list_chunks(scope, private, document.id, &page);
            assert_eq!(chunks.await.unwrap().items.len(), usize::from(sees_it));
            assert_eq!(db.store.get_chunk(scope, private, chunk.id).await.unwrap().is_some(), sees_it);
            assert_eq!(db.store.chunks_at(scope, document.id, &[0]).await.unwrap().len(), usize::from(sees_it));
            let any = DocumentMatch::default();
            let all = db.store.allowed_numbers(scope, private, &any);
            assert_eq!(all.await.unwrap().len(), usize::from(sees_it));
            // Whoever knows the number is shown nothing either.
            let hits = db.store.load_hits(scope, &[(private, 0)]).await.unwrap();
            assert_eq!(hits.len(), usize::from(sees_it));
            assert_eq!(db.store.collection_grants(scope, private).await.unwrap().is_some(), sees_it);
        };
        sees(&operator, &["open", "private"]).await;
        sees(&admin, &["open", "private"]).await;
        sees(&maker_scope, &["open", "private"]).await;
        for scope in [&friend_scope, &viewer, &visitor] {
            sees(scope, &["open"]).await;
        }
        sees(&elsewhere, &[]).await;

        let may_edit = async |scope: &Scope| db.store.may_edit_collection(scope, private).await.unwrap().unwrap_or(false);
        assert!(may_edit(&maker_scope).await && may_edit(&admin).await);
        assert!(!may_edit(&friend_scope).await && !may_edit(&elsewhere).await);
        let to_friend = Grant { grantee: Grantee::User(friend), access: Access::Edit };
        let viewers = Grantee::Role(RoleRef::Builtin(BuiltinRole::Viewer));
        let to_viewers = Grant { grantee: viewers, access: Access::Use };
        assert!(db.share_with(private, &[to_friend, to_viewers]).await);
        sees(&friend_scope, &["open", "private"]).await;
        sees(&viewer, &["open", "private"]).await;
        sees(&visitor, &["open"]).await;
        assert!(may_edit(&friend_scope).await && !may_edit(&viewer).await);
        assert!(db.share_with(private, &[]).await);
        sees(&friend_scope, &["open"]).await;
    }

    async fn nobody_changes_what_they_do_not_see(db: TestDb) {
        let operator = Scope::operator();
        let elsewhere = db.elsewhere().await;
        let private = db.collection(&operator, Visibility::Private).await;
        let document = db.publish(&operator, private, "d", &["word"]).await;
        let chunk = db.found(&operator, "word").await.remove(0).chunk;
        let (_, stranger) = db.member(BuiltinRole::Member).await;
        for scope in [&elsewhere, &stranger] {
            let entry = db.entry("x");
            let changes = CollectionChanges { name: Some("x".into()), ..Default::default() };
            assert_eq!(db.store.update_collection(scope, private, &changes, &entry).await.unwrap(), None);
            let changes = DocumentChanges { enabled: Some(false), ..Default::default() };
            assert_eq!(db.store.update_document(scope, private, document.id, &changes, &entry).await.unwrap(), None);
            assert_eq!(db.store.reindex_document(scope, private, document.id).await.unwrap(), None);
            assert!(!db.store.delete_document(scope, private, document.id, &entry).await.unwrap());
            assert_eq!(db.store.set_chunk_enabled(scope, private, chunk.id, false).await.unwrap(), None);
            let new = vpaura_store::ReplaceChunk { text: "x".into(), tokens: 1, segment: db.segment(0, &["x"], &[]) };
            assert_eq!(db.store.replace_chunk(scope, private, chunk.id, new, &entry).await.unwrap(), None);
            assert!(!db.store.share_collection(scope, private, vec![], db.now(), &entry).await.unwrap());
            assert!(!db.store.delete_collection(scope, private, &entry).await.unwrap());
            let added = db.store.add_document(scope, &db.new_document(private, "x"), None, &entry).await;
            assert!(matches!(added, Err(StoreError::CollectionMissing)), "{added:?}");
        }
        // A document of another collection is not in this one.
        let other = db.collection(&operator, Visibility::Workspace).await;
        assert_eq!(db.store.get_document(&operator, other, document.id).await.unwrap(), None);
        assert_eq!(db.store.get_chunk(&operator, other, chunk.id).await.unwrap(), None);
        let stored = db.store.get_document(&operator, private, document.id).await.unwrap();
        assert_eq!(stored, Some(document));
        assert_eq!(db.texts(&operator, "word").await, ["word"]);
    }

    async fn a_limited_key_reaches_its_chatbots_collections_alone(db: TestDb) {
        let operator = Scope::operator();
        let (user, owner) = db.member(BuiltinRole::Owner).await;
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        let named = db.collection(&operator, Visibility::Workspace).await;
        let unnamed = db.collection(&operator, Visibility::Workspace).await;
        let answers_from = async |bot: &Chatbot, collections: Vec<CollectionId>| {
            let settings = ChatbotSettings { collections, ..bot.settings.clone() };
            let changes = ChatbotChanges { settings: Some(settings), ..Default::default() };
            let entry = db.entry("chatbot.updated");
            db.store.update_chatbot(&operator, bot.id, &changes, db.now(), &entry).await.unwrap().unwrap();
        };
        let other = db.chatbot("other", Visibility::Workspace).await;
        answers_from(&other, vec![unnamed]).await;
        let id = ApiKeyId::from_uuid(db.uuid());
        let limited = Scope { subject: Subject::ApiKey { id, user, limited: true }, ..owner };
        let raw = db.raw().await;
        let workspace = WorkspaceId::DEFAULT.uuid();
        for (sql, values) in [
            (
                "INSERT INTO api_keys (id, workspace_id, user_id, name, prefix, key_hash,
                     permissions, limited, created_at)
                 VALUES ($1, $2, $3, 'k', 'k', 'k', '[]', TRUE, 0)",
                vec![id.uuid().into(), workspace.into(), user.uuid().into()],
            ),
            (
                "INSERT INTO api_key_chatbots (api_key_id, chatbot_id, workspace_id)
                 VALUES ($1, $2, $3)",
                vec![id.uuid().into(), bot.id.uuid().into(), workspace.into()],
            ),
        ] {
            let statement = Statement::from_sql_and_values(raw.get_database_backend(), sql, values);
            raw.execute_raw(statement).await.unwrap();
        }
        let seen = async || {
            let space = db.store.search_space(&limited, None).await.unwrap();
            space.collections.into_iter().map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(seen().await, []);
        for (collections, wanted) in [(vec![named, named], vec![named]), (vec![], vec![])] {
            answers_from(&bot, collections).await;
            assert_eq!(seen().await, wanted);
        }
    }

    async fn documents_are_listed_changed_and_counted(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let first = db.publish(&operator, collection, "Ärger_1.txt", &["one", "two"]).await;
        assert_eq!((first.status, first.chunks, first.chars, first.pages), (DocumentStatus::Ready, 2, 99, Some(3)));
        db.clock.advance(std::time::Duration::from_secs(1));
        let second = db.document(&operator, collection, "second.txt").await;
        let third = db.document(&operator, collection, "third.txt").await;
        let claimed = db.claim(1).await.remove(0);
        assert!(db.store.fail_document(&claimed.claim, "it is empty").await.unwrap());
        let failed = db.store.get_document(&operator, collection, claimed.claim.document_id).await.unwrap().unwrap();
        assert_eq!((failed.status, failed.error.as_deref()), (DocumentStatus::Failed, Some("it is empty")));
        let counts = db.store.get_collection(&operator, collection).await.unwrap().unwrap().counts;
        assert_eq!(
            (counts.documents_total, counts.documents_ready, counts.documents_failed, counts.chunks),
            (3, 1, 1, 2)
        );
        let list = async |filter: DocumentFilter| {
            let listed = db.store.list_documents(&operator, collection, &Page::default(), &filter).await;
            let mut ids: Vec<_> = listed.unwrap().items.into_iter().map(|it| it.id).collect();
            ids.sort();
            ids
        };
        assert_eq!(list(DocumentFilter::default()).await, [first.id, second.id, third.id]);
        let named = |query: &str| DocumentFilter { query: Some(query.into()), ..Default::default() };
        assert_eq!(list(named("ÄRGER_")).await, [first.id]);
        assert_eq!(list(named("_")).await, [first.id], "no wildcard");
        assert_eq!(list(named("\0%")).await, [], "no error either");
        let ready = DocumentFilter { status: Some(DocumentStatus::Ready), ..Default::default() };
        assert_eq!(list(ready).await, [first.id]);
        let page = Page { limit: 2, ..Page::default() };
        let listed = db.store.list_documents(&operator, collection, &page, &DocumentFilter::default()).await.unwrap();
        assert_eq!(listed.total, Some(3));
        let page = Page { limit: 2, cursor: listed.next_cursor, ..Page::default() };
        let listed = db.store.list_documents(&operator, collection, &page, &DocumentFilter::default()).await.unwrap();
        assert_eq!(listed.items.iter().map(|it| it.id).collect::<Vec<_>>(), [first.id]);

        let metadata = Metadata::try_from(json!({"n": 1})).unwrap();
        let changes = DocumentChanges { name: Some("new".into()), metadata: Some(metadata.clone()), enabled: Some(false) };
        let changed = db.store.update_document(&operator, collection, first.id, &changes, &db.entry("document.updated")).await.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), changed.metadata, changed.enabled), ("new", metadata, false));
        assert_eq!(db.texts(&operator, "one").await, Vec::<String>::new());
        let counts = db.store.get_collection(&operator, collection).await.unwrap().unwrap().counts;
        assert_eq!((counts.documents_ready, counts.chunks), (1, 0));
        let on = DocumentChanges { enabled: Some(true), ..Default::default() };
        db.store.update_document(&operator, collection, first.id, &on, &db.entry("document.updated")).await.unwrap();
        assert_eq!(db.texts(&operator, "one").await, ["one"]);
        assert_eq!(db.found(&operator, "one").await[0].document.name, "new");
        let updated = AuditFilter { action: Some("document.updated".into()), ..AuditFilter::default() };
        let log = db.store.list_audit(Some(WorkspaceId::DEFAULT), &updated, 10, None).await.unwrap();
        assert_eq!(log.items.len(), 2);

        let page = Page { limit: 1, ..Page::default() };
        let chunks = db.store.list_chunks(&operator, collection, first.id, &page).await.unwrap();
        assert_eq!((chunks.items[0].text.as_str(), chunks.total), ("one", Some(2)));
        assert_eq!(chunks.items[0].headings, ["Head", "Line"]);
        assert_eq!(chunks.items[0].span.page_start, Some(2));
        let page = Page { limit: 1, cursor: chunks.next_cursor, ..Page::default() };
        let chunks = db.store.list_chunks(&operator, collection, first.id, &page).await.unwrap();
        assert_eq!((chunks.items[0].text.as_str(), chunks.next_cursor), ("two", None));
        let page = Page { cursor: Some("x".into()), ..Page::default() };
        let refused = db.store.list_chunks(&operator, collection, first.id, &page).await;
        assert!(matches!(refused, Err(StoreError::InvalidCursor)));
    }

    async fn the_same_content_is_added_once_where_that_is_asked_for(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let entry = db.entry("document.added");
        let (servers, adding) = (db.another().await, 4);
        let add = async |store: &vpaura_store::Store| {
            let mut new = db.new_document(collection, "same");
            (new.content, new.unless_there) = (content("aa"), true);
            store.add_document(&operator, &new, None, &db.entry("x")).await.unwrap()
        };
        let added = futures_util::future::join_all(
            (0..adding).map(|n| add(if n % 2 == 0 { &db.store } else { &servers })),
        )
        .await;
        let made = added.iter().filter(|it| matches!(it, Created::New(_))).count();
        assert_eq!(made, 1);
        let first = added[0].clone().into_inner();
        assert!(added.into_iter().all(|it| it.into_inner().id == first.id));
        let mut twice = db.new_document(collection, "twice");
        twice.content = content("aa");
        let once = key("k", "h");
        let made = db.store.add_document(&operator, &twice, Some(&once), &entry).await.unwrap();
        assert!(matches!(&made, Created::New(it) if it.id == twice.id), "not asked for");
        let again = db.new_document(collection, "again");
        let replayed = db.store.add_document(&operator, &again, Some(&once), &entry).await.unwrap();
        assert!(matches!(&replayed, Created::Replayed(it) if it.id == twice.id));
        let same = DocumentFilter { sha256: Some("aa".into()), ..Default::default() };
        let listed = db.store.list_documents(&operator, collection, &Page::default(), &same).await.unwrap();
        assert_eq!(listed.items.len(), 2);
        servers.close().await.unwrap();
    }

    async fn what_could_not_be_read_is_read_again_when_it_is_handed_over_again(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let add = async || {
            let mut new = db.new_document(collection, "same");
            (new.content, new.unless_there) = (content("aa"), true);
            db.store.add_document(&operator, &new, None, &db.entry("x")).await.unwrap().into_inner()
        };
        let first = add().await;
        let claimed = db.claim(1).await.remove(0);
        assert!(db.store.fail_document(&claimed.claim, "it is empty").await.unwrap());
        let again = add().await;
        assert_eq!((again.id, again.status, again.error), (first.id, DocumentStatus::Pending, None));
        assert_eq!(db.claim(1).await[0].tries, 1);
    }

    /// The bytes of a document may go when neither a file nor another document has them.
    async fn content_goes_with_the_last_that_has_it(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let entry = db.entry("x");
        let add = async |sha256: &str| {
            let mut new = db.new_document(collection, "d");
            new.content = content(sha256);
            db.store.add_document(&operator, &new, None, &entry).await.unwrap().into_inner().id
        };
        let (first, second, shared) = (add("aa").await, add("aa").await, add("bb").await);
        let (_, visitor) = db.session().await;
        let file = db.new_file(&visitor, "bb");
        db.store.create_file(&visitor, &file, None).await.unwrap();
        for (id, left) in [(first, vec![]), (second, vec!["aa".to_owned()]), (shared, vec![])] {
            assert!(db.store.delete_document(&operator, collection, id, &entry).await.unwrap());
            assert_eq!(db.orphans().await, left);
        }
        let shared = add("bb").await;
        assert!(db.store.delete_file(&visitor, file.id).await.unwrap());
        assert_eq!(db.orphans().await, [""; 0]);
        let fetched = async |sha256: &str, from: &str| {
            let claimed = db.claim(1).await.remove(0);
            let mut commit = db.commit_of(&[(&claimed, &["words"])], &[]).await;
            let rename = Some(Rename { from: from.to_owned(), to: "Page".to_owned() });
            commit.documents[0].fetched = Some(Fetched { content: content(sha256).unwrap(), rename });
            commit
        };
        let commit = fetched("cc", "d").await;
        assert_eq!(db.orphans().await, [""; 0], "what is searched stays until the commit");
        assert_eq!(db.store.commit_documents(commit).await.unwrap(), [shared]);
        assert_eq!(db.orphans().await, ["bb"]);
        let stored = db.store.get_document(&operator, collection, shared).await.unwrap().unwrap();
        assert_eq!((stored.name.as_str(), stored.sha256.as_deref(), stored.size), ("Page", Some("cc"), Some(3)));
        let rename = DocumentChanges { name: Some("Mine".to_owned()), ..Default::default() };
        db.store.update_document(&operator, collection, shared, &rename, &entry).await.unwrap();
        assert!(db.store.reindex_document(&operator, collection, shared).await.unwrap().is_some());
        let commit = fetched("cc", "Page").await;
        assert_eq!(db.store.commit_documents(commit).await.unwrap(), [shared]);
        assert_eq!(db.orphans().await, [""; 0], "the same content stays");
        let stored = db.store.get_document(&operator, collection, shared).await.unwrap().unwrap();
        assert_eq!(stored.name, "Mine", "somebody has renamed it meanwhile");
        assert!(db.store.delete_collection(&operator, collection, &entry).await.unwrap());
        db.purge(1).await;
        assert_eq!(db.orphans().await, ["cc"]);
    }
}
