//! B10 to B12: what nodes say while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Runtime;
use vpaura_graph::{DEFAULT_BUFFER, EventKind, Events, Graph};

use crate::bench::{Bench, Theirs, one_thread};
use crate::error::Result;
use crate::figures::{Sample, allocations, count};
use crate::graphs::{Says, Tally, TallyUpdate, nested, talking};
use crate::report::Fact;
use crate::steps::expect;

/// Tokens of an answer.
const TOKENS: u32 = 10_000;
/// Tokens of an answer that nobody takes.
const MANY: u32 = 20_000;
/// Tokens that the slow reader takes, one a millisecond.
const TAKEN: usize = 50;

pub(crate) fn custom(bench: &mut Bench) -> Result<()> {
    let graph = |tokens| talking(Says::Custom, tokens, &Arc::default());
    let theirs = json!({"bench": "custom", "tokens": TOKENS});
    stream(bench, ("B10", "custom event of 10,000"), graph, &theirs)
}

pub(crate) fn messages(bench: &mut Bench) -> Result<()> {
    let graph = |tokens| nested(&talking(Says::Tokens, tokens, &Arc::default())?);
    // Each of theirs costs about a hundred times as much.
    let theirs = json!({"bench": "messages", "tokens": TOKENS / 10});
    stream(bench, ("B11", "token of 10,000, two graphs deep"), graph, &theirs)
}

fn stream(
    bench: &mut Bench,
    name: (&'static str, &'static str),
    graph: impl Fn(u32) -> Result<Graph<Tally>>,
    theirs: &serde_json::Value,
) -> Result<()> {
    let runtime = one_thread()?;
    let (whole, half) = (graph(TOKENS)?, graph(TOKENS / 2)?);
    let ours = || Sample::of(TOKENS as usize, || hear(&runtime, &whole, TOKENS));
    let samples = bench.compare(ours, Theirs::AsMany, theirs)?;
    // A long answer less a short one: what is left are tokens.
    let long = allocations(1, || hear(&runtime, &whole, TOKENS))?;
    let short = allocations(1, || hear(&runtime, &half, TOKENS / 2))?;
    let each = (long - short) / f64::from(TOKENS / 2);
    bench.report.fact(Fact {
        bench: name.0,
        what: "allocations a token",
        ours: format!("{each:.4}"),
        theirs: String::new(),
        aim: Some(("0", each.abs() < 0.0001)),
    });
    bench.timing(name, samples, Some(2.0));
    Ok(())
}

/// A run whose every event is heard.
fn hear(runtime: &Runtime, graph: &Graph<Tally>, tokens: u32) -> Result<()> {
    runtime.block_on(async {
        let run = graph.run(TallyUpdate::default());
        let mut run = run.events(Events::TOKENS.and(Events::CUSTOM)).start();
        let mut heard = 0;
        while run.next().await.is_some() {
            heard += 1;
        }
        expect(run.outcome().await?.state().n, tokens)?;
        expect(heard, tokens)
    })
}

pub(crate) fn slow_reader(bench: &mut Bench) -> Result<()> {
    let said = Arc::new(AtomicUsize::new(0));
    let graph = talking(Says::Tokens, MANY, &said)?;
    let queued = one_thread()?.block_on(async {
        let mut run = graph.run(TallyUpdate::default()).events(Events::TOKENS).start();
        let mut most = 0;
        for taken in 1..=TAKEN {
            let event = run.next().await;
            expect(matches!(event.map(|event| event.kind), Some(EventKind::Token(_))), true)?;
            tokio::time::sleep(Duration::from_millis(1)).await;
            most = most.max(said.load(Ordering::Relaxed) - taken);
        }
        Ok::<_, crate::error::Error>(most)
    })?;
    let theirs = bench.peer.ask(&json!({"bench": "slow", "tokens": MANY, "taken": TAKEN}))?;
    let buffer = count(DEFAULT_BUFFER);
    bench.report.fact(Fact {
        bench: "B12",
        what: "most tokens queued before a slow reader",
        ours: queued.to_string(),
        theirs: format!("{:.0}", theirs.figure("queued")?),
        aim: Some(("≤ 64, the buffer", count(queued) <= buffer)),
    });
    Ok(())
}
