//! What is not stored cannot have threads, nor be a graph within a graph.

use std::sync::Arc;

use vpaura_graph::{Ctx, END, GraphBuilder, MemoryStore, State};

#[derive(State, Clone, Default)]
#[state(transient)]
struct Scratch {
    text: String,
}

fn main() {
    let mut g = GraphBuilder::<Scratch>::new("scratch");
    let a = g.node("a", async |ctx: Ctx<Scratch>| Ok(ctx.update()));
    g.start(a).edge(a, END);
    let Ok(graph) = g.build() else { return };
    let _ = graph.run(ScratchUpdate::default()).thread(Arc::new(MemoryStore::new()), "t");
    let _ = graph.thread(Arc::new(MemoryStore::new()), "t");
    let mut outer = GraphBuilder::<Scratch>::new("outer");
    outer.subgraph("s", &graph, |state| state.clone(), |_| ScratchUpdate::default());
}
