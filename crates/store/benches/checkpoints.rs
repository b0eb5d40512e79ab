//! What a step of a graph costs to store: a checkpoint with 1 KB, one thread alone and 200 at
//! once, on SQLite (synced to the disk; concurrent commits share the sync) and, if
//! `TEST_DATABASE_URL` is set, on PostgreSQL. Run with
//! `cargo bench -p vpaura-store --bench checkpoints`.
#![expect(clippy::unwrap_used, reason = "benches")]

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database};
use tokio::runtime::Runtime;
use vpaura_domain::{IdGen, RandomIds, SystemClock, WorkspaceId};
use vpaura_graph::store::{Checkpoint, Claim, Commit, Lease, Record, Records, Seq, Source};
use vpaura_graph::{MemoryStore, ThreadId};
use vpaura_store::{Store, StoreSettings};

type Memory = Arc<dyn vpaura_graph::Store>;

fn main() {
    divan::main();
}

/// Steps at once, each in a thread of its own.
#[divan::bench(args = [1, 200])]
fn sqlite(bencher: Bencher<'_, '_>, at_once: usize) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    on_database(bencher, at_once, url, false);
}

/// The same with a record of the step's task before each.
#[divan::bench(args = [1, 200])]
fn sqlite_with_record(bencher: Bencher<'_, '_>, at_once: usize) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    on_database(bencher, at_once, url, true);
}

#[divan::bench(args = [1, 200])]
fn postgres(bencher: Bencher<'_, '_>, at_once: usize) {
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return };
    let name = format!("vpaura_bench_{}", RandomIds.uuid().simple());
    let admin = |sql: String| {
        let server = &server;
        Runtime::new().unwrap().block_on(async move {
            Database::connect(server).await.unwrap().execute_unprepared(&sql).await.unwrap();
        });
    };
    admin(format!("CREATE DATABASE {name} TEMPLATE template0"));
    let (base, _) = server.rsplit_once('/').unwrap();
    on_database(bencher, at_once, format!("{base}/{name}"), false);
    admin(format!("DROP DATABASE {name} WITH (FORCE)"));
}

/// In memory, at the end of a thread of this length: the cost does not grow.
#[divan::bench(args = [10, 100_000])]
fn memory(bencher: Bencher<'_, '_>, length: Seq) {
    let runtime = Runtime::new().unwrap();
    let memory: Memory = Arc::new(MemoryStore::new());
    let writer = runtime.block_on(Writer::start(memory, 0));
    runtime.block_on(async {
        for _ in 0..length {
            writer.step(false).await;
        }
    });
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| runtime.block_on(writer.step(false)));
}

fn on_database(bencher: Bencher<'_, '_>, at_once: usize, url: String, record: bool) {
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(async {
        let store = Store::connect(&StoreSettings::new(url), Arc::new(SystemClock)).await.unwrap();
        store.migrate_up().await.unwrap();
        store
    });
    let memory = store.checkpoints(WorkspaceId::DEFAULT);
    let writers = (0..at_once).map(|number| Writer::start(memory.clone(), number));
    let writers = runtime.block_on(join_all(writers));
    bencher.counter(ItemsCount::new(at_once)).bench_local(|| {
        runtime.block_on(join_all(writers.iter().map(|writer| writer.step(record))))
    });
    runtime.block_on(store.close()).unwrap();
}

/// One thread and who writes it.
struct Writer {
    memory: Memory,
    lease: Lease,
    head: Cell<Option<Seq>>,
    body: String,
}

impl Writer {
    async fn start(memory: Memory, number: usize) -> Self {
        let thread = ThreadId::from(format!("thread {number}"));
        let claim = Claim { ttl: Duration::from_secs(3600), steal: false, epoch: None };
        let lease = memory.claim(&thread, claim).await.unwrap();
        Self { memory, lease, head: Cell::new(None), body: format!("\"{}\"", "x".repeat(1022)) }
    }

    async fn step(&self, record: bool) {
        let head = self.head.get();
        let seq = head.unwrap_or(0) + 1;
        if record {
            let text = || "task".to_owned();
            let note = Record { base: seq - 1, path: text(), slot: text(), body: text() };
            self.memory.put(&self.lease, vec![note]).await.unwrap();
        }
        let checkpoint = Checkpoint {
            seq,
            branch: 0,
            parent: head,
            source: Source::Step,
            step: 0,
            body: self.body.clone(),
            snapshot: None,
        };
        let commit =
            Commit { checkpoints: vec![checkpoint], expected: head, records: Records::Clear };
        self.memory.commit(&self.lease, commit).await.unwrap();
        self.head.set(Some(seq));
    }
}
