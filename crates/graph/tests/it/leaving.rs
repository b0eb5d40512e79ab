//! The way out of a budget, taken inside a graph in a graph.

use std::sync::Arc;

use vpaura_graph::{Budget, Ctx, END, Graph, GraphBuilder, MemoryStore, Outcome, Store, Usage};

use crate::logs::{Log, Made, empty, ms, says, slow};

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
