//! Text streams out of a graph within a graph; a failed attempt takes its words back; a stop keeps
//! what was said.
//!
//! `cargo run -p vpaura-graph --example streaming`
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use vpaura_graph::{Ctx, END, EventKind, GraphBuilder, NodeError, Outcome, Retry, State};

#[derive(State, Clone, Default, Serialize, Deserialize)]
struct Text {
    #[reduce(append)]
    text: String,
}

const WORDS: [&str; 5] = ["slow ", "and ", "steady ", "wins ", "it"];

async fn write(ctx: Ctx<Text>) -> Result<TextUpdate, NodeError> {
    // Merged if the node is stopped before it returns.
    let said = ctx.partial(|said: String| TextUpdate::default().text(said));
    for (place, word) in WORDS.into_iter().enumerate() {
        if place == 2 && ctx.attempt() == 1 {
            return Err(NodeError::transient("the line broke"));
        }
        ctx.token(word).await?;
        said.edit(|said| said.push_str(word));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(ctx.update().text(said.finish()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut inner = GraphBuilder::<Text>::new("writer");
    let node = inner.node("write", write);
    let retry = Retry::transient(3).initial(Duration::from_millis(10)).jitter(Duration::ZERO);
    inner.tune(node).retry(retry);
    inner.start(node).edge(node, END);
    let inner = inner.build()?;

    let mut outer = GraphBuilder::<Text>::new("paper");
    let draft = outer.subgraph(
        "draft",
        &inner,
        |_| Text::default(),
        |written| TextUpdate::default().text(written.text),
    );
    outer.start(draft).edge(draft, END);
    let graph = outer.build()?;

    let mut run = graph.run(TextUpdate::default()).buffer(16).start();
    let mut tokens = 0;
    while let Some(event) = run.next().await {
        match event.kind {
            EventKind::Token(word) => {
                println!("{}: {:?}", event.path, String::from_utf8_lossy(&word));
                tokens += 1;
                if tokens == 6 {
                    run.cancel();
                }
            }
            EventKind::Discard => println!("attempt {} does not count", event.attempt),
            _ => {}
        }
    }
    match run.outcome().await? {
        Outcome::Cancelled(state) => println!("stopped; it said {:?}", state.text),
        other => println!("it said {:?}", other.into_state().text),
    }
    Ok(())
}
