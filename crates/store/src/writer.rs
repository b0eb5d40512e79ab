//! SQLite's single writer with group commit.
//!
//! A synced commit costs far more than the statements before it. So one task owns the one
//! connection that writes: it takes whatever has queued up while the last commit was synced,
//! runs all of it in one transaction, commits once, and only then answers everybody. An operation
//! that fails undoes itself alone (the others are then run again); a commit that fails fails all.
//!
//! Operations that may be lost with the machine's power (never with the process) say so; a
//! transaction of these alone is not synced, so that they do not stand in the way of those that
//! somebody waits for. The next synced commit makes them durable too.

use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::db::Tx;
use crate::error::{Result, StoreError};

/// Operations that may wait; further callers wait for a place.
const QUEUE: usize = 1024;
/// Operations per transaction: bounds how long one commit can make a caller wait.
const BATCH: usize = 128;

/// An operation on its way through the writer.
trait Job: Send {
    /// Whether it has to survive a loss of power.
    fn is_synced(&self) -> bool;
    /// Runs it in `tx` and says whether its changes are to be kept. Only the last run counts.
    fn run<'a>(&'a mut self, tx: &'a Tx) -> BoxFuture<'a, bool>;
    /// Tells the caller, once the fate of the transaction is known.
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Operation<A, T, F> {
    synced: bool,
    input: A,
    operation: F,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<A, T, F> Job for Operation<A, T, F>
where
    A: Send + Sync,
    T: Send,
    F: for<'a> Fn(&'a Tx, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync,
{
    fn is_synced(&self) -> bool {
        self.synced
    }

    fn run<'a>(&'a mut self, tx: &'a Tx) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let outcome = (self.operation)(tx, &self.input).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let result = match (self.outcome, committed) {
            (Some(Err(refusal)), _) => Err(refusal),
            (_, Err(error)) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // A caller that has gone away no longer needs the answer; the write stands.
        let _gone = self.reply.send(result);
    }
}

/// The handle to the writer's task. The task ends with the last handle.
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    connection: DatabaseConnection,
    closing: CancellationToken,
    task: TaskTracker,
}

impl Writer {
    /// Starts the task that owns `connection`, a pool of one.
    pub(crate) fn start(connection: DatabaseConnection) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let closing = CancellationToken::new();
        let task = TaskTracker::new();
        task.spawn(serve(connection.clone(), jobs, closing.clone()));
        task.close();
        Self { queue, connection, closing, task }
    }

    /// The connection, for changes of the schema; using it makes the task wait.
    pub(crate) const fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Queues an operation and waits until it is committed, and on the disk if it is `synced`.
    pub(crate) async fn submit<A, T, F>(&self, synced: bool, input: A, operation: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a Tx, &'a A) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Operation { synced, input, operation, outcome: None, reply });
        self.queue.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Takes no more, finishes what is queued, and closes the connection.
    pub(crate) async fn close(&self) -> Result<()> {
        self.closing.cancel();
        self.task.wait().await;
        Ok(self.connection.close_by_ref().await?)
    }
}

async fn serve(
    connection: DatabaseConnection,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    closing: CancellationToken,
) {
    let mut jobs = Vec::with_capacity(BATCH);
    let mut syncs = true;
    loop {
        tokio::select! {
            biased;
            received = queue.recv_many(&mut jobs, BATCH) => {
                if received == 0 {
                    return;
                }
                let synced = jobs.iter().any(|job| job.is_synced());
                let committed = match set_sync(&connection, &mut syncs, synced).await {
                    Ok(()) => commit(&connection, &mut jobs).await,
                    Err(error) => Err(error),
                };
                for job in jobs.drain(..) {
                    job.answer(committed.clone());
                }
            }
            () = closing.cancelled(), if !queue.is_closed() => queue.close(),
        }
    }
}

