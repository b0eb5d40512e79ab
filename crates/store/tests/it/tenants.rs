//! Workspaces, their members, roles, invitations and keys, and the audit log.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use vpaura_domain::{
    Actor, ApiKey, ApiKeyId, AuditEntry, AuditEntryId, BuiltinRole, ChatbotId, CustomRole,
    Invitation, InvitationId, InvitationStatus, Origin, Page, Permission, PermissionSet, RoleId,
    RoleRef, Scope, Subject, User, UserId, UserStatus, Workspace, WorkspaceId, WorkspaceStatus,
};
use vpaura_store::{
    Acceptance, AuditFilter, Backend, BeginSignIn, Join, KeyIdentity, NewApiKey, NewInvitation,
    NewUser, NewWorkspace, Refreshed, Removed, RevocationKind, RoleChanges, StoreError,
    UserChanges,
};

use crate::conformance;
use crate::db::TestDb;

const OWNER: RoleRef = RoleRef::Builtin(BuiltinRole::Owner);
const ADMIN: RoleRef = RoleRef::Builtin(BuiltinRole::Admin);
const MEMBER: RoleRef = RoleRef::Builtin(BuiltinRole::Member);
const DAY: Duration = Duration::from_secs(86_400);

fn entry(db: &TestDb, log: Option<WorkspaceId>, action: &str) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId::generate(&*db.ids),
        workspace_id: log,
        actor: Actor::Operator,
        action: action.to_owned(),
        object_kind: Some("thing".to_owned()),
        object_id: Some("7".to_owned()),
        origin: Origin::default(),
        details: json!({ "n": 1 }),
        at: db.now(),
    }
}

async fn workspace(db: &TestDb) -> WorkspaceId {
    workspace_of(db, None).await
}

async fn workspace_of(db: &TestDb, owner: Option<UserId>) -> WorkspaceId {
    let id = WorkspaceId::generate(&*db.ids);
    let now = db.now();
    let new = NewWorkspace {
        workspace: Workspace {
            id,
            name: "Sales".to_owned(),
            status: WorkspaceStatus::Active,
            created_at: now,
            updated_at: now,
        },
        owner,
        chatbot_id: ChatbotId::generate(&*db.ids),
        chatbot_name: "Assistant",
        entry: entry(db, Some(id), "workspace.created"),
    };
    db.store.create_workspace(&Scope::operator(), new, None).await.unwrap();
    id
}

/// A new user who joins the workspace, and their scope there. The very first becomes the owner of
/// the installation instead, so there is one already.
async fn join(db: &TestDb, workspace: WorkspaceId, role: RoleRef) -> Scope {
    let first = create(db, WorkspaceId::DEFAULT, OWNER).await;
    assert_eq!(first.workspace_id, WorkspaceId::DEFAULT);
    create(db, workspace, role).await
}

async fn create(db: &TestDb, workspace: WorkspaceId, role: RoleRef) -> Scope {
    let id = UserId::generate(&*db.ids);
    let name = format!("user-{id}");
    let user = User {
        id,
        email: format!("{name}@example.org"),
        username: name.clone(),
        full_name: None,
        status: UserStatus::Active,
        is_active: true,
        is_owner: false,
        has_second_factor: false,
        has_password: false,
        workspace_id: Some(workspace),
        created_at: db.now(),
        updated_at: db.now(),
        last_sign_in_at: None,
    };
    let new = NewUser {
        email_key: user.email.clone(),
        username_key: name,
        user,
        password_hash: None,
        identity: None,
        join: Some(Join::As(workspace, role)),
        idempotency: None,
        entries: Vec::new(),
    };
    db.store.create_user(new, db.now()).await.unwrap();
    scope_of(db, id, workspace).await
}

async fn scope_of(db: &TestDb, user: UserId, workspace: WorkspaceId) -> Scope {
    let principal = db.store.member_principal(user, workspace).await.unwrap().unwrap();
    Scope {
        workspace_id: workspace,
        subject: Subject::User { id: user, session: None },
        permissions: principal.permissions.unwrap_or(PermissionSet::NONE),
    }
}

fn user(scope: &Scope) -> UserId {
    scope.user_id().unwrap()
}

async fn role(db: &TestDb, by: &Scope, permissions: &[Permission]) -> Result<RoleId, StoreError> {
    let id = RoleId::generate(&*db.ids);
    let role = CustomRole {
        id,
        name: format!("Role {id}"),
        permissions: PermissionSet::of(permissions),
        created_at: db.now(),
        updated_at: db.now(),
    };
    let told = entry(db, Some(by.workspace_id), "role.created");
    db.store.create_role(by, &role, &told, None).await.map(|_| id)
}

