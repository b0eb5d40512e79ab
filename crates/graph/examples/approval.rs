//! Something is done only when somebody has agreed, and done once: however often the node runs.
//!
//! `cargo run -p vpaura-graph --example approval`
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_graph::store::At;
use vpaura_graph::{Ctx, END, GraphBuilder, MemoryStore, NodeError, OnUnknown, Outcome, State};

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Order {
    item: String,
    receipt: Option<String>,
}

/// What is asked.
#[derive(Serialize)]
struct Question<'a> {
    buy: &'a str,
    from: &'a str,
}

async fn buy(ctx: Ctx<Order>) -> Result<OrderUpdate, NodeError> {
    // Runs again after the answer: what was reserved is not reserved twice.
    let shop: String = ctx.once("reserve", async |key| reserve(&key)).await?;
    let question = Question { buy: &ctx.state().item, from: &shop };
    let agreed: bool = ctx.interrupt("agree", &question).await?;
    if !agreed {
        return Ok(ctx.update());
    }
    let receipt: String = ctx.once("pay", async |key| pay(&key)).await?;
    Ok(ctx.update().receipt(Some(receipt)))
}

/// The key is the same in every life of this step: the other side can tell a repetition by it.
fn reserve(key: &str) -> Result<String, NodeError> {
    println!("reserving, key {key}");
    Ok("the corner shop".into())
}

fn pay(key: &str) -> Result<String, NodeError> {
    println!("paying, key {key}");
    Ok("receipt 17".into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut g = GraphBuilder::<Order>::new("order");
    let buy = g.node("buy", buy);
    // Should the process die while it pays, somebody is asked whether it was paid.
    g.tune(buy).on_unknown(OnUnknown::Ask);
    g.start(buy).edge(buy, END);
    let graph = g.build()?;
    let store = Arc::new(MemoryStore::new());

    let run = graph.run(OrderUpdate::default().item("tea")).thread(store.clone(), "order-1");
    let Outcome::Interrupted(_, asks) = run.outcome().await? else { return Ok(()) };
    println!("asked: {}", asks[0].question);

    // Nothing runs now. Any process with the same store can go on.
    let run = graph.resume().thread(store.clone(), "order-1").answer(&asks[0].id, &true);
    println!("done: {:?}", run.outcome().await?.into_state().receipt);

    // Every step is still there; going on from an older one begins a branch.
    let first = graph.thread(store, "order-1").get(At::Seq(1)).await?;
    println!("at first: {:?}", first.map(|snapshot| snapshot.state.receipt));
    Ok(())
}
