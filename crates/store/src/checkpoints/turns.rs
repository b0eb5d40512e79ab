//! Connections to PostgreSQL for the short statements of threads.
//!
//! The pool checks a connection whenever it comes back, which costs as much as a statement. So
//! while statements wait, a connection goes from one to the next, and comes back when none waits.
//! All together they take no more than half of the pool, so that others get their share.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::SqlxError;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{PgConnection, PgPool, Postgres};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How many statements in a row a connection serves before the pool sees it again, which renews it
/// when it is old.
const IN_A_ROW: u32 = 1_000;

/// Who may use a connection. Cloning is cheap and shares the turns.
#[derive(Clone)]
pub(crate) struct Turns {
    inner: Arc<Inner>,
}

struct Inner {
    pool: PgPool,
    most: usize,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    taken: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl Inner {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that came from the one before.
struct Held {
    connection: PoolConnection<Postgres>,
    served: u32,
}

/// The right to use a connection. When dropped it goes to the next who waits.
struct Turn {
    /// `None` once it was passed on.
    of: Option<Arc<Inner>>,
    held: Option<Held>,
}

impl Turns {
    pub(crate) fn new(pool: PgPool) -> Self {
        let most = pool.options().get_max_connections() / 2;
        let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
        Self { inner: Arc::new(Inner { pool, most, queue: Mutex::default() }) }
    }

    /// Runs one statement. Only a connection on which it has succeeded goes to the next: the pool
    /// looks at any other.
    pub(crate) async fn run<T>(
        &self,
        statement: impl AsyncFnOnce(&mut PgConnection) -> Result<T, SqlxError>,
    ) -> Result<T, SqlxError> {
        let mut turn = self.turn().await?;
        let held = match turn.held.take() {
            Some(held) => held,
            None => Held { connection: self.inner.pool.acquire().await?, served: 0 },
        };
        let Held { mut connection, served } = held;
        let done = statement(&mut connection).await?;
        if served < IN_A_ROW {
            turn.held = Some(Held { connection, served: served + 1 });
        }
        Ok(done)
    }

    async fn turn(&self) -> Result<Turn, SqlxError> {
        let turn = {
            let mut queue = self.inner.queue();
            if queue.taken < self.inner.most {
                queue.taken += 1;
                return Ok(Turn { of: Some(Arc::clone(&self.inner)), held: None });
            }
            let (pass, turn) = oneshot::channel();
            queue.waiting.push_back(pass);
            turn
        };
        let limit = self.inner.pool.options().get_acquire_timeout();
        match timeout(limit, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            // As when the pool itself has none to give.
            Ok(Err(_)) | Err(_) => Err(SqlxError::PoolTimedOut),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(inner) = self.of.take() else { return };
        let mut held = self.held.take();
        loop {
            let next = {
                let mut queue = inner.queue();
                let next = queue.waiting.pop_front();
                if next.is_none() {
                    queue.taken -= 1;
                }
                next
            };
            // What is held goes back to the pool when nobody waits.
            let Some(next) = next else { return };
            let turn = Turn { of: Some(Arc::clone(&inner)), held };
            match next.send(turn) {
                Ok(()) => return,
                // It has gone away meanwhile.
                Err(mut turn) => {
                    turn.of = None;
                    held = turn.held.take();
                }
            }
        }
    }
}
