//! B5 to B8: steps that are durable before the next one begins.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use vpaura_domain::{SystemClock, WorkspaceId};
use vpaura_graph::store::Page;
use vpaura_graph::{Graph, Store, ThreadId};
use vpaura_store::StoreSettings;

use crate::bench::{Bench, Theirs, many_threads, one_thread};
use crate::error::{Error, Result, io};
use crate::figures::{Sample, count, count_u64};
use crate::graphs::{Tally, linear, looping};
use crate::relay::Relay;
use crate::report::Fact;
use crate::steps::finish;

/// Steps of a loop.
const STEPS: u32 = 100;
/// Bytes that each step adds.
const LINE: usize = 1024;
/// Threads at once.
const TOGETHER: usize = 200;
/// Steps of each of them: of ours, of LangGraph's, whose steps take much longer.
const EACH: (u32, u32) = (20, 5);

/// A database with the engine's tables.
pub(crate) struct Database {
    pub(crate) runtime: Runtime,
    store: vpaura_store::Store,
    pub(crate) threads: Arc<dyn Store>,
    /// The newest thread.
    newest: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// A new file.
    pub(crate) fn sqlite(runtime: Runtime) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(io("making a folder"))?;
        let url = sqlite_url(&folder.path().join("threads.db"));
        Ok(Self { _folder: Some(folder), ..Self::open(runtime, &url)? })
    }

    /// The database at an address.
    pub(crate) fn open(runtime: Runtime, url: &str) -> Result<Self> {
        let store = runtime.block_on(async {
            let settings = StoreSettings::new(url);
            let store = vpaura_store::Store::connect(&settings, Arc::new(SystemClock)).await?;
            store.migrate_up().await?;
            Ok::<_, vpaura_store::StoreError>(store)
        })?;
        let threads = store.checkpoints(WorkspaceId::DEFAULT);
        Ok(Self { runtime, store, threads, newest: String::new(), _folder: None })
    }

    pub(crate) fn close(self) -> Result<()> {
        Ok(self.runtime.block_on(self.store.close())?)
    }

    fn next_thread(&mut self) -> (Arc<dyn Store>, String) {
        // Databases are opened more than once: no name comes twice.
        static MADE: AtomicUsize = AtomicUsize::new(0);
        self.newest = format!("t{}", MADE.fetch_add(1, Ordering::Relaxed));
        (Arc::clone(&self.threads), self.newest.clone())
    }

    /// One run on a new thread.
    pub(crate) fn run_one(&mut self, graph: &Graph<Tally>, steps: u32) -> Result<()> {
        let thread = self.next_thread();
        self.runtime.block_on(finish(graph, steps, Some(thread)))
    }

    /// Runs at once, each on a new thread.
    fn run_together(&mut self, graph: &Graph<Tally>, steps: u32) -> Result<()> {
        let threads: Vec<_> = (0..TOGETHER).map(|_| self.next_thread()).collect();
        self.runtime.block_on(async {
            let mut runs = JoinSet::new();
            for thread in threads {
                let graph = graph.clone();
                runs.spawn(async move { finish(&graph, steps, Some(thread)).await });
            }
            while let Some(done) = runs.join_next().await {
                done??;
            }
            Ok(())
        })
    }

    /// Stored bytes of the newest thread.
    fn bytes(&self) -> Result<u64> {
        let thread = ThreadId::from(&self.newest);
        let all = Page { before: None, limit: u32::MAX };
        let history = self.runtime.block_on(self.threads.history(&thread, all))?;
        Ok(history.iter().map(|checkpoint| checkpoint.bytes).sum())
    }
}

pub(crate) fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}

pub(crate) fn sqlite_alone(bench: &mut Bench) -> Result<()> {
    let graph = looping(STEPS, LINE)?;
    let mut database = Database::sqlite(one_thread()?)?;
    let work = json!({"bench": "loop", "steps": STEPS, "bytes": LINE, "saver": "sqlite"});
    let ours = || sample(&mut database, &graph);
    let samples = bench.compare(ours, Theirs::AsMany, &work)?;
    bench.timing(("B5", "SQLite step, synced, +1 KiB"), samples, None);
    let (ours, theirs) = (database.bytes()?, bench.peer.ask(&work)?.figure("bytes")?);
    let ours = count_u64(ours) / f64::from(STEPS);
    bench.report.fact(Fact {
        bench: "B5",
        what: "stored bytes a step, of which 1,024 are new",
        ours: format!("{ours:.0}"),
        theirs: format!("{theirs:.0}"),
        aim: Some(("≤ 1,229 (1.2 KiB)", ours <= 1229.0)),
    });
    database.close()
}

