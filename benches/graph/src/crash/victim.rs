//! The process that is killed: its graph, and what it tells while it lives.

use std::fs::File;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use vpaura_graph::{
    Ctx, END, EventKind, Events, Graph, GraphBuilder, JoinPolicy, NodeError, OnUnknown, State, Step,
};

use crate::bench::one_thread;
use crate::error::{Result, io};
use crate::stored::{Database, sqlite_url};

/// How often the graph goes round.
pub(super) const ROUNDS: u32 = 4;
/// Workers at once in each round.
pub(super) const WORKERS: u32 = 2;

/// What was done, in order.
#[derive(State, Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[state(context = Outside)]
pub(crate) struct Books {
    #[reduce(append)]
    pub(super) lines: Vec<String>,
    #[reduce(last)]
    pub(super) round: u32,
}

/// The world: a file to which each deed adds a line, which outlives the process.
#[derive(Debug)]
pub(crate) struct Outside(File);

impl Outside {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::options().create(true).append(true).open(path);
        Ok(Self(file.map_err(io("opening the file of deeds"))?))
    }

    /// Between what the killed process did and what its heir does.
    pub(super) fn mark(&self) -> Result<()> {
        self.add("recovered").map_err(io("writing a deed"))
    }

    fn add(&self, line: &str) -> std::io::Result<()> {
        // In one piece: a killed process leaves no half of a line.
        (&self.0).write_all(format!("{line}\n").as_bytes())
    }
}

type Made = std::result::Result<BooksUpdate, NodeError>;

/// Notes that the node runs, in this step.
fn runs(ctx: &Ctx<Books>) -> std::result::Result<(), NodeError> {
    Ok(ctx.app().add(&format!("ran {} {}", ctx.step(), ctx.path()))?)
}

async fn work(ctx: Ctx<Books>) -> std::result::Result<Step<Books>, NodeError> {
    runs(&ctx)?;
    let app = Arc::clone(ctx.app());
    ctx.once("pay", async move |key| app.add(&format!("did {key}"))).await?;
    let round = ctx.state().round + 1;
    Ok(Step::update(ctx.update().round(round).lines(format!("work {round}"))))
}

async fn help(ctx: Ctx<Books>, n: u32) -> Made {
    runs(&ctx)?;
    let app = Arc::clone(ctx.app());
    ctx.once("post", async move |key| app.add(&format!("did {key}"))).await?;
    Ok(ctx.update().lines(format!("help {} {n}", ctx.state().round)))
}

async fn merge(ctx: Ctx<Books>) -> Made {
    runs(&ctx)?;
    Ok(ctx.update().lines(format!("merge {}", ctx.state().round)))
}

/// Work, which sends helpers, whose results are merged; again and again.
pub(super) fn graph() -> Result<Graph<Books>> {
    let mut g = GraphBuilder::new("books");
    let help = g.worker("help", help);
    let work = g.node("work", move |ctx| async move {
        Ok((0..WORKERS).fold(work(ctx).await?, |step, n| step.send(help, n)))
    });
    let merge = g.node("merge", merge);
    g.tune(work).on_unknown(OnUnknown::Ask);
    g.tune(help).on_unknown(OnUnknown::Ask);
    g.start(work).sends(work, help).join(help, merge, JoinPolicy::all());
    g.route(
        merge,
        |books| books.round < ROUNDS,
        move |again| match again {
            true => work.into(),
            false => END.into(),
        },
    );
    Ok(g.build()?)
}

/// A run on SQLite that tells each step as soon as it is durable.
#[derive(Debug, Args)]
pub(crate) struct Victim {
    /// The SQLite file
    database: PathBuf,
    /// The thread
    thread: String,
    /// The file to which deeds are added
    deeds: PathBuf,
}

impl Victim {
    pub(crate) fn run(self) -> Result<()> {
        let graph = graph()?;
        let outside = Outside::open(&self.deeds)?;
        let database = Database::open(one_thread()?, &sqlite_url(&self.database))?;
        tell("ready")?;
        database.runtime.block_on(async {
            let run = graph.run(BooksUpdate::default()).context(outside);
            let run = run.thread(Arc::clone(&database.threads), self.thread.as_str());
            let mut run = run.events(Events::TASKS.and(Events::CHECKPOINTS)).start();
            while let Some(event) = run.next().await {
                match event.kind {
                    EventKind::NodeFinished { .. } => {
                        tell(&format!("finished {} {}", event.step, event.path))?;
                    }
                    EventKind::StepCommitted(Some(seq)) => tell(&format!("committed {seq}"))?,
                    _ => {}
                }
            }
            run.outcome().await?;
            tell("done")
        })?;
        database.close()
    }
}

fn tell(line: &str) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(io("telling"))
}
