//! The handle that everything else hangs on: reads go to a pool, writes to a transaction.

use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use sea_orm::{DatabaseConnection, TransactionTrait};
use tempfile::TempDir;
use vpaura_domain::{Clock, Timestamp};

use crate::checkpoints::Turns;
use crate::connect;
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::retry::with_retries;
use crate::settings::{Backend, StoreSettings, Target};
use crate::within::Within;
use crate::writer::Writer;

/// The database. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// On PostgreSQL: the connections that graphs' threads use, once any does.
    pub(crate) turns: Arc<OnceLock<Turns>>,
}

struct Inner {
    backend: Backend,
    /// Readers; on PostgreSQL the writers' connections too.
    reader: DatabaseConnection,
    /// SQLite's one writer.
    writer: Option<Writer>,
    clock: Arc<dyn Clock>,
    /// Where a temporary database lives; removed with the last handle.
    _folder: Option<TempDir>,
}

impl Store {
    /// Opens the database; a missing SQLite file is created, with its folder. Does not migrate.
    /// The clock stamps what has no time of its own and ages idempotency keys.
    pub async fn connect(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let inner = match Target::parse(&settings.url)? {
            Target::Postgres(url) => Inner {
                backend: Backend::Postgres,
                reader: connect::postgres(&url, settings).await?,
                writer: None,
                clock,
                _folder: None,
            },
            Target::SqliteFile { path, create } => {
                let files = connect::sqlite(path.as_ref(), create, settings).await?;
                Inner {
                    backend: Backend::Sqlite,
                    reader: files.reader,
                    writer: Some(Writer::start(files.writer)),
                    clock,
                    _folder: None,
                }
            }
            Target::SqliteTemporary => {
                let folder = connect::temporary_folder()?;
                let path = folder.path().join("vpaura.db");
                let files = connect::sqlite(&path, true, settings).await?;
                Inner {
                    backend: Backend::Sqlite,
                    reader: files.reader,
                    writer: Some(Writer::start(files.writer)),
                    clock,
                    _folder: Some(folder),
                }
            }
        };
        Ok(Self { inner: Arc::new(inner), turns: Arc::default() })
    }

    /// Which database serves.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.inner.reader.ping().await?)
    }

    /// Finishes the writes that are under way and closes all connections. Later calls fail.
    pub async fn close(&self) -> Result<()> {
        if let Some(writer) = &self.inner.writer {
            writer.close().await?;
        }
        Ok(self.inner.reader.close_by_ref().await?)
    }

    /// The connections, for checkpoints alone: everything else reads with [`read`](Self::read).
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// The connections for changing the schema.
    pub(crate) fn schema_connection(&self) -> &DatabaseConnection {
        self.inner.writer.as_ref().map_or(&self.inner.reader, Writer::connection)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Runs a query, again where the connection was lost. It sees what is `within`, and has the
    /// connection to itself until it is done.
    pub(crate) async fn read<T, F, Fut>(&self, within: impl Into<Within>, query: F) -> Result<T>
    where
        F: Fn(Db) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let _within = within.into();
        match self.inner.backend {
            Backend::Sqlite => query(Db(self.inner.reader.clone())).await,
            Backend::Postgres => with_retries(|| query(Db(self.inner.reader.clone()))).await,
        }
    }

    /// Runs `operation` as one transaction, which sees and changes what is `within`; when this
    /// answers, it is durable. The operation may run several times (each time in a fresh
    /// transaction), also after a commit whose outcome was lost with the connection: it must
    /// notice its own earlier success by its ids.
    ///
    /// On SQLite it goes on even when the caller is dropped.
    pub(crate) async fn write<A, T, F>(
        &self,
        within: impl Into<Within>,
        input: A,
        operation: F,
    ) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Tx, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        self.transact(within.into(), true, input, operation).await
    }

    /// As [`write`](Self::write), for what may be lost when the machine loses its power: it
    /// survives the process, and the power too once the next ordinary write has followed.
    pub(crate) async fn write_unsynced<A, T, F>(
        &self,
        within: impl Into<Within>,
        input: A,
        operation: F,
    ) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Tx, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        self.transact(within.into(), false, input, operation).await
    }

    async fn transact<A, T, F>(
        &self,
        _within: Within,
        synced: bool,
        input: A,
        operation: F,
    ) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Tx, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.submit(synced, input, operation).await,
            None => {
                with_retries(|| async {
                    let tx = Tx(self.inner.reader.begin().await?);
                    let result = operation(&tx, &input).await?;
                    tx.commit().await?;
                    Ok(result)
                })
                .await
            }
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("backend", &self.inner.backend).finish_non_exhaustive()
    }
}