pub(crate) fn sqlite_together(bench: &mut Bench) -> Result<()> {
    let (ours, theirs) = EACH;
    let graph = looping(ours, LINE)?;
    let mut database = Database::sqlite(many_threads()?)?;
    let work = json!({"bench": "together", "saver": "sqlite", "runs": TOGETHER, "steps": theirs,
        "bytes": LINE, "per": "step"});
    let run = || {
        let units = TOGETHER * ours as usize;
        Sample::of(units, || database.run_together(&graph, ours))
    };
    let samples = bench.compare(run, Theirs::Few, &work)?;
    bench.timing(("B7", "SQLite step, 200 threads at once"), samples, Some(400.0));
    database.close()
}

pub(crate) fn postgres_alone(bench: &mut Bench, ours: &str, theirs: &str) -> Result<()> {
    let graph = looping(STEPS, LINE)?;
    let mut database = Database::open(one_thread()?, ours)?;
    let work = |url: &str| json!({"bench": "loop", "steps": STEPS, "bytes": LINE, "saver": "postgres", "url": url});
    let run = || sample(&mut database, &graph);
    let samples = bench.compare(run, Theirs::AsMany, &work(theirs))?;
    bench.timing(("B6", "PostgreSQL step, +1 KiB"), samples, None);
    let bytes = count_u64(database.bytes()?) / f64::from(STEPS);
    database.close()?;
    bench.report.fact(Fact {
        bench: "B6",
        what: "stored bytes a step",
        ours: format!("{bytes:.0}"),
        theirs: String::new(),
        aim: None,
    });

    round_trips(bench, ours, &work, theirs)
}

/// Counts what a long run sends less what a short one does: what is left are steps.
fn round_trips(
    bench: &mut Bench,
    ours: &str,
    work: &dyn Fn(&str) -> serde_json::Value,
    theirs: &str,
) -> Result<()> {
    let (short, long) = (looping(STEPS, LINE)?, looping(2 * STEPS, LINE)?);
    let relay = Relay::start(ours)?;
    let mut database = Database::open(one_thread()?, relay.url())?;
    let mut sent = |graph: &Graph<Tally>, steps| {
        let before = (relay.round_trips(), relay.checks());
        database.run_one(graph, steps)?;
        Ok::<_, Error>((relay.round_trips() - before.0, relay.checks() - before.1))
    };
    // The first run prepares the statements.
    sent(&short, STEPS)?;
    let (more, less) = (sent(&long, 2 * STEPS)?, sent(&short, STEPS)?);
    database.close()?;
    let steps = f64::from(STEPS);
    let (trips, checks) =
        ((count(more.0) - count(less.0)) / steps, (count(more.1) - count(less.1)) / steps);
    let relay = Relay::start(theirs)?;
    let mut sent = |steps: u32| {
        let before = (relay.round_trips(), relay.checks());
        let mut work = work(relay.url());
        work["steps"] = steps.into();
        bench.peer.ask(&work)?;
        Ok::<_, Error>((relay.round_trips() - before.0, relay.checks() - before.1))
    };
    let (more, less) = (sent(2 * STEPS)?, sent(STEPS)?);
    let other = (count(more.0) - count(less.0)) / steps;
    bench.report.fact(Fact {
        bench: "B6",
        what: "round trips that a step waits for",
        ours: format!("{trips:.2}"),
        theirs: format!("{other:.2}"),
        aim: Some(("1", trips <= 1.01)),
    });
    let other = (count(more.1) - count(less.1)) / steps;
    bench.report.fact(Fact {
        bench: "B6",
        what: "checks of the connection by its pool, a step, for which nobody waits",
        ours: format!("{checks:.2}"),
        theirs: format!("{other:.2}"),
        aim: None,
    });
    Ok(())
}

pub(crate) fn postgres_together(bench: &mut Bench, ours: &str, theirs: &str) -> Result<()> {
    let graph = linear()?;
    let mut database = Database::open(many_threads()?, ours)?;
    let work = json!({"bench": "together", "saver": "postgres", "runs": TOGETHER, "steps": 3,
        "bytes": 0, "per": "run", "url": theirs});
    let run = || Sample::of(TOGETHER, || database.run_together(&graph, 3));
    let samples = bench.compare(run, Theirs::Few, &work)?;
    let per_second = [samples.0.wall(50), samples.1.wall(50)].map(|micros| 1e6 / micros);
    bench.report.fact(Fact {
        bench: "B8",
        what: "PostgreSQL: linear runs of 3 a second, 200 at once",
        ours: format!("{:.0}", per_second[0]),
        theirs: format!("{:.0}", per_second[1]),
        aim: Some(("≥ 1,000", per_second[0] >= 1_000.0)),
    });
    bench.timing(("B8", "PostgreSQL: linear run of 3, 200 at once"), samples, Some(1_000.0));
    database.close()
}

fn sample(database: &mut Database, graph: &Graph<Tally>) -> Result<Sample> {
    Sample::of(STEPS as usize, || database.run_one(graph, STEPS))
}
