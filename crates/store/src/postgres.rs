//! PostgreSQL's connections, each set to one workspace or to all of them.
//!
//! Row-level security shows a connection the rows of the workspace that its setting
//! `vpaura.workspace_id` names. To change that is a round trip of its own, so connections keep
//! it, and whoever needs one gets one that is set already, if there is any. What is true of a
//! connection is never guessed: while a statement is under way its future owns the connection, so
//! that one which is dropped half-way takes the connection along.

mod link;
mod session;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr, SqlxError};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use vpaura_domain::WorkspaceId;

use self::link::Link;
pub(crate) use self::session::Session;
use crate::error::{Result, StoreError};
use crate::settings::StoreSettings;
use crate::within::Within;

/// A connection that another workspace used this recently is likely to be wanted there again: it
/// is left to it, as long as there is room for one more.
const RECENT: Duration = Duration::from_secs(10);
/// A connection that nobody wanted for this long is closed.
const UNWANTED: Duration = Duration::from_secs(600);

/// The connections. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Postgres {
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    options: PgConnectOptions,
    /// How many may be held in normal times, and how many at all.
    steady: usize,
    most: u32,
    acquire_timeout: Duration,
    recycle: Duration,
    /// One permit for each connection in use.
    places: Arc<Semaphore>,
    /// Those of them that the threads of graphs may take: half, so that others get their share
    /// however many graphs there are.
    graph_places: Arc<Semaphore>,
    idle: Mutex<Idle>,
    /// Whether it has been said that row-level security is without effect.
    warned: AtomicBool,
}

/// Connections that nobody uses now, the one that was used last at the end.
#[derive(Default)]
struct Idle {
    links: Vec<Link>,
    /// Connections of an earlier generation are not kept: what they may do has changed.
    generation: u64,
}

impl Postgres {
    /// Opens a first connection, so that an address that does not work is noticed.
    pub(crate) async fn connect(url: String, settings: &StoreSettings) -> Result<Self> {
        let options = url.parse::<PgConnectOptions>().map_err(connect_error)?;
        let most = settings.max_connections.saturating_add(settings.overflow).max(1);
        let shared = Shared {
            url,
            options: options.application_name("vpaura").disable_statement_logging(),
            steady: settings.max_connections.try_into().unwrap_or(usize::MAX),
            most,
            acquire_timeout: settings.acquire_timeout,
            recycle: settings.recycle,
            places: Arc::new(Semaphore::new(most as usize)),
            graph_places: Arc::new(Semaphore::new((most / 2).max(1) as usize)),
            idle: Mutex::default(),
            warned: AtomicBool::new(false),
        };
        let pool = Self { shared: Arc::new(shared) };
        pool.session(Within::Installation).await?;
        Ok(pool)
    }

    /// A connection, to be [set](Session::set) or [begun](Session::begin) with: most likely one
    /// that is set already. Waits in line for it.
    pub(crate) async fn session(&self, within: Within) -> Result<Session> {
        let found = timeout(self.shared.acquire_timeout, self.find(within));
        found.await.unwrap_or(Err(StoreError::Busy))
    }

    /// A connection that sees what is `within`.
    pub(crate) async fn set(&self, within: Within) -> Result<Session> {
        let session = self.session(within).await?;
        session.set(within).await?;
        Ok(session)
    }

    /// As [`set`](Self::set), for a short statement of a graph's thread.
    pub(crate) async fn graph_session(&self, within: WorkspaceId) -> Result<Session> {
        let share = self.shared.graph_places.clone().acquire_owned();
        let share = timeout(self.shared.acquire_timeout, share).await;
        let share = share.map_err(|_| StoreError::Busy)?.map_err(|_| StoreError::Closed)?;
        Ok(self.set(within.into()).await?.sharing(share))
    }

    async fn find(&self, within: Within) -> Result<Session> {
        let place = self.shared.places.clone().acquire_owned().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        while let Some(mut link) = self.take_idle(within) {
            if link.is_alive().await {
                return Ok(Session::new(self.clone(), link, place));
            }
        }
        let generation = self.idle().generation;
        let link = Link::open(&self.shared.options, within, generation, self.longest_wait()).await;
        let link = link.map_err(connect_error)?;
        if link.is_exempt && !self.shared.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "PostgreSQL does not enforce tenancy: its user is exempt from row-level security, \
                 and no role could be made that is not"
            );
        }
        Ok(Session::new(self.clone(), link, place))
    }

    /// An idle connection, best one that is set to this; `None` when one should be opened.
    fn take_idle(&self, within: Within) -> Option<Link> {
        let mut idle = self.idle();
        let set = idle.links.iter().rposition(|link| link.within == within);
        let chosen = set.or_else(|| {
            let oldest = idle.links.first()?;
            // The place of the asker is counted, its connection is not there yet.
            let used = self.shared.most as usize - self.shared.places.available_permits();
            let room = idle.links.len() + used <= self.shared.steady;
            (!room || oldest.idle_since.elapsed() > RECENT).then_some(0)
        })?;
        Some(idle.links.remove(chosen))
    }

    /// Keeps a connection that is sound and not in a transaction.
    fn put_back(&self, link: Link) {
        let mut idle = self.idle();
        let current = link.generation == idle.generation && !self.shared.places.is_closed();
        if current && link.opened.elapsed() < self.shared.recycle {
            idle.links.push(link.at_rest());
        }
        if idle.links.first().is_some_and(|oldest| oldest.idle_since.elapsed() > UNWANTED) {
            idle.links.remove(0);
        }
    }

    /// One connection was lost: the idle ones may be too.
    fn suspect_all(&self) {
        for link in &mut self.idle().links {
            link.is_suspect = true;
        }
    }

    /// Replaces all connections, as they come back: what they may do has changed.
    pub(crate) fn renew(&self) {
        let mut idle = self.idle();
        idle.generation += 1;
        idle.links.clear();
    }

    /// A connection of the user that owns the tables, for changing the schema.
    pub(crate) async fn owner(&self) -> Result<DatabaseConnection> {
        let mut options = ConnectOptions::new(self.shared.url.clone());
        options
            .max_connections(1)
            .acquire_timeout(self.shared.acquire_timeout)
            .set_application_name("vpaura")
            .sqlx_logging(false)
            .record_stmt_in_spans(false);
        Ok(Database::connect(options).await?)
    }

    /// Waits for what is under way, as long as anybody would wait for a connection, and closes all
    /// connections.
    pub(crate) async fn close(&self) {
        let all = self.shared.places.acquire_many(self.shared.most);
        let drained = timeout(self.shared.acquire_timeout, all).await;
        if drained.is_err() {
            tracing::warn!("database connections were still in use when the store was closed");
        }
        self.shared.places.close();
        self.shared.graph_places.close();
        let links = std::mem::take(&mut self.idle().links);
        for link in links {
            link.close().await;
        }
    }

    fn longest_wait(&self) -> Duration {
        self.shared.acquire_timeout / 5
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Nothing panics while it is held, and a list is never half changed.
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect_error(error: SqlxError) -> StoreError {
    DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
}
