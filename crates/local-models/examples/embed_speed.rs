//! How fast a local model embeds:
//! `cargo run --release -p vpaura-local-models --example embed_speed -- FOLDER TEXTS [THREADS]`,
//! where TEXTS is a file with a text on each line.

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use vpaura_llm::{Embedder, Purpose, count_tokens};
use vpaura_local_models::{LocalEmbedder, Workers};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the outcome is what it is for")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let texts = std::fs::read_to_string(arguments.next().ok_or("which texts?")?)?;
    let threads = arguments.next().map(|threads| threads.parse::<NonZeroUsize>()).transpose()?;
    let texts: Vec<String> =
        texts.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    let tokens: usize = texts.iter().map(|text| count_tokens(text).min(256)).sum();

    let started = Instant::now();
    let model = LocalEmbedder::load("local/speed", Path::new(&folder), Workers::new(threads))?;
    println!("loaded in {:?}", started.elapsed());
    let started = Instant::now();
    model.embed(&texts[..1.min(texts.len())], Purpose::Query).await?;
    println!("one text in {:?}", started.elapsed());
    let started = Instant::now();
    model.embed(&texts, Purpose::Document).await?;
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
    let (texts, tokens) = (texts.len() as f64, tokens as f64);
    println!("{texts} texts, {tokens} tokens in {seconds:.2} s");
    println!("{:.1} texts/s, {:.0} tokens/s", texts / seconds, tokens / seconds);
    Ok(())
}
