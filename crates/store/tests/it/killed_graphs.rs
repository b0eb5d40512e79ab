//! The graph engine over a database, killed as a process: what was told as finished does not run
//! again, effects are done at most once, and the end is the same.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_domain::{RandomIds, WorkspaceId};
use vpaura_graph::store::At;
use vpaura_graph::{
    Ctx, END, EventKind, Events, Graph, GraphBuilder, JoinPolicy, NodeError, OnUnknown, Outcome,
    State, Step, Verdict,
};

use crate::conformance;
use crate::db::{self, TestDb};

/// Tells the child which database to use.
const PLACE: &str = "VPAURA_TEST_KILLED_GRAPH";
const KILLS: usize = 30;
const ROUNDS: u32 = 60;

#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
struct Work {
    #[reduce(append)]
    log: Vec<String>,
    round: u32,
}

type Made = Result<WorkUpdate, NodeError>;

/// An effect: whoever reads the process sees that it has happened.
async fn act(ctx: &Ctx<Work>) -> Made {
    ctx.once("act", async |key: String| {
        tell(&format!("did {key}"));
        Ok::<_, NodeError>(())
    })
    .await?;
    Ok(ctx.update().log(format!("{} of {}", ctx.path(), ctx.state().round)))
}

/// Around and around: two calls of a worker beside a lane and a nested graph, joined.
fn graph() -> Graph<Work> {
    let mut child = GraphBuilder::<Work>::new("child");
    let c = child.node("c", async |ctx: Ctx<Work>| -> Made { act(&ctx).await });
    let d = child.node("d", async |ctx: Ctx<Work>| -> Made {
        Ok(ctx.update().log(format!("d of {}", ctx.state().round)))
    });
    child.tune(c).on_unknown(OnUnknown::Ask);
    child.start(c).edge(c, d).edge(d, END);
    let child = child.build().unwrap();

    let mut g = GraphBuilder::<Work>::new("rounds");
    let w = g.worker("w", async |ctx: Ctx<Work>, _: u32| -> Made { act(&ctx).await });
    let plan = g.node("plan", move |ctx: Ctx<Work>| async move {
        let step = Step::update(ctx.update().round(ctx.state().round + 1));
        Ok::<_, NodeError>(step.send(w, 1).send(w, 2))
    });
    let l1 = g.node("l1", async |ctx: Ctx<Work>| -> Made { act(&ctx).await });
    let l2 = g.node("l2", async |ctx: Ctx<Work>| -> Made { Ok(ctx.update().log("l2")) });
    let lane = g.lane("lane", [l1, l2]);
    let into = |s: &Work| Work { round: s.round, ..Work::default() };
    let out = |child: Work| child.log.into_iter().fold(WorkUpdate::default(), WorkUpdate::log);
    let sub = g.subgraph("sub", &child, into, out);
    let merge = g.node("merge", async |ctx: Ctx<Work>| -> Made { Ok(ctx.update().log("merge")) });
    g.tune(w).on_unknown(OnUnknown::Ask);
    g.tune(l1).on_unknown(OnUnknown::Ask);
    g.start(plan).sends(plan, w).edge(plan, (lane, sub));
    g.join((w, lane, sub), merge, JoinPolicy::all());
    let more = |s: &Work| s.round < ROUNDS;
    g.route(merge, more, move |more| if more { plan.into() } else { END.into() });
    g.build().unwrap()
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

/// Goes on with the thread until it is done, and says what it does.
async fn go_on(db: &TestDb) {
    let store = db.store.checkpoints(WorkspaceId::DEFAULT);
    let graph = graph();
    let begun = store.load(&"t".into(), At::Head).await.unwrap().is_some();
    let mut run = if begun { graph.resume() } else { graph.run(WorkUpdate::default()) };
    loop {
        let life = run.thread(Arc::clone(&store), "t").steal().step_limit(10 * ROUNDS);
        let mut started = life.events(Events::TASKS.and(Events::UPDATES)).start();
        // What a node has returned, by its path.
        let mut returned = BTreeMap::new();
        while let Some(event) = started.next().await {
            match event.kind {
                EventKind::Update(update) => {
                    returned.insert(event.path, update.json().unwrap().unwrap().to_string());
                }
                EventKind::NodeFinished { cached: false } => {
                    // A nested step's number begins anew in each round; the round is in what the
                    // node returned.
                    let nested = event.path.starts_with("sub/");
                    let step = event.step.to_string();
                    let which = if nested { &returned[&event.path] } else { &step };
                    tell(&format!("finished {} {which}", event.path));
                }
                _ => {}
            }
        }
        match started.outcome().await.unwrap() {
            Outcome::Interrupted(_, asks) => {
                // The effects that nobody knows of: taken as done, so that none is done twice.
                run = graph.resume();
                for ask in asks {
                    tell(&format!("unknown {}", ask.id));
                    run = run.answer(ask.id, &Verdict::Done(serde_json::Value::Null));
                }
            }
            Outcome::Done(_) => return tell("done"),
            other => panic!("{other:?}"),
        }
    }
}

conformance! {
    async fn a_graph_survives_kill_9(db: TestDb) {
        let mut said: Vec<String> = Vec::new();
        for kill in 0..KILLS {
            // Anything between the first line and two rounds.
            said.extend(run_and_kill(&db, 1 + kill * 7 % 19));
        }
        assert!(!said.iter().any(|line| line == "done"), "killed before the end, each time");
        go_on(&db).await;
        let told = |kind: &str| -> Vec<String> {
            said.iter().filter(|line| line.starts_with(kind)).cloned().collect()
        };
        for kind in ["finished ", "did "] {
            let all = told(kind);
            let once: BTreeSet<&String> = all.iter().collect();
            assert!(all.len() > KILLS, "{kind}: only {}", all.len());
            assert_eq!(once.len(), all.len(), "{kind}: twice");
        }
        assert!(told("finished sub/c ").len() + told("finished sub/d ").len() > KILLS / 3);
        let store = db.store.checkpoints(WorkspaceId::DEFAULT);
        let left = graph().thread(store, "t").get(At::Head).await.unwrap().unwrap();
        let whole = graph().run(WorkUpdate::default()).step_limit(10 * ROUNDS).outcome().await;
        assert_eq!(left.state, whole.unwrap().into_state());
        assert!(left.waiting.nodes.is_empty() && left.asks.is_empty());
    }
}

/// Lets a child go on until it has said `count` lines, and kills it. Answers all that it has said.
fn run_and_kill(db: &TestDb, count: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed_graphs::child", "--ignored", "--nocapture"])
        .env(PLACE, &db.settings.url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The harness speaks too.
        if ["finished ", "did ", "unknown ", "done"].iter().any(|kind| line.starts_with(kind)) {
            said.push(line);
            if said.len() == count {
                child.kill().unwrap();
            }
        }
    }
    child.wait().unwrap();
    said
}

/// Goes on with the thread, until killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that a_graph_survives_kill_9 kills"]
async fn child() {
    let url = std::env::var(PLACE).expect("started by the test above");
    go_on(&*db::open(url, Arc::new(RandomIds)).await).await;
}