async fn invite(
    db: &TestDb,
    by: &Scope,
    email: &str,
    role: RoleRef,
    hash: &str,
) -> Result<(), StoreError> {
    let new = NewInvitation {
        invitation: Invitation {
            id: InvitationId::generate(&*db.ids),
            email: email.to_owned(),
            role,
            status: InvitationStatus::Open,
            invited_by: by.user_id(),
            created_at: db.now(),
            expires_at: db.now().plus(DAY),
        },
        email_key: email.to_owned(),
        token_hash: hash.to_owned(),
        entry: entry(db, Some(by.workspace_id), "invitation.created"),
    };
    db.store.create_invitation(by, new, None).await.map(drop)
}

fn acceptance(db: &TestDb, workspace: WorkspaceId, who: UserId, hash: &str) -> Acceptance {
    Acceptance {
        token_hash: hash.to_owned(),
        workspace_id: workspace,
        user_id: who,
        entries: vec![entry(db, Some(workspace), "member.joined")],
        now: db.now(),
    }
}

fn key_of(db: &TestDb, maker: UserId, permissions: PermissionSet) -> NewApiKey {
    let id = ApiKeyId::generate(&*db.ids);
    NewApiKey {
        key: ApiKey {
            id,
            name: "Website".to_owned(),
            prefix: "vpk_x".to_owned(),
            user_id: maker,
            permissions,
            chatbot_ids: None,
            created_at: db.now(),
            expires_at: Some(db.now().plus(DAY)),
            last_used_at: None,
        },
        hash: format!("hash-{id}"),
        entry: entry(db, None, "api_key.created"),
    }
}

async fn remove(db: &TestDb, by: &Scope, whom: UserId) -> Result<bool, StoreError> {
    let told = entry(db, Some(by.workspace_id), "member.removed");
    db.store.remove_member(by, whom, &told, db.now()).await
}

async fn give(db: &TestDb, by: &Scope, whom: UserId, role: RoleRef) -> Result<(), StoreError> {
    let told = entry(db, Some(by.workspace_id), "member.role_changed");
    db.store.change_member_role(by, whom, role, &told, db.now()).await.map(drop)
}

