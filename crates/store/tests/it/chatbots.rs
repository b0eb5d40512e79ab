//! Chatbots: versions, the one default, and who sees which.

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use vpaura_domain::{
    Access, Actor, ApiKeyId, AuditEntry, AuditEntryId, BuiltinRole, Chatbot, ChatbotId,
    ChatbotSettings, Grant, Grantee, Origin, Page, PermissionSet, RoleId, RoleRef, Scope, Subject,
    UserId, Visibility, WorkspaceId,
};
use vpaura_store::{ChatbotChanges, StoreError};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::key;

impl TestDb {
    pub fn entry(&self, action: &str) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::generate(&*self.ids),
            workspace_id: Some(WorkspaceId::DEFAULT),
            actor: Actor::Operator,
            action: action.into(),
            object_kind: None,
            object_id: None,
            origin: Origin::default(),
            details: json!({}),
            at: self.now(),
        }
    }

    /// A stored user who is a member of the default workspace, and their scope.
    pub async fn member(&self, role: BuiltinRole) -> (UserId, Scope) {
        let id = UserId::generate(&*self.ids);
        let raw = self.raw().await;
        let run = async |sql: &str, values: Vec<sea_orm::Value>| {
            let backend = raw.get_database_backend();
            raw.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
        };
        let name = id.to_string();
        run(
            "INSERT INTO users (id, email, email_key, username, username_key, status, is_owner,
                 totp_confirmed, failed_sign_ins, created_at, updated_at)
             VALUES ($1, $2, $2, $2, $2, 'active', FALSE, FALSE, 0, 0, 0)",
            vec![id.uuid().into(), name.into()],
        )
        .await;
        run(
            "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, 0)",
            vec![WorkspaceId::DEFAULT.uuid().into(), id.uuid().into(), role.name().into()],
        )
        .await;
        let scope = Scope {
            workspace_id: WorkspaceId::DEFAULT,
            subject: Subject::User { id, session: None },
            permissions: role.permissions(),
        };
        (id, scope)
    }

    pub fn new_chatbot(&self, name: &str, visibility: Visibility, by: Option<UserId>) -> Chatbot {
        Chatbot {
            id: ChatbotId::generate(&*self.ids),
            name: name.into(),
            description: None,
            is_default: false,
            visibility,
            version: 1,
            settings: ChatbotSettings { temperature: Some(0.5), ..ChatbotSettings::default() },
            created_by: by,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    /// A stored chatbot of the operator's making.
    pub async fn chatbot(&self, name: &str, visibility: Visibility) -> Chatbot {
        let new = self.new_chatbot(name, visibility, None);
        let entry = self.entry("chatbot.created");
        let stored = self.store.create_chatbot(&Scope::operator(), &new, None, &entry).await;
        stored.unwrap().into_inner()
    }

    async fn change(
        &self,
        id: ChatbotId,
        changes: ChatbotChanges,
    ) -> vpaura_store::Result<Option<Chatbot>> {
        let entry = self.entry("chatbot.updated");
        self.store.update_chatbot(&Scope::operator(), id, &changes, self.now(), &entry).await
    }

    async fn names(&self, scope: &Scope) -> Vec<String> {
        let listed = self.store.list_chatbots(scope, &Page::default()).await.unwrap();
        assert_eq!(listed.total, Some(listed.items.len() as u64));
        for chatbot in &listed.items {
            let got = self.store.get_chatbot(scope, chatbot.id).await.unwrap();
            assert_eq!(got.as_ref(), Some(chatbot));
        }
        let mut names: Vec<_> = listed.items.into_iter().map(|it| it.name).collect();
        names.sort();
        names
    }

    async fn share(&self, id: ChatbotId, grants: &[Grant]) -> vpaura_store::Result<bool> {
        let grants = grants.iter().map(|grant| (self.uuid(), *grant)).collect();
        let entry = self.entry("chatbot.shared");
        self.store.share_chatbot(&Scope::operator(), id, grants, self.now(), &entry).await
    }
}

fn settings(model: &str) -> ChatbotSettings {
    ChatbotSettings { model: Some(model.into()), ..ChatbotSettings::default() }
}

conformance! {
    async fn settings_make_versions_and_old_ones_stay(db: TestDb) {
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        let operator = Scope::operator();
        let renamed = ChatbotChanges { name: Some("robot".into()), ..Default::default() };
        assert_eq!(db.change(bot.id, renamed).await.unwrap().unwrap().version, 1);
        for n in 2..5 {
            let changes = ChatbotChanges {
                settings: Some(settings(&format!("a/{n}"))),
                note: Some(format!("note {n}")),
                expected_version: Some(n - 1),
                ..Default::default()
            };
            assert_eq!(db.change(bot.id, changes).await.unwrap().unwrap().version, n);
        }
        let late = ChatbotChanges { expected_version: Some(2), name: Some("x".into()), ..Default::default() };
        let late = db.change(bot.id, late).await;
        assert!(matches!(late, Err(StoreError::VersionConflict { version: 4 })), "{late:?}");
        let stored = db.store.get_chatbot(&operator, bot.id).await.unwrap().unwrap();
        assert_eq!((stored.name.as_str(), stored.settings), ("robot", settings("a/4")));
        let page = db.store.list_chatbot_versions(&operator, bot.id, 3, None).await;
        let page = page.unwrap().unwrap();
        let numbers: Vec<_> = page.items.iter().map(|it| it.version).collect();
        assert_eq!(numbers, [4, 3, 2]);
        let cursor = page.next_cursor.unwrap();
        let rest = db.store.list_chatbot_versions(&operator, bot.id, 3, Some(&cursor)).await;
        let rest = rest.unwrap().unwrap();
        assert_eq!(rest.next_cursor, None);
        assert_eq!(rest.items.len(), 1);
        assert_eq!(rest.items[0].settings, bot.settings);
        let second = db.store.chatbot_version(&operator, bot.id, 2).await.unwrap().unwrap();
        assert_eq!((second.settings, second.note.as_deref()), (settings("a/2"), Some("note 2")));
        assert_eq!(db.store.chatbot_version(&operator, bot.id, 9).await.unwrap(), None);
        let bad = db.store.list_chatbot_versions(&operator, bot.id, 3, Some("x")).await;
        assert!(matches!(bad, Err(StoreError::InvalidCursor)));
    }

    async fn parallel_changes_of_one_version_are_one_change(db: TestDb) {
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        let changed = join_all((0..8).map(|n| {
            let settings = Some(settings(&format!("a/{n}")));
            db.change(bot.id, ChatbotChanges { settings, expected_version: Some(1), ..Default::default() })
        }))
        .await;
        assert_eq!(changed.iter().filter(|it| it.is_ok()).count(), 1);
        let refused = changed.iter().filter(|it| matches!(it, Err(StoreError::VersionConflict { version: 2 })));
        assert_eq!(refused.count(), 7);
    }

    async fn a_workspace_has_one_default_chatbot_whatever_happens_at_once(db: TestDb) {
        let operator = Scope::operator();
        let first = db.store.default_chatbot(&operator).await.unwrap().unwrap();
        assert_eq!(first.id.uuid(), WorkspaceId::DEFAULT.uuid());
        let bots = join_all((0..6).map(|n| {
            let db = db.clone();
            async move { db.chatbot(&format!("bot {n}"), Visibility::Workspace).await }
        }))
        .await;
        let made = join_all(bots.iter().map(|bot| {
            db.change(bot.id, ChatbotChanges { make_default: true, ..Default::default() })
        }))
        .await;
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        let listed = db.store.list_chatbots(&operator, &Page::default()).await.unwrap();
        let defaults: Vec<_> = listed.items.iter().filter(|bot| bot.is_default).collect();
        assert_eq!(defaults.len(), 1);
        let default = db.store.default_chatbot(&operator).await.unwrap().unwrap();
        assert_eq!(default.id, defaults[0].id);
        let private = ChatbotChanges { visibility: Some(Visibility::Private), ..Default::default() };
        let refused = db.change(default.id, private).await;
        assert!(matches!(refused, Err(StoreError::DefaultChatbot)), "{refused:?}");
        let entry = db.entry("chatbot.deleted");
        let refused = db.store.delete_chatbot(&operator, default.id, &entry).await;
        assert!(matches!(refused, Err(StoreError::DefaultChatbot)), "{refused:?}");
        assert!(db.store.delete_chatbot(&operator, first.id, &entry).await.unwrap());
        assert!(!db.store.delete_chatbot(&operator, first.id, &entry).await.unwrap());
        assert_eq!(db.store.get_chatbot(&operator, first.id).await.unwrap(), None);
    }

    async fn one_key_makes_one_chatbot(db: TestDb) {
        let (operator, key) = (Scope::operator(), key("k", "h"));
        let mut ids = Vec::new();
        for _ in 0..2 {
            let new = db.new_chatbot("bot", Visibility::Workspace, None);
            let entry = db.entry("chatbot.created");
            let made = db.store.create_chatbot(&operator, &new, Some(&key), &entry).await;
            ids.push(made.unwrap().into_inner().id);
        }
        assert_eq!(ids[0], ids[1]);
    }

    async fn private_ones_are_seen_by_whom_they_are_shared_with(db: TestDb) {
        let (maker, maker_scope) = db.member(BuiltinRole::Member).await;
        let (friend, friend_scope) = db.member(BuiltinRole::Member).await;
        let (_, viewer) = db.member(BuiltinRole::Viewer).await;
        let (_, admin) = db.member(BuiltinRole::Admin).await;
        let (_, visitor) = db.session().await;
        db.chatbot("open", Visibility::Workspace).await;
        let hidden = db.chatbot("hidden", Visibility::Private).await;
        let own = db.new_chatbot("own", Visibility::Private, Some(maker));
        db.store.create_chatbot(&admin, &own, None, &db.entry("x")).await.unwrap();

        assert_eq!(db.names(&visitor).await, ["Assistant", "open"]);
        assert_eq!(db.names(&maker_scope).await, ["Assistant", "open", "own"]);
        assert_eq!(db.names(&friend_scope).await, ["Assistant", "open"]);
        assert_eq!(db.names(&admin).await, ["Assistant", "hidden", "open", "own"]);
        assert_eq!(db.names(&Scope::operator()).await.len(), 4);

        // What somebody is elsewhere gives them nothing here.
        let raw = db.raw().await;
        let elsewhere = db.uuid();
        for (sql, values) in [
            (
                "INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'other', 0)",
                vec![elsewhere.into()],
            ),
            (
                "INSERT INTO members (workspace_id, user_id, role, created_at)
                 VALUES ($1, $2, 'viewer', 0)",
                vec![elsewhere.into(), maker.uuid().into()],
            ),
        ] {
            let statement = Statement::from_sql_and_values(raw.get_database_backend(), sql, values);
            raw.execute_raw(statement).await.unwrap();
        }
        let to_friend = Grant { grantee: Grantee::User(friend), access: Access::Edit };
        let viewers = Grantee::Role(RoleRef::Builtin(BuiltinRole::Viewer));
        let to_viewers = Grant { grantee: viewers, access: Access::Use };
        assert!(db.share(hidden.id, &[to_friend, to_viewers]).await.unwrap());
        assert_eq!(db.names(&friend_scope).await, ["Assistant", "hidden", "open"]);
        assert_eq!(db.names(&viewer).await, ["Assistant", "hidden", "open"]);
        assert_eq!(db.names(&maker_scope).await, ["Assistant", "open", "own"]);
        let access = |scope| db.store.chatbot_access(scope, hidden.id);
        assert_eq!(access(&friend_scope).await.unwrap(), Some(Access::Edit));
        assert_eq!(access(&viewer).await.unwrap(), Some(Access::Use));
        assert_eq!(access(&maker_scope).await.unwrap(), None);
        let grants = db.store.chatbot_grants(&admin, hidden.id).await.unwrap().unwrap();
        assert_eq!(grants, [to_friend, to_viewers]);

        assert!(db.share(hidden.id, &[]).await.unwrap());
        assert_eq!(db.names(&friend_scope).await, ["Assistant", "open"]);
        assert_eq!(db.store.chatbot_grants(&friend_scope, hidden.id).await.unwrap(), None);
    }

    async fn nothing_is_shared_with_strangers(db: TestDb) {
        let bot = db.chatbot("bot", Visibility::Private).await;
        let (friend, _) = db.member(BuiltinRole::Member).await;
        let known = Grant { grantee: Grantee::User(friend), access: Access::Use };
        for stranger in [
            Grantee::User(UserId::from_uuid(db.uuid())),
            Grantee::Role(RoleRef::Custom(RoleId::from_uuid(db.uuid()))),
        ] {
            let grants = [known, Grant { grantee: stranger, access: Access::Use }];
            let refused = db.share(bot.id, &grants).await;
            assert!(matches!(refused, Err(StoreError::GranteeMissing { place: 1 })), "{refused:?}");
        }
        let grants = db.store.chatbot_grants(&Scope::operator(), bot.id).await.unwrap().unwrap();
        assert_eq!(grants, []);
    }

    async fn a_limited_key_sees_its_own_list_alone(db: TestDb) {
        let (user, owner) = db.member(BuiltinRole::Owner).await;
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        let other = db.chatbot("other", Visibility::Workspace).await;
        let (id, second) = (ApiKeyId::from_uuid(db.uuid()), ApiKeyId::from_uuid(db.uuid()));
        let key = Scope { subject: Subject::ApiKey { id, user, limited: true }, ..owner };
        let raw = db.raw().await;
        let workspace = WorkspaceId::DEFAULT.uuid();
        for (id, bot) in [(id, bot.id), (second, other.id)] {
            let hash = id.to_string();
            for (sql, values) in [
                (
                    "INSERT INTO api_keys (id, workspace_id, user_id, name, prefix, key_hash,
                         permissions, limited, created_at)
                     VALUES ($1, $2, $3, 'k', 'k', $4, '[]', TRUE, 0)",
                    vec![id.uuid().into(), workspace.into(), user.uuid().into(), hash.into()],
                ),
                (
                    "INSERT INTO api_key_chatbots (api_key_id, chatbot_id, workspace_id)
                     VALUES ($1, $2, $3)",
                    vec![id.uuid().into(), bot.uuid().into(), workspace.into()],
                ),
            ] {
                let backend = raw.get_database_backend();
                let statement = Statement::from_sql_and_values(backend, sql, values);
                raw.execute_raw(statement).await.unwrap();
            }
        }
        assert_eq!(db.names(&key).await, ["bot"]);
        assert_eq!(db.store.default_chatbot(&key).await.unwrap(), None);
    }

    async fn another_workspaces_chatbots_do_not_exist(db: TestDb) {
        let bot = db.chatbot("bot", Visibility::Workspace).await;
        let other = Scope {
            workspace_id: WorkspaceId::from_uuid(db.uuid()),
            subject: Subject::Operator,
            permissions: PermissionSet::ALL,
        };
        let store = &db.store;
        assert_eq!(store.get_chatbot(&other, bot.id).await.unwrap(), None);
        assert_eq!(store.list_chatbots(&other, &Page::default()).await.unwrap().items, []);
        assert_eq!(store.list_chatbot_versions(&other, bot.id, 5, None).await.unwrap(), None);
        assert_eq!(store.chatbot_version(&other, bot.id, 1).await.unwrap(), None);
        assert_eq!(store.chatbot_grants(&other, bot.id).await.unwrap(), None);
        let (changes, entry) = (ChatbotChanges { name: Some("x".into()), ..Default::default() }, db.entry("x"));
        assert_eq!(store.update_chatbot(&other, bot.id, &changes, db.now(), &entry).await.unwrap(), None);
        assert!(!store.share_chatbot(&other, bot.id, vec![], db.now(), &entry).await.unwrap());
        assert!(!store.delete_chatbot(&other, bot.id, &entry).await.unwrap());
        let stored = store.get_chatbot(&Scope::operator(), bot.id).await.unwrap();
        assert_eq!(stored, Some(bot));
    }
}
