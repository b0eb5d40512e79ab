//! A fresh database for each test, on either backend, removed afterwards.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use vpaura_domain::{Clock, FixedClock, IdGen, RandomIds, SequentialIds, Timestamp};
use vpaura_store::{Backend, Store, StoreSettings};

/// A migrated database, its clock and its ids.
pub struct TestDb {
    pub store: Store,
    pub settings: StoreSettings,
    pub clock: Arc<FixedClock>,
    pub ids: Arc<dyn IdGen>,
}

impl TestDb {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Another connection to the same database, as another server would have.
    pub async fn another(&self) -> Store {
        Store::connect(&self.settings, self.clock.clone()).await.unwrap()
    }

    /// The database without the store, for what only an operator would do.
    pub async fn raw(&self) -> DatabaseConnection {
        Database::connect(self.settings.url.clone()).await.unwrap()
    }
}

/// Makes `sqlite` and `postgres` tests of one body: `async fn(TestDb)`.
#[macro_export]
macro_rules! conformance {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident: TestDb) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn body($db: std::sync::Arc<TestDb>) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::db::on_sqlite(body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::db::on_postgres(body).await;
            }
        }
    )+};
}

/// Runs `body` on a SQLite file of its own.
pub async fn on_sqlite<F, Fut>(body: F)
where
    F: FnOnce(Arc<TestDb>) -> Fut,
    Fut: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
    let db = open(url, Arc::new(SequentialIds::default())).await;
    assert_eq!(db.store.backend(), Backend::Sqlite);
    body(db).await;
}

/// Runs `body` on a PostgreSQL database of its own, and drops that whatever happens.
pub async fn on_postgres<F, Fut>(body: F)
where
    F: FnOnce(Arc<TestDb>) -> Fut,
    Fut: Future<Output = ()>,
{
    let Some(server) = postgres_url() else { return };
    let name = format!("vpaura_test_{}", RandomIds.uuid().simple());
    let admin = Database::connect(&server).await.expect("TEST_DATABASE_URL answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0")).await.unwrap();
    let (base, _) = server.rsplit_once('/').expect("TEST_DATABASE_URL names a database");
    let url = format!("{base}/{name}");
    let outcome = AssertUnwindSafe(async {
        let db = open(url, Arc::new(SequentialIds::default())).await;
        assert_eq!(db.store.backend(), Backend::Postgres);
        body(db.clone()).await;
        db.store.close().await.unwrap();
    })
    .catch_unwind()
    .await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    admin.execute_unprepared(&format!("DROP ROLE IF EXISTS vpaura_app_{name}")).await.unwrap();
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

fn postgres_url() -> Option<String> {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => Some(url),
        Err(_) if std::env::var("VPAURA_SKIP_POSTGRES").is_ok_and(|skip| skip == "1") => None,
        Err(_) => panic!(
            "TEST_DATABASE_URL is not set: run this under scripts/test-services.sh, or set \
             VPAURA_SKIP_POSTGRES=1 to do without PostgreSQL"
        ),
    }
}

/// Opens a database and brings its schema up to date.
pub async fn open(url: String, ids: Arc<dyn IdGen>) -> Arc<TestDb> {
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_800_000_000_000)));
    let settings = StoreSettings::new(url);
    let store = Store::connect(&settings, clock.clone()).await.unwrap();
    store.migrate_up().await.unwrap();
    Arc::new(TestDb { store, settings, clock, ids })
}
