//! What was used up counts in whatever way a thread goes on.

use std::sync::Arc;

use vpaura_graph::{
    Budget, Ctx, END, Graph, GraphBuilder, Limit, Node, NodeError, Outcome, Store, Usage,
};

use crate::support::{Count, Log, Made, lines, memory, say};

const LIMIT: Budget = Budget::new().tokens(100);

fn spends(g: &mut GraphBuilder<Log>, name: &'static str, tokens: u64) -> Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move {
        ctx.charge(Usage::tokens(tokens)).await?;
        Made::Ok(ctx.update().log(name))
    })
}

/// Hangs the first time, and then uses up so much.
fn hangs(g: &mut GraphBuilder<Log>, calls: &Count, tokens: u64) -> Node<Log> {
    let calls = calls.clone();
    g.node("hangs", move |ctx: Ctx<Log>| {
        let first = calls.add() == 1;
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            ctx.charge(Usage::tokens(tokens)).await?;
            Made::Ok(ctx.update().log("hangs"))
        }
    })
}

/// Runs until nothing more happens by itself; then its process dies.
async fn died(graph: &Graph<Log>, store: &Arc<dyn Store>) {
    let run = graph.run(say("in")).thread(Arc::clone(store), "t").budget(LIMIT).start();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    run.abandon();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

async fn resumed(graph: &Graph<Log>, store: &Arc<dyn Store>) -> Outcome<Log> {
    let run = graph.resume().thread(Arc::clone(store), "t").steal().budget(LIMIT);
    run.outcome().await.expect("ends")
}

fn is_exhausted(outcome: &Outcome<Log>) -> bool {
    matches!(outcome, Outcome::Exhausted(_, Limit::Tokens(100)))
}

#[tokio::test(start_paused = true)]
async fn what_a_nested_graphs_steps_used_counts_after_a_crash() {
    let (store, calls) = (memory(), Count::default());
    let mut g = GraphBuilder::<Log>::new("inner");
    let (a, b) = (spends(&mut g, "a", 60), hangs(&mut g, &calls, 60));
    g.start(a).edge(a, b).edge(b, END);
    let inner = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), lines);
    g.start(s).edge(s, END);
    let graph = g.build().expect("builds");
    died(&graph, &store).await;
    let ended = resumed(&graph, &store).await;
    assert!(is_exhausted(&ended), "{ended:?}");
}

/// A node that is under a budget of its own uses up the run's as well.
#[tokio::test(start_paused = true)]
async fn what_was_used_under_a_nodes_own_budget_counts_on_top() {
    let (store, calls) = (memory(), Count::default());
    let mut g = GraphBuilder::<Log>::new("inner");
    let (a, b) = (spends(&mut g, "a", 40), hangs(&mut g, &calls, 40));
    g.start(a).edge(a, b).edge(b, END);
    let inner = g.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let before = spends(&mut g, "before", 40);
    let s = g.subgraph("s", &inner, |_| Log::default(), lines);
    g.tune(s).budget(Budget::new().tokens(90));
    g.start(before).edge(before, s).edge(s, END);
    let graph = g.build().expect("builds");
    died(&graph, &store).await;
    let ended = resumed(&graph, &store).await;
    assert!(is_exhausted(&ended), "{ended:?}");
}

/// What a node has used up goes with the next note that is stored.
#[tokio::test(start_paused = true)]
async fn what_a_node_used_before_an_effect_counts_after_a_crash() {
    let (store, calls) = (memory(), Count::default());
    let mut g = GraphBuilder::<Log>::new("pays");
    let counted = calls.clone();
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let first = counted.add() == 1;
        async move {
            ctx.charge(Usage::tokens(60)).await?;
            ctx.once("pay", async |_| Ok::<_, NodeError>(())).await?;
            if first {
                std::future::pending::<()>().await;
            }
            Made::Ok(ctx.update())
        }
    });
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    died(&graph, &store).await;
    let ended = resumed(&graph, &store).await;
    assert!(is_exhausted(&ended), "{ended:?}");
}

#[tokio::test]
async fn what_an_unfinished_step_used_counts_behind_a_change_in_its_name() {
    let mut g = GraphBuilder::<Log>::new("named");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(60)).await?;
        ctx.interrupt::<()>("q", &()).await?;
        Ok(ctx.update())
    });
    let b = spends(&mut g, "b", 60);
    g.start(a).edge(a, b).edge(b, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let run = graph.run(say("in")).thread(Arc::clone(&store), "t").budget(LIMIT);
    assert!(matches!(run.outcome().await, Ok(Outcome::Interrupted(..))));
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.update(say("by hand"), Some(a)).await.expect("changes");
    let ended = resumed(&graph, &store).await;
    assert!(is_exhausted(&ended), "{ended:?}");
}
