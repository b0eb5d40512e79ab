//! Several writes in one trip to the database. A statement of its own is a round trip to
//! PostgreSQL's server or a hop to SQLite's thread, which costs more than what it does.

use std::fmt::Write as _;

use sea_orm::sea_query::{
    PostgresQueryBuilder, QueryStatementWriter, SqlWriterValues, SqliteQueryBuilder,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::db::Tx;
use crate::error::Result;

/// Statements in one trip: with [`ROWS`] rows each far below either database's limit of
/// parameters.
const STATEMENTS: usize = 8;
/// Rows of one INSERT.
pub(crate) const ROWS: usize = 100;

/// Writes that are gathered until [`send`](Self::send). On PostgreSQL they become the parts of
/// one statement: none sees what another one changes, and their order is open. So no two of them
/// may touch the same row.
#[must_use = "writes that are not sent are lost"]
pub(crate) struct Writes<'a> {
    tx: &'a Tx,
    sql: SqlWriterValues,
    count: usize,
}

impl<'a> Writes<'a> {
    pub(crate) fn on(tx: &'a Tx) -> Self {
        Self { tx, sql: empty(), count: 0 }
    }

    /// The transaction, for what must be read at once.
    pub(crate) const fn tx(&self) -> &'a Tx {
        self.tx
    }

    /// Adds an INSERT, UPDATE or DELETE, and sends what is there when that is much.
    pub(crate) async fn add(&mut self, statement: &impl QueryStatementWriter) -> Result<()> {
        // Writing to a string cannot fail.
        match self.tx.get_database_backend() {
            DbBackend::Postgres => {
                let before = if self.count == 0 { "WITH" } else { "," };
                let _ = write!(self.sql, "{before} w{} AS (", self.count);
                statement.build_collect_any_into(&PostgresQueryBuilder, &mut self.sql);
                let _ = self.sql.write_char(')');
            }
            _ => {
                statement.build_collect_any_into(&SqliteQueryBuilder, &mut self.sql);
                let _ = self.sql.write_char(';');
            }
        }
        self.count += 1;
        if self.count < STATEMENTS { Ok(()) } else { self.send_gathered().await }
    }

    /// Sends what is left.
    pub(crate) async fn send(mut self) -> Result<()> {
        self.send_gathered().await
    }

    async fn send_gathered(&mut self) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        self.count = 0;
        let backend = self.tx.get_database_backend();
        let (mut sql, values) = std::mem::replace(&mut self.sql, empty()).into_parts();
        if backend == DbBackend::Postgres {
            sql.push_str(" SELECT 1");
        }
        self.tx.execute_raw(Statement { sql, values: Some(values), db_backend: backend }).await?;
        Ok(())
    }
}

/// Both databases take parameters as `$1`, numbered through all statements of a trip.
fn empty() -> SqlWriterValues {
    SqlWriterValues::new("$", true)
}
