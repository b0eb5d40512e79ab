//! A PostgreSQL database for one test.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, Database};
use vpaura_domain::{IdGen, RandomIds};

/// Runs `body` with the address of a database of its own, and drops that whatever happens.
pub async fn on_postgres(body: impl AsyncFnOnce(String)) {
    let Some(server) = server() else { return };
    let name = format!("vpaura_test_{}", RandomIds.uuid().simple());
    let admin = Database::connect(&server).await.expect("TEST_DATABASE_URL answers");
    let tell = async |sql: String| admin.execute_unprepared(&sql).await.expect("a superuser");
    tell(format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let (base, _) = server.rsplit_once('/').expect("TEST_DATABASE_URL names a database");
    let outcome = AssertUnwindSafe(body(format!("{base}/{name}"))).catch_unwind().await;
    tell(format!("DROP DATABASE {name} WITH (FORCE)")).await;
    tell(format!("DROP ROLE IF EXISTS vpaura_app_{name}")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

fn server() -> Option<String> {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => Some(url),
        Err(_) if std::env::var("VPAURA_SKIP_POSTGRES").is_ok_and(|skip| skip == "1") => None,
        Err(_) => panic!(
            "TEST_DATABASE_URL is not set: run this under scripts/test-services.sh, or set \
             VPAURA_SKIP_POSTGRES=1 to do without PostgreSQL"
        ),
    }
}
