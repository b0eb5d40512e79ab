//! A trip is planned: several searches at once, a branch of two steps that waits for nobody, and a
//! join that does not wait for ever.
//!
//! `cargo run -p vpaura-graph --example planning`
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vpaura_graph::{Ctx, END, EventKind, GraphBuilder, JoinPolicy, NodeError, State, Step, Worker};

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Trip {
    city: String,
    #[reduce(append)]
    found: Vec<String>,
    plan: String,
}

/// What is sent to a search.
#[derive(Clone, Serialize, Deserialize)]
struct Search {
    what: String,
    millis: u64,
}

async fn begin(ctx: Ctx<Trip>, search: Worker<Trip, Search>) -> Result<Step<Trip>, NodeError> {
    let searches = [("weather", 20), ("museums", 40), ("a slow one", 10_000)];
    let step = Step::update(ctx.update().city("Kyoto"));
    Ok(searches
        .into_iter()
        .fold(step, |step, (what, millis)| step.send(search, Search { what: what.into(), millis })))
}

async fn search(ctx: Ctx<Trip>, search: Search) -> Result<TripUpdate, NodeError> {
    tokio::time::sleep(Duration::from_millis(search.millis)).await;
    Ok(ctx.update().found(format!("{} in {}", search.what, ctx.state().city)))
}

async fn flights(ctx: Ctx<Trip>) -> Result<TripUpdate, NodeError> {
    Ok(ctx.update().found("two flights"))
}

async fn fares(ctx: Ctx<Trip>) -> Result<TripUpdate, NodeError> {
    // A lane: it sees what the node before it found, while the others still search.
    let flights = ctx.state().found.len();
    Ok(ctx.update().found(format!("fares of {flights} entry")))
}

async fn plan(ctx: Ctx<Trip>) -> Result<TripUpdate, NodeError> {
    Ok(ctx.update().plan(ctx.state().found.join(", ")))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut g = GraphBuilder::<Trip>::new("planning");
    let search = g.worker("search", search);
    let begin = g.node("begin", move |ctx| begin(ctx, search));
    let (flights, fares) = (g.node("flights", flights), g.node("fares", fares));
    let travel = g.lane("travel", [flights, fares]);
    let plan = g.node("plan", plan);
    g.tune(search).concurrency(8);
    g.start(begin).sends(begin, search).edge(begin, travel).edge(plan, END);
    let patience = JoinPolicy::deadline(Duration::from_millis(200)).proceed();
    g.join((search, travel), plan, patience);
    let graph = g.build()?;
    println!("{}", graph.mermaid());

    let mut run = graph.run(TripUpdate::default()).start();
    while let Some(event) = run.next().await {
        if let EventKind::NodeFinished { .. } = event.kind {
            println!("step {}: {} has finished", event.step, event.path);
        }
    }
    println!("the plan: {}", run.outcome().await?.into_state().plan);
    Ok(())
}
