//! What comes late, or is left behind: nobody finds it where it does not belong.

use std::sync::Arc;

use vpaura_graph::{
    Budget, Ctx, Durability, END, EventKind, Failure, Graph, GraphBuilder, JoinPolicy, Node,
    NodeError, Outcome, Retry, Step, Usage,
};

use crate::logs::{Count, Log, LogUpdate, Made, empty, ms, says, watch};
use crate::stopped::{Held, held, memory, waits};
use crate::voices::said;

/// A graph in it begins with what is in the log.
fn seen(state: &Log) -> Log {
    Log { log: state.log.clone(), ..Log::default() }
}

fn last(inner: Log) -> LogUpdate {
    empty().last(inner.log.join(", "))
}

/// A node that says what it sees.
fn sees(g: &mut GraphBuilder<Log>, name: &'static str) -> Node<Log> {
    g.node(name, move |ctx: Ctx<Log>| async move {
        Made::Ok(ctx.update().log(format!("{name} sees {:?}", ctx.state().log)))
    })
}

/// A node beside one that asks, fails or hangs, in each way of storing.
#[tokio::test(start_paused = true)]
async fn nothing_of_a_run_is_left_in_memory_when_it_has_ended() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        for how in ["asks", "fails", "hangs"] {
            let mut g = GraphBuilder::<Log>::new("ends");
            let a = says(&mut g, "a");
            let b = g.node("b", move |ctx: Ctx<Log>| async move {
                match how {
                    "asks" => ctx.interrupt::<()>("q", &()).await?,
                    "fails" => return Err(NodeError::message("broken")),
                    _ => std::future::pending().await,
                }
                Made::Ok(ctx.update())
            });
            g.start(a).start(b).edge(a, END).edge(b, END);
            let graph = g.build().expect("builds");
            let context = Arc::new(());
            let left = Arc::downgrade(&context);
            let run = graph.run(empty()).thread(memory(), "t").durability(durability);
            let run = run.context(context).start();
            tokio::time::sleep(ms(1_000)).await;
            run.cancel();
            let _ended = run.outcome().await;
            tokio::time::sleep(ms(1_000)).await;
            assert!(left.upgrade().is_none(), "{durability:?}, {how}");
        }
    }
}

/// An attempt that took too long is dropped when its task is: that may be steps later.
#[tokio::test(start_paused = true)]
async fn a_graph_that_is_dropped_late_does_not_begin_the_next_call() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let calls = Count::default();
        let mut inner = GraphBuilder::<Log>::new("inner");
        let x = inner.node("x", move |ctx: Ctx<Log>| {
            let first = calls.up() == 1;
            async move {
                if first {
                    std::future::pending::<()>().await;
                }
                Made::Ok(ctx.update().log(format!("x sees {:?}", ctx.state().log)))
            }
        });
        inner.start(x).edge(x, END);
        let inner = inner.build().expect("builds");
        let mut g = GraphBuilder::<Log>::new("outer");
        let s = g.subgraph("s", &inner, seen, last);
        let h = g.worker("h", async |ctx: Ctx<Log>, _: Failure| Made::Ok(ctx.update().log("h")));
        g.tune(s).timeout(ms(10)).on_error(h);
        g.start(s).edge(s, END).edge(h, s);
        let graph = g.build().expect("builds");
        let run = graph.run(empty()).thread(memory(), "t").durability(durability);
        let done = run.outcome().await.expect("runs");
        assert_eq!(done.state().last, "h, x sees [\"h\"]", "{durability:?}");
    }
}

/// An inner graph of `x` and of `y`, which fails the first time, in a node that is tried again after
/// a while.
#[tokio::test(start_paused = true)]
async fn a_graph_that_was_stopped_before_it_was_tried_again_goes_on_from_what_it_began_with() {
    let (store, calls) = (memory(), Count::default());
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = sees(&mut inner, "x");
    let y = inner.node("y", move |ctx: Ctx<Log>| {
        let first = calls.up() == 1;
        async move {
            match first {
                true => Err(NodeError::transient("broken")),
                false => Made::Ok(ctx.update().log("y")),
            }
        }
    });
    inner.start(x).edge(x, y).edge(y, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, seen, last);
    let a = says(&mut g, "a");
    g.tune(s).retry(Retry::any(2).initial(ms(60_000)));
    g.start(s).start(a).edge(s, END).edge(a, END);
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).thread(Arc::clone(&store), "t").start();
    tokio::time::sleep(ms(1_000)).await;
    run.cancel();
    assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
    let done = graph.resume().thread(store, "t").outcome().await.expect("runs");
    assert_eq!(done.state().last, "x sees [], y");
}

