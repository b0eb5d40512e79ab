//! The graph engine's memory: the port's own conformance suite, and what only a database can get
//! wrong.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::task::JoinSet;
use vpaura_domain::{Clock, RandomIds, WorkspaceId};
use vpaura_graph::store::{
    Admin, At, Checkpoint, Claim, Commit, Lease, Page, Record, Records, Seq, Source,
};
use vpaura_graph::{StoreError, ThreadId};
use vpaura_store::Store;

use crate::conformance;
use crate::db::{self, TestDb};

type Memory = Arc<dyn vpaura_graph::Store>;

const CLAIM: Claim = Claim { ttl: Duration::from_secs(3600), steal: false, epoch: None };

fn memory(db: &TestDb) -> Memory {
    db.store.checkpoints(WorkspaceId::DEFAULT)
}

/// The next step after `head`, with one snapshot in ten.
fn step(head: Option<Seq>, body: &str) -> Commit {
    let seq = head.unwrap_or(0) + 1;
    let checkpoint = Checkpoint {
        seq,
        branch: 0,
        parent: head,
        source: Source::Step,
        step: 0,
        body: body.to_owned(),
        snapshot: seq.is_multiple_of(10).then(|| "{}".to_owned()),
    };
    Commit { checkpoints: vec![checkpoint], expected: head, records: Records::Clear }
}

fn note(base: Seq) -> Vec<Record> {
    let text = || "task".to_owned();
    vec![Record { base, path: text(), slot: text(), body: text() }]
}

async fn rows(db: &TestDb, sql: &str) -> i64 {
    let raw = db.raw().await;
    let query = Statement::from_string(raw.get_database_backend(), sql);
    let row = raw.query_one_raw(query).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

conformance! {
    async fn the_port_is_kept(db: TestDb) {
        vpaura_graph::testkit::conformance(async || memory(&db)).await;
    }

    async fn another_workspaces_threads_do_not_exist(db: TestDb) {
        let other = WorkspaceId::from_uuid(db.uuid());
        let raw = db.raw().await;
        let insert = Statement::from_sql_and_values(
            raw.get_database_backend(),
            "INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'other', 0)",
            [other.uuid().into()],
        );
        raw.execute_raw(insert).await.unwrap();
        let (ours, theirs) = (memory(&db), db.store.checkpoints(other));
        let thread = ThreadId::from("t");
        let lease = ours.claim(&thread, CLAIM).await.unwrap();
        ours.commit(&lease, step(None, "ours")).await.unwrap();
        ours.put(&lease, note(1)).await.unwrap();

        assert_eq!(theirs.load(&thread, At::Head).await.unwrap(), None);
        let page = Page { before: None, limit: 10 };
        assert_eq!(theirs.history(&thread, page).await.unwrap(), []);
        let copy = Admin::Copy { from: thread.clone(), to: ThreadId::from("stolen") };
        assert!(matches!(theirs.admin(copy).await, Err(StoreError::Missing { .. })));
        let high = Lease { epoch: 99, ..lease.clone() };
        let moved = theirs.commit(&high, step(Some(1), "theirs")).await;
        assert!(matches!(moved, Err(StoreError::Moved { .. })), "{moved:?}");
        let put = theirs.put(&high, note(1)).await;
        assert!(matches!(put, Err(StoreError::Missing { .. })), "{put:?}");
        let prune = Admin::Prune { lease: high.clone(), before: 1, snapshot: "{}".into() };
        assert!(matches!(theirs.admin(prune).await, Err(StoreError::Missing { .. })));
        theirs.release(&lease).await.unwrap();
        theirs.admin(Admin::Delete { thread: thread.clone(), lease: None }).await.unwrap();
        theirs.commit(&high, step(None, "theirs")).await.unwrap();

        let busy = ours.claim(&thread, CLAIM).await;
        assert!(matches!(busy, Err(StoreError::Busy { .. })), "still held: {busy:?}");
        let loaded = ours.load(&thread, At::Head).await.unwrap().unwrap();
        assert_eq!((loaded.line[0].body.as_str(), loaded.records.len()), ("ours", 1));
    }

    async fn what_is_deleted_leaves_no_row(db: TestDb) {
        let memory = memory(&db);
        let lease = memory.claim(&ThreadId::from("t"), CLAIM).await.unwrap();
        memory.commit(&lease, step(None, "1")).await.unwrap();
        memory.put(&lease, note(1)).await.unwrap();
        let all = "SELECT (SELECT count(*) FROM graph_threads)
            + (SELECT count(*) FROM graph_checkpoints) + (SELECT count(*) FROM graph_records)";
        assert_eq!(rows(&db, all).await, 3);
        memory.admin(Admin::Delete { thread: lease.thread, lease: None }).await.unwrap();
        assert_eq!(rows(&db, all).await, 0);
    }

    async fn what_is_pruned_leaves_no_row(db: TestDb) {
        let memory = memory(&db);
        let lease = memory.claim(&ThreadId::from("t"), CLAIM).await.unwrap();
        for seq in 0..5 {
            memory.put(&lease, note(seq)).await.unwrap();
            let mut step = step((seq > 0).then_some(seq), "1");
            step.records = Records::None;
            memory.commit(&lease, step).await.unwrap();
        }
        let prune = Admin::Prune { lease, before: 4, snapshot: "{}".into() };
        memory.admin(prune).await.unwrap();
        assert_eq!(rows(&db, "SELECT count(*) FROM graph_checkpoints").await, 2);
        assert_eq!(rows(&db, "SELECT count(*) FROM graph_records").await, 1, "that of 4");
    }

    async fn checkpoints_are_stamped_by_the_stores_clock(db: TestDb) {
        let memory = memory(&db);
        let lease = memory.claim(&ThreadId::from("t"), CLAIM).await.unwrap();
        memory.commit(&lease, step(None, "1")).await.unwrap();
        db.clock.advance(Duration::from_secs(5));
        memory.commit(&lease, step(Some(1), "2")).await.unwrap();
        let page = Page { before: None, limit: 10 };
        let listed = memory.history(&lease.thread, page).await.unwrap();
        let at: Vec<u64> = listed.iter().map(|meta| meta.at).collect();
        let now = u64::try_from(db.clock.now().millis()).unwrap();
        assert_eq!(at, [now, now - 5000]);
    }
}

/// However long the thread: rows and keys as SQLite counts them, without what is free in a page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_of_1_kb_takes_1_2_kb_in_sqlite() {
    db::on_sqlite(|db| async move {
        let memory = memory(&db);
        let lease = memory.claim(&ThreadId::from("t"), CLAIM).await.unwrap();
        let body = "x".repeat(1024);
        for seq in 0..100 {
            let mut step = step((seq > 0).then_some(seq), &body);
            step.checkpoints[0].snapshot = None;
            memory.put(&lease, note(seq)).await.unwrap();
            memory.commit(&lease, step).await.unwrap();
        }
        let payload = "SELECT CAST(SUM(payload) AS BIGINT) FROM dbstat WHERE name IN
            (SELECT name FROM sqlite_schema WHERE tbl_name LIKE 'graph_%')";
        let payload = rows(&db, payload).await;
        assert!(payload <= 100 * 1200, "{payload} bytes of payload");
    })
    .await;
}

