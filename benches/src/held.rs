//! What an open stream costs: many answers at once of which each has given its first token and
//! gives another every ten seconds. Sockets' buffers are the system's and not counted.
//!
//! A run takes two sockets of its server, one to the client and one to the provider. Where the
//! system does not allow so many to one process, the last streams are second readers of runs that
//! are held already.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, TryStreamExt};
use tokio::sync::Notify;

use crate::client::{Answer, Connection, Target};
use crate::error::{Error, Result};
use crate::machine::most_sockets;
use crate::plan::Plan;
use crate::process::Process;
use crate::report::{Report, Row};
use crate::rig::{Answers, Programs, Rig};

/// Streams opened at a time.
const OPENING: usize = 64;
/// Streams opened before anything is measured.
const WARM: usize = 20;
const AIM_KB: f64 = 20.0;
/// A stream lives for five minutes, longer than the measurement.
const ANSWERS: Answers = Answers { tokens: 30, pause_ms: 10_000 };

/// Memory and processor time at one number of streams.
struct Level {
    streams: usize,
    /// How many of them are runs; the others read one of these too.
    runs: usize,
    kilobytes: f64,
    /// Share of one core while the streams are only held, in percent.
    busy: f64,
}

pub(crate) async fn measure(
    programs: &Programs,
    plan: &Plan,
    database: Option<&str>,
    report: &mut Report,
) -> Result<()> {
    let rig = Rig::start(programs, database, ANSWERS).await?;
    // The proxy knows no second readers.
    let floor = hold(&rig.proxy.process, Streams::new(&rig.proxy.target, false), plan).await?;
    drop(rig);
    // A provider of its own for each, so that the first one's streams are gone.
    let rig = Rig::start(programs, database, ANSWERS).await?;
    let ours = hold(&rig.server.process, Streams::new(&rig.server.target, true), plan).await?;
    for (floor, ours) in floor.iter().zip(&ours) {
        let what = format!("memory a held stream, {} streams", ours.streams);
        report.row(
            Row::new(&what, format!("{:.1} KB", ours.kilobytes))
                .floor(format!("{:.1} KB", floor.kilobytes))
                .ratio(ours.kilobytes / floor.kilobytes)
                .aim("≤ 20 KB", ours.kilobytes <= AIM_KB),
        );
        let what = format!("… share of one core while {} are held", ours.streams);
        report.row(
            Row::new(&what, format!("{:.0} %", ours.busy))
                .floor(format!("{:.0} %", floor.busy))
                .ratio(ours.busy / floor.busy),
        );
        if ours.runs < ours.streams {
            report.note(&format!(
                "held: the limit of open files allows {} runs at once here; {} of the {} streams \
                 are second readers of these. The proxy held {}.",
                ours.runs,
                ours.streams - ours.runs,
                ours.streams,
                floor.streams
            ));
        }
    }
    Ok(())
}

async fn hold(process: &Process, mut streams: Streams<'_>, plan: &Plan) -> Result<Vec<Level>> {
    // A few first, so that what is made once is not counted.
    streams.grow_to(WARM).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let base = process.resident()?;
    let mut held = Vec::new();
    for &wanted in &plan.held {
        streams.grow_to(wanted).await?;
        tokio::time::sleep(plan.settle).await;
        let grown = process.resident()?.saturating_sub(base);
        let before = process.cpu()?;
        tokio::time::sleep(plan.watch).await;
        let busy = process.cpu()?.saturating_sub(before);
        held.push(Level {
            streams: streams.open,
            runs: streams.runs.len(),
            kilobytes: grown as f64 / 1e3 / (streams.open - WARM) as f64,
            busy: 100.0 * busy.as_secs_f64() / plan.watch.as_secs_f64(),
        });
    }
    Ok(held)
}

/// Streams that are held open until this is dropped.
struct Streams<'a> {
    target: &'a Target,
    has_readers: bool,
    open: usize,
    /// The runs, by their ids where the target tells them.
    runs: Vec<String>,
    done: Arc<Notify>,
}

impl<'a> Streams<'a> {
    fn new(target: &'a Target, has_readers: bool) -> Self {
        Self { target, has_readers, open: 0, runs: Vec::new(), done: Arc::default() }
    }

    /// Opens streams until there are so many, or as many as one process may hold.
    async fn grow_to(&mut self, wanted: usize) -> Result<()> {
        let wanted = wanted.min(if self.has_readers { most_sockets() } else { most_sockets() / 2 });
        // A run takes two sockets, a second reader one.
        let runs = wanted.min(most_sockets() - wanted);
        self.open_runs(runs.saturating_sub(self.runs.len())).await?;
        self.open_readers(wanted.saturating_sub(self.open)).await
    }

    async fn open_runs(&mut self, count: usize) -> Result<()> {
        let (target, done) = (self.target, &self.done);
        let opened = stream::iter((0..count).map(Ok::<_, Error>))
            .map_ok(|_| async move {
                let mut connection = Connection::open(target).await?;
                let answer = connection.begin(target.body.clone()).await?;
                let id = answer.run_id().unwrap_or_default().to_owned();
                keep(connection, answer, done);
                Ok(id)
            })
            .try_buffer_unordered(OPENING);
        let ids: Vec<String> = opened.try_collect().await?;
        self.open += ids.len();
        self.runs.extend(ids);
        Ok(())
    }

    async fn open_readers(&mut self, count: usize) -> Result<()> {
        let (target, done) = (self.target, &self.done);
        stream::iter(self.runs.iter().cycle().take(count).map(Ok::<_, Error>))
            .try_for_each_concurrent(OPENING, |run| async move {
                let mut connection = Connection::open(target).await?;
                let answer = connection.follow(run).await?;
                keep(connection, answer, done);
                Ok(())
            })
            .await?;
        self.open += count;
        Ok(())
    }
}

impl Drop for Streams<'_> {
    fn drop(&mut self) {
        self.done.notify_waiters();
    }
}

/// Leaves a stream open, read as it comes, until all are done.
fn keep(connection: Connection, mut answer: Answer, done: &Arc<Notify>) {
    let done = Arc::clone(done);
    tokio::spawn(async move {
        let held = async {
            // The connection lives as long as its answer is read.
            let _ended = answer.finish().await;
            drop(connection);
        };
        tokio::select! {
            () = held => {}
            () = done.notified() => {}
        }
    });
}
