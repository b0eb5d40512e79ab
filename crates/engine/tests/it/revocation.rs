//! Revocation: what is taken away on one server bites on all of them within seconds, on requests,
//! open streams and runs, with or without a cache between the servers.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use vpaura_domain::{
    ApiKeyId, BuiltinRole, Clock, MultitaskStrategy, Origin, Part, Permission, PermissionSet,
    RoleRef, RunEventKind, RunId, RunStatus, Scope, Subject, UserId, UserStatus, WorkspaceId,
};
use vpaura_engine::{
    AuditFilter, AuditLog, CreateUser, Engine, Error, NewApiKey, Thing, UpdateUser,
};
use vpaura_kv::MemoryKv;
use vpaura_llm::Script;
use vpaura_store::{Store, StoreSettings};

use crate::support::{World, say, say_in, text_of, to_end, until_text, user};

/// Within this a revocation bites everywhere.
const BITES: Duration = Duration::from_secs(5);

fn nowhere() -> Origin {
    Origin::default()
}

/// Two servers on one database; the cache between them is shared, or each has its own.
async fn two(world: &mut World, shared: bool) -> (Engine, Engine) {
    let one = world.engine().await;
    if !shared {
        world.kv = Arc::new(MemoryKv::new());
    }
    (one, world.engine().await)
}

async fn a_removed_member_is_sent_away(shared: bool) {
    let mut world = World::new();
    let (one, two) = two(&mut world, shared).await;
    let (_, owner) = user(&one, "owner").await;
    let (id, member) = user(&one, "member").await;
    let script = world.model.script();
    script.text("so far");
    let mut started = one.start_run(&member, say("go on and on")).await.unwrap();
    until_text(&mut started.reader, "so far").await;
    let run = started.run.id;
    let mut elsewhere = two.follow_run(&member, run, 0).await.unwrap();
    let mut ends = one.follow_run(&Scope::operator(), run, 0).await.unwrap();

    two.remove_member(&owner, &nowhere(), id).await.unwrap();
    let here = tokio::time::timeout(BITES, to_end(&mut started.reader)).await.unwrap();
    let there = tokio::time::timeout(BITES, to_end(&mut elsewhere)).await.unwrap();
    assert!(matches!(here, Err(Error::Unauthorized)), "{here:?}");
    assert!(matches!(there, Err(Error::Unauthorized)), "{there:?}");
    let events = tokio::time::timeout(BITES, to_end(&mut ends)).await.unwrap().unwrap();
    assert!(matches!(events.last().map(|it| &it.kind), Some(RunEventKind::RunCancelled)));
    let run = one.get_run(&Scope::operator(), run).await.unwrap();
    assert_eq!(run.status, RunStatus::Cancelled);
    let answer = one.get_message(&Scope::operator(), run.message_id).await.unwrap();
    assert_eq!(answer.parts, [Part::Text { text: "so far".into() }]);
    let now = one.scope_in(&member, WorkspaceId::DEFAULT).await;
    assert!(matches!(now, Err(Error::NotFound(Thing::Workspace))));
}

#[tokio::test]
async fn a_removed_member_is_sent_away_from_streams_and_runs() {
    a_removed_member_is_sent_away(true).await;
}

#[tokio::test]
async fn a_removed_member_is_sent_away_without_a_cache_between_servers() {
    a_removed_member_is_sent_away(false).await;
}

#[tokio::test]
async fn who_is_given_another_role_goes_on_with_what_it_allows() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let (id, member) = user(&engine, "member").await;
    let script = world.model.script();
    script.text("so far");
    let mut started = engine.start_run(&member, say("go on")).await.unwrap();
    until_text(&mut started.reader, "so far").await;
    let admin = RoleRef::Builtin(BuiltinRole::Admin);
    engine.change_member_role(&owner, &nowhere(), id, admin).await.unwrap();
    script.text(" and further");
    script.end();
    let events = to_end(&mut started.reader).await.unwrap();
    assert_eq!(text_of(&events), " and further");
    let run = engine.get_run(&member, started.run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Completed);
}

#[tokio::test]
async fn a_queued_run_of_a_removed_member_does_not_begin() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let (id, member) = user(&engine, "member").await;
    let script = world.model.script();
    script.text("first");
    let mut first = engine.start_run(&member, say("one")).await.unwrap();
    until_text(&mut first.reader, "first").await;
    let mut second = say_in(first.run.conversation_id, "two");
    second.multitask = MultitaskStrategy::Enqueue;
    let second = engine.start_run(&member, second).await.unwrap();
    let mut ends = engine.follow_run(&Scope::operator(), second.run.id, 0).await.unwrap();
    engine.remove_member(&owner, &nowhere(), id).await.unwrap();
    tokio::time::timeout(BITES, to_end(&mut ends)).await.unwrap().unwrap();
    let second = engine.get_run(&Scope::operator(), second.run.id).await.unwrap();
    assert_eq!(second.status, RunStatus::Cancelled);
}

