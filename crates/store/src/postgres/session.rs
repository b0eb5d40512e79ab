//! A connection in somebody's hands.

use sea_orm::sqlx::postgres::{PgConnection, PgDatabaseError, PgSeverity};
use sea_orm::sqlx::{self, AssertSqlSafe, Postgres as Driver, raw_sql};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, SqlxError, Statement,
    Values,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit};

use super::{Link, Postgres};
use crate::row_security;
use crate::within::Within;

/// A connection that is kept for others when this is dropped, unless it was lost or is left within
/// a statement or a transaction.
pub(crate) struct Session {
    pool: Postgres,
    /// Taken out while a statement is under way, and left out when that lost the connection.
    link: Mutex<Option<Link>>,
    _place: OwnedSemaphorePermit,
    /// The place among those that share a part of the connections.
    _share: Option<OwnedSemaphorePermit>,
}

impl Session {
    pub(super) fn new(pool: Postgres, link: Link, place: OwnedSemaphorePermit) -> Self {
        Self { pool, link: Mutex::new(Some(link)), _place: place, _share: None }
    }

    /// Keeps a place among those that share a part of the connections until it is dropped.
    pub(super) fn sharing(mut self, share: OwnedSemaphorePermit) -> Self {
        self._share = Some(share);
        self
    }

    /// Makes it see what is `within`: a round trip, unless it does already.
    pub(crate) async fn set(&self, within: Within) -> Result<(), DbErr> {
        let (mut place, mut link) = self.take().await?;
        if link.within == within {
            *place = Some(link);
            return Ok(());
        }
        let set = raw_sql(AssertSqlSafe(row_security::set(within)));
        set.execute(&mut link.connection).await.map_err(exec_error)?;
        link.within = within;
        *place = Some(link);
        Ok(())
    }

    /// Begins a transaction that sees what is `within`, in one round trip.
    pub(crate) async fn begin(&self, within: Within) -> Result<(), DbErr> {
        let (mut place, mut link) = self.take().await?;
        let sql = if link.within == within {
            "BEGIN".to_owned()
        } else {
            format!("BEGIN; {}", row_security::set_in_transaction(within))
        };
        raw_sql(AssertSqlSafe(sql)).execute(&mut link.connection).await.map_err(exec_error)?;
        link.in_transaction = true;
        *place = Some(link);
        Ok(())
    }

    /// Ends the transaction with `COMMIT` or `ROLLBACK`.
    pub(crate) async fn end(&self, how: &'static str) -> Result<(), DbErr> {
        let (mut place, mut link) = self.take().await?;
        raw_sql(how).execute(&mut link.connection).await.map_err(exec_error)?;
        link.in_transaction = false;
        *place = Some(link);
        Ok(())
    }

    /// Runs a statement past the mapper: for lists as parameters, and for many rows.
    pub(crate) async fn run<T>(
        &self,
        statement: impl AsyncFnOnce(&mut PgConnection) -> Result<T, SqlxError>,
    ) -> Result<T, DbErr> {
        let (mut place, mut link) = self.take().await?;
        let outcome = statement(&mut link.connection).await;
        self.put_back(&mut place, link, outcome).map_err(query_error)
    }

    /// The connection, which is the caller's until it puts it back: a future that is dropped
    /// meanwhile takes it along.
    async fn take(&self) -> Result<(MutexGuard<'_, Option<Link>>, Link), DbErr> {
        let mut place = self.link.lock().await;
        match place.take() {
            Some(link) => Ok((place, link)),
            None => Err(exec_error(SqlxError::Io(std::io::ErrorKind::NotConnected.into()))),
        }
    }

    /// Puts the connection back after a statement, unless that lost it.
    fn put_back<T>(
        &self,
        place: &mut Option<Link>,
        link: Link,
        outcome: Result<T, SqlxError>,
    ) -> Result<T, SqlxError> {
        match &outcome {
            Err(error) if is_lost(error) => self.pool.suspect_all(),
            _ => *place = Some(link),
        }
        outcome
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(link) = self.link.get_mut().take()
            && !link.in_transaction
        {
            self.pool.put_back(link);
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Session {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (mut place, mut link) = self.take().await?;
        let outcome = query(statement).execute(&mut link.connection).await;
        self.put_back(&mut place, link, outcome).map(Into::into).map_err(exec_error)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let (mut place, mut link) = self.take().await?;
        let outcome = raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut link.connection).await;
        self.put_back(&mut place, link, outcome).map(Into::into).map_err(exec_error)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (mut place, mut link) = self.take().await?;
        let outcome = query(statement).fetch_optional(&mut link.connection).await;
        let row = self.put_back(&mut place, link, outcome).map_err(query_error)?;
        Ok(row.map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (mut place, mut link) = self.take().await?;
        let outcome = query(statement).fetch_all(&mut link.connection).await;
        let rows = self.put_back(&mut place, link, outcome).map_err(query_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

fn query(statement: Statement) -> sqlx::query::Query<'static, Driver, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// Whether the connection can be used no more: the server ended it, or nobody knows what comes
/// next on it. What the server merely refuses leaves it as it was.
fn is_lost(error: &SqlxError) -> bool {
    match error {
        SqlxError::Database(error) => error
            .try_downcast_ref::<PgDatabaseError>()
            .is_none_or(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)),
        _ => true,
    }
}

fn exec_error(error: SqlxError) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn query_error(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