/// PostgreSQL's connections are all killed at some moment of every write; every step is stored
/// exactly once all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_connections_cost_postgres_no_step() {
    db::on_postgres(|db| async move {
        let memory = memory(&db);
        let lease = memory.claim(&ThreadId::from("t"), CLAIM).await.unwrap();
        let raw = db.raw().await;
        let kill = || {
            raw.execute_unprepared(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'vpaura' AND datname = current_database()",
            )
        };
        for seq in 0..30 {
            let head = (seq > 0).then_some(seq);
            let (put, killed) = tokio::join!(memory.put(&lease, note(seq)), kill());
            killed.unwrap();
            put.unwrap();
            let commit = memory.commit(&lease, step(head, &format!("\"{seq}\"")));
            let (committed, killed) = tokio::join!(commit, kill());
            killed.unwrap();
            committed.unwrap();
        }
        let page = Page { before: None, limit: 100 };
        let listed = memory.history(&lease.thread, page).await.unwrap();
        assert_eq!(listed.len(), 30);
        let loaded = memory.load(&lease.thread, At::Head).await.unwrap().unwrap();
        assert_eq!((loaded.head.seq, loaded.records.len()), (30, 0));
    })
    .await;
}

/// Tells the child where to write.
const PLACE: &str = "VPAURA_TEST_CHECKPOINTS_DB";
/// Threads that the child writes at once.
const WRITERS: usize = 8;

