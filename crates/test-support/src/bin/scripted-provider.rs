//! A model provider for benches, crash tests and the browser story: every chat request, in
//! OpenAI's or Anthropic's format, is answered with the tokens `tok0 tok1 …`, or as the
//! last user message orders: with the text after `say:`, or the tool call after `call:`. Prints its base URL when it is ready.

use std::time::Duration;

use clap::Parser;
use vpaura_test_support::{DefaultAnswer, ScriptedProvider};

#[derive(Parser)]
#[command(about = "A model provider that answers by rote.")]
struct Arguments {
    /// The port to listen on; 0 for any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many tokens to answer with.
    #[arg(long, default_value_t = 20)]
    tokens: usize,
    /// The pause between tokens, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// The pause before the first token, in milliseconds.
    #[arg(long, default_value_t = 0)]
    first_delay_ms: u64,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "whoever starts it reads its address there")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let answer = DefaultAnswer {
        tokens: arguments.tokens,
        first_delay: Duration::from_millis(arguments.first_delay_ms),
        delay: Duration::from_millis(arguments.delay_ms),
    };
    let provider = ScriptedProvider::start_on(arguments.port, answer).await?;
    println!("{}", provider.openai_url());
    provider.serve().await
}
