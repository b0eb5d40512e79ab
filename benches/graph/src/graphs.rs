//! The graphs that are measured. `langgraph_bench.py` has the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vpaura_graph::{
    Ctx, END, Graph, GraphBuilder, JoinPolicy, NodeError, Send, State, Step, Worker,
};

use crate::error::Result;

/// A number that each step raises, and what was said.
#[derive(State, Clone, Default, Serialize, Deserialize)]
#[state(event = u32)]
pub(crate) struct Tally {
    #[reduce(last)]
    pub(crate) n: u32,
    #[reduce(append)]
    pub(crate) lines: Vec<Arc<str>>,
}

type Made = std::result::Result<TallyUpdate, NodeError>;

async fn raise(ctx: Ctx<Tally>) -> Made {
    Ok(ctx.update().n(ctx.state().n + 1))
}

/// Three nodes in a row.
pub(crate) fn linear() -> Result<Graph<Tally>> {
    let mut g = GraphBuilder::new("linear");
    let (a, b, c) = (g.node("a", raise), g.node("b", raise), g.node("c", raise));
    g.start(a).edge(a, b).edge(b, c).edge(c, END);
    Ok(g.build()?)
}

/// Three nodes in a row, each of which waits as if for somebody else's answer.
pub(crate) fn waiting(wait: Duration) -> Result<Graph<Tally>> {
    let mut g = GraphBuilder::new("waiting");
    let node = move |ctx: Ctx<Tally>| async move {
        tokio::time::sleep(wait).await;
        raise(ctx).await
    };
    let (a, b, c) = (g.node("a", node), g.node("b", node), g.node("c", node));
    g.start(a).edge(a, b).edge(b, c).edge(c, END);
    Ok(g.build()?)
}

/// One node, again and again, that adds a line of `bytes` each time.
pub(crate) fn looping(steps: u32, bytes: usize) -> Result<Graph<Tally>> {
    let mut g = GraphBuilder::new("looping");
    let line: Arc<str> = "x".repeat(bytes).into();
    let a = g.node("a", move |ctx: Ctx<Tally>| {
        let line = Arc::clone(&line);
        async move {
            let update = ctx.update().n(ctx.state().n + 1);
            Ok(if line.is_empty() { update } else { update.lines(line) })
        }
    });
    g.start(a).route(
        a,
        move |state| state.n < steps,
        move |again| match again {
            true => a.into(),
            false => END.into(),
        },
    );
    Ok(g.build()?)
}

/// As many sends as `branches`, joined.
pub(crate) fn fan(branches: u32) -> Result<Graph<Tally>> {
    let mut g = GraphBuilder::new("fan");
    let line: Arc<str> = "x".into();
    let w = g.worker("w", move |ctx: Ctx<Tally>, _: u32| {
        let line = Arc::clone(&line);
        async move { Ok(ctx.update().lines(line)) }
    });
    let plan = g.node("plan", move |_| send(w, branches));
    let merge = g.node("merge", raise);
    g.start(plan).sends(plan, w).join(w, merge, JoinPolicy::all()).edge(merge, END);
    Ok(g.build()?)
}

async fn send(w: Worker<Tally, u32>, branches: u32) -> std::result::Result<Step<Tally>, NodeError> {
    Ok(Step::new().send_all((0..branches).map(|n| Send::to(w, n))))
}

/// What a talking node says.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    /// Events of the state's own type.
    Custom,
    /// Tokens.
    Tokens,
}

/// One node that says `count` things. `said` counts them as they are accepted.
pub(crate) fn talking(says: Says, count: u32, said: &Arc<AtomicUsize>) -> Result<Graph<Tally>> {
    let mut g = GraphBuilder::new("talking");
    let said = Arc::clone(said);
    let a = g.node("a", move |ctx: Ctx<Tally>| {
        let said = Arc::clone(&said);
        async move {
            for n in 0..count {
                match says {
                    Says::Custom => ctx.emit(n).await,
                    Says::Tokens => ctx.token("word ").await?,
                }
                said.fetch_add(1, Ordering::Relaxed);
            }
            Ok(ctx.update().n(count))
        }
    });
    g.start(a).edge(a, END);
    Ok(g.build()?)
}

/// `inner` in a graph in a graph.
pub(crate) fn nested(inner: &Graph<Tally>) -> Result<Graph<Tally>> {
    let mut graph = inner.clone();
    for name in ["middle", "outer"] {
        let mut g = GraphBuilder::new(name);
        let out = |done: Tally| TallyUpdate::default().n(done.n);
        let a = g.subgraph("inner", &graph, Tally::clone, out);
        g.start(a).edge(a, END);
        graph = g.build()?;
    }
    Ok(graph)
}