#[tokio::test]
async fn a_revoked_key_is_worth_nothing_on_any_server() {
    let mut world = World::new();
    let (one, two) = two(&mut world, false).await;
    let (_, owner) = user(&one, "owner").await;
    let new = NewApiKey {
        name: "Website".to_owned(),
        permissions: PermissionSet::of(&[Permission::ChatRead]),
        chatbot_ids: None,
        expires_at: None,
    };
    let made = one.create_api_key(&owner, &nowhere(), new, None).await.unwrap();
    let key = made.key.unwrap();
    let key = key.expose_secret();
    for engine in [&one, &two] {
        let scope = engine.authenticate_api_key(key).await.unwrap();
        assert_eq!(scope.permissions, PermissionSet::of(&[Permission::ChatRead]));
        assert_eq!(scope.api_key_id(), Some(made.api_key.id));
        let elsewhere = engine.scope_in(&scope, WorkspaceId::from_uuid(made.api_key.id.uuid()));
        assert!(matches!(elsewhere.await, Err(Error::NotFound(Thing::Workspace))));
    }
    let (head, last) = key.split_at(key.len() - 1);
    let wrong = format!("{head}{}", if last == "0" { "1" } else { "0" });
    for bad in ["", " ", "null", "[]", "vpk_", &wrong, head] {
        let refused = one.authenticate_api_key(bad).await;
        assert!(matches!(refused, Err(Error::Unauthorized)), "{bad:?}");
        let refused = one.authenticate_bearer(bad).await;
        assert!(matches!(refused, Err(Error::Unauthorized)), "{bad:?}");
    }
    one.delete_api_key(&owner, &nowhere(), made.api_key.id).await.unwrap();
    assert!(matches!(one.authenticate_api_key(key).await, Err(Error::Unauthorized)));
    let refused = async {
        let mut again = tokio::time::interval(Duration::from_millis(20));
        while two.authenticate_api_key(key).await.is_ok() {
            again.tick().await;
        }
    };
    tokio::time::timeout(BITES, refused).await.unwrap();
}

/// What a key that acts for others has begun, in a conversation of nobody's.
struct BegunByKey {
    maker: UserId,
    key: ApiKeyId,
    /// One that stalls, and one that waits for it.
    runs: [RunId; 2],
    _stalled: Script,
}

async fn begun_by_key(world: &World, engine: &Engine) -> BegunByKey {
    // The first user owns the installation, and may not be suspended.
    user(engine, "owner").await;
    let new = CreateUser {
        email: "maker@example.org".to_owned(),
        username: None,
        full_name: None,
        password: None,
        role: Some(BuiltinRole::Admin),
    };
    let maker = engine.create_user(&Scope::operator(), new, &nowhere(), None).await.unwrap().id;
    let subject = Subject::User { id: maker, session: None };
    let signed_in = Scope { subject, ..Scope::operator() };
    let signed_in = engine.scope_in(&signed_in, WorkspaceId::DEFAULT).await.unwrap();
    let permissions = [
        Permission::ChatRead,
        Permission::ChatWrite,
        Permission::ChatbotsRead,
        Permission::OthersAct,
    ];
    let new = NewApiKey {
        name: "Helpdesk".to_owned(),
        permissions: PermissionSet::of(&permissions),
        chatbot_ids: None,
        expires_at: None,
    };
    let made = engine.create_api_key(&signed_in, &nowhere(), new, None).await.unwrap();
    let key = made.key.unwrap();
    let by_key = engine.authenticate_api_key(key.expose_secret()).await.unwrap();
    let stalled = world.model.script();
    stalled.text("first");
    let mut first = engine.start_run(&by_key, say("one")).await.unwrap();
    until_text(&mut first.reader, "first").await;
    assert_eq!((first.run.user_id, first.run.api_key_id), (None, Some(made.api_key.id)));
    let mut second = say_in(first.run.conversation_id, "two");
    second.multitask = MultitaskStrategy::Enqueue;
    let second = engine.start_run(&by_key, second).await.unwrap();
    let runs = [first.run.id, second.run.id];
    BegunByKey { maker, key: made.api_key.id, runs, _stalled: stalled }
}

