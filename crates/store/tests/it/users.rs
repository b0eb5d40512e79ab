//! Users, their sign-ins, and what ends them.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use vpaura_domain::{
    Actor, ApiKeyId, AuditEntry, AuditEntryId, BuiltinRole, ConversationFilter, Metadata, Origin,
    Page, Profile, RoleRef, Scope, Session, SessionId, SessionStatus, Subject, User, UserId,
    UserStatus, WorkspaceId,
};
use vpaura_store::{
    AuditFilter, BeginSignIn, Join, MappedRole, NewOneUseToken, NewUser, OneUsePurpose,
    RefreshSignIn, Refreshed, RevocationKind, SessionFilter, StoreError, UserChanges, UserFilter,
};

use crate::conformance;
use crate::db::TestDb;

const HOUR: Duration = Duration::from_secs(3_600);

impl TestDb {
    pub fn told(&self, action: &str) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::from_uuid(self.ids.uuid()),
            workspace_id: None,
            actor: Actor::System,
            action: action.to_owned(),
            object_kind: None,
            object_id: None,
            origin: Origin::default(),
            details: json!({}),
            at: self.now(),
        }
    }

    fn reset_token(&self, user_id: UserId, hash: &str) -> NewOneUseToken {
        NewOneUseToken {
            token_hash: hash.to_owned(),
            purpose: OneUsePurpose::PasswordReset,
            user_id,
            expires_at: self.now().plus(HOUR),
            entry: self.told("password.reset_requested"),
        }
    }

    fn new_user(&self, name: &str) -> NewUser {
        let email = format!("{name}@example.org");
        NewUser {
            user: User {
                id: UserId::from_uuid(self.ids.uuid()),
                email: email.clone(),
                username: name.to_owned(),
                full_name: Some(format!("The {name}")),
                status: UserStatus::Active,
                is_active: true,
                is_owner: false,
                has_second_factor: false,
                has_password: false,
                workspace_id: None,
                created_at: self.now(),
                updated_at: self.now(),
                last_sign_in_at: None,
            },
            email_key: email.to_lowercase(),
            username_key: name.to_lowercase(),
            password_hash: Some("hash".to_owned()),
            identity: None,
            join: Some(Join::As(WorkspaceId::DEFAULT, RoleRef::Builtin(BuiltinRole::Member))),
            idempotency: None,
            entries: vec![self.told("user.registered")],
        }
    }

    async fn user(&self, name: &str) -> User {
        self.store.create_user(self.new_user(name), self.now()).await.unwrap().user
    }

    pub fn sign_in(&self, user: UserId, refresh: &str) -> BeginSignIn {
        BeginSignIn {
            user_id: user,
            session: Session {
                id: SessionId::from_uuid(self.ids.uuid()),
                user_id: None,
                owner_id: Some(user),
                title: None,
                status: SessionStatus::Active,
                metadata: Metadata::default(),
                user_agent: None,
                ip_address: None,
                created_at: self.now(),
                updated_at: self.now(),
                last_accessed: self.now(),
                expires_at: self.now().plus(HOUR),
            },
            workspace_id: WorkspaceId::DEFAULT,
            refresh_hash: refresh.to_owned(),
            totp_step: None,
            recovery_hash: None,
            password_hash: None,
            visitor: None,
            entries: vec![self.told("sign_in.succeeded")],
        }
    }

    /// A signed-in user's scope.
    async fn signed_in(&self, user: UserId, refresh: &str) -> Scope {
        let begin = self.sign_in(user, refresh);
        let session = begin.session.id;
        self.store.begin_sign_in(begin, self.now()).await.unwrap();
        scope_of(user, session)
    }

    pub async fn refresh(&self, given: &str, next: &str) -> Refreshed {
        let given = RefreshSignIn {
            given_hash: given.to_owned(),
            next_hash: next.to_owned(),
            expires_at: self.now().plus(HOUR),
            reused: self.told("token.reused"),
        };
        self.store.refresh_sign_in(given, self.now()).await.unwrap()
    }

    async fn is_open(&self, scope: &Scope) -> bool {
        let session = scope.session_id().unwrap();
        self.store.get_session(scope, session).await.unwrap().is_some()
    }

    async fn actions(&self) -> Vec<String> {
        let log = self.store.list_audit(None, &AuditFilter::default(), 100, None).await.unwrap();
        log.items.into_iter().rev().map(|entry| entry.action).collect()
    }

    async fn revoked(&self, kind: RevocationKind) -> Vec<uuid::Uuid> {
        let all = self.store.revocations_after(0).await.unwrap();
        all.into_iter().filter(|(_, it)| it.kind == kind).map(|(_, it)| it.subject).collect()
    }
}

