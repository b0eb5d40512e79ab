//! One connection: opened, set, checked, closed.

use std::io::ErrorKind;
use std::time::Duration;

use sea_orm::SqlxError;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, raw_sql};
use tokio::time::{Instant, sleep};

use crate::row_security;
use crate::within::Within;

/// A connection idle for this long is checked before it is used.
const CHECK_AFTER: Duration = Duration::from_secs(1);
/// The wait before the second attempt to connect; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// A connection and what is known of it.
pub(super) struct Link {
    pub(super) connection: PgConnection,
    /// Whose rows it sees.
    pub(super) within: Within,
    pub(super) in_transaction: bool,
    /// Whether row-level security is without effect on it.
    pub(super) is_exempt: bool,
    /// Whether it may have been lost while nobody used it.
    pub(super) is_suspect: bool,
    pub(super) opened: Instant,
    pub(super) idle_since: Instant,
    pub(super) generation: u64,
}

impl Link {
    /// Connects, takes the serving role if there is one, and sets whose rows are seen. A server
    /// that refuses or is starting is tried again, until the caller's patience ends.
    pub(super) async fn open(
        options: &PgConnectOptions,
        within: Within,
        generation: u64,
        longest_wait: Duration,
    ) -> Result<Self, SqlxError> {
        let mut wait = FIRST_WAIT;
        loop {
            match Self::try_open(options, within, generation).await {
                Err(error) if is_starting(&error) => sleep(wait.min(longest_wait)).await,
                outcome => return outcome,
            }
            wait = (wait * 2).min(longest_wait);
        }
    }

    async fn try_open(
        options: &PgConnectOptions,
        within: Within,
        generation: u64,
    ) -> Result<Self, SqlxError> {
        let mut connection = options.connect().await?;
        let is_exempt = greet(&mut connection, within).await?;
        let now = Instant::now();
        Ok(Self {
            is_exempt,
            connection,
            within,
            in_transaction: false,
            is_suspect: false,
            opened: now,
            idle_since: now,
            generation,
        })
    }

    /// Whether it can be used. One that was just in use is taken to be alive.
    pub(super) async fn is_alive(&mut self) -> bool {
        if !self.is_suspect && self.idle_since.elapsed() < CHECK_AFTER {
            return true;
        }
        self.is_suspect = false;
        self.connection.ping().await.is_ok()
    }

    /// As it is kept.
    pub(super) fn at_rest(mut self) -> Self {
        self.idle_since = Instant::now();
        self
    }

    /// Says goodbye. The other side may be gone already.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "a database connection did not close in good order");
        }
    }
}

/// Makes a new connection what it is to be; whether row-level security is without effect on it.
async fn greet(connection: &mut PgConnection, within: Within) -> Result<bool, SqlxError> {
    let greeting = format!("{}; {}", row_security::set(within), row_security::TAKE_ROLE);
    let rows = raw_sql(AssertSqlSafe(greeting)).fetch_all(connection).await?;
    rows.last().ok_or(SqlxError::RowNotFound)?.try_get(0)
}

/// Whether the server is about to be there.
fn is_starting(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        // No connection to spare just now; starting up or shutting down.
        SqlxError::Database(error) => matches!(error.code().as_deref(), Some("53300" | "57P03")),
        _ => false,
    }
}
