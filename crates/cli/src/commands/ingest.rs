//! `vpaura ingest`: puts the files of a folder into a collection, and waits until they can be
//! found. What is there already, known by its content, is not sent again: a broken-off ingest is
//! simply begun anew.

mod folder;
mod progress;
mod report;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use futures_util::{StreamExt, stream};
use vpaura_domain::{CollectionId, Document, DocumentStatus};

use self::folder::{Contents, Found};
use self::progress::Progress;
use self::report::{Failure, Report};
use crate::error::{Error, Result};
use crate::library::Library;

/// Files on their way at the same time.
const AT_ONCE: usize = 4;
/// How often it is asked how far the server is.
const POLL: Duration = Duration::from_millis(500);

/// After so many looks without progress it is told what is waited for.
const IDLE: u32 = 20;

/// Puts the files of a folder into a collection.
#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// The folder, or one file
    folder: PathBuf,
    /// The collection's name; it is made if there is none. The folder's name when absent
    #[arg(long)]
    collection: Option<String>,
    /// Leave as soon as the files are handed over
    #[arg(long)]
    no_wait: bool,
    /// A server to send them to; without it the engine runs in this process
    #[arg(long, env = "VPAURA_SERVER")]
    server: Option<String>,
    /// The server's API key
    #[arg(long, env = "VPAURA_API_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// What became of a file.
enum Fate {
    /// It is new there; its document.
    Added(Box<Document>),
    /// It was there already.
    Known,
    Failed(String),
}

impl Ingest {
    pub(crate) async fn run(self) -> Result<()> {
        let contents = folder::files(&self.folder)?;
        if contents.files.is_empty() {
            let folder = self.folder.display();
            let why = contents.failures.first();
            let why = why.map(|failed| format!(": {}: {}", failed.place, failed.reason));
            let why = why.unwrap_or_default();
            return Err(Error::Refused(format!("there are no files in {folder}{why}")));
        }
        let name = self.name()?;
        let library = Library::open(self.server.as_deref(), self.key.clone()).await?;
        let report = take_in(&library, &name, contents, !self.no_wait).await;
        library.close().await;
        let report = report?;
        report.print(&name);
        if report.failures.is_empty() { Ok(()) } else { Err(Error::Reported) }
    }

    fn name(&self) -> Result<String> {
        if let Some(name) = &self.collection {
            return Ok(name.trim().to_owned());
        }
        let whole = self.folder.canonicalize()?;
        let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
        let missing = || Error::Refused("name the collection with --collection".to_owned());
        name.filter(|name| !name.trim().is_empty()).ok_or_else(missing)
    }
}

async fn take_in(library: &Library, name: &str, contents: Contents, waits: bool) -> Result<Report> {
    let Contents { files, failures } = contents;
    let collection = match library.find(name).await? {
        Some(collection) => collection,
        None => library.create(name).await?,
    };
    let progress = Progress::new(files.len() as u64);
    let known: HashMap<String, Document> = library
        .documents(collection.id, None)
        .await?
        .into_iter()
        // What could not be read is handed over again: what was wrong may have been mended.
        .filter(|document| document.status != DocumentStatus::Failed)
        .filter_map(|document| Some((document.sha256.clone()?, document)))
        .collect();
    let mut report = Report { failures, ..Report::default() };
    // Where each content lies in the folder, and whether it is new, to name what fails later.
    let mut places: HashMap<String, (&Found, bool)> = HashMap::new();
    // Of files that say the same the first one is sent.
    let mut seen = HashSet::new();
    let hashed = stream::iter(files.iter().map(hashed)).buffered(AT_ONCE);
    let sent = hashed.map(|(file, hash)| {
        let is_known =
            hash.as_ref().is_ok_and(|hash| known.contains_key(hash) || !seen.insert(hash.clone()));
        send(library, collection.id, file, hash, is_known)
    });
    let mut sent = std::pin::pin!(sent.buffer_unordered(AT_ONCE));
    while let Some((file, hash, fate)) = sent.next().await {
        progress.handed_over();
        match fate {
            Fate::Added(document) => {
                report.added += 1;
                let hash = document.sha256.clone().or(hash);
                places.extend(hash.map(|hash| (hash, (file, true))));
            }
            Fate::Known => {
                report.known += 1;
                if let Some(hash) = hash {
                    places.entry(hash).or_insert((file, false));
                }
            }
            Fate::Failed(reason) => {
                report.failures.push(Failure { place: file.place.clone(), reason });
            }
        }
    }
    if waits {
        wait(library, collection.id, &progress).await?;
        for document in library.documents(collection.id, Some(DocumentStatus::Failed)).await? {
            let place = document.sha256.as_deref().and_then(|hash| places.get(hash));
            if let Some((file, is_new)) = place {
                let counted = if *is_new { &mut report.added } else { &mut report.known };
                *counted = counted.saturating_sub(1);
                let reason = document.error.unwrap_or_else(|| "could not be read".to_owned());
                report.failures.push(Failure { place: file.place.clone(), reason });
            }
        }
        report.collection = library.find(name).await?;
    }
    progress.done();
    report.failures.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(report)
}

async fn hashed(file: &Found) -> (&Found, Result<String, String>) {
    let path = file.path.clone();
    let hash = tokio::task::spawn_blocking(move || folder::sha256(&path)).await;
    let hash = hash.map_err(std::io::Error::other).flatten();
    (file, hash.map_err(|error| error.to_string()))
}

/// Sends one file, unless its content is there or is being sent.
async fn send<'f>(
    library: &Library,
    collection: CollectionId,
    file: &'f Found,
    hash: Result<String, String>,
    is_known: bool,
) -> (&'f Found, Option<String>, Fate) {
    let hash = match hash {
        Ok(hash) if is_known => return (file, Some(hash), Fate::Known),
        Ok(hash) => hash,
        Err(reason) => return (file, None, Fate::Failed(reason)),
    };
    let fate = match library.add(collection, &file.path, &file.name(), &file.place).await {
        Ok(document) => Fate::Added(Box::new(document)),
        Err(error) => Fate::Failed(error.to_string()),
    };
    (file, Some(hash), fate)
}

/// Waits until nothing of the collection is left to be read or embedded.
async fn wait(library: &Library, collection: CollectionId, progress: &Progress) -> Result<()> {
    let mut ticks = tokio::time::interval(POLL);
    let (mut before, mut idle) = (0, 0);
    loop {
        ticks.tick().await;
        let state = library.collection(collection).await?;
        let counts = &state.counts;
        let done = counts.documents_ready + counts.documents_failed;
        progress.indexed(done, counts.documents_total);
        idle = if done > before { 0 } else { idle + 1 };
        before = done;
        if idle == IDLE {
            let waiting = library.documents(collection, Some(DocumentStatus::Pending)).await?;
            if let Some(why) = waiting.into_iter().find_map(|document| document.error) {
                progress.note(&format!("It waits, and is tried again: {why}"));
            }
        }
        // Vectors that cannot be made now are not waited for.
        let embeds = state.embedding.building.is_some() && state.embedding.error.is_none();
        if !embeds && !library.is_busy(collection).await? {
            return Ok(());
        }
    }
}
