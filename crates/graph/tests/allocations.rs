//! What a step and a token may cost, in allocations: unlike times these are the same on every
//! machine, so they hold the line. A binary of its own, since it brings an allocator that counts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;
use vpaura_graph::{
    Ctx, END, Events, Graph, GraphBuilder, JoinPolicy, MemoryStore, NodeError, Send, State, Step,
    Store,
};

#[derive(State, Clone, Default, Serialize, Deserialize)]
#[state(event = u32)]
struct Tally {
    #[reduce(last)]
    n: u32,
    #[reduce(append)]
    lines: Vec<Arc<str>>,
}

type Made = Result<TallyUpdate, NodeError>;

/// Allocations of a run on one thread, events heard. It is run once before, so that what is made
/// once and kept is not counted.
fn allocations(graph: &Graph<Tally>, events: Events, store: Option<&Arc<dyn Store>>) -> u64 {
    let runtime = Builder::new_current_thread().enable_time().build().expect("starts");
    let run = |thread: &str| {
        runtime.block_on(async {
            let mut run = graph.run(TallyUpdate::default()).events(events).step_limit(u32::MAX);
            if let Some(store) = store {
                run = run.thread(Arc::clone(store), thread);
            }
            let mut run = run.start();
            while run.next().await.is_some() {}
            run.outcome().await.expect("runs");
        });
    };
    run("warm");
    allocation_counter::measure(|| run("cold")).count_total
}

/// One node, `steps` times.
fn looping(steps: u32) -> Graph<Tally> {
    let mut g = GraphBuilder::new("looping");
    let a = g.node("a", async |ctx: Ctx<Tally>| -> Made { Ok(ctx.update().n(ctx.state().n + 1)) });
    g.start(a).route(
        a,
        move |state| state.n < steps,
        move |again| match again {
            true => a.into(),
            false => END.into(),
        },
    );
    g.build().expect("builds")
}

/// What a step more costs.
fn of_a_step(events: Events, store: Option<&Arc<dyn Store>>) -> u64 {
    let [short, long] = [100, 200].map(|steps| allocations(&looping(steps), events, store));
    (long - short).div_ceil(100)
}

/// A node that says as much, in so many graphs around it.
fn talking(tokens: u32, depth: u32) -> Graph<Tally> {
    let mut g = GraphBuilder::new("talking");
    let a = g.node("a", move |ctx: Ctx<Tally>| async move {
        for n in 0..tokens {
            ctx.token("word ").await?;
            ctx.emit(n).await;
        }
        Ok(ctx.update().n(1))
    });
    g.start(a).edge(a, END);
    let mut graph = g.build().expect("builds");
    for _ in 0..depth {
        let mut g = GraphBuilder::new("outer");
        let inner = g.subgraph("inner", &graph, Tally::clone, |_| TallyUpdate::default());
        g.start(inner).edge(inner, END);
        graph = g.build().expect("builds");
    }
    graph
}

fn fan(branches: u32) -> Graph<Tally> {
    let mut g = GraphBuilder::new("fan");
    let w = g.worker("w", async |ctx: Ctx<Tally>, n: u32| -> Made { Ok(ctx.update().n(n)) });
    let plan = g.node("plan", move |_| async move {
        Ok(Step::new().send_all((0..branches).map(|n| Send::to(w, n))))
    });
    let merge = g.node("merge", async |ctx: Ctx<Tally>| -> Made { Ok(ctx.update()) });
    g.start(plan).sends(plan, w).join(w, merge, JoinPolicy::all()).edge(merge, END);
    g.build().expect("builds")
}

#[test]
fn a_step_is_cheap() {
    let step = of_a_step(Events::NONE, None);
    assert!(step <= 8, "{step} allocations");
}

#[test]
fn a_step_that_is_told_of_is_cheap() {
    let step = of_a_step(Events::default(), None);
    assert!(step <= 10, "{step} allocations");
}

#[test]
fn a_stored_step_is_cheap() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let step = of_a_step(Events::NONE, Some(&store));
    assert!(step <= 25, "{step} allocations");
}

#[test]
fn a_short_run_is_cheap() {
    let run = allocations(&looping(3), Events::NONE, None);
    assert!(run <= 3 * 15, "{run} allocations");
}

#[test]
fn a_branch_is_cheap() {
    let [few, many] = [100, 200].map(|branches| allocations(&fan(branches), Events::NONE, None));
    let branch = (many - few).div_ceil(100);
    assert!(branch <= 10, "{branch} allocations");
}

#[test]
fn a_token_costs_nothing_however_deep() {
    let events = Events::TOKENS.and(Events::CUSTOM);
    for depth in [0, 1, 2] {
        let [few, many] =
            [1_000, 10_000].map(|tokens| allocations(&talking(tokens, depth), events, None));
        assert_eq!(many, few, "at depth {depth}");
    }
}