/// Says whether the next commits are synced. A connection that was replaced meanwhile syncs, which
/// is never too little.
async fn set_sync(connection: &DatabaseConnection, syncs: &mut bool, synced: bool) -> Result<()> {
    if synced != *syncs {
        let level =
            if synced { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
        connection.execute_unprepared(level).await?;
        *syncs = synced;
    }
    Ok(())
}

/// Runs all jobs in one transaction and commits it. They are nearly always all to be kept, so at
/// first they go without savepoints, which cost as much as the jobs themselves.
async fn commit(connection: &DatabaseConnection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    let tx = begin(connection).await?;
    let mut all_kept = true;
    for job in &mut *jobs {
        all_kept &= job.run(&tx).await;
        if !all_kept {
            break;
        }
    }
    if all_kept {
        return tx.commit().await;
    }
    tx.rollback().await?;
    if jobs.len() > 1 { commit_apart(connection, jobs).await } else { Ok(()) }
}

/// Runs all jobs again in one transaction, each in a savepoint of its own, so that one that fails
/// undoes itself alone, and commits it.
async fn commit_apart(connection: &DatabaseConnection, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    let tx = begin(connection).await?;
    for job in jobs {
        tx.execute_unprepared("SAVEPOINT job").await?;
        if !job.run(&tx).await {
            // SQLite itself undoes the whole transaction after some errors (a full disk, say).
            // Then there is no savepoint to go back to, and the batch fails as a whole.
            tx.execute_unprepared("ROLLBACK TO job").await?;
        }
        tx.execute_unprepared("RELEASE job").await?;
    }
    tx.commit().await
}

async fn begin(connection: &DatabaseConnection) -> Result<Tx> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Ok(Tx::Sqlite(connection.begin_with_options(options).await?))
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, Statement};

    use super::*;
    use crate::{StoreSettings, connect};

    async fn numbers<C: ConnectionTrait>(db: &C) -> Vec<i64> {
        let query = Statement::from_string(DbBackend::Sqlite, "SELECT n FROM t ORDER BY n");
        let rows = db.query_all_raw(query).await.expect("reads");
        rows.iter().map(|row| row.try_get("", "n").expect("a number")).collect()
    }

    async fn add(tx: &Tx, n: i64) -> Result<()> {
        tx.execute_unprepared(&format!("INSERT INTO t VALUES ({n})")).await?;
        Ok(())
    }

    /// What waits together shares one transaction: later operations see what earlier ones did
    /// before any reader can, and one that fails undoes itself alone.
    #[tokio::test]
    async fn what_waits_together_is_committed_together() {
        let folder = connect::temporary_folder().expect("a folder");
        let settings = StoreSettings::new("");
        let files =
            connect::sqlite(&folder.path().join("t.db"), true, &settings).await.expect("opens");
        files.writer.execute_unprepared("CREATE TABLE t (n INTEGER)").await.expect("creates");
        let writer = Writer::start(files.writer);
        // On one thread all of these are queued before the writer's task first runs.
        let kept = writer.submit(true, (), |tx, ()| Box::pin(add(tx, 1)));
        let failed = writer.submit(true, (), |tx, ()| {
            Box::pin(async move {
                add(tx, 2).await?;
                Err::<(), _>(StoreError::MessageMissing)
            })
        });
        let reader = files.reader.clone();
        let observer = writer.submit(true, reader, |tx, reader| {
            Box::pin(async move { Ok((numbers(tx).await, numbers(reader).await)) })
        });
        let (kept, failed, observed) = tokio::join!(kept, failed, observer);
        assert!(kept.is_ok());
        assert!(matches!(failed, Err(StoreError::MessageMissing)));
        assert_eq!(observed.expect("reads"), (vec![1], vec![]));
        assert_eq!(numbers(&files.reader).await, [1]);
        writer.close().await.expect("closes");
        let late = writer.submit(true, (), |tx, ()| Box::pin(add(tx, 3))).await;
        assert!(matches!(late, Err(StoreError::Closed)));
    }

    /// A statement that makes SQLite itself undo the transaction fails the whole batch: nobody
    /// is told that a lost write is stored.
    #[tokio::test]
    async fn a_lost_transaction_fails_everybody_in_it() {
        let folder = connect::temporary_folder().expect("a folder");
        let settings = StoreSettings::new("");
        let files =
            connect::sqlite(&folder.path().join("t.db"), true, &settings).await.expect("opens");
        files.writer.execute_unprepared("CREATE TABLE t (n INTEGER)").await.expect("creates");
        let writer = Writer::start(files.writer);
        let before = writer.submit(true, (), |tx, ()| Box::pin(add(tx, 1)));
        let lost = writer.submit(true, (), |tx, ()| {
            Box::pin(async move {
                tx.execute_unprepared("ROLLBACK").await?;
                Err::<(), _>(StoreError::StorageFull)
            })
        });
        let (before, lost) = tokio::join!(before, lost);
        assert!(before.is_err() && lost.is_err());
        assert!(numbers(&files.reader).await.is_empty());
        let after = writer.submit(true, (), |tx, ()| Box::pin(add(tx, 2))).await;
        assert!(after.is_ok(), "the writer goes on: {after:?}");
        assert_eq!(numbers(&files.reader).await, [2]);
    }

    #[tokio::test]
    async fn a_full_disk_is_said_to_be_full_and_heals() {
        let folder = connect::temporary_folder().expect("a folder");
        let settings = StoreSettings::new("");
        let files =
            connect::sqlite(&folder.path().join("t.db"), true, &settings).await.expect("opens");
        files.writer.execute_unprepared("CREATE TABLE t (n)").await.expect("creates");
        files.writer.execute_unprepared("PRAGMA max_page_count = 10").await.expect("limits");
        let writer = Writer::start(files.writer);
        let full = writer.submit(true, (), |tx, ()| Box::pin(fill(tx))).await;
        assert!(matches!(full, Err(StoreError::StorageFull)), "{full:?}");
        assert!(numbers(&files.reader).await.is_empty(), "reads go on");
        writer.connection().execute_unprepared("PRAGMA max_page_count = 1000").await.expect("more");
        let healed = writer.submit(true, (), |tx, ()| Box::pin(fill(tx))).await;
        assert!(healed.is_ok(), "{healed:?}");
    }

    async fn fill(tx: &Tx) -> Result<()> {
        tx.execute_unprepared("INSERT INTO t VALUES (zeroblob(100000))").await?;
        Ok(())
    }

    async fn sync_level(tx: &Tx) -> Result<i64> {
        let query = Statement::from_string(DbBackend::Sqlite, "PRAGMA synchronous");
        let row = tx.query_one_raw(query).await?.expect("a row");
        Ok(row.try_get_by_index(0)?)
    }

    /// 1 is NORMAL (no sync at a commit), 2 is FULL.
    #[tokio::test]
    async fn only_what_need_not_survive_a_loss_of_power_is_not_synced() {
        let folder = connect::temporary_folder().expect("a folder");
        let settings = StoreSettings::new("");
        let files =
            connect::sqlite(&folder.path().join("t.db"), true, &settings).await.expect("opens");
        let writer = Writer::start(files.writer);
        let level = |synced| writer.submit(synced, (), |tx, ()| Box::pin(sync_level(tx)));
        assert_eq!(level(true).await.expect("runs"), 2);
        assert_eq!(level(false).await.expect("runs"), 1);
        assert_eq!(level(true).await.expect("runs"), 2);
        let (lazy, synced) = tokio::join!(level(false), level(true));
        assert_eq!((lazy.expect("runs"), synced.expect("runs")), (2, 2), "one transaction");
    }
}