conformance! {
    async fn of_two_owners_who_leave_at_once_one_stays(db: TestDb) {
        for _ in 0..10 {
            let here = workspace(&db).await;
            let owners = [join(&db, here, OWNER).await, join(&db, here, OWNER).await];
            let left = join_all(owners.iter().map(|own| remove(&db, own, user(own)))).await;
            let gone = left.iter().filter(|it| matches!(it, Ok(true))).count();
            let kept = left.iter().filter(|it| matches!(it, Err(StoreError::LastOwner))).count();
            assert_eq!((gone, kept), (1, 1));
        }
    }

    async fn nobody_gives_or_takes_what_they_do_not_hold(db: TestDb) {
        let here = workspace(&db).await;
        let owner = join(&db, here, OWNER).await;
        let admin = join(&db, here, ADMIN).await;
        let member = join(&db, here, MEMBER).await;
        assert!(matches!(give(&db, &admin, user(&member), OWNER).await, Err(StoreError::NotCovered)));
        assert!(matches!(give(&db, &admin, user(&admin), OWNER).await, Err(StoreError::NotCovered)));
        assert!(matches!(give(&db, &admin, user(&owner), MEMBER).await, Err(StoreError::NotCovered)));
        assert!(matches!(remove(&db, &admin, user(&owner)).await, Err(StoreError::NotCovered)));
        assert!(matches!(give(&db, &owner, user(&owner), ADMIN).await, Err(StoreError::LastOwner)));
        let strong = role(&db, &admin, &[Permission::WorkspaceDelete]).await;
        assert!(matches!(strong, Err(StoreError::NotCovered)));
        let offered = invite(&db, &admin, "o@example.org", OWNER, "h1").await;
        assert!(matches!(offered, Err(StoreError::NotCovered)));
        // Neither by making a harmless role stronger, nor by touching one that is.
        let weak = role(&db, &admin, &[Permission::ChatRead]).await.unwrap();
        let told = entry(&db, Some(here), "role.updated");
        let more = RoleChanges {
            permissions: Some(PermissionSet::of(&[Permission::WorkspaceDelete])),
            name: None,
        };
        let widened = db.store.update_role(&admin, weak, &more, &told, db.now()).await;
        assert!(matches!(widened, Err(StoreError::NotCovered)));
        let by_owner = db.store.update_role(&owner, weak, &more, &told, db.now()).await.unwrap();
        assert_eq!(by_owner.unwrap().permissions, more.permissions.unwrap());
        let renamed = RoleChanges { name: Some("Mine".to_owned()), permissions: None };
        let renamed = db.store.update_role(&admin, weak, &renamed, &told, db.now()).await;
        assert!(matches!(renamed, Err(StoreError::NotCovered)));
        assert!(matches!(
            db.store.delete_role(&admin, weak, &told, db.now()).await,
            Err(StoreError::NotCovered)
        ));
        // What is covered goes through.
        give(&db, &admin, user(&member), ADMIN).await.unwrap();
        assert!(remove(&db, &admin, user(&member)).await.unwrap());
        assert!(!remove(&db, &admin, user(&member)).await.unwrap());
    }

    async fn a_role_that_somebody_has_or_is_offered_stays(db: TestDb) {
        let here = workspace(&db).await;
        let owner = join(&db, here, OWNER).await;
        let member = join(&db, here, MEMBER).await;
        let id = role(&db, &owner, &[Permission::AuditRead]).await.unwrap();
        let told = entry(&db, Some(here), "role.deleted");
        give(&db, &owner, user(&member), RoleRef::Custom(id)).await.unwrap();
        let scope = scope_of(&db, user(&member), here).await;
        assert_eq!(scope.permissions, PermissionSet::of(&[Permission::AuditRead]));
        let delete = || db.store.delete_role(&owner, id, &told, db.now());
        assert!(matches!(delete().await, Err(StoreError::RoleInUse)));
        give(&db, &owner, user(&member), MEMBER).await.unwrap();
        invite(&db, &owner, "r@example.org", RoleRef::Custom(id), "hr").await.unwrap();
        assert!(matches!(delete().await, Err(StoreError::RoleInUse)));
        db.clock.advance(DAY);
        assert!(db.store.delete_role(&owner, id, &told, db.now()).await.unwrap());
        // Another workspace's role is none here.
        let there = workspace(&db).await;
        let theirs = join(&db, there, OWNER).await;
        let foreign = role(&db, &theirs, &[Permission::ChatRead]).await.unwrap();
        let given = give(&db, &owner, user(&member), RoleRef::Custom(foreign)).await;
        assert!(matches!(given, Err(StoreError::RoleMissing)));
    }

    async fn an_invitation_is_accepted_once_by_whom_it_is_for(db: TestDb) {
        let (here, there) = (workspace(&db).await, workspace(&db).await);
        let owner = join(&db, here, OWNER).await;
        let (guest, other) = (join(&db, there, MEMBER).await, join(&db, there, MEMBER).await);
        let email = format!("user-{}@example.org", user(&guest));
        invite(&db, &owner, &email, ADMIN, "first").await.unwrap();
        invite(&db, &owner, &email, MEMBER, "second").await.unwrap();
        let accept = |who: UserId, hash: &'static str| {
            db.store.accept_invitation(acceptance(&db, here, who, hash))
        };
        // The first was replaced, and the second is for somebody else.
        let missing = |it| matches!(it, Err(StoreError::InvitationMissing));
        assert!(missing(accept(user(&guest), "first").await));
        assert!(missing(accept(user(&other), "second").await));
        assert!(missing(accept(user(&guest), "").await));
        let seen = db.store.open_invitation("second", db.now()).await.unwrap().unwrap();
        assert!(seen.is_user && seen.role_name == "member" && seen.workspace_id == here);
        let both = join_all([accept(user(&guest), "second"), accept(user(&guest), "second")]).await;
        assert_eq!(both.iter().filter(|it| it.is_ok()).count(), 1, "{both:?}");
        let again = invite(&db, &owner, &email, MEMBER, "third").await;
        assert!(matches!(again, Err(StoreError::AlreadyMember)));
        let late = format!("user-{}@example.org", user(&other));
        invite(&db, &owner, &late, MEMBER, "late").await.unwrap();
        db.clock.advance(DAY);
        assert!(missing(accept(user(&other), "late").await));
        assert_eq!(db.store.open_invitation("late", db.now()).await.unwrap(), None);
    }

    async fn an_open_invitation_is_found_by_its_address_the_newest_first(db: TestDb) {
        let (here, there) = (workspace(&db).await, workspace(&db).await);
        let (owner, other) = (join(&db, here, OWNER).await, join(&db, there, OWNER).await);
        let found = async || db.store.open_invitation_to("a@example.org", db.now()).await.unwrap();
        assert_eq!(found().await, None);
        invite(&db, &owner, "a@example.org", MEMBER, "first").await.unwrap();
        invite(&db, &other, "b@example.org", MEMBER, "another").await.unwrap();
        assert_eq!(found().await, Some((here, "first".to_owned())));
        db.clock.advance(DAY / 2);
        invite(&db, &other, "a@example.org", ADMIN, "second").await.unwrap();
        assert_eq!(found().await, Some((there, "second".to_owned())));
        let open = db.store.list_invitations(&other, &Page::default()).await.unwrap();
        let second = open.items.iter().find(|it| it.email == "a@example.org").unwrap();
        let withdrawn = entry(&db, Some(there), "invitation.revoked");
        assert!(db.store.revoke_invitation(&other, second.id, &withdrawn).await.unwrap());
        assert_eq!(found().await, Some((here, "first".to_owned())));
        db.clock.advance(DAY / 2);
        assert_eq!(found().await, None, "expired");
    }

    async fn a_key_is_worth_what_its_maker_is_now(db: TestDb) {
        let here = workspace(&db).await;
        let owner = join(&db, here, OWNER).await;
        let admin = join(&db, here, ADMIN).await;
        let wanted = PermissionSet::of(&[Permission::ChatRead, Permission::AuditRead]);
        let too_much = key_of(&db, user(&admin), owner.permissions);
        let refused = db.store.create_api_key(&admin, too_much, None).await;
        assert!(matches!(refused, Err(StoreError::NotCovered)));
        let anothers = key_of(&db, user(&owner), wanted);
        let refused = db.store.create_api_key(&admin, anothers, None).await;
        assert!(matches!(refused, Err(StoreError::OutOfScope)));
        let mut new = key_of(&db, user(&admin), wanted);
        new.entry.workspace_id = Some(here);
        let hash = KeyIdentity::Hash(new.hash.clone());
        let id = new.key.id;
        db.store.create_api_key(&admin, new, None).await.unwrap();
        let worth = async |now| db.store.key_principal(&hash, now).await.unwrap();
        assert_eq!(worth(db.now()).await.unwrap().permissions, wanted);
        assert_eq!(worth(db.now().plus(DAY)).await, None, "expired");
        db.store.touch_key(&worth(db.now()).await.unwrap(), db.now()).await.unwrap();
        assert_eq!(worth(db.now()).await.unwrap().last_used_at, Some(db.now()));
        give(&db, &owner, user(&admin), RoleRef::Builtin(BuiltinRole::Viewer)).await.unwrap();
        let left = PermissionSet::of(&[Permission::ChatRead]);
        assert_eq!(worth(db.now()).await.unwrap().permissions, left);
        let mine = db.store.list_api_keys(&admin, Some(user(&admin)), &Page::default()).await.unwrap();
        assert_eq!(mine.items.len(), 1);
        let told = entry(&db, Some(here), "api_key.revoked");
        let foreign = db.store.delete_api_key(&owner, id, Some(user(&owner)), &told, db.now()).await;
        assert!(!foreign.unwrap(), "another's");
        assert!(remove(&db, &owner, user(&admin)).await.unwrap());
        assert_eq!(worth(db.now()).await, None, "its maker is no member");
        let kinds = db.store.revocations_after(0).await.unwrap();
        assert!(kinds.iter().any(|(_, it)| {
            it.kind == RevocationKind::Member && it.subject == user(&admin).uuid()
        }));
    }

    async fn a_share_shows_nothing_once_its_owner_could_not(db: TestDb) {
        let here = workspace(&db).await;
        let owner = join(&db, here, OWNER).await;
        let mut shares = Vec::new();
        for hash in ["suspended", "removed", "stays"] {
            let member = join(&db, here, MEMBER).await;
            let conversation = db.conversation(&member).await;
            let told = entry(&db, Some(here), "conversation.shared");
            let now = db.now();
            assert!(db.store.create_share(&member, conversation, hash, &told, now).await.unwrap());
            shares.push(member);
        }
        let shows = async |hash: &str| db.store.get_shared(hash).await.unwrap().is_some();
        let stand = async |status| {
            let changes = UserChanges { status: Some(status), ..UserChanges::default() };
            db.store.update_user(user(&shares[0]), changes, vec![], db.now()).await.unwrap();
        };
        assert!(shows("suspended").await);
        stand(UserStatus::Suspended).await;
        assert!(!shows("suspended").await);
        stand(UserStatus::Active).await;
        assert!(shows("suspended").await);
        assert!(shows("removed").await);
        assert!(remove(&db, &owner, user(&shares[1])).await.unwrap());
        assert!(!shows("removed").await);
        let shared = db.store.get_shared("stays").await.unwrap().unwrap();
        assert_eq!(shared.owner, shares[2], "with what its owner may do");
        let told = entry(&db, None, "workspace.deleted");
        db.store.begin_workspace_removal(&owner, &told, db.now()).await.unwrap();
        assert!(!shows("stays").await);
    }

    async fn a_workspace_goes_with_all_it_holds_and_nothing_else(db: TestDb) {
        let here = workspace(&db).await;
        let owner = join(&db, here, OWNER).await;
        let member = join(&db, here, MEMBER).await;
        role(&db, &owner, &[Permission::ChatRead]).await.unwrap();
        invite(&db, &owner, "x@example.org", MEMBER, "x").await.unwrap();
        let mut key = key_of(&db, user(&member), PermissionSet::of(&[Permission::ChatRead]));
        key.entry.workspace_id = Some(here);
        db.store.create_api_key(&member, key, None).await.unwrap();
        let conversation = db.conversation(&member).await;
        let run = db.new_run(&member, conversation, None, "how are you?");
        let run = db.start(&member, run).await.unwrap();
        let events = [db.delta(&run, 1, "well")];
        db.store.append_events(here, run.id, 1, &events).await.unwrap();
        let file = db.new_file(&member, "aa");
        db.store.create_file(&member, &file, None).await.unwrap();
        let shared = db.new_file(&member, "bb");
        db.store.create_file(&member, &shared, None).await.unwrap();
        let (_, visitor) = db.session().await;
        db.store.create_file(&visitor, &db.new_file(&visitor, "bb"), None).await.unwrap();

        let done = entry(&db, None, "workspace.removed");
        let early = db.store.finish_workspace_removal(here, &done).await.unwrap();
        assert!(matches!(early, Removed::NotYet { .. }), "{early:?}");
        let begun = entry(&db, None, "workspace.deleted");
        db.store.begin_workspace_removal(&owner, &begun, db.now()).await.unwrap();
        assert_eq!(db.store.workspaces_to_remove().await.unwrap(), [here]);
        let left = db.store.member_principal(user(&owner), here).await.unwrap().unwrap();
        assert_eq!(left.permissions, None, "nobody is a member any more");
        db.store.empty_workspace(here).await.unwrap();
        assert_eq!(db.orphans().await, ["aa"]);
        let ended = db.store.finish_workspace_removal(here, &done).await.unwrap();
        assert_eq!(ended, Removed::Gone(true));
        assert_eq!(
            db.store.finish_workspace_removal(here, &done).await.unwrap(),
            Removed::Gone(false)
        );
        let told = db.store.list_audit(None, &AuditFilter::default(), 10, None).await.unwrap();
        let told: Vec<_> = told.items.into_iter().map(|it| it.action).collect();
        assert_eq!(told, ["workspace.deleted", "workspace.removed"]);
        assert!(db.store.get_file(&visitor, shared.id).await.unwrap().is_none());
    }

    async fn nobody_is_signed_out_by_the_end_of_a_workspace(db: TestDb) {
        let here = workspace(&db).await;
        let ada = join(&db, here, OWNER).await;
        let bob = create(&db, here, MEMBER).await;
        let left = create(&db, here, MEMBER).await;
        let there = workspace_of(&db, Some(user(&ada))).await;
        let sign_in = async |scope: &Scope, refresh: &str| {
            let begin = BeginSignIn { workspace_id: here, ..db.sign_in(user(scope), refresh) };
            let session = begin.session.id;
            db.store.begin_sign_in(begin, db.now()).await.unwrap();
            session
        };
        let adas = sign_in(&ada, "a").await;
        let bobs = sign_in(&bob, "b").await;
        let lefts = sign_in(&left, "l").await;
        assert!(remove(&db, &ada, user(&left)).await.unwrap());
        let principal = async |scope: &Scope, session, workspace| {
            db.store.user_principal(user(scope), session, workspace, db.now()).await.unwrap()
        };
        assert!(principal(&ada, adas, here).await.unwrap().permissions.is_some());
        let nothing = principal(&left, lefts, here).await.unwrap();
        assert_eq!(nothing.permissions, None, "somebody, but no member");

        db.store.begin_workspace_removal(&ada, &entry(&db, None, "deleted"), db.now()).await.unwrap();
        assert_eq!(principal(&ada, adas, here).await, None, "there is no such place any more");
        db.store.empty_workspace(here).await.unwrap();
        // Of somebody who proved who they are before the workspace went.
        let late = sign_in(&ada, "late").await;
        let done = entry(&db, None, "workspace.removed");
        let more = db.store.finish_workspace_removal(here, &done).await.unwrap();
        assert_eq!(more, Removed::NotYet { left: vec![("sessions", 1)] });
        db.store.empty_workspace(here).await.unwrap();
        let ended = db.store.finish_workspace_removal(here, &done).await.unwrap();
        assert_eq!(ended, Removed::Gone(true));

        for (scope, session, refresh, place) in [
            (&ada, adas, "a", there),
            (&ada, late, "late", there),
            (&bob, bobs, "b", WorkspaceId::DEFAULT),
            (&left, lefts, "l", WorkspaceId::DEFAULT),
        ] {
            let next = Refreshed::Next {
                user_id: user(scope),
                session_id: session,
                workspace_id: place,
            };
            assert_eq!(db.refresh(refresh, &format!("{refresh}2")).await, next, "{refresh}");
            let stored = db.store.get_user(user(scope)).await.unwrap().unwrap();
            // Who was removed had been sent nowhere in particular.
            let wanted = (refresh != "l").then_some(place);
            assert_eq!(stored.workspace_id, wanted, "{refresh}");
            assert!(principal(scope, session, place).await.is_some(), "{refresh}");
            assert_eq!(principal(scope, session, here).await, None, "{refresh}");
        }
    }

    async fn every_table_with_a_workspace_is_emptied(db: TestDb) {
        let ask = match db.store.backend() {
            Backend::Sqlite => {
                "SELECT tables.name AS name FROM sqlite_master tables
                 JOIN pragma_table_info(tables.name) columns ON columns.name = 'workspace_id'
                 WHERE tables.type = 'table'"
            }
            Backend::Postgres => {
                "SELECT tables.table_name::text AS name FROM information_schema.tables
                 JOIN information_schema.columns USING (table_schema, table_name)
                 WHERE column_name = 'workspace_id' AND table_schema = current_schema()
                     AND table_type = 'BASE TABLE'"
            }
        };
        let raw = db.raw().await;
        let rows = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), ask));
        let mut tables: BTreeSet<String> =
            rows.await.unwrap().iter().map(|row| row.try_get("", "name").unwrap()).collect();
        // Where signing in leads to: changed with the sign-ins.
        assert!(tables.remove("users"));
        let emptied: BTreeSet<String> =
            vpaura_store::Store::workspace_tables().iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(tables, emptied);
    }

    async fn the_audit_log_only_grows_and_is_read_in_pages(db: TestDb) {
        let here = workspace(&db).await;
        for n in 0..5 {
            db.clock.advance(Duration::from_secs(1));
            let mut told = entry(&db, Some(here), if n == 3 { "special" } else { "usual" });
            told.details = json!({ "n": n });
            db.store.append_audit(&told).await.unwrap();
            db.store.append_audit(&told).await.unwrap();
        }
        let all = AuditFilter::default();
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = db.store.list_audit(Some(here), &all, 2, cursor.as_deref()).await.unwrap();
            seen.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            cursor = Some(next);
        }
        assert_eq!(seen.len(), 6, "five and the workspace's creation, none doubled");
        assert!(seen.windows(2).all(|pair| pair[0].id > pair[1].id));
        let special = AuditFilter { action: Some("special".to_owned()), ..all.clone() };
        let special = db.store.list_audit(Some(here), &special, 10, None).await.unwrap().items;
        assert_eq!(special.iter().map(|it| it.details.clone()).collect::<Vec<_>>(), [json!({"n": 3})]);
        let late = AuditFilter { from: Some(db.now()), ..all.clone() };
        assert_eq!(db.store.list_audit(Some(here), &late, 10, None).await.unwrap().items.len(), 1);
        let other = workspace(&db).await;
        let there = db.store.list_audit(Some(other), &all, 10, None).await.unwrap().items;
        assert!(there.iter().all(|it| it.workspace_id == Some(other)) && there.len() == 1);
        let raw = db.raw().await;
        for sql in ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"] {
            let refused = raw.execute_unprepared(sql).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{refused}");
        }
    }
}
