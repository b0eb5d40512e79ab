//! A slow reader slows the run and does nothing else to it.

use vpaura_graph::{Budget, Ctx, END, Failure, Graph, GraphBuilder, Retry, Run, Subgraph, Usage};

use crate::logs::{Log, Made, empty, lines, ms, says, slow, watch};

/// Reads all, one event in `millis`.
async fn read_slowly(mut run: Run<Log>, millis: u64) -> (Vec<String>, Vec<String>) {
    let mut events = Vec::new();
    while let Some(event) = run.next().await {
        events.push(event);
        tokio::time::sleep(ms(millis)).await;
    }
    let outcome = run.outcome().await.expect("runs");
    (lines(&events), outcome.into_state().log)
}

#[tokio::test(start_paused = true)]
async fn a_nodes_time_begins_when_it_does() {
    for idle in [false, true] {
        let mut g = GraphBuilder::<Log>::new("timed");
        let (a, b) = (says(&mut g, "a"), slow(&mut g, "b", 10));
        let tune = g.tune(b);
        let tune = if idle { tune.idle_timeout(ms(50)) } else { tune.timeout(ms(50)) };
        tune.retry(Retry::transient(3));
        g.start(a).edge(a, b).edge(b, END);
        let run = g.build().expect("builds").run(empty()).buffer(1).start();
        let (lines, log) = read_slowly(run, 500).await;
        assert_eq!(log, ["a", "b"]);
        let attempts =
            lines.iter().filter(|line| line.starts_with("b#") && line.ends_with("started"));
        assert_eq!(attempts.count(), 1, "{lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_tells_of_a_graph_is_no_silence_of_its_node() {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let [x, y, z] = ["x", "y", "z"].map(|name| says(&mut inner, name));
    inner.start(x).edge(x, y).edge(y, z).edge(z, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let s = g.subgraph("s", &inner, |_| Log::default(), |inner| empty().extend_log(inner.log));
    g.tune(s).idle_timeout(ms(50));
    g.start(s).edge(s, END);
    let run = g.build().expect("builds").run(empty()).buffer(1).start();
    let (_, log) = read_slowly(run, 500).await;
    assert_eq!(log, ["x", "y", "z"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_told_of_a_node_is_no_silence_of_its() {
    let mut g = GraphBuilder::<Log>::new("charges");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        // Each is warned of; the second warning waits for a place.
        ctx.charge(Usage::tokens(90)).await?;
        ctx.charge(Usage::default().usd(0.9)).await?;
        Ok(ctx.update().log("a"))
    });
    g.tune(a).idle_timeout(ms(50));
    g.start(a).edge(a, END);
    let run = g.build().expect("builds").run(empty());
    let run = run.budget(Budget::new().tokens(100).usd(1.0)).buffer(1).start();
    let (_, log) = read_slowly(run, 500).await;
    assert_eq!(log, ["a"]);
}

/// A graph whose events cannot be told in the one around it.
fn untellable(calls: u32) -> Graph<Log> {
    let mut inner = GraphBuilder::<Log>::new("inner");
    let x = inner.node("x", async |ctx: Ctx<Log>| -> Made {
        ctx.emit("no".into()).await;
        Ok(ctx.update())
    });
    inner.start(x).edge(x, END);
    let inner = inner.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let told = Subgraph::new(&inner, |context| context, |_: String| -> String { panic!("no") });
    let s = g.subgraph("s", told, |_| Log::default(), |_| empty());
    let handler =
        g.worker("handler", async |ctx: Ctx<Log>, _: Failure| Made::Ok(ctx.update().log("h")));
    g.tune(s).on_error(handler);
    g.start(s).edge(s, END);
    let calls = calls as usize;
    g.route(
        handler,
        move |state: &Log| state.log.len() < calls,
        move |more| if more { s.into() } else { END.into() },
    );
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn an_event_that_cannot_be_told_takes_no_place() {
    let run = untellable(4).run(empty()).buffer(2).start();
    let watched = tokio::time::timeout(ms(60_000), watch(run)).await;
    let (_, outcome) = watched.expect("it goes on");
    assert_eq!(outcome.expect("runs").state().log.len(), 4);
}
