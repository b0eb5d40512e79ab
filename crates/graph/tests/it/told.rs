//! What a run tells while it goes, and when: at once, with its path, and not before it is true.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vpaura_graph::store::At;
use vpaura_graph::{Ctx, END, EventKind, Events, GraphBuilder, Store};

use crate::support::{Log, Made, chain, lines, memory, named, say};

#[tokio::test(start_paused = true)]
async fn stream_buffering_single_node() {
    let mut g = GraphBuilder::<Log>::new("tokens");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        ctx.token("before").await?;
        sleep(Duration::from_millis(200)).await;
        ctx.token("after").await?;
        Ok(ctx.update())
    });
    g.start(a).edge(a, END);
    let begun = Instant::now();
    let mut run = g.build().expect("builds").run(say("in")).start();
    let mut at = Vec::new();
    while let Some(event) = run.next().await {
        if let EventKind::Token(_) = event.kind {
            at.push(begun.elapsed());
        }
    }
    assert_eq!(at.len(), 2);
    assert!(at[0] < Duration::from_millis(100), "{at:?}");
    assert!(at[1] >= Duration::from_millis(200), "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn stream_subgraphs_during_execution() {
    let mut child = GraphBuilder::<Log>::new("child");
    let quick = child.node("quick", async |ctx: Ctx<Log>| -> Made {
        ctx.token("quick").await?;
        Ok(ctx.update().log("quick"))
    });
    let slow = child.node("slow", async |ctx: Ctx<Log>| -> Made {
        sleep(Duration::from_millis(500)).await;
        ctx.token("slow").await?;
        Ok(ctx.update().log("slow"))
    });
    child.start(quick).edge(quick, slow).edge(slow, END);
    let child = child.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("sub", &child, |_: &Log| Log::default(), lines);
    let beside = named(&mut g, "beside");
    g.start(sub).start(beside).edge(sub, END).edge(beside, END);
    let graph = g.build().expect("builds");
    let begun = Instant::now();
    let mut run = graph.run(say("in")).thread(memory(), "t").start();
    let mut told = Vec::new();
    while let Some(event) = run.next().await {
        let what = match event.kind {
            EventKind::Token(_) => "token",
            EventKind::NodeFinished { .. } => "finished",
            EventKind::StepCommitted(_) => "committed",
            _ => continue,
        };
        let late = begun.elapsed() >= Duration::from_millis(500);
        told.push((event.path.to_string(), what, late));
    }
    let told: Vec<(&str, &str, bool)> =
        told.iter().map(|(path, what, late)| (&**path, *what, *late)).collect();
    let expected = [
        ("beside", "finished", false),
        ("sub", "committed", false),
        ("sub", "committed", true),
        ("sub/quick", "finished", false),
        ("sub/quick", "token", false),
        ("sub/slow", "finished", true),
        ("sub/slow", "token", true),
        ("sub", "finished", true),
        ("", "committed", true),
    ];
    let mut sorted = told.clone();
    let place = |event: &(&str, &str, bool)| expected.iter().position(|it| it == event);
    sorted.sort_by_key(place);
    assert_eq!(sorted, expected);
    assert_eq!(told[7..], expected[7..], "the inner ones come before the end of the outer one");
}

/// When a step is told as committed, or a node as finished, whoever looks finds it in the store.
#[tokio::test]
async fn what_is_told_is_stored() {
    let store = memory();
    let graph = chain(&["a", "b", "c"]);
    // The reader takes one event at a time, so that the run is never further than the event.
    let mut run = graph.run(say("in")).thread(Arc::clone(&store), "t").buffer(1).start();
    let mut finished = 0;
    while let Some(event) = run.next().await {
        let loaded = store.load(&"t".into(), At::Head).await.expect("loads").expect("is there");
        match event.kind {
            EventKind::NodeFinished { .. } => {
                finished += 1;
                assert!(loaded.head.seq > finished, "{} is told at {:?}", event.path, loaded.head);
            }
            EventKind::StepCommitted(seq) => assert!(Some(loaded.head.seq) >= seq),
            _ => {}
        }
    }
    assert_eq!(finished, 3);
}

/// A reader of a thread sees whole steps, never parts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_can_be_looked_at_while_it_runs() {
    let store: Arc<dyn Store> = memory();
    let mut g = GraphBuilder::<Log>::new("loop");
    let (a, b) = (named(&mut g, "a"), named(&mut g, "b"));
    let count =
        g.node("count", async |ctx: Ctx<Log>| -> Made { Ok(ctx.update().n(ctx.state().n + 1)) });
    let more = |s: &Log| s.n < 200;
    g.start(a).start(b).start(count).edge(a, END).edge(b, END);
    g.route(count, more, move |more| if more { vec![a, b, count].into() } else { END.into() });
    let graph = g.build().expect("builds");
    // Nobody reads events here; a run waits for its reader otherwise.
    let run = graph.run(say("in")).thread(Arc::clone(&store), "t").events(Events::NONE);
    let run = run.step_limit(1000).start();
    let thread = graph.thread(store, "t");
    let mut looks = 0;
    let mut last = 0;
    while last < 200 {
        if let Some(seen) = thread.get(At::Head).await.expect("loads") {
            let steps = usize::try_from(seen.state.n).expect("few");
            assert_eq!(seen.state.log.len(), 1 + 2 * steps);
            assert!(seen.state.n >= last);
            last = seen.state.n;
            looks += 1;
        }
        tokio::task::yield_now().await;
    }
    run.outcome().await.expect("runs");
    assert!(looks > 0);
}