fn scope_of(user: UserId, session: SessionId) -> Scope {
    Scope {
        workspace_id: WorkspaceId::DEFAULT,
        subject: Subject::User { id: user, session: Some(session) },
        permissions: BuiltinRole::Member.permissions(),
    }
}

conformance! {
    async fn of_twenty_first_users_one_owns_the_installation(db: TestDb) {
        let all = (0..20).map(|n| {
            let new = db.new_user(&format!("user-{n}"));
            db.store.create_user(new, db.now())
        });
        let users: Vec<User> = join_all(all).await.into_iter().map(|it| it.unwrap().user).collect();
        let owners: Vec<&User> = users.iter().filter(|user| user.is_owner).collect();
        assert_eq!(owners.len(), 1);
        let standing = db.store.standings_of(owners[0].id).await.unwrap();
        assert_eq!(standing[0].role, RoleRef::Builtin(BuiltinRole::Owner));
        for user in users.iter().filter(|user| !user.is_owner) {
            let standing = db.store.standings_of(user.id).await.unwrap();
            assert_eq!(standing[0].role, RoleRef::Builtin(BuiltinRole::Member));
        }
    }

    async fn of_twenty_who_may_only_be_first_one_is_created(db: TestDb) {
        let all = (0..20).map(|n| {
            let new = NewUser { join: None, ..db.new_user(&format!("user-{n}")) };
            db.store.create_user(new, db.now())
        });
        let all = join_all(all).await;
        assert_eq!(all.iter().filter(|it| it.is_ok()).count(), 1);
        assert!(all.iter().all(|it| matches!(it, Ok(_) | Err(StoreError::NotFirst))));
        let page = db.store.list_users(&UserFilter::default(), &Page::default()).await.unwrap();
        assert_eq!(page.total, Some(1));
    }

    async fn an_address_and_a_name_are_one_users(db: TestDb) {
        let first = db.user("Ada").await;
        let other = NewUser { username_key: "bob".into(), ..db.new_user("ADA") };
        let taken = db.store.create_user(other, db.now()).await;
        assert!(matches!(taken, Err(StoreError::EmailTaken)), "{taken:?}");
        let other = NewUser { email_key: "bob@example.org".into(), ..db.new_user("ADA") };
        let taken = db.store.create_user(other, db.now()).await;
        assert!(matches!(taken, Err(StoreError::NameTaken)), "{taken:?}");
        let bob = db.user("bob").await;
        let rename = |name: &str| UserChanges {
            username: Some((name.to_owned(), name.to_lowercase())),
            ..UserChanges::default()
        };
        let taken = db.store.update_user(bob.id, rename("ADA"), vec![], db.now()).await;
        assert!(matches!(taken, Err(StoreError::NameTaken)), "{taken:?}");
        let own = db.store.update_user(first.id, rename("ADA"), vec![], db.now()).await.unwrap();
        assert_eq!(own.unwrap().username, "ADA", "one's own name may change its case");
    }

    async fn users_are_found_by_any_of_their_names_and_words_are_data(db: TestDb) {
        for name in ["ada", "bob", "a_a"] {
            db.user(name).await;
        }
        let found = async |query: &str| {
            let filter = UserFilter { query: Some(query.into()), status: None };
            let page = db.store.list_users(&filter, &Page::default()).await.unwrap();
            page.items.into_iter().map(|user| user.username).collect::<Vec<_>>()
        };
        assert_eq!(found("THE B").await, ["bob"]);
        assert_eq!(found("ADA@").await, ["ada"]);
        assert_eq!(found("a_").await, ["a_a"], "an underscore stands for itself");
        assert_eq!(found("%").await, Vec::<String>::new());
        let filter = UserFilter { query: None, status: Some(UserStatus::Suspended) };
        assert_eq!(db.store.list_users(&filter, &Page::default()).await.unwrap().items, []);
    }

    async fn a_refresh_token_works_once_and_twice_ends_the_session(db: TestDb) {
        let user = db.user("ada").await;
        let scope = db.signed_in(user.id, "r1").await;
        let other = db.signed_in(user.id, "s1").await;
        assert!(matches!(db.refresh("r1", "r2").await, Refreshed::Next { .. }));
        assert!(matches!(db.refresh("r2", "r3").await, Refreshed::Next { .. }));
        assert_eq!(db.refresh("r1", "r4").await, Refreshed::Reused(scope.session_id().unwrap()));
        assert_eq!(db.refresh("r3", "r5").await, Refreshed::Unknown, "the whole family is dead");
        assert!(!db.is_open(&scope).await);
        assert!(db.is_open(&other).await, "another session is another family");
        assert!(matches!(db.refresh("s1", "s2").await, Refreshed::Next { .. }));
        assert_eq!(db.revoked(RevocationKind::Session).await, [scope.session_id().unwrap().uuid()]);
        assert!(db.actions().await.contains(&"token.reused".to_owned()));
        assert_eq!(db.refresh("", "x1").await, Refreshed::Unknown);
        db.clock.advance(HOUR);
        assert_eq!(db.refresh("s2", "s3").await, Refreshed::Unknown, "it has expired");
    }

    async fn of_ten_refreshes_with_one_token_at_most_one_succeeds(db: TestDb) {
        let user = db.user("ada").await;
        let scope = db.signed_in(user.id, "r1").await;
        let nexts: Vec<String> = (0..10).map(|n| format!("next-{n}")).collect();
        let all = join_all(nexts.iter().map(|next| db.refresh("r1", next))).await;
        let won = all.iter().filter(|it| matches!(it, Refreshed::Next { .. })).count();
        assert_eq!(won, 1, "{all:?}");
        assert!(!db.is_open(&scope).await, "the others brought a used token");
    }

    async fn of_ten_resets_with_one_token_one_succeeds(db: TestDb) {
        let user = db.user("ada").await;
        let scope = db.signed_in(user.id, "r1").await;
        let token = db.reset_token(user.id, "t");
        db.store.put_one_use_token(token.clone(), db.now()).await.unwrap();
        let purpose = OneUsePurpose::PasswordReset;
        let holder = db.store.one_use_token_user("t", purpose, db.now()).await.unwrap();
        assert_eq!(holder, Some(user.id));
        let all = (0..10).map(|n| {
            let entry = db.told("password.reset");
            db.store.reset_password(user.id, "t".into(), format!("new-{n}"), entry, db.now())
        });
        let all = join_all(all).await;
        assert_eq!(all.iter().filter(|it| it.is_ok()).count(), 1, "{all:?}");
        assert!(all.iter().all(|it| matches!(it, Ok(()) | Err(StoreError::TokenUsed))));
        assert!(!db.is_open(&scope).await);
        let known = db.store.known_user(user.id).await.unwrap().unwrap();
        assert!(known.password_hash.unwrap().starts_with("new-"));

        db.store.put_one_use_token(token, db.now()).await.unwrap();
        db.clock.advance(HOUR);
        assert_eq!(db.store.one_use_token_user("t", purpose, db.now()).await.unwrap(), None);
        let entry = db.told("password.reset");
        let late = db.store.reset_password(user.id, "t".into(), "x".into(), entry, db.now()).await;
        assert!(matches!(late, Err(StoreError::TokenUsed)), "{late:?}");
    }

    async fn what_a_visitor_had_becomes_the_users(db: TestDb) {
        let user = db.user("ada").await;
        let (visitor, as_visitor) = db.session().await;
        let (_, as_other) = db.session().await;
        let (conversation, path) = db.talk(&as_visitor, 1).await;
        let others = db.conversation(&as_other).await;
        let file = db.new_file(&as_visitor, &"a".repeat(64));
        db.store.create_file(&as_visitor, &file, None).await.unwrap();
        let verdict = db.new_feedback(&as_visitor, path[1]);
        db.store.put_feedback(&as_visitor, &verdict).await.unwrap().unwrap();

        let begin = BeginSignIn { visitor: Some(visitor.id), ..db.sign_in(user.id, "r1") };
        let session = begin.session.id;
        db.store.begin_sign_in(begin.clone(), db.now()).await.unwrap();
        db.store.begin_sign_in(begin, db.now()).await.unwrap();
        let scope = scope_of(user.id, session);
        assert_ne!(session, visitor.id);
        assert!(!db.is_open(&as_visitor).await, "the old session is dead");
        assert_eq!(db.store.get_conversation(&as_visitor, conversation).await.unwrap(), None);
        let mine = db.store.get_conversation(&scope, conversation).await.unwrap().unwrap();
        assert_eq!((mine.session_id, mine.user_id), (None, Some(user.id)));
        assert!(db.store.get_file(&scope, file.id).await.unwrap().is_some());
        let verdicts = db.store.feedback_of(&scope, &path).await.unwrap();
        assert_eq!(verdicts.get(&path[1]), Some(&verdict.feedback));
        assert_eq!(db.store.get_conversation(&scope, others).await.unwrap(), None);
        assert!(db.revoked(RevocationKind::Session).await.contains(&visitor.id.uuid()));
    }

    async fn what_a_visitor_had_is_the_users_also_where_they_are_no_member(db: TestDb) {
        db.user("owner").await;
        let user = db.user("ada").await;
        let told = db.entry("member.removed");
        let operator = Scope::operator();
        assert!(db.store.remove_member(&operator, user.id, &told, db.now()).await.unwrap());
        let (visitor, as_visitor) = db.session().await;
        let (conversation, _) = db.talk(&as_visitor, 1).await;
        let file = db.new_file(&as_visitor, &"a".repeat(64));
        db.store.create_file(&as_visitor, &file, None).await.unwrap();

        let begin = BeginSignIn { visitor: Some(visitor.id), ..db.sign_in(user.id, "r1") };
        let session = begin.session.id;
        db.store.begin_sign_in(begin, db.now()).await.unwrap();
        assert!(!db.is_open(&as_visitor).await, "the old session is dead");
        let held = db.store.holdings_of(user.id).await.unwrap();
        assert_eq!(held.conversations, [(WorkspaceId::DEFAULT, conversation)]);
        assert_eq!(held.files.iter().map(|it| it.id).collect::<Vec<_>>(), [file.id]);
        assert_eq!(held.sessions.iter().map(|it| it.id).collect::<Vec<_>>(), [session]);

        let entry = db.told("user.deleted");
        assert!(db.store.delete_user(user.id, entry, db.now()).await.unwrap());
        assert_eq!(db.orphans().await, [file.sha256]);
        assert_eq!(db.store.get_conversation(&operator, conversation).await.unwrap(), None);
        let left = db.store.purge_session(&operator, visitor.id, None).await.unwrap();
        assert!(!left, "the session has gone with them");
    }

    async fn a_code_of_the_second_factor_counts_once(db: TestDb) {
        let user = db.user("ada").await;
        assert!(db.store.propose_second_factor(user.id, "S1".into()).await.unwrap());
        assert!(db.store.propose_second_factor(user.id, "S2".into()).await.unwrap());
        let confirm = |secret: &str, codes: &[&str]| {
            let codes = codes.iter().map(|code| (*code).to_owned()).collect();
            let entry = db.told("second_factor.enabled");
            db.store.confirm_second_factor(user.id, secret.to_owned(), 10, codes, entry)
        };
        let old = confirm("S1", &["c1"]).await;
        assert!(matches!(old, Err(StoreError::TokenUsed)), "it is not the proposed one any more");
        confirm("S2", &["c1", "c2"]).await.unwrap();
        let again = confirm("S2", &["c3"]).await;
        assert!(matches!(again, Err(StoreError::TokenUsed)), "{again:?}");
        assert!(!db.store.propose_second_factor(user.id, "S3".into()).await.unwrap());

        let with_step = |step, refresh: &str| {
            let begin = BeginSignIn { totp_step: Some(step), ..db.sign_in(user.id, refresh) };
            db.store.begin_sign_in(begin, db.now())
        };
        let used = with_step(10, "a").await;
        assert!(matches!(used, Err(StoreError::TokenUsed)), "it confirmed the secret: {used:?}");
        let names: Vec<String> = (0..5).map(|n| format!("b{n}")).collect();
        let all = join_all(names.iter().map(|name| with_step(11, name))).await;
        assert_eq!(all.iter().filter(|it| it.is_ok()).count(), 1, "{all:?}");

        let with_code = |code: &str, refresh: &str| {
            let recovery_hash = Some(code.to_owned());
            let begin = BeginSignIn { recovery_hash, ..db.sign_in(user.id, refresh) };
            db.store.begin_sign_in(begin, db.now())
        };
        let names: Vec<String> = (0..5).map(|n| format!("d{n}")).collect();
        let all = join_all(names.iter().map(|name| with_code("c1", name))).await;
        assert_eq!(all.iter().filter(|it| it.is_ok()).count(), 1, "{all:?}");
        assert!(with_code("nonsense", "e").await.is_err());
        assert!(!db.store.has_recovery_code(user.id, "c1").await.unwrap());
        assert!(db.store.has_recovery_code(user.id, "c2").await.unwrap());
        let codes = vec!["n".to_owned()];
        let entry = db.told("second_factor.enabled");
        db.store.replace_recovery_codes(user.id, codes, entry).await.unwrap();
        assert!(!db.store.has_recovery_code(user.id, "c2").await.unwrap());
        let entry = db.told("second_factor.disabled");
        db.store.remove_second_factor(user.id, entry, db.now()).await.unwrap();
        assert!(!db.store.get_user(user.id).await.unwrap().unwrap().has_second_factor);
    }

    async fn who_is_suspended_has_no_session_left(db: TestDb) {
        let owner = db.user("owner").await;
        let user = db.user("ada").await;
        let scope = db.signed_in(user.id, "r1").await;
        let set = |id, status| {
            let changes = UserChanges { status: Some(status), ..UserChanges::default() };
            db.store.update_user(id, changes, vec![db.told("user.suspended")], db.now())
        };
        let suspended = set(user.id, UserStatus::Suspended).await.unwrap().unwrap();
        assert!(!suspended.is_active);
        assert!(!db.is_open(&scope).await);
        assert_eq!(db.refresh("r1", "r2").await, Refreshed::Unknown);
        assert!(db.store.begin_sign_in(db.sign_in(user.id, "r3"), db.now()).await.is_err());
        assert_eq!(db.revoked(RevocationKind::User).await, [user.id.uuid()]);
        set(user.id, UserStatus::Active).await.unwrap();
        assert_eq!(db.refresh("r1", "r4").await, Refreshed::Unknown, "it does not come back");
        let last = set(owner.id, UserStatus::Suspended).await;
        assert!(matches!(last, Err(StoreError::LastOwner)), "{last:?}");
    }

    async fn of_two_owners_who_leave_at_once_one_stays(db: TestDb) {
        let (one, two) = (db.user("one").await, db.user("two").await);
        let owns = |is_owner| UserChanges { is_owner: Some(is_owner), ..UserChanges::default() };
        db.store.update_user(two.id, owns(true), vec![], db.now()).await.unwrap().unwrap();
        let leave = [one.id, two.id].map(|id| {
            db.store.update_user(id, owns(false), vec![], db.now())
        });
        let left = join_all(leave).await;
        assert_eq!(left.iter().filter(|it| it.is_ok()).count(), 1, "{left:?}");
    }

    async fn a_deleted_user_leaves_nothing_but_the_log(db: TestDb) {
        let owner = db.user("owner").await;
        let user = db.user("ada").await;
        let scope = db.signed_in(user.id, "r1").await;
        let conversation = db.conversation(&scope).await;
        db.turn(&scope, conversation, None, "hello").await;
        let file = db.new_file(&scope, &"b".repeat(64));
        db.store.create_file(&scope, &file, None).await.unwrap();
        let held = db.store.holdings_of(user.id).await.unwrap();
        assert_eq!((held.sessions.len(), held.files.len(), held.conversations.len()), (1, 1, 1));
        assert_eq!(db.store.all_messages(&scope, conversation).await.unwrap().len(), 2);

        let last = db.store.delete_user(owner.id, db.told("user.deleted"), db.now()).await;
        assert!(matches!(last, Err(StoreError::LastOwner)), "{last:?}");
        let gone = db.store.delete_user(user.id, db.told("user.deleted"), db.now()).await.unwrap();
        assert!(gone);
        assert_eq!(db.orphans().await, ["b".repeat(64)]);
        assert_eq!(db.store.get_user(user.id).await.unwrap(), None);
        assert_eq!(db.store.get_conversation(&scope, conversation).await.unwrap(), None);
        assert_eq!(db.store.get_file(&scope, file.id).await.unwrap(), None);
        assert_eq!(db.refresh("r1", "r2").await, Refreshed::Unknown);
        assert_eq!(db.revoked(RevocationKind::User).await, [user.id.uuid()]);
        assert_eq!(db.actions().await.last().map(String::as_str), Some("user.deleted"));
        let again = db.store.delete_user(user.id, db.told("user.deleted"), db.now()).await;
        assert!(!again.unwrap());
    }

    async fn ending_a_users_session_leaves_their_conversations(db: TestDb) {
        let user = db.user("ada").await;
        let (here, there) = (db.signed_in(user.id, "r1").await, db.signed_in(user.id, "s1").await);
        let conversation = db.conversation(&here).await;
        let page = Page::default();
        let open = db.store.list_sessions(&here, &SessionFilter::default(), &page).await.unwrap();
        assert_eq!(open.items.len(), 2);
        let session = there.session_id().unwrap();
        let entry = db.told("session.revoked");
        assert!(db.store.end_sign_in(user.id, session, entry.clone(), db.now()).await.unwrap());
        assert!(!db.store.end_sign_in(user.id, session, entry, db.now()).await.unwrap());
        assert_eq!(db.refresh("s1", "s2").await, Refreshed::Unknown);
        assert!(db.store.purge_session(&here, session, None).await.unwrap());
        let filter = ConversationFilter::default();
        let mine = db.store.list_conversations(&here, &filter, &page).await.unwrap();
        assert_eq!(mine.items[0].id, conversation);
        let stranger = db.user("bob").await;
        let bob = db.signed_in(stranger.id, "b1").await;
        let own = here.session_id().unwrap();
        assert_eq!(db.store.get_session(&bob, own).await.unwrap(), None);
        let entry = db.told("session.revoked");
        assert!(!db.store.end_sign_in(stranger.id, own, entry, db.now()).await.unwrap());
        assert!(db.is_open(&here).await);
    }

    async fn a_key_of_theirs_sees_no_session_of_a_user(db: TestDb) {
        let user = db.user("ada").await;
        let here = db.signed_in(user.id, "r1").await;
        let session = here.session_id().unwrap();
        let id = ApiKeyId::generate(&*db.ids);
        for limited in [false, true] {
            let key = Scope { subject: Subject::ApiKey { id, user: user.id, limited }, ..here };
            assert_eq!(db.store.get_session(&key, session).await.unwrap(), None);
            let filter = SessionFilter::default();
            let listed = db.store.list_sessions(&key, &filter, &Page::default()).await.unwrap();
            assert_eq!(listed.items, []);
            assert!(!db.store.purge_session(&key, session, None).await.unwrap());
        }
        assert!(db.is_open(&here).await);
    }

    async fn another_password_ends_the_other_sessions(db: TestDb) {
        let user = db.user("ada").await;
        let (here, there) = (db.signed_in(user.id, "r1").await, db.signed_in(user.id, "s1").await);
        for _ in 0..3 {
            let entry = db.told("sign_in.failed");
            db.store.note_failed_sign_in(Some(user.id), entry).await.unwrap();
        }
        db.store.note_failed_sign_in(None, db.told("sign_in.failed")).await.unwrap();
        let known = db.store.known_user(user.id).await.unwrap().unwrap();
        assert_eq!(known.failed_sign_ins, 3);
        let entry = db.told("password.changed");
        let but = here.session_id();
        db.store.set_password(user.id, "other".into(), but, entry, db.now()).await.unwrap();
        assert!(db.is_open(&here).await && !db.is_open(&there).await);
        assert!(matches!(db.refresh("r1", "r2").await, Refreshed::Next { .. }));
        let known = db.store.user_with_email("ada@example.org").await.unwrap().unwrap();
        assert_eq!((known.password_hash.as_deref(), known.failed_sign_ins), (Some("other"), 0));
        db.store.end_all_sign_ins(user.id, db.told("sign_out"), db.now()).await.unwrap();
        assert!(!db.is_open(&here).await);
    }

    async fn an_identity_is_found_again_and_ends_what_was_before(db: TestDb) {
        db.user("owner").await;
        let user = db.user("ada").await;
        let scope = db.signed_in(user.id, "r1").await;
        let link = || {
            let entry = db.told("identity.linked");
            db.store.link_identity(user.id, "https://id".into(), "7".into(), entry, db.now())
        };
        assert!(!db.store.has_identity(user.id).await.unwrap());
        link().await.unwrap();
        link().await.unwrap();
        let known = db.store.user_with_identity("https://id", "7").await.unwrap().unwrap();
        assert_eq!((known.user.id, known.password_hash), (user.id, None));
        assert!(db.store.user_with_identity("https://other", "7").await.unwrap().is_none());
        assert!(!db.is_open(&scope).await);

        let map = |role| MappedRole { role, entry: db.told("member.role_changed") };
        db.store.map_role(user.id, map(BuiltinRole::Admin), db.now()).await.unwrap();
        let standing = db.store.standings_of(user.id).await.unwrap();
        assert_eq!(standing[0].role, RoleRef::Builtin(BuiltinRole::Admin));
        let before = db.actions().await.len();
        db.store.map_role(user.id, map(BuiltinRole::Admin), db.now()).await.unwrap();
        assert_eq!(db.actions().await.len(), before, "nothing changed");
        let owner = db.store.user_with_name("owner").await.unwrap().unwrap().user;
        db.store.map_role(owner.id, map(BuiltinRole::Viewer), db.now()).await.unwrap();
        let standing = db.store.standings_of(owner.id).await.unwrap();
        assert_eq!(standing[0].role, RoleRef::Builtin(BuiltinRole::Owner), "the last one stays");
    }

    async fn a_link_does_not_outlive_the_address_that_it_went_to(db: TestDb) {
        let user = db.user("ada").await;
        let reset = async |hash: &str| {
            let token = db.reset_token(user.id, hash);
            db.store.put_one_use_token(token, db.now()).await.unwrap();
        };
        let works = async |hash: &str| {
            let purpose = OneUsePurpose::PasswordReset;
            db.store.one_use_token_user(hash, purpose, db.now()).await.unwrap().is_some()
        };
        let change = async |changes: UserChanges| {
            db.store.update_user(user.id, changes, vec![], db.now()).await.unwrap().unwrap();
        };
        let to = |email: &str| UserChanges {
            email: Some((email.to_owned(), email.to_lowercase())),
            ..UserChanges::default()
        };
        reset("t1").await;
        change(UserChanges { full_name: Some(None), ..UserChanges::default() }).await;
        change(to("ada@example.org")).await;
        assert!(works("t1").await, "the address is the same");
        change(to("lovelace@example.org")).await;
        assert!(!works("t1").await);
        reset("t2").await;
        let entry = db.told("identity.linked");
        let (issuer, subject) = ("https://id".to_owned(), "7".to_owned());
        db.store.link_identity(user.id, issuer, subject, entry, db.now()).await.unwrap();
        assert!(!works("t2").await, "whoever asked for it is not vouched for");
    }

    async fn an_identity_linked_by_the_address_takes_the_place_of_all_others(db: TestDb) {
        db.user("owner").await;
        let known = ("https://id".to_owned(), "claimed".to_owned());
        let new = NewUser { identity: Some(known), ..db.new_user("ada") };
        let user = db.store.create_user(new, db.now()).await.unwrap().user;
        let other = NewUser {
            identity: Some(("https://id".to_owned(), "bob".to_owned())),
            ..db.new_user("bob")
        };
        let bob = db.store.create_user(other, db.now()).await.unwrap().user;
        let link = async |issuer: &str, subject: &str| {
            let entry = db.told("identity.linked");
            let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
            db.store.link_identity(user.id, issuer, subject, entry, db.now()).await.unwrap();
        };
        let who = async |issuer: &str, subject: &str| {
            let known = db.store.user_with_identity(issuer, subject).await.unwrap();
            known.map(|known| known.user.id)
        };
        link("https://id", "7").await;
        assert_eq!(who("https://id", "claimed").await, None, "of the same issuer");
        assert_eq!(who("https://id", "7").await, Some(user.id));
        link("https://other", "7").await;
        assert_eq!(who("https://id", "7").await, None, "of another issuer");
        assert_eq!(who("https://other", "7").await, Some(user.id));
        assert_eq!(who("https://id", "bob").await, Some(bob.id), "other people keep theirs");
    }

    async fn a_profile_comes_back_as_it_was_stored(db: TestDb) {
        let user = db.user("ada").await;
        assert!(db.store.get_profile(user.id).await.unwrap().is_empty());
        for wish in ["the sea", "the \u{1F30B} hills"] {
            let profile = Profile {
                preferences: Metadata::try_from(json!({ "pace": "slow" })).unwrap(),
                wishes: vec![wish.to_owned()],
                ..Profile::default()
            };
            db.store.put_profile(user.id, &profile, db.now()).await.unwrap();
            assert_eq!(db.store.get_profile(user.id).await.unwrap(), profile);
        }
        let nobody = UserId::from_uuid(db.ids.uuid());
        let refused = db.store.put_profile(nobody, &Profile::default(), db.now()).await;
        assert!(matches!(refused, Err(StoreError::ReferenceMissing)), "{refused:?}");
    }
}
