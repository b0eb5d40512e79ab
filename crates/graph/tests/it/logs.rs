//! What the tests of whole graphs share: a state that logs, and short ways to build and run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vpaura_graph::{
    Ctx, Event, EventKind, Graph, GraphBuilder, GraphError, Node, NodeError, Outcome, Run, State,
    Step,
};

/// A state that shows who wrote what, in which order.
#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
#[state(event = String)]
pub struct Log {
    #[reduce(append)]
    pub log: Vec<String>,
    #[reduce(set)]
    pub one: Option<String>,
    #[reduce(last)]
    pub last: String,
    #[reduce(with = add)]
    pub sum: u32,
    #[state(ephemeral)]
    pub flash: Option<String>,
    #[reduce(append)]
    #[state(ephemeral)]
    pub heard: Vec<String>,
    pub n: u32,
}

/// Refuses to pass 100.
fn add(sum: &mut u32, more: u32) -> Result<(), String> {
    *sum = sum.checked_add(more).filter(|sum| *sum <= 100).ok_or("more than 100")?;
    Ok(())
}

pub type Made = Result<LogUpdate, NodeError>;
pub type Stepped = Result<Step<Log>, NodeError>;

pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub fn empty() -> LogUpdate {
    LogUpdate::default()
}

/// A node that writes its name.
pub fn says(g: &mut GraphBuilder<Log>, name: &'static str) -> Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move { Ok(ctx.update().log(name)) })
}

/// A node that writes its name after a while.
pub fn slow(g: &mut GraphBuilder<Log>, name: &'static str, millis: u64) -> Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move {
        tokio::time::sleep(ms(millis)).await;
        Ok(ctx.update().log(name))
    })
}

/// A node that fails.
pub fn fails(g: &mut GraphBuilder<Log>, name: &'static str) -> Node<Log> {
    g.node(name, async |_: Ctx<Log>| -> Made { Err(NodeError::message("broken")) })
}

pub async fn run(graph: &Graph<Log>) -> Result<Outcome<Log>, GraphError> {
    graph.run(empty()).outcome().await
}

/// The log of a run that is done.
pub async fn done(graph: &Graph<Log>) -> Vec<String> {
    match run(graph).await.expect("runs") {
        Outcome::Done(state) => state.log,
        other => panic!("not done: {other:?}"),
    }
}

/// How a run fails.
pub async fn failure(graph: &Graph<Log>) -> GraphError {
    run(graph).await.expect_err("fails")
}

/// All events of a run, and its end.
pub async fn watch(mut run: Run<Log>) -> (Vec<Event<String>>, Result<Outcome<Log>, GraphError>) {
    let mut events = Vec::new();
    while let Some(event) = run.next().await {
        events.push(event);
    }
    (events, run.outcome().await)
}

/// Events as short lines: path, attempt, kind.
pub fn lines(events: &[Event<String>]) -> Vec<String> {
    let line = |event: &Event<String>| {
        let kind = match &event.kind {
            EventKind::NodeStarted => "started".to_owned(),
            EventKind::Token(text) => format!("token {}", String::from_utf8_lossy(text)),
            EventKind::Custom(text) => format!("custom {text}"),
            EventKind::Update(_) => "update".to_owned(),
            EventKind::NodeFinished { cached: false } => "finished".to_owned(),
            EventKind::NodeFinished { cached: true } => "finished cached".to_owned(),
            EventKind::Discard => "discard".to_owned(),
            EventKind::BudgetWarning(limit) => format!("warning {limit}"),
            EventKind::StepCommitted(_) => format!("committed {}", event.step),
            EventKind::Values(_) => "values".to_owned(),
            other => format!("{other:?}"),
        };
        format!("{}#{} {kind}", event.path, event.attempt)
    };
    events.iter().map(line).collect()
}

/// Counts across runs and attempts.
#[derive(Clone, Default)]
pub struct Count(Arc<AtomicU32>);

impl Count {
    /// Adds one; how many there are then.
    pub fn up(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub fn get(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Counts when it is dropped: a node that was dropped has let go of what it held.
pub struct Dropped(pub Count);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.up();
    }
}
