//! A route that forgets a choice.

use serde::{Deserialize, Serialize};
use vpaura_graph::{Ctx, END, GraphBuilder, Route, State};

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Trip {
    city: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Route)]
enum Next {
    Pay,
    Leave,
}

fn main() {
    let mut g = GraphBuilder::<Trip>::new("trip");
    let plan = g.node("plan", async |ctx: Ctx<Trip>| Ok(ctx.update()));
    g.route(plan, |_| Next::Pay, |next| match next {
        Next::Leave => END.into(),
    });
}
