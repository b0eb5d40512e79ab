//! Opening SQLite files.

use std::path::Path;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr, SqlxError};
use tempfile::TempDir;

use crate::error::{Result, StoreError};
use crate::settings::StoreSettings;

/// How many threads may read a SQLite file at once.
const SQLITE_READERS: u32 = 4;

/// The two sides of a SQLite file.
pub(crate) struct SqliteFiles {
    /// Many readers, unable to write.
    pub(crate) reader: DatabaseConnection,
    /// One writer.
    pub(crate) writer: DatabaseConnection,
}

/// Opens a SQLite file in write-ahead mode, every commit synced to the disk.
pub(crate) async fn sqlite(
    path: &Path,
    create: bool,
    settings: &StoreSettings,
) -> Result<SqliteFiles> {
    if create && let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let file = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(settings.acquire_timeout)
        .pragma("temp_store", "memory");
    // The writer comes first: it creates the file and turns write-ahead mode on.
    let writer = sqlite_pool(file.clone(), 1, settings).await?;
    let readers = settings.max_connections.clamp(1, SQLITE_READERS);
    let reader = sqlite_pool(file.pragma("query_only", "on"), readers, settings).await?;
    Ok(SqliteFiles { reader, writer })
}

async fn sqlite_pool(
    file: SqliteConnectOptions,
    connections: u32,
    settings: &StoreSettings,
) -> Result<DatabaseConnection> {
    // The address is a formality: the options replace it.
    let mut options = ConnectOptions::new("sqlite::memory:");
    options
        .min_connections(1)
        .max_connections(connections)
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(move |_| file.clone());
    Ok(Database::connect(options).await?)
}

/// A folder for a database that is thrown away.
pub(crate) fn temporary_folder() -> Result<TempDir> {
    tempfile::Builder::new().prefix("vpaura-").tempdir().map_err(io)
}

fn io(error: std::io::Error) -> StoreError {
    DbErr::Conn(RuntimeErr::SqlxError(SqlxError::Io(error).into())).into()
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::*;

    async fn pragma(db: &DatabaseConnection, name: &str) -> String {
        let ask = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = db.query_one_raw(ask).await.expect("answers").expect("a row");
        let number = row.try_get_by_index::<i64>(0).map(|number| number.to_string());
        number.or_else(|_| row.try_get_by_index::<String>(0)).expect("a value")
    }

    /// What durability and integrity rest on. 2 is FULL: every commit reaches the disk.
    #[tokio::test]
    async fn sqlite_is_durable_and_readers_cannot_write() {
        let folder = temporary_folder().expect("a folder");
        let settings = StoreSettings::new("");
        let path = folder.path().join("t.db");
        let files = sqlite(&path, true, &settings).await.expect("opens");
        for db in [&files.writer, &files.reader] {
            assert_eq!(pragma(db, "journal_mode").await, "wal");
            assert_eq!(pragma(db, "synchronous").await, "2");
            assert_eq!(pragma(db, "foreign_keys").await, "1");
            assert_eq!(pragma(db, "busy_timeout").await, "30000");
        }
        assert!(files.writer.execute_unprepared("CREATE TABLE t (n)").await.is_ok());
        let refused = files.reader.execute_unprepared("INSERT INTO t VALUES (1)").await;
        assert!(matches!(refused.map_err(StoreError::from), Err(StoreError::StorageFull)));
    }
}
