//! What repositories are handed: a connection to read from, and a write transaction.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement,
};

use crate::error::Result;
use crate::postgres::Session;

/// A connection for reading.
pub(crate) enum Db {
    /// The readers of a file.
    Sqlite(DatabaseConnection),
    /// One connection, set to what is to be seen.
    Postgres(Session),
}

/// A write transaction. Dropped, it is undone.
pub(crate) enum Tx {
    /// In the one writer.
    Sqlite(DatabaseTransaction),
    /// On a connection of its own.
    Postgres(Session),
}

impl Tx {
    /// Makes everything that was written in it last.
    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(session) => session.end("COMMIT").await?,
        }
        Ok(())
    }

    /// Undoes everything that was written in it.
    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(session) => session.end("ROLLBACK").await?,
        }
        Ok(())
    }
}

macro_rules! connection {
    ($type:ty) => {
        #[async_trait::async_trait]
        impl ConnectionTrait for $type {
            fn get_database_backend(&self) -> DbBackend {
                match self {
                    Self::Sqlite(db) => db.get_database_backend(),
                    Self::Postgres(db) => db.get_database_backend(),
                }
            }

            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                match self {
                    Self::Sqlite(db) => db.execute_raw(statement).await,
                    Self::Postgres(db) => db.execute_raw(statement).await,
                }
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                match self {
                    Self::Sqlite(db) => db.execute_unprepared(sql).await,
                    Self::Postgres(db) => db.execute_unprepared(sql).await,
                }
            }

            async fn query_one_raw(
                &self,
                statement: Statement,
            ) -> Result<Option<QueryResult>, DbErr> {
                match self {
                    Self::Sqlite(db) => db.query_one_raw(statement).await,
                    Self::Postgres(db) => db.query_one_raw(statement).await,
                }
            }

            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                match self {
                    Self::Sqlite(db) => db.query_all_raw(statement).await,
                    Self::Postgres(db) => db.query_all_raw(statement).await,
                }
            }
        }
    };
}

connection!(Db);
connection!(Tx);
