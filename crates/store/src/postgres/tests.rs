//! Connections under load, under cancellation and at their end.

use std::pin::pin;
use std::task::Poll;

use futures_util::future::poll_fn;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::task::JoinSet;
use uuid::Uuid;
use vpaura_domain::WorkspaceId;

use super::*;

/// A pool of three on the server of `TEST_DATABASE_URL`, which needs no tables; `None` where the
/// tests are to do without PostgreSQL.
async fn pool(settings: impl FnOnce(&mut StoreSettings)) -> Option<Postgres> {
    let url = match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => url,
        Err(_) if std::env::var("VPAURA_SKIP_POSTGRES").is_ok_and(|skip| skip == "1") => {
            return None;
        }
        Err(_) => panic!("TEST_DATABASE_URL is not set: see the suite in tests/it"),
    };
    let mut asked = StoreSettings::new(url.clone());
    (asked.max_connections, asked.overflow) = (3, 0);
    settings(&mut asked);
    Some(Postgres::connect(url, &asked).await.expect("connects"))
}

fn workspace(n: u64) -> Within {
    Within::Workspace(WorkspaceId::from_uuid(Uuid::from_u128(n.into())))
}

fn setting(within: Within) -> String {
    match within {
        Within::Workspace(id) => id.uuid().to_string(),
        Within::Installation => "*".to_owned(),
    }
}

/// What the server says the connection is set to.
async fn set_to<C: ConnectionTrait>(db: &C) -> String {
    let ask = "SELECT current_setting('vpaura.workspace_id')";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, ask)).await;
    row.expect("answers").expect("a row").try_get_by_index(0).expect("a text")
}

/// One use of a connection, of one of five kinds. It must see what it asked for, throughout.
async fn use_one(pool: Postgres, n: u64) {
    let within = if n.is_multiple_of(11) { Within::Installation } else { workspace(n % 7) };
    let session = pool.session(within).await.expect("a connection");
    if n.is_multiple_of(5) {
        session.set(within).await.expect("sets");
        for _ in 0..2 {
            assert_eq!(set_to(&session).await, setting(within));
        }
        return;
    }
    session.begin(within).await.expect("begins");
    assert_eq!(set_to(&session).await, setting(within));
    match n % 5 {
        1 => session.end("COMMIT").await.expect("commits"),
        2 => session.end("ROLLBACK").await.expect("undoes"),
        3 => {
            let refused = session.execute_unprepared("SELECT nonsense").await;
            assert!(refused.is_err());
            // What PostgreSQL makes of this is an undone transaction.
            session.end("COMMIT").await.expect("ends");
        }
        // Left open.
        _ => {}
    }
}

/// The future, dropped before it is polled once more than `polls` times.
async fn for_a_while(work: impl Future<Output = ()>, polls: u64) {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workspaces_never_mix_and_connections_do_not_leak() {
    let Some(pool) = pool(|_| {}).await else { return };
    let mut tasks = JoinSet::new();
    for n in 0..1000_u64 {
        // Every third is dropped somewhere on its way.
        let polls = if n.is_multiple_of(3) { n * 7919 % 13 } else { u64::MAX };
        tasks.spawn(for_a_while(use_one(pool.clone(), n), polls));
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.expect("saw what it asked for");
    }
    assert_eq!(pool.shared.places.available_permits(), 3);
    // None at all, where the last uses were all of those that end a connection.
    let links = std::mem::take(&mut pool.idle().links);
    assert!(links.len() <= 3, "{} connections are kept", links.len());
    for link in links {
        let within = link.within;
        let place = pool.shared.places.clone().try_acquire_owned().expect("a place");
        let session = Session::new(pool.clone(), link, place);
        assert_eq!(set_to(&session).await, setting(within), "it is what it is taken for");
    }
    let mut held = Vec::new();
    for n in 0..3 {
        held.push(pool.session(workspace(n)).await.expect("a connection"));
    }
    drop(held);
    assert_eq!(pool.idle().links.len(), 3, "what is used in good order is kept");
}

#[tokio::test]
async fn whoever_comes_again_finds_a_connection_that_is_set() {
    let Some(pool) = pool(|_| {}).await else { return };
    for n in 0..9 {
        let within = workspace(n % 2);
        let session = pool.session(within).await.expect("a connection");
        session.set(within).await.expect("sets");
    }
    let kept: Vec<Within> = pool.idle().links.iter().map(|link| link.within).collect();
    assert_eq!(kept, [Within::Installation, workspace(1), workspace(0)]);
    // There is no room for a fourth: the one that nobody wanted for longest changes hands.
    let within = workspace(2);
    let session = pool.session(within).await.expect("a connection");
    session.set(within).await.expect("sets");
    drop(session);
    let kept: Vec<Within> = pool.idle().links.iter().map(|link| link.within).collect();
    assert_eq!(kept, [workspace(1), workspace(0), workspace(2)]);
}

#[tokio::test]
async fn who_waits_too_long_is_told_and_nobody_is_served_after_the_end() {
    let Some(pool) = pool(|it| it.acquire_timeout = Duration::from_millis(100)).await else {
        return;
    };
    let mut held = Vec::new();
    for n in 0..3 {
        held.push(pool.session(workspace(n)).await.expect("a connection"));
    }
    let late = pool.session(workspace(4)).await;
    assert!(matches!(late.map(drop), Err(StoreError::Busy)));
    drop(held);
    assert!(pool.session(workspace(4)).await.is_ok());
    pool.close().await;
    assert!(pool.idle().links.is_empty());
    let late = pool.session(workspace(4)).await;
    assert!(matches!(late.map(drop), Err(StoreError::Closed)));
}

#[tokio::test]
async fn old_connections_and_those_before_a_change_of_the_schema_are_not_kept() {
    let Some(pool) = pool(|_| {}).await else { return };
    let session = pool.session(workspace(1)).await.expect("a connection");
    pool.renew();
    drop(session);
    assert!(pool.idle().links.is_empty());
    let Some(pool) = self::pool(|it| it.recycle = Duration::ZERO).await else { return };
    drop(pool.session(workspace(1)).await.expect("a connection"));
    assert!(pool.idle().links.is_empty());
}