/// What a lane had written before a stop is void when a join goes on without the lane.
#[tokio::test(start_paused = true)]
async fn a_lane_that_a_join_goes_on_without_is_nobodys_rival() {
    let (store, hung, slow) = (memory(), held(), held());
    let mut g = GraphBuilder::<Log>::new("late");
    let one = |ctx: &Ctx<Log>, name: &str| ctx.update().one(Some(name.to_owned()));
    let a = g.node("a", move |ctx: Ctx<Log>| async move { Made::Ok(one(&ctx, "a")) });
    let b = waits(&mut g, "b", &hung);
    let lane = g.lane("lane", [a, b]);
    let c_held: Held = Arc::clone(&slow);
    let c = g.node("c", move |ctx: Ctx<Log>| {
        let held = c_held.load(std::sync::atomic::Ordering::SeqCst);
        async move {
            if held {
                std::future::pending::<()>().await;
            }
            Made::Ok(one(&ctx, "c"))
        }
    });
    let join = says(&mut g, "join");
    g.start(lane).start(c).join((lane, c), join, JoinPolicy::deadline(ms(500)).proceed());
    g.edge(join, END);
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).thread(Arc::clone(&store), "t").start();
    tokio::time::sleep(ms(100)).await;
    run.cancel();
    assert!(matches!(run.outcome().await, Ok(Outcome::Cancelled(_))));
    slow.store(false, std::sync::atomic::Ordering::SeqCst);
    let done = graph.resume().thread(store, "t").outcome().await.expect("runs");
    assert_eq!(
        (done.state().one.as_deref(), &done.state().log[..]),
        (Some("c"), &["join".to_owned()][..])
    );
}

/// A node that took a way out has said what it said, whatever becomes of the graph around it.
#[tokio::test(start_paused = true)]
async fn what_was_said_before_a_way_out_is_not_taken_back_when_the_graph_is_tried_again() {
    let (store, calls) = (memory(), Count::default());
    let mut inner = GraphBuilder::<Log>::new("inner");
    let y = inner.node("y", async |ctx: Ctx<Log>| -> Made {
        let part = ctx.partial(|said: String| empty().log(said));
        part.edit(|said| said.push_str("so far"));
        ctx.token("so far").await?;
        std::future::pending().await
    });
    let x = inner.node("x", async |ctx: Ctx<Log>| -> Made {
        tokio::time::sleep(ms(10)).await;
        ctx.charge(Usage::tokens(30)).await?;
        Ok(ctx.update())
    });
    let out = inner.node("out", move |ctx: Ctx<Log>| {
        let first = calls.up() == 1;
        async move {
            match first {
                true => Err(NodeError::transient("broken")),
                false => Made::Ok(ctx.update().log("out")),
            }
        }
    });
    inner.tune(y).on_budget(out);
    inner.start(x).start(y).edge(x, END).edge(y, END);
    inner.edge(out, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), last);
    g.tune(s).retry(Retry::any(2));
    g.start(s).edge(s, END);
    let graph = g.build().expect("builds");
    let run = graph.run(empty()).thread(store, "t").budget(Budget::new().tokens(20));
    let (events, ended) = watch(run.start()).await;
    assert_eq!(ended.expect("runs").state().last, "so far, out");
    assert_eq!(said(&events), "so far");
}

