//! What only one task may write, where its step is stopped.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use vpaura_graph::{Ctx, END, Graph, GraphBuilder, GraphError, Node, Store};

use super::{Held, held, memory, resumed, stopped};
use crate::logs::{Log, LogUpdate, Made, says};

/// A node that writes once it is not held.
fn writes(
    g: &mut GraphBuilder<Log>,
    name: &'static str,
    held: Option<&Held>,
    write: fn(LogUpdate, &str) -> LogUpdate,
) -> Node<Log> {
    let held = held.cloned();
    g.node(name, move |ctx: Ctx<Log>| {
        let held = held.clone();
        async move {
            if held.is_some_and(|held| held.load(Ordering::SeqCst)) {
                std::future::pending::<()>().await;
            }
            Made::Ok(write(ctx.update(), name))
        }
    })
}

async fn conflict(graph: &Graph<Log>, store: &Arc<dyn Store>) -> (&'static str, Vec<String>) {
    match graph.resume().thread(Arc::clone(store), "t").outcome().await {
        Err(GraphError::Conflict { field, writers }) => (field, writers),
        other => panic!("no conflict: {other:?}"),
    }
}

/// However often the step is stopped, and whoever writes first.
#[tokio::test(start_paused = true)]
async fn two_that_set_one_field_conflict_also_when_their_step_is_stopped_between_them() {
    for first_overwrites in [false, true] {
        let (held_b, held_c, store) = (held(), held(), memory());
        let mut g = GraphBuilder::<Log>::new("rivals");
        let write: fn(LogUpdate, &str) -> LogUpdate = match first_overwrites {
            true => |update, name| update.overwrite_log(vec![name.to_owned()]),
            false => |update, name| update.one(Some(name.to_owned())),
        };
        let a = writes(&mut g, "a", None, write);
        let b = writes(&mut g, "b", Some(&held_b), |update, name| update.last(name));
        let c = writes(&mut g, "c", Some(&held_c), write);
        g.start(a).start(b).start(c).edge(a, END).edge(b, END).edge(c, END);
        let graph = g.build().expect("builds");
        stopped(&graph, &store, false).await;
        held_b.store(false, Ordering::SeqCst);
        stopped(&graph, &store, true).await;
        held_c.store(false, Ordering::SeqCst);
        let field = if first_overwrites { "log" } else { "one" };
        let both = vec!["a".to_owned(), "c".to_owned()];
        assert_eq!(conflict(&graph, &store).await, (field, both.clone()));
        // It is no other thread's, and another try finds it again.
        assert_eq!(conflict(&graph, &store).await, (field, both));
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_overwritten_before_a_stop_drops_what_siblings_add_behind_it() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("over");
    let a = writes(&mut g, "a", None, |update, _| update.overwrite_log(vec!["whole".to_owned()]));
    let b = writes(&mut g, "b", Some(&held), |update, name| update.log(name).last(name));
    let then = says(&mut g, "then");
    g.start(a).start(b).edge(a, END).edge(b, then).edge(then, END);
    let graph = g.build().expect("builds");
    stopped(&graph, &store, false).await;
    held.store(false, Ordering::SeqCst);
    let done = resumed(&graph, &store).await;
    // In the step behind all may write again.
    assert_eq!(done.log, ["whole", "then"]);
    assert_eq!(done.last, "b");
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_was_stopped_is_a_rival_by_what_its_nodes_had_written() {
    let (held_b, held_c, store) = (held(), held(), memory());
    let mut g = GraphBuilder::<Log>::new("lanes");
    let one: fn(LogUpdate, &str) -> LogUpdate = |update, name| update.one(Some(name.to_owned()));
    let a = writes(&mut g, "a", None, one);
    let b = writes(&mut g, "b", Some(&held_b), |update, name| update.log(name));
    let c = writes(&mut g, "c", Some(&held_c), one);
    let lane = g.lane("lane", [a, b]);
    g.start(lane).start(c).edge(lane, END).edge(c, END);
    let graph = g.build().expect("builds");
    stopped(&graph, &store, false).await;
    stopped(&graph, &store, true).await;
    held_b.store(false, Ordering::SeqCst);
    stopped(&graph, &store, true).await;
    held_c.store(false, Ordering::SeqCst);
    let (field, mut writers) = conflict(&graph, &store).await;
    writers.sort();
    assert_eq!((field, writers), ("one", vec!["c".to_owned(), "lane".to_owned()]));
}

/// Of both the rest runs in one step again: the lane with what it had written before, and the node.
#[tokio::test(start_paused = true)]
async fn a_lane_and_a_node_that_go_on_together_conflict_too() {
    let (held, store) = (held(), memory());
    let mut g = GraphBuilder::<Log>::new("lanes");
    let one: fn(LogUpdate, &str) -> LogUpdate = |update, name| update.one(Some(name.to_owned()));
    let a = writes(&mut g, "a", None, one);
    let b = writes(&mut g, "b", Some(&held), |update, name| update.log(name));
    let c = writes(&mut g, "c", Some(&held), one);
    let lane = g.lane("lane", [a, b]);
    g.start(lane).start(c).edge(lane, END).edge(c, END);
    let graph = g.build().expect("builds");
    stopped(&graph, &store, false).await;
    stopped(&graph, &store, true).await;
    held.store(false, Ordering::SeqCst);
    assert_eq!(conflict(&graph, &store).await.0, "one");
}
