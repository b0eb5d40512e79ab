//! The way out of a budget, taken inside a graph in a graph.

use std::sync::Arc;

use vpaura_graph::{
    Budget, Ctx, END, Graph, GraphBuilder, MemoryStore, NodeError, Outcome, Retry, Store, Usage,
};

use crate::logs::{Count, Log, Made, empty, lines, ms, says, slow, watch};

/// A graph that spends too much and leaves by `reply`.
fn spender() -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("spender");
    let spend = g.node("spend", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(30)).await?;
        Ok(ctx.update().log("spent"))
    });
    let reply = says(&mut g, "reply");
    g.tune(spend).on_budget(reply);
    g.start(spend).edge(spend, END).edge(reply, END);
    g.build().expect("builds")
}

fn exhausted(outcome: Outcome<Log>) -> Vec<String> {
    let Outcome::Exhausted(state, _) = outcome else { panic!("{outcome:?}") };
    state.log
}

#[tokio::test(start_paused = true)]
async fn a_way_out_taken_inside_leaves_the_graph_around_as_it_is() {
    for in_thread in [false, true] {
        let mut g = GraphBuilder::<Log>::new("outer");
        let s =
            g.subgraph("s", &spender(), |_| Log::default(), |inner| empty().extend_log(inner.log));
        let other = slow(&mut g, "other", 10);
        let [after, last] = ["after", "last"].map(|name| says(&mut g, name));
        // Not for a way out that was taken inside.
        let no = says(&mut g, "no");
        g.tune(s).on_budget(no);
        g.start(s).start(other).edge(s, after).edge(other, END).edge(after, last);
        g.edge(last, END).edge(no, END);
        let graph = g.build().expect("builds");
        let run = graph.run(empty()).budget(Budget::new().tokens(25));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let run = if in_thread { run.thread(store, "t") } else { run };
        let log = exhausted(run.outcome().await.expect("runs"));
        assert_eq!(log, ["other", "reply", "after", "last"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_way_out_taken_in_a_lane_leaves_the_lane_as_it_is() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &spender(), |_| Log::default(), |inner| empty().extend_log(inner.log));
    let [behind, after] = ["behind", "after"].map(|name| says(&mut g, name));
    let lane = g.lane("lane", [s, behind]);
    g.start(lane).edge(lane, after).edge(after, END);
    let run = g.build().expect("builds").run(empty()).budget(Budget::new().tokens(25));
    let log = exhausted(run.outcome().await.expect("runs"));
    assert_eq!(log, ["reply", "behind", "after"]);
}

#[tokio::test]
async fn a_graph_that_was_left_by_its_way_out_remembers_that() {
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.persistent_subgraph(
        "s",
        &spender(),
        |_| empty(),
        |inner| empty().log(inner.log.join("+")),
    );
    g.start(s);
    g.route(s, |state| state.log.len() < 2, move |more| if more { s.into() } else { END.into() });
    let run = g.build().expect("builds").run(empty()).budget(Budget::new().tokens(25));
    let log = exhausted(run.outcome().await.expect("runs"));
    assert_eq!(log, ["reply", "reply+spent"]);
}

/// A graph that is cut off is stopped as before: it has no way out.
#[tokio::test(start_paused = true)]
async fn a_graph_without_a_way_out_is_cut_off() {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let first = says(&mut inner, "first");
    let spend = inner.node("spend", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(30)).await?;
        Ok(ctx.update().log("spent"))
    });
    inner.start(first).edge(first, spend).edge(spend, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
    let other = slow(&mut g, "other", 10);
    g.start(s).start(other).edge(s, END).edge(other, END);
    let run = g.build().expect("builds").run(empty()).budget(Budget::new().tokens(25));
    let log = exhausted(run.grace(ms(1)).outcome().await.expect("runs"));
    assert_eq!(log, ["first"]);
}

/// A node whose time is up beside one that asks: what it had is kept, and it does not run again.
#[tokio::test(start_paused = true)]
async fn a_way_out_that_was_taken_beside_a_question_is_not_taken_again() {
    let calls = Count::default();
    let counted = calls.clone();
    let mut g = GraphBuilder::<Log>::new("late");
    let asks = g.node("asks", async |ctx: Ctx<Log>| -> Made {
        let what: String = ctx.interrupt("what", &()).await?;
        Ok(ctx.update().log(what))
    });
    let hangs = g.node("hangs", move |ctx: Ctx<Log>| {
        let first = counted.up() == 1;
        async move {
            if ctx.attempt() == 1 && first {
                return Err(NodeError::transient("again"));
            }
            let part = ctx.partial(|said: String| empty().log(said));
            part.edit(|said| said.push_str("so far"));
            ctx.token("so far").await?;
            std::future::pending::<Made>().await
        }
    });
    let reply = says(&mut g, "reply");
    g.tune(hangs).on_budget(reply).retry(Retry::transient(3));
    g.start(asks).start(hangs).edge(asks, END).edge(hangs, END).edge(reply, END);
    let graph = g.build().expect("builds");
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let run = graph.run(empty()).thread(Arc::clone(&store), "t");
    let (events, asked) = watch(run.budget(Budget::new().wall(ms(5_000))).start()).await;
    let asked = asked.expect("asks");
    assert!(asked.state().log.is_empty(), "{asked:?}");
    let told: Vec<String> =
        lines(&events).into_iter().filter(|line| line.starts_with("hangs#2")).collect();
    assert_eq!(told, ["hangs#2 started", "hangs#2 token so far", "hangs#2 finished"]);
    let run = graph.resume().thread(store, "t").answer(&asked.asks()[0].id, &"answer");
    let log = exhausted(run.outcome().await.expect("ends"));
    assert_eq!(log, ["answer", "so far", "reply"]);
    assert_eq!(calls.get(), 2);
}
