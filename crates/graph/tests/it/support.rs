//! What the tests of threads have in common: a state, and small ways to say things.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use vpaura_graph::store::{At, Loaded};
use vpaura_graph::{
    Ctx, END, Graph, GraphBuilder, GraphError, MemoryStore, Node, NodeError, Outcome, State, Store,
    ThreadId,
};

/// A state that remembers who wrote.
#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    #[reduce(append)]
    pub log: Vec<String>,
    pub n: u32,
}

pub type Made = Result<LogUpdate, NodeError>;

/// Input that says `text`.
pub fn say(text: &str) -> LogUpdate {
    LogUpdate::default().log(text)
}

/// A node that says its own name.
pub fn named(g: &mut GraphBuilder<Log>, name: &'static str) -> Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move { Made::Ok(ctx.update().log(name)) })
}

/// Nodes one after the other, each saying its name.
pub fn chain(names: &[&'static str]) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("chain");
    let nodes: Vec<_> = names.iter().map(|name| named(&mut g, name)).collect();
    g.start(nodes[0]);
    for pair in nodes.windows(2) {
        g.edge(pair[0], pair[1]);
    }
    g.edge(nodes[nodes.len() - 1], END);
    g.build().expect("builds")
}

pub fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

/// What a thread is left with.
pub async fn left(store: &Arc<dyn Store>, thread: &str) -> Loaded {
    let loaded = store.load(&ThreadId::from(thread), At::Head).await.expect("loads");
    loaded.expect("is there")
}

/// A count that nodes share.
#[derive(Clone, Default)]
pub struct Count(Arc<AtomicUsize>);

impl Count {
    pub fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

pub fn done<S: std::fmt::Debug>(outcome: Result<Outcome<S>, GraphError>) -> S {
    match outcome {
        Ok(Outcome::Done(state)) => state,
        other => panic!("not done: {other:?}"),
    }
}

/// What a nested graph said.
pub fn lines(child: Log) -> LogUpdate {
    child.log.into_iter().fold(LogUpdate::default(), LogUpdate::log)
}
