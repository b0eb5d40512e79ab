//! The handle that everything else hangs on: reads get a connection, writes a transaction.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tempfile::TempDir;
use vpaura_domain::{Clock, Timestamp};

use crate::connect;
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::postgres::Postgres;
use crate::retry::with_retries;
use crate::settings::{Backend, StoreSettings, Target};
use crate::within::Within;
use crate::writer::Writer;

/// The database. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    clock: Arc<dyn Clock>,
}

enum Engine {
    Sqlite {
        reader: DatabaseConnection,
        writer: Writer,
        /// Where a temporary database lives; removed with the last handle.
        _folder: Option<TempDir>,
    },
    Postgres(Postgres),
}

impl Store {
    /// Opens the database; a missing SQLite file is created, with its folder. Does not migrate.
    /// The clock stamps what has no time of its own and ages idempotency keys.
    pub async fn connect(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let engine = match Target::parse(&settings.url)? {
            Target::Postgres(url) => Engine::Postgres(Postgres::connect(url, settings).await?),
            Target::SqliteFile { path, create } => {
                Engine::sqlite(path.as_ref(), create, settings, None).await?
            }
            Target::SqliteTemporary => {
                let folder = connect::temporary_folder()?;
                let path = folder.path().join("vpaura.db");
                Engine::sqlite(&path, true, settings, Some(folder)).await?
            }
        };
        Ok(Self { inner: Arc::new(Inner { engine, clock }) })
    }

    /// Which database serves.
    pub fn backend(&self) -> Backend {
        match self.inner.engine {
            Engine::Sqlite { .. } => Backend::Sqlite,
            Engine::Postgres(_) => Backend::Postgres,
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { reader, .. } => reader.ping().await?,
            Engine::Postgres(pool) => {
                let session = pool.session(Within::Installation).await?;
                session.execute_unprepared("SELECT 1").await?;
            }
        }
        Ok(())
    }

    /// Finishes the writes that are under way and closes all connections. Later calls fail.
    pub async fn close(&self) -> Result<()> {
        match &self.inner.engine {
            Engine::Sqlite { reader, writer, .. } => {
                writer.close().await?;
                reader.close_by_ref().await?;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
        Ok(())
    }

    /// The connections to PostgreSQL, for statements past the mapper; `None` on SQLite.
    pub(crate) fn postgres(&self) -> Option<&Postgres> {
        match &self.inner.engine {
            Engine::Sqlite { .. } => None,
            Engine::Postgres(pool) => Some(pool),
        }
    }

    /// A connection for changing the schema.
    pub(crate) async fn schema_connection(&self) -> Result<DatabaseConnection> {
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => Ok(writer.connection().clone()),
            Engine::Postgres(pool) => pool.owner().await,
        }
    }

    /// After a change of the schema: opens connections anew where they depend on it.
    pub(crate) fn renew_connections(&self) {
        if let Engine::Postgres(pool) = &self.inner.engine {
            pool.renew();
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.inner.clock.clone()
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
        let within = within.into();
        match self.inner.engine {
            Engine::Sqlite { .. } => self.once(within, query).await,
            Engine::Postgres(_) => with_retries(|| self.once(within, &query)).await,
        }
    }

    /// As [`read`](Self::read), for a statement that is not to be repeated when the connection is
    /// lost.
    pub(crate) async fn once<T, F, Fut>(&self, within: impl Into<Within>, query: F) -> Result<T>
    where
        F: FnOnce(Db) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        match &self.inner.engine {
            Engine::Sqlite { reader, .. } => query(Db::Sqlite(reader.clone())).await,
            Engine::Postgres(pool) => query(Db::Postgres(pool.set(within.into()).await?)).await,
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
        within: Within,
        synced: bool,
        input: A,
        operation: F,
    ) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Tx, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => writer.submit(synced, input, operation).await,
            Engine::Postgres(pool) => {
                with_retries(|| async {
                    let session = pool.session(within).await?;
                    session.begin(within).await?;
                    let tx = Tx::Postgres(session);
                    match operation(&tx, &input).await {
                        Ok(result) => {
                            tx.commit().await?;
                            Ok(result)
                        }
                        Err(refusal) => {
                            if let Err(error) = tx.rollback().await {
                                tracing::debug!(%error, "a transaction ended with its connection");
                            }
                            Err(refusal)
                        }
                    }
                })
                .await
            }
        }
    }
}

impl Engine {
    async fn sqlite(
        path: &Path,
        create: bool,
        settings: &StoreSettings,
        folder: Option<TempDir>,
    ) -> Result<Self> {
        let files = connect::sqlite(path, create, settings).await?;
        let writer = Writer::start(files.writer);
        Ok(Self::Sqlite { reader: files.reader, writer, _folder: folder })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("backend", &self.backend()).finish_non_exhaustive()
    }
}
