//! Tenancy: what belongs to another session or another workspace does not exist.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_domain::{
    ApiKey, ApiKeyId, BuiltinRole, ConversationChanges, ConversationFilter, ConversationId,
    FileRecord, MessageId, Page, Permission, PermissionSet, Quoted, Run, Scope, Session,
    SessionChanges, SessionId, Subject, Visibility, WorkspaceId,
};
use vpaura_store::{NewApiKey, SessionFilter, StoreError};

use crate::conformance;
use crate::db::TestDb;

/// One principal's things, one of each kind.
struct Estate {
    session: Session,
    conversation: ConversationId,
    path: Vec<MessageId>,
    run: Run,
    file: FileRecord,
}

async fn estate(db: &TestDb) -> (Scope, Estate) {
    let (session, scope) = db.session().await;
    let (conversation, mut path) = db.talk(&scope, 1).await;
    let new = db.new_run(&scope, conversation, Some(path[1]), "secret words");
    let run = db.start(&scope, new).await.unwrap();
    path.push(run.user_message_id);
    let file = db.new_file(&scope, "aa");
    db.store.create_file(&scope, &file, None).await.unwrap();
    db.store
        .append_events(WorkspaceId::DEFAULT, run.id, 1, &[db.delta(&run, 1, "secret")])
        .await
        .unwrap();
    let verdict = db.new_feedback(&scope, path[1]);
    db.store.put_feedback(&scope, &verdict).await.unwrap().unwrap();
    (scope, Estate { session, conversation, path, run, file })
}

/// Every read and every write, by a stranger: nothing is seen, nothing is changed.
async fn is_invisible(db: &TestDb, stranger: &Scope, estate: &Estate) {
    let (store, now) = (&db.store, db.now());
    let (session, conversation) = (estate.session.id, estate.conversation);
    let run = estate.run.id;

    assert_eq!(store.get_session(stranger, session).await.unwrap(), None);
    let sessions =
        store.list_sessions(stranger, &SessionFilter::default(), &Page::default()).await.unwrap();
    assert!(sessions.items.iter().all(|it| it.id != session));
    let changes = SessionChanges { title: Some(Some("mine".into())), ..Default::default() };
    assert_eq!(store.update_session(stranger, session, &changes, now).await.unwrap(), None);
    let later = now.plus(std::time::Duration::from_secs(600));
    store.touch_session(stranger, session, later).await.unwrap();
    let told = db.told("session.revoked");
    assert!(!store.delete_session(stranger, session, &told, now).await.unwrap());
    assert!(!store.purge_session(stranger, session, Some(&told)).await.unwrap());

    assert_eq!(store.get_conversation(stranger, conversation).await.unwrap(), None);
    for filter in [
        ConversationFilter::default(),
        ConversationFilter { session_id: Some(session), ..Default::default() },
        ConversationFilter { query: Some("secret".into()), ..Default::default() },
    ] {
        let listed = store.list_conversations(stranger, &filter, &Page::default()).await.unwrap();
        assert!(listed.items.iter().all(|it| it.id != conversation), "{filter:?}");
        assert_eq!(listed.total, Some(listed.items.len() as u64), "{filter:?}");
    }
    let changes = ConversationChanges {
        head_message_id: Some(estate.path[0]),
        title: Some(Some("mine".into())),
        ..Default::default()
    };
    let changed = store.update_conversation(stranger, conversation, &changes, now).await;
    assert_eq!(changed.unwrap(), None);
    assert!(!store.set_title_if_none(stranger, conversation, "mine").await.unwrap());
    assert!(!store.delete_conversation(stranger, conversation, now).await.unwrap());
    let told = db.entry("conversation.deleted");
    assert!(!store.purge_conversation(stranger, conversation, &told).await.unwrap());
    let copy = db.new_conversation(stranger);
    let fork = store
        .fork_conversation(stranger, conversation, estate.path[0], &copy, &*db.ids, None)
        .await;
    assert_eq!(fork.unwrap(), None);
    let told = db.entry("conversation.shared");
    assert!(!store.create_share(stranger, conversation, "stolen", &told, now).await.unwrap());
    assert!(!store.delete_shares(stranger, conversation, &told).await.unwrap());

    assert_eq!(store.get_message(stranger, estate.path[0]).await.unwrap(), None);
    for leaf in [None, Some(estate.path[1])] {
        assert_eq!(store.message_path(stranger, conversation, leaf, 10).await.unwrap(), []);
    }
    assert!(store.siblings(stranger, &estate.path).await.unwrap().is_empty());
    assert!(store.feedback_of(stranger, &estate.path).await.unwrap().is_empty());
    let verdict = db.new_feedback(stranger, estate.path[1]);
    assert_eq!(store.put_feedback(stranger, &verdict).await.unwrap(), None);

    let intrusion = db.new_run(stranger, conversation, Some(estate.path[1]), "intrusion");
    let refused = db.start(stranger, db.queued(intrusion)).await;
    assert!(matches!(refused, Err(StoreError::ConversationMissing)), "{refused:?}");
    assert_eq!(store.get_run(stranger, run).await.unwrap(), None);
    assert_eq!(store.active_run(stranger, conversation).await.unwrap(), None);
    assert_eq!(store.queued_runs(stranger, conversation).await.unwrap(), 0);
    assert_eq!(store.run_request(stranger, run).await.unwrap(), None);
    assert_eq!(store.run_events(stranger, run, 0, 10).await.unwrap(), []);
    assert_eq!(store.request_cancel(stranger, run, now).await.unwrap(), None);

    assert_eq!(store.get_file(stranger, estate.file.id).await.unwrap(), None);
    assert_eq!(store.get_files(stranger, &[estate.file.id]).await.unwrap(), []);
    let quoted = [Quoted::File(estate.file.id)].into();
    assert!(store.still_visible(stranger, &quoted).await.unwrap().is_empty());
    assert!(!store.delete_file(stranger, estate.file.id).await.unwrap());
}