/// A graph that hands a step over, beside a node of it that took a way out.
#[tokio::test]
async fn a_limit_that_was_reached_is_told_also_by_a_graph_that_hands_a_step_over() {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let spend = inner.node("spend", async |ctx: Ctx<Log>| -> Made {
        ctx.charge(Usage::tokens(30)).await?;
        Ok(ctx.update())
    });
    let hand = inner.node("hand", async |_: Ctx<Log>| {
        Ok::<_, NodeError>(Step::new().in_parent(Step::<Log>::update(empty().log("handed"))))
    });
    let out = says(&mut inner, "out");
    inner.tune(spend).on_budget(out);
    inner.start(spend).start(hand).edge(spend, END).edge(hand, END).edge(out, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), last);
    g.start(s).edge(s, END);
    let run = g.build().expect("builds").run(empty()).budget(Budget::new().tokens(20));
    let ended = run.outcome().await.expect("runs");
    assert!(matches!(&ended, Outcome::Exhausted(state, _) if state.log == ["handed"]), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_leaves_has_no_number_of_its_own() {
    let mut g = GraphBuilder::<Log>::new("lanes");
    let a = says(&mut g, "a");
    let b = waits(&mut g, "b", &held());
    let lane = g.lane("lane", [a, b]);
    let (beside, out) = (says(&mut g, "beside"), says(&mut g, "out"));
    g.tune(lane).on_budget(out);
    g.start(lane).start(beside).edge(lane, END).edge(beside, END).edge(out, END);
    let run = g.build().expect("builds").run(empty()).budget(Budget::new().wall(ms(100)));
    let (events, ended) = watch(run.start()).await;
    assert_eq!(ended.expect("runs").state().log, ["beside", "a", "out"]);
    let lane = events.iter().filter(|event| &*event.path == "lane");
    let lane: Vec<_> = lane.map(|event| (event.call, &event.kind)).collect();
    assert!(matches!(lane[..], [(0, EventKind::NodeFinished { .. })]), "{lane:?}");
}

/// With or without a thread.
#[tokio::test]
async fn a_node_of_a_graph_that_is_tried_again_has_its_budget_anew() {
    for in_thread in [false, true] {
        let calls = Count::default();
        let mut inner = GraphBuilder::<Log>::new("inner");
        let a = inner.node("a", move |ctx: Ctx<Log>| {
            let first = calls.up() == 1;
            async move {
                ctx.charge(Usage::tokens(60)).await?;
                match first {
                    true => Err(NodeError::transient("broken")),
                    false => Made::Ok(ctx.update().log("a")),
                }
            }
        });
        inner.tune(a).budget(Budget::new().tokens(100));
        inner.start(a).edge(a, END);
        let inner = inner.build().expect("builds");
        let mut g = GraphBuilder::<Log>::new("outer");
        let s = g.subgraph("s", &inner, |_| Log::default(), last);
        g.tune(s).retry(Retry::any(2));
        g.start(s).edge(s, END);
        let graph = g.build().expect("builds");
        let run = graph.run(empty());
        let run = if in_thread { run.thread(memory(), "t") } else { run };
        let done = run.outcome().await.expect("runs");
        assert!(matches!(&done, Outcome::Done(state) if state.last == "a"), "{done:?}");
    }
}

/// A graph whose second node asks about what the first has seen.
fn asking() -> Graph<Log> {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = sees(&mut inner, "x");
    let y = inner.node("y", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("q", &()).await?;
        Ok(ctx.update().log(format!("{answer} to {:?}", ctx.state().log)))
    });
    inner.start(x).edge(x, y).edge(y, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, seen, last);
    g.start(s).edge(s, END);
    g.build().expect("builds")
}

#[tokio::test]
async fn a_graph_that_asks_goes_on_from_what_it_began_with_when_the_state_is_changed_by_hand() {
    let (graph, store) = (asking(), memory());
    let asked = graph.run(empty()).thread(Arc::clone(&store), "t").outcome().await.expect("asks");
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.update(empty().log("by hand"), None).await.expect("changes");
    let run = graph.resume().thread(store, "t").answer(&asked.asks()[0].id, &"answer");
    let done = run.outcome().await.expect("runs");
    assert_eq!(done.state().last, "x sees [], answer to [\"x sees []\"]");
    assert_eq!(done.state().log, ["by hand"]);
}
