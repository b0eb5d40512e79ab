//! The graph engine's threads: their checkpoints, and the records of steps in progress.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_graph"
    }
}

/// JSON is TEXT here: it comes back byte for byte, and JSONB has no place for U+0000. What may be
/// long comes last, so that SQLite need not read through it.
const TABLES: &str = "
CREATE TABLE graph_threads (
    id {serial} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    head BIGINT,
    branch BIGINT NOT NULL,
    last_branch BIGINT NOT NULL
);
CREATE UNIQUE INDEX graph_threads_named ON graph_threads (workspace_id, name);

CREATE TABLE graph_checkpoints (
    thread_id BIGINT NOT NULL REFERENCES graph_threads (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    workspace_id {uuid} NOT NULL,
    branch BIGINT NOT NULL,
    parent BIGINT,
    source TEXT NOT NULL,
    step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    snapshot TEXT,
    PRIMARY KEY (thread_id, seq)
);

CREATE TABLE graph_records (
    id {serial} PRIMARY KEY,
    thread_id BIGINT NOT NULL REFERENCES graph_threads (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL,
    base BIGINT NOT NULL,
    path TEXT NOT NULL,
    slot TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX graph_records_placed ON graph_records (thread_id, base, path, slot);
";

const TABLES_DOWN: &str = "
DROP TABLE graph_records;
DROP TABLE graph_checkpoints;
DROP TABLE graph_threads;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (uuid, serial) = match db.get_database_backend() {
            DbBackend::Postgres => ("UUID", "BIGINT GENERATED ALWAYS AS IDENTITY"),
            _ => ("BLOB", "INTEGER"),
        };
        let tables = TABLES.replace("{uuid}", uuid).replace("{serial}", serial);
        db.execute_unprepared(&tables).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(TABLES_DOWN).await?;
        Ok(())
    }
}
