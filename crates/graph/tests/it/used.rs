//! What was used up counts in whatever way a thread goes on, and so does that a limit was passed.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use vpaura_graph::{
    Budget, Ctx, END, Graph, GraphBuilder, Limit, Node, NodeError, Outcome, Store, Usage,
};

use crate::support::{Count, Log, Made, lines, memory, named, say};

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

/// Spends too much, and asks on the way out.
fn asks_on_the_way_out() -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("out");
    let a = spends(&mut g, "a", 200);
    let reply = g.node("reply", async |ctx: Ctx<Log>| -> Made {
        let what: String = ctx.interrupt("what", &()).await?;
        ctx.charge(Usage::tokens(10)).await?;
        Ok(ctx.update().log(what))
    });
    g.tune(a).on_budget(reply);
    g.start(a).edge(a, END).edge(reply, END);
    g.build().expect("builds")
}

/// The way out is not refused what it needs when it goes on in another run.
#[tokio::test]
async fn a_nested_way_out_goes_on_after_a_question() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &asks_on_the_way_out(), |_| Log::default(), lines);
    g.start(s).edge(s, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let run = graph.run(say("in")).thread(Arc::clone(&store), "t").budget(LIMIT);
    let asked = run.outcome().await.expect("asks");
    let run = graph.resume().thread(store, "t").answer(&asked.asks()[0].id, &"reply");
    let ended = run.budget(LIMIT).outcome().await.expect("ends");
    assert!(is_exhausted(&ended), "{ended:?}");
    assert_eq!(ended.state().log, ["in", "reply"]);
}

/// A sibling had taken the way out when a node asked: nobody is refused anything any more.
#[tokio::test]
async fn a_way_out_that_was_taken_holds_for_the_siblings_after_a_question() {
    for nested in [false, true] {
        let mut g = GraphBuilder::<Log>::new("siblings");
        let (a, reply) = (spends(&mut g, "a", 200), named(&mut g, "reply"));
        let b = g.node("b", async |ctx: Ctx<Log>| -> Made {
            let what: String = ctx.interrupt("what", &()).await?;
            ctx.charge(Usage::tokens(10)).await?;
            Ok(ctx.update().log(what))
        });
        g.tune(a).on_budget(reply);
        g.start(a).start(b).edge(a, END).edge(b, END).edge(reply, END);
        let mut graph = g.build().expect("builds");
        if nested {
            let mut g = GraphBuilder::<Log>::new("outer");
            let s = g.subgraph("s", &graph, |_| Log::default(), lines);
            g.start(s).edge(s, END);
            graph = g.build().expect("builds");
        }
        let store = memory();
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t").budget(LIMIT);
        let asked = run.outcome().await.expect("asks");
        let run = graph.resume().thread(store, "t").answer(&asked.asks()[0].id, &"b");
        let ended = run.budget(LIMIT).outcome().await.expect("ends");
        assert_eq!(ended.state().log, ["in", "b", "reply"], "{nested}: {ended:?}");
    }
}

/// Hangs or asks the first time behind what it uses up, under a budget of its own; alone, or in a
/// graph in another.
fn own(nested: bool, calls: &Count, waits: fn(Ctx<Log>) -> BoxFuture<'static, Made>) -> Graph<Log> {
    let calls = calls.clone();
    let mut g = GraphBuilder::<Log>::new("own");
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let first = calls.add() == 1;
        async move {
            ctx.charge(Usage::tokens(60)).await?;
            match first {
                true => waits(ctx).await,
                false => Made::Ok(ctx.update()),
            }
        }
    });
    g.tune(a).budget(LIMIT);
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    if !nested {
        return graph;
    }
    let mut g = GraphBuilder::<Log>::new("outer");
    let (before, beside) = (named(&mut g, "before"), named(&mut g, "beside"));
    let s = g.subgraph("s", &graph, |_| Log::default(), lines);
    g.start(before).edge(before, (s, beside)).edge(s, END).edge(beside, END);
    g.build().expect("builds")
}

/// However the node comes to run again: it was stopped, it asked, its process died.
#[tokio::test(start_paused = true)]
async fn what_a_node_used_of_its_own_budget_counts_when_it_goes_on() {
    for nested in [false, true] {
        let (store, calls) = (memory(), Count::default());
        let graph = own(nested, &calls, |_| Box::pin(std::future::pending()));
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t").start();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        run.cancel();
        assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
        let ended = graph.resume().thread(store, "t").outcome().await.expect("ends");
        assert!(is_exhausted(&ended), "stopped, {nested}: {ended:?}");

        let (store, calls) = (memory(), Count::default());
        let graph = own(nested, &calls, |ctx| {
            Box::pin(async move {
                ctx.interrupt::<()>("q", &()).await?;
                Ok(ctx.update())
            })
        });
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t");
        let asked = run.outcome().await.expect("asks");
        let run = graph.resume().thread(store, "t").answer(&asked.asks()[0].id, &());
        let ended = run.outcome().await.expect("ends");
        assert!(is_exhausted(&ended), "asked, {nested}: {ended:?}");

        let (store, calls) = (memory(), Count::default());
        let graph = own(nested, &calls, |ctx| {
            Box::pin(async move {
                ctx.once("pay", async |_| Ok::<_, NodeError>(())).await?;
                std::future::pending().await
            })
        });
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t").start();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        run.abandon();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let run = graph.resume().thread(store, "t").steal();
        let ended = run.outcome().await.expect("ends");
        assert!(is_exhausted(&ended), "died, {nested}: {ended:?}");
    }
}

/// Each call has a budget of its own.
#[tokio::test]
async fn a_node_that_is_called_again_has_its_budget_anew() {
    let mut g = GraphBuilder::<Log>::new("loops");
    let a = spends(&mut g, "a", 60);
    g.tune(a).budget(LIMIT);
    g.start(a);
    g.route(a, |state| state.log.len() < 4, move |more| if more { a.into() } else { END.into() });
    let run = g.build().expect("builds").run(say("in")).thread(memory(), "t");
    let ended = run.outcome().await.expect("ends");
    assert_eq!(ended.state().log, ["in", "a", "a", "a"], "{ended:?}");
}