async fn is_untouched(db: &TestDb, scope: &Scope, estate: &Estate) {
    let store = &db.store;
    let session = store.get_session(scope, estate.session.id).await.unwrap();
    assert_eq!(session.as_ref(), Some(&estate.session));
    let conversation = store.get_conversation(scope, estate.conversation).await.unwrap().unwrap();
    assert_eq!((conversation.title, conversation.message_count), (None, 3));
    assert_eq!(db.shown(scope, estate.conversation).await, estate.path);
    let run = store.get_run(scope, estate.run.id).await.unwrap().unwrap();
    assert!(!run.cancel_requested);
    assert_eq!(store.run_events(scope, run.id, 0, 10).await.unwrap().len(), 1);
    assert!(store.run_request(scope, run.id).await.unwrap().is_some());
    assert_eq!(store.get_file(scope, estate.file.id).await.unwrap().as_ref(), Some(&estate.file));
    assert_eq!(store.feedback_of(scope, &estate.path).await.unwrap().len(), 1);
    assert_eq!(store.get_shared("stolen").await.unwrap(), None);
}

conformance! {
    /// Of its maker's things a key that is limited to a chatbot sees the conversations with that
    /// one, and the files that came through itself.
    async fn a_limited_key_sees_what_its_chatbot_needs_alone(db: TestDb) {
        let (user, maker) = db.member(BuiltinRole::Owner).await;
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        let id = ApiKeyId::generate(&*db.ids);
        let key = ApiKey {
            id,
            name: "Website".to_owned(),
            prefix: "vpk_x".to_owned(),
            user_id: user,
            permissions: PermissionSet::of(&[Permission::ChatRead, Permission::ChatWrite]),
            chatbot_ids: Some(vec![bot.id]),
            created_at: db.now(),
            expires_at: None,
            last_used_at: None,
        };
        let new = NewApiKey { key, hash: "hash".to_owned(), entry: db.entry("api_key.created") };
        db.store.create_api_key(&maker, new, None).await.unwrap();
        let limited = Scope { subject: Subject::ApiKey { id, user, limited: true }, ..maker };

        let other = db.conversation(&maker).await;
        let mut with_bot = db.new_conversation(&maker);
        with_bot.chatbot_id = Some(bot.id);
        db.store.create_conversation(&maker, &with_bot, None).await.unwrap();
        let listed = db
            .store
            .list_conversations(&limited, &ConversationFilter::default(), &Page::default())
            .await
            .unwrap();
        assert_eq!(listed.items.iter().map(|it| it.id).collect::<Vec<_>>(), [with_bot.id]);
        assert_eq!(db.store.get_conversation(&limited, other).await.unwrap(), None);
        assert!(db.store.get_conversation(&maker, other).await.unwrap().is_some());

        let (by_hand, through_key) = (db.new_file(&maker, "aa"), db.new_file(&limited, "bb"));
        db.store.create_file(&maker, &by_hand, None).await.unwrap();
        db.store.create_file(&limited, &through_key, None).await.unwrap();
        let ids = [by_hand.id, through_key.id];
        let seen = db.store.get_files(&limited, &ids).await.unwrap();
        assert_eq!(seen, std::slice::from_ref(&through_key));
        assert_eq!(db.store.get_files(&maker, &ids).await.unwrap(), [by_hand, through_key]);
    }

    async fn another_sessions_things_do_not_exist(db: TestDb) {
        let (scope, things) = estate(&db).await;
        let (stranger, _) = estate(&db).await;
        is_invisible(&db, &stranger, &things).await;
        is_untouched(&db, &scope, &things).await;
    }

    async fn another_workspaces_things_do_not_exist(db: TestDb) {
        let (scope, things) = estate(&db).await;
        let workspace_id = WorkspaceId::from_uuid(db.uuid());
        let raw = db.raw().await;
        let insert = Statement::from_sql_and_values(
            raw.get_database_backend(),
            "INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'other', 0)",
            [workspace_id.uuid().into()],
        );
        raw.execute_raw(insert).await.unwrap();
        // Neither its operator, nor the server on its behalf, nor a session of the same id.
        for subject in [Subject::Operator, Subject::System, Subject::Session(things.session.id)] {
            let permissions = PermissionSet::ALL;
            let scope = Scope { workspace_id, subject, permissions };
            is_invisible(&db, &scope, &things).await;
        }
        is_untouched(&db, &scope, &things).await;
    }

    async fn nobody_stores_rows_for_somebody_else(db: TestDb) {
        let (_, scope) = db.session().await;
        let (victim, victims) = db.session().await;
        let conversation = db.new_conversation(&victims);
        let file = db.new_file(&victims, "aa");
        let import = db.store.import_conversation(&scope, &conversation, &[], None).await;
        assert!(matches!(import, Err(StoreError::OutOfScope)), "{import:?}");
        let created = db.store.create_conversation(&scope, &conversation, None).await;
        assert!(matches!(created, Err(StoreError::OutOfScope)), "{created:?}");
        let created = db.store.create_file(&scope, &file, None).await;
        assert!(matches!(created, Err(StoreError::OutOfScope)), "{created:?}");
        let mut session = victim;
        session.id = SessionId::from_uuid(db.uuid());
        let created = db.store.create_session(&scope, &session, None).await;
        assert!(matches!(created, Err(StoreError::OutOfScope)), "{created:?}");
        let mut new = db.new_run(&scope, conversation.id, None, "q");
        new.conversation = Some(conversation);
        assert!(matches!(db.start(&scope, new).await, Err(StoreError::OutOfScope)));
    }

    async fn the_operator_sees_the_whole_workspace(db: TestDb) {
        let (_, things) = estate(&db).await;
        let operator = Scope::operator();
        let stored = db.store.get_conversation(&operator, things.conversation).await.unwrap();
        assert_eq!(stored.unwrap().session_id, Some(things.session.id));
        assert_eq!(db.shown(&operator, things.conversation).await, things.path);
        assert!(db.store.get_run(&operator, things.run.id).await.unwrap().is_some());
        assert!(db.store.get_file(&operator, things.file.id).await.unwrap().is_some());
    }
}
