//! Wiring that does not fit together.

use serde::{Deserialize, Serialize};
use vpaura_graph::{Ctx, GraphBuilder, NodeError, State, Step};

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Trip {
    city: String,
}

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Bill {
    sum: u32,
}

async fn plan(ctx: Ctx<Trip>) -> Result<TripUpdate, NodeError> {
    Ok(ctx.update())
}

async fn pay(ctx: Ctx<Bill>) -> Result<BillUpdate, NodeError> {
    Ok(ctx.update())
}

async fn another_states_update(_: Ctx<Trip>) -> Result<BillUpdate, NodeError> {
    Ok(BillUpdate::default())
}

fn main() {
    let mut bills = GraphBuilder::<Bill>::new("bill");
    let pay = bills.node("pay", pay);

    let mut g = GraphBuilder::<Trip>::new("trip");
    let plan = g.node("plan", plan);
    let fetch = g.worker("fetch", async |ctx: Ctx<Trip>, _: u32| Ok(ctx.update()));

    g.edge(plan, pay);
    g.edge(plan, fetch);
    g.start(fetch);
    g.node("wrong", another_states_update);
    let _ = Step::<Trip>::new().send(fetch, "a text");
    let _ = Step::<Trip>::new().goto(pay);
}
