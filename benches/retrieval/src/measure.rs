//! Fills a collection, searches it, and says how long both took.

use std::fs;
use std::io::{BufWriter, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use vpaura_domain::{
    Chunking, CollectionCounts, CollectionId, Metadata, Origin, Scope, Visibility,
};
use vpaura_engine::{
    DocumentMatch, Engine, NewCollection, NewDocument, NewSource, SearchBy, SearchQuery,
};

use crate::Arguments;
use crate::corpus::{Corpus, PASSAGES};
use crate::embedder::FreeEmbedder;
use crate::error::{Error, Result};
use crate::rig;

const ME: Scope = Scope::operator();
/// Questions asked in each way.
const QUESTIONS: usize = 300;
/// How often it is asked whether the collection is filled.
const POLL: Duration = Duration::from_millis(200);
/// The index is put in order after it is filled, which is looked after every ten seconds, and what
/// is not needed any more is deleted every minute: both are done when so long hardly anything was.
const QUIET: Duration = Duration::from_secs(65);
/// What share of the time this process may work meanwhile.
const HARDLY: f64 = 0.02;

pub async fn run(arguments: &Arguments) -> Result<()> {
    fs::create_dir_all(&arguments.folder)?;
    let database = arguments.database.as_deref();
    let name = if database.is_some() { "PostgreSQL" } else { "SQLite" };
    let engine = rig::engine(&arguments.folder, database, Some(Arc::new(FreeEmbedder))).await?;
    let before = resident()?;
    let collection = collection(&engine).await?;
    let filled = fill(&engine, collection, arguments).await?;
    let seconds = filled.took.as_secs_f64();
    let (chunks, megabytes) = (filled.counts.chunks, filled.bytes as f64 / 1e6);
    println!("### {name}, {chunks} chunks\n");
    println!(
        "- filled in {seconds:.0} s: {:.1} MB/s of text, {:.0} chunks/s, {:.0} documents/s, with \
         vectors of 384 numbers from an embedder that costs nothing",
        megabytes / seconds,
        chunks as f64 / seconds,
        filled.counts.documents_ready as f64 / seconds,
    );
    settle(&engine, collection).await?;
    if let Some(database) = database {
        vacuum(database)?;
    }
    println!(
        "- on the disk {:.0} MB{}, the text alone {megabytes:.0} MB",
        size(&arguments.folder, database.is_none())? as f64 / 1e6,
        if database.is_some() { " of files beside the database" } else { "" },
    );
    println!("\n| search | p50 ms | p95 ms |\n|---|---|---|");
    let mut corpus = Corpus::new(2);
    let questions: Vec<String> = (0..QUESTIONS).map(|_| corpus.question()).collect();
    for (name, by) in [
        ("words", SearchBy { words: true, vectors: false }),
        ("vectors", SearchBy { words: false, vectors: true }),
        ("fused", SearchBy::ALL),
    ] {
        let (p50, p95) = search(&engine, collection, by, &questions).await?;
        println!("| {name} | {p50:.2} | {p95:.2} |");
    }
    println!(
        "\nResident memory {:.0} MB before, {:.0} MB after.\n",
        before as f64 / 1e6,
        resident()? as f64 / 1e6
    );
    engine.stop(Duration::from_secs(5)).await;
    Ok(())
}

async fn collection(engine: &Engine) -> Result<CollectionId> {
    let new = NewCollection {
        name: "bench".to_owned(),
        description: None,
        visibility: Visibility::Workspace,
        chunking: Chunking::default(),
    };
    Ok(engine.create_collection(&ME, new, None, &Origin::default()).await?.id)
}

/// A collection that is filled.
struct Filled {
    took: Duration,
    /// Of text.
    bytes: u64,
    counts: CollectionCounts,
}

/// Adds documents and waits until they can be found. Writes their passages to a file, one a line,
/// unless it is there.
async fn fill(engine: &Engine, collection: CollectionId, arguments: &Arguments) -> Result<Filled> {
    let mut out = None;
    if !arguments.texts.exists() {
        out = Some(BufWriter::new(fs::File::create(&arguments.texts)?));
    }
    let mut corpus = Corpus::new(1);
    let mut bytes = 0;
    let begun = Instant::now();
    for number in 0..arguments.chunks.div_ceil(PASSAGES) {
        let mut text = format!("# Document {number}\n");
        for _ in 0..PASSAGES {
            let passage = corpus.passage();
            if let Some(out) = &mut out {
                writeln!(out, "{passage}")?;
            }
            text.push_str(&format!("\n{passage}\n"));
        }
        bytes += text.len() as u64;
        let new = NewDocument {
            name: Some(format!("document {number}")),
            source: NewSource::Text(text),
            metadata: Metadata::default(),
        };
        engine.add_document(&ME, collection, new, None, &Origin::default()).await?;
    }
    loop {
        let counts = engine.get_collection(&ME, collection).await?.counts;
        if counts.documents_failed > 0 {
            return Err(Error::Wrong(format!("{} documents failed", counts.documents_failed)));
        }
        if counts.documents_ready == counts.documents_total {
            return Ok(Filled { took: begun.elapsed(), bytes, counts });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until all chunks have vectors and the index is in order.
async fn settle(engine: &Engine, id: CollectionId) -> Result<()> {
    loop {
        let embedding = engine.get_collection(&ME, id).await?.embedding;
        if embedding.serving.is_some() && embedding.building.is_none() {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    loop {
        let before = worked()?;
        tokio::time::sleep(QUIET).await;
        if (worked()? - before).as_secs_f64() < HARDLY * QUIET.as_secs_f64() {
            return Ok(());
        }
    }
}

/// What PostgreSQL's autovacuum does some minutes after a table was filled, and not while searches
/// are timed.
fn vacuum(database: &str) -> Result<()> {
    let done = Command::new("psql").args(["-Xqc", "VACUUM ANALYZE", database]).status()?;
    match done.success() {
        true => Ok(()),
        false => Err(Error::Wrong("psql could not VACUUM".to_owned())),
    }
}

/// How long this process has worked, on all cores together.
fn worked() -> Result<Duration> {
    // In hundredths of a second, the 14th and 15th field; the second is the program's name, in
    // parentheses (proc_pid_stat(5)).
    let stat = fs::read_to_string("/proc/self/stat")?;
    let behind = stat.rsplit_once(')').map(|(_, behind)| behind).unwrap_or_default();
    let ticks: Vec<u64> =
        behind.split_whitespace().skip(11).take(2).map_while(|it| it.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Ok(Duration::from_millis((user + system) * 10)),
        _ => Err(Error::Wrong("/proc/self/stat has no times".to_owned())),
    }
}

/// The median and the 95th percentile of searches, in milliseconds, after one round to warm up.
async fn search(
    engine: &Engine,
    collection: CollectionId,
    by: SearchBy,
    questions: &[String],
) -> Result<(f64, f64)> {
    let mut times = Vec::with_capacity(questions.len());
    for round in 0..2 {
        for question in questions {
            let query = SearchQuery {
                collections: Some(vec![collection]),
                query: question.clone(),
                limit: 10,
                per_document: None,
                filter: DocumentMatch::default(),
                rerank: false,
                by,
            };
            let begun = Instant::now();
            let found = engine.search(&ME, query).await?;
            if round == 1 {
                times.push(begun.elapsed());
            }
            if by.vectors && found.hits.is_empty() {
                return Err(Error::Wrong("a search by vectors found nothing".to_owned()));
            }
        }
    }
    times.sort_unstable();
    let at = |share: f64| {
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    Ok((at(0.5), at(0.95)))
}

/// How much memory this process has, in bytes.
fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.map(|it| it * 1024).ok_or_else(|| Error::Wrong("no VmRSS".to_owned()))
}

/// Bytes in the folder: all of SQLite's, or the files alone.
fn size(folder: &std::path::Path, database: bool) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        let is_database = entry.file_name().to_string_lossy().starts_with("vpaura.db");
        if about.is_dir() {
            sum += size(&entry.path(), database)?;
        } else if database || !is_database {
            sum += about.len();
        }
    }
    Ok(sum)
}