/// Threads of which there are many more than connections all get on, whoever is dropped half-way
/// and whatever connection is lost; others get a connection meanwhile; and none stays out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_connections_serve_many_threads() {
    db::on_postgres(|db| async move {
        let mut settings = db.settings.clone();
        (settings.max_connections, settings.overflow) = (4, 0);
        let store = Store::connect(&settings, db.clock.clone()).await.unwrap();
        let memory = store.checkpoints(WorkspaceId::DEFAULT);
        let mut writers = JoinSet::new();
        for writer in 0..60_usize {
            let memory = Arc::clone(&memory);
            writers.spawn(async move {
                let thread = ThreadId::from(writer.to_string());
                // Of a claim whose connection is lost nobody knows whether it was made.
                let claim = Claim { steal: true, ..CLAIM };
                let lease = loop {
                    if let Ok(lease) = memory.claim(&thread, claim).await {
                        break lease;
                    }
                };
                for head in 0..20 {
                    let commit = memory.commit(&lease, step(Some(head).filter(|&it| it > 0), "{}"));
                    if writer % 3 > 0 {
                        commit.await.unwrap();
                    } else if gone_after(writer / 3, commit).await {
                        return None;
                    }
                }
                Some(thread)
            });
        }
        let raw = db.raw().await;
        for _kill in 0..3 {
            raw.execute_unprepared(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = 'vpaura' AND datname = current_database()",
            )
            .await
            .unwrap();
            memory.history(&"nothing".into(), Page { before: None, limit: 1 }).await.unwrap();
        }
        let mut stored = 0;
        while let Some(written) = writers.join_next().await {
            let Some(thread) = written.unwrap() else { continue };
            let loaded = memory.load(&thread, At::Head).await.unwrap().unwrap();
            assert_eq!(loaded.head.seq, 20);
            stored += 1;
        }
        assert!(stored >= 40, "{stored}");
        // Waits for every connection that is out.
        store.close().await.unwrap();
    })
    .await;
}

/// Drops a commit after it was polled so many times; whether it was not done by then.
async fn gone_after(polls: usize, commit: impl Future<Output = Result<(), StoreError>>) -> bool {
    let mut commit = std::pin::pin!(commit);
    for _poll in 0..polls {
        if let Poll::Ready(done) = futures_util::poll!(commit.as_mut()) {
            done.unwrap();
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_steps_survive_kill_9() {
    db::on_sqlite(|db| async move {
        let memory = memory(&db);
        for _kill in 0..5 {
            let acknowledged = write_and_kill(&db, 100);
            for writer in 0..WRITERS {
                let said = acknowledged.iter().filter(|(by, _)| *by == writer);
                let last = said.map(|(_, seq)| *seq).max().unwrap_or(0);
                let thread = ThreadId::from(writer.to_string());
                let loaded = memory.load(&thread, At::Head).await.unwrap();
                let stored = loaded.as_ref().map_or(0, |loaded| loaded.head.seq);
                assert!(stored >= last, "thread {writer}: {last} was acknowledged, not {stored}");
                for checkpoint in loaded.iter().flat_map(|loaded| &loaded.line) {
                    assert_eq!(checkpoint.body, format!("\"{}\"", checkpoint.seq));
                }
                let page = Page { before: None, limit: u32::MAX };
                let listed = memory.history(&thread, page).await.unwrap();
                assert_eq!(listed.len() as u64, stored, "no hole");
                // What is noted is of the step in progress, or not there at all.
                assert!(loaded.is_none_or(|loaded| loaded.records.len() <= 1));
            }
        }
        let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check");
        let verdict = db.raw().await.query_one_raw(check).await.unwrap().unwrap();
        assert_eq!(verdict.try_get::<String>("", "integrity_check").unwrap(), "ok");
    })
    .await;
}

/// Lets a child write until it has acknowledged `count` steps, and kills it in mid-work. Answers
/// which writer stored which step.
fn write_and_kill(db: &TestDb, count: usize) -> Vec<(usize, Seq)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "checkpoints::child", "--ignored", "--nocapture"])
        .env(PLACE, &db.settings.url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acknowledged: Vec<(usize, Seq)> = lines
        .map_while(Result::ok)
        .filter_map(|line| {
            let (writer, seq) = line.strip_prefix("stored ")?.split_once(' ')?;
            Some((writer.parse().ok()?, seq.parse().ok()?))
        })
        .take(count)
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(acknowledged.len(), count);
    acknowledged
}

/// Continues eight threads and prints each step as soon as it is acknowledged, until killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that acknowledged_steps_survive_kill_9 kills"]
async fn child() {
    let url = std::env::var(PLACE).expect("started by the test above");
    let db = db::open(url, Arc::new(RandomIds)).await;
    join_all((0..WRITERS).map(|writer| write_forever(memory(&db), writer))).await;
}

async fn write_forever(memory: Memory, writer: usize) {
    let claim = Claim { steal: true, ..CLAIM };
    let lease = memory.claim(&ThreadId::from(writer.to_string()), claim).await.unwrap();
    let mut head = lease.head.map(|head| head.seq);
    let mut out = std::io::stdout();
    loop {
        let seq = head.unwrap_or(0) + 1;
        memory.put(&lease, note(seq - 1)).await.unwrap();
        memory.commit(&lease, step(head, &format!("\"{seq}\""))).await.unwrap();
        writeln!(out, "stored {writer} {seq}").unwrap();
        head = Some(seq);
    }
}
