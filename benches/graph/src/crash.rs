//! B13: processes that are killed at random moments, and what is left of their runs.

mod verdict;
mod victim;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use vpaura_graph::{Events, Graph, GraphError, Outcome, Store, Verdict};

use crate::bench::{Bench, many_threads};
use crate::error::{Error, Result, io};
use crate::report::Fact;
use crate::stored::{Database, sqlite_url};
use verdict::{Found, Told, Totals};
pub(crate) use victim::Victim;
use victim::{Books, BooksUpdate, Outside, graph};

/// Kills as many processes as the plan says, recovers their runs, and counts what is wrong.
pub(crate) fn kills(bench: &mut Bench) -> Result<()> {
    let folder = tempfile::tempdir().map_err(io("making a folder"))?;
    let path = folder.path().join("threads.db");
    let database = Database::open(many_threads()?, &sqlite_url(&path))?;
    let graph = graph()?;
    let mut totals = Totals::default();
    // How long a whole run takes decides when the others are killed.
    let mut whole = Duration::MAX;
    for name in ["first", "second", "third"] {
        whole = whole.min(killed(&path, folder.path(), name, None)?.lasted);
    }
    let mut chance = Chance(0x5eed);
    for number in 0..bench.plan.kills {
        let name = format!("t{number}");
        let after = whole.mul_f64(chance.next());
        let told = killed(&path, folder.path(), &name, Some(after))?;
        let effects = folder.path().join(&name);
        let found = database.runtime.block_on(recover(
            &graph,
            &database.threads,
            &name,
            Outside::open(&effects)?,
        ))?;
        totals.add(&told, found, &verdict::lines(&effects)?);
    }
    database.close()?;
    report(bench, &totals);
    Ok(())
}

fn report(bench: &mut Bench, totals: &Totals) {
    let Totals { kills, unfinished, lost, repeated, wrong, unknown, reruns } = totals;
    let mut fact = |what, ours, aim| {
        bench.report.fact(Fact { bench: "B13", what, ours, theirs: String::new(), aim });
    };
    fact(
        "killed processes, of which before their run's end",
        format!("{kills}, {unfinished}"),
        None,
    );
    fact("told commits that were lost", lost.to_string(), Some(("0", *lost == 0)));
    fact("finished nodes that ran again", repeated.to_string(), Some(("0", *repeated == 0)));
    fact("states that differ from an unharmed run's", wrong.to_string(), Some(("0", *wrong == 0)));
    let what = "effects that were done again without being asked for";
    fact(what, reruns.to_string(), Some(("0", *reruns == 0)));
    fact("effects found begun and unknown, which were asked for", unknown.to_string(), None);
}

/// Runs a victim; kills it so long after it was ready, or lets it end.
fn killed(database: &Path, folder: &Path, name: &str, after: Option<Duration>) -> Result<Told> {
    let this = std::env::current_exe().map_err(io("finding this program"))?;
    let mut child = Command::new(this)
        .arg("crash")
        .arg(database)
        .arg(name)
        .arg(folder.join(name))
        .stdout(Stdio::piped())
        .spawn()
        .map_err(io("starting a process"))?;
    let Some(output) = child.stdout.take() else {
        return Err(Error::Wrong("a process without output".to_owned()));
    };
    let (mut reader, ready) = verdict::reader(output)?;
    let begun = Instant::now();
    if ready && let Some(after) = after {
        std::thread::sleep(after);
        child.kill().map_err(io("killing a process"))?;
    }
    let mut told = Told::read(&mut reader)?;
    told.lasted = begun.elapsed();
    child.wait().map_err(io("waiting for a process"))?;
    if after.is_none() && !told.done {
        return Err(Error::Wrong("a run that nobody killed did not end".to_owned()));
    }
    Ok(told)
}

/// Goes on with a killed process's run until it is done.
async fn recover(
    graph: &Graph<Books>,
    store: &Arc<dyn Store>,
    name: &str,
    outside: Outside,
) -> Result<Found> {
    let outside = Arc::new(outside);
    let loaded = store.load(&name.into(), vpaura_graph::store::At::Head).await?;
    let mut found = Found { head: loaded.map_or(0, |it| it.head.seq), ..Found::default() };
    outside.mark()?;
    let mut run = if found.head == 0 { graph.run(BooksUpdate::default()) } else { graph.resume() };
    loop {
        let run_now = run.thread(Arc::clone(store), name).steal().events(Events::NONE);
        let outcome = run_now.context(Arc::clone(&outside)).outcome().await;
        let asks = match outcome {
            Ok(Outcome::Done(state)) => {
                found.state = Some(state);
                return Ok(found);
            }
            Ok(Outcome::Interrupted(_, asks)) => asks,
            Ok(_) => return Err(Error::Wrong("a recovered run was stopped".to_owned())),
            // All of it was told before: nothing is left to go on with.
            Err(GraphError::NothingToResume { .. }) => return Ok(found),
            Err(error) => return Err(error.into()),
        };
        run = graph.resume();
        for ask in asks {
            found.unknown += 1;
            run = run.answer(ask.id, &Verdict::Retry);
        }
    }
}

/// Numbers in 0..1 that are the same in each run (Marsaglia's xorshift64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        f64::from(u32::try_from(self.0 >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}