async fn both_end(world: &World, engine: &Engine, begun: &BegunByKey) {
    let operator = Scope::operator();
    for id in begun.runs {
        let mut ends = engine.follow_run(&operator, id, 0).await.unwrap();
        tokio::time::timeout(BITES, to_end(&mut ends)).await.unwrap().unwrap();
        assert_eq!(engine.get_run(&operator, id).await.unwrap().status, RunStatus::Cancelled);
    }
    assert_eq!(world.model.requests().len(), 1, "the second one never asked the model");
}

#[tokio::test]
async fn the_runs_of_a_revoked_key_that_acts_for_others_end() {
    let world = World::new();
    let engine = world.engine().await;
    let begun = begun_by_key(&world, &engine).await;
    engine.delete_api_key(&Scope::operator(), &nowhere(), begun.key).await.unwrap();
    both_end(&world, &engine, &begun).await;
}

#[tokio::test]
async fn the_runs_of_a_key_that_acts_for_others_end_when_its_maker_is_suspended() {
    let world = World::new();
    let engine = world.engine().await;
    let begun = begun_by_key(&world, &engine).await;
    let changes = UpdateUser { status: Some(UserStatus::Suspended), ..Default::default() };
    engine.update_user(&Scope::operator(), begun.maker, changes, None, &nowhere()).await.unwrap();
    both_end(&world, &engine, &begun).await;
}

#[tokio::test]
async fn a_removal_that_was_cut_short_goes_on_after_the_restart() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let made = engine.create_workspace(&owner, &nowhere(), "Sales", None).await.unwrap();
    let there = engine.scope_in(&owner, made.id).await.unwrap();
    assert_eq!(there.permissions.and(PermissionSet::INSTALLATION), PermissionSet::INSTALLATION);
    assert!(there.permissions.covers(BuiltinRole::Owner.permissions()));
    let all = AuditFilter::default();
    let listed = engine.list_audit(&there, AuditLog::Workspace, &all, 1, None);
    let told = listed.await.unwrap().items.pop().unwrap();
    engine.stop(Duration::ZERO).await;

    let path = world.folder.path().join("vpaura.db");
    let clock: Arc<dyn Clock> = world.clock.clone();
    let settings = StoreSettings::new(format!("sqlite://{}", path.display()));
    let store = Store::connect(&settings, clock).await.unwrap();
    let told = vpaura_domain::AuditEntry {
        id: vpaura_domain::AuditEntryId::from_uuid(there.workspace_id.uuid()),
        workspace_id: None,
        action: "workspace.deleted".to_owned(),
        ..told
    };
    store.begin_workspace_removal(&there, &told, world.clock.now()).await.unwrap();

    let engine = world.engine().await;
    let removed = async {
        let mut again = tokio::time::interval(Duration::from_millis(20));
        while !store.workspaces_to_remove().await.unwrap().is_empty() {
            again.tick().await;
        }
    };
    tokio::time::timeout(BITES, removed).await.unwrap();
    let filter = AuditFilter { object_id: Some(made.id.to_string()), ..AuditFilter::default() };
    let operator = Scope::operator();
    let log = engine.list_audit(&operator, AuditLog::Installation, &filter, 10, None);
    let actions: Vec<_> = log.await.unwrap().items.into_iter().map(|it| it.action).collect();
    assert!(actions.contains(&"workspace.removed".to_owned()), "{actions:?}");
    assert!(engine.scope_in(&owner, made.id).await.is_err());
}

#[tokio::test]
async fn an_export_ends_for_whoever_may_not_read_it_any_more() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let (id, member) = user(&engine, "member").await;
    let origin = nowhere();
    let role = |role| engine.change_member_role(&owner, &origin, id, RoleRef::Builtin(role));
    role(BuiltinRole::Admin).await.unwrap();
    let admin = engine.scope_in(&member, WorkspaceId::DEFAULT).await.unwrap();
    let export = || engine.export_audit(&admin, AuditLog::Workspace, AuditFilter::default());
    assert!(export().unwrap().next().await.unwrap().is_some());
    let mut demoted = export().unwrap();
    role(BuiltinRole::Member).await.unwrap();
    assert!(matches!(demoted.next().await, Err(Error::Denied(_))));
    let mut removed = export().unwrap();
    engine.remove_member(&owner, &origin, id).await.unwrap();
    assert!(matches!(removed.next().await, Err(Error::Unauthorized | Error::Denied(_))));
}
