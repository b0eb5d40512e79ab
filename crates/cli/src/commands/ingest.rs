//! `vpaura ingest`: puts the files of a folder into a collection, and waits until they can be
//! found. What is there already, known by its content, is not sent again: a broken-off ingest is
//! simply begun anew. What a file was before gives way to what it is.

mod folder;
mod older;
mod progress;
mod report;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use futures_util::{StreamExt, stream};
use vpaura_domain::{CollectionId, Document, DocumentId, DocumentStatus};

use self::folder::{Contents, Found};
use self::older::{Earlier, Replacements};
use self::progress::Progress;
use self::report::{Remark, Report, Taken};
use crate::error::{Error, Result};
use crate::library::Library;
use crate::terminal;

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
    /// What the folder is known by, wherever it lies: a changed file takes the place of what an
    /// ingest of the same name made of it. Where it lies on this machine when absent
    #[arg(long, value_name = "NAME", value_parser = named)]
    source: Option<String>,
    /// Leave as soon as the files are handed over. What a changed file was before stays until it is
    /// ingested and waited for once more
    #[arg(long)]
    no_wait: bool,
    /// A server to send them to; without it the engine runs in this process
    #[arg(long, env = "VPAURA_SERVER")]
    server: Option<String>,
    /// The server's API key
    #[arg(long, env = "VPAURA_API_KEY", hide_env_values = true)]
    key: Option<String>,
}

fn named(name: &str) -> std::result::Result<String, &'static str> {
    let name = name.trim();
    if name.is_empty() { Err("it needs a name") } else { Ok(name.to_owned()) }
}

/// What became of a file.
enum Fate {
    /// Its content is in the collection or on its way: as this document, where it was added now.
    Taken(String, Option<DocumentId>),
    /// What it was before is switched off in the collection, so it is left as it is.
    Off,
    /// With its content, where that could be read.
    Failed(Option<String>, String),
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
        let ingest = take_in(&library, &name, &self, contents);
        let report = tokio::select! {
            report = ingest => Some(report),
            pressed = tokio::signal::ctrl_c() => pressed.is_err().then(|| Err(Error::Reported)),
        };
        // What it has begun to read is not lost with it.
        library.close().await;
        let Some(report) = report else { terminal::end_interrupted() };
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

/// Where files go to, and what is there of them.
struct Target<'a> {
    library: &'a Library,
    collection: CollectionId,
    /// The collection's documents by their content. What could not be read is handed over again:
    /// what was wrong may have been mended.
    known: HashMap<&'a str, &'a Document>,
    earlier: Earlier<'a>,
}

async fn take_in(
    library: &Library,
    name: &str,
    ingest: &Ingest,
    contents: Contents,
) -> Result<Report> {
    let Contents { files, failures } = contents;
    let (mark, is_known_again) = older::mark(&ingest.folder, ingest.source.as_deref())?;
    let is_whole = is_known_again && failures.is_empty() && ingest.folder.is_dir();
    let collection = match library.find(name).await? {
        Some(collection) => collection.id,
        None => library.create(name).await?.id,
    };
    let progress = Progress::new(files.len() as u64);
    let before = library.documents(collection, None).await?;
    let known = before
        .iter()
        .filter(|document| document.status != DocumentStatus::Failed)
        .filter_map(|document| Some((document.sha256.as_deref()?, document)))
        .collect();
    let earlier = Earlier::of(&before, &mark);
    let target = Target { library, collection, known, earlier };
    let mut report = Report { failures, ..Report::default() };
    let HandedOver { taken, refused, unread } =
        hand_over(&target, &files, &progress, &mut report).await;
    let mut replacements = target.earlier.replaced(&taken, &refused, &target.known);
    if unread || !is_whole {
        replacements.stay();
    }
    if !ingest.no_wait {
        wait(library, collection, &progress, &mut replacements).await?;
        report.tell_read(library.documents(collection, None).await?, &taken);
        report.collection = library.find(name).await?;
    }
    report.tell_replaced(replacements, &taken);
    progress.done();
    report.failures.sort_by(|a, b| a.place.cmp(&b.place));
    report.notices.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(report)
}

/// What became of the files.
#[derive(Default)]
struct HandedOver<'f> {
    taken: Vec<Taken<'f>>,
    /// The content of those that nobody took.
    refused: Vec<String>,
    /// Whether there are files of which it is not known what they say.
    unread: bool,
}

/// Hands over the files that are not there yet. Answers what is there then, or on its way.
async fn hand_over<'f>(
    target: &Target<'_>,
    files: &'f [Found],
    progress: &Progress,
    report: &mut Report,
) -> HandedOver<'f> {
    // Of files that say the same the first one is sent.
    let mut seen = HashSet::new();
    let hashed = stream::iter(files.iter().map(hashed)).buffered(AT_ONCE);
    let sent = hashed.map(|(file, hash)| {
        let is_known = hash.as_ref().is_ok_and(|hash| {
            // One that is left out sends nothing for the others.
            let mut is_sent = || !target.earlier.is_off(&file.place) && !seen.insert(hash.clone());
            target.known.contains_key(hash.as_str()) || is_sent()
        });
        send(target, file, hash, is_known)
    });
    let mut sent = std::pin::pin!(sent.buffer_unordered(AT_ONCE));
    let mut all = HandedOver::default();
    while let Some((file, fate)) = sent.next().await {
        progress.handed_over();
        match fate {
            Fate::Taken(hash, document) => {
                let counted =
                    if document.is_some() { &mut report.added } else { &mut report.known };
                *counted += 1;
                all.taken.push(Taken { place: &file.place, hash, document });
            }
            Fate::Off => {
                let reason = "it is switched off, so its change is left out: delete it, or switch \
                              it on, to have it read again"
                    .to_owned();
                report.notices.push(Remark { place: file.place.clone(), reason });
            }
            Fate::Failed(hash, reason) => {
                all.unread |= hash.is_none();
                all.refused.extend(hash);
                report.failures.push(Remark { place: file.place.clone(), reason });
            }
        }
    }
    all
}

async fn hashed(file: &Found) -> (&Found, Result<String, String>) {
    let path = file.path.clone();
    let hash = tokio::task::spawn_blocking(move || folder::sha256(&path)).await;
    let hash = hash.map_err(std::io::Error::other).flatten();
    (file, hash.map_err(|error| error.to_string()))
}

/// Sends one file, unless its content is there or is being sent.
async fn send<'f>(
    target: &Target<'_>,
    file: &'f Found,
    hash: Result<String, String>,
    is_known: bool,
) -> (&'f Found, Fate) {
    let hash = match hash {
        Ok(hash) if is_known => {
            let shared = match target.known.get(hash.as_str()) {
                Some(document) => share(target, document).await,
                None => Ok(()),
            };
            let fate = match shared {
                Ok(()) => Fate::Taken(hash, None),
                Err(error) => Fate::Failed(Some(hash), error.to_string()),
            };
            return (file, fate);
        }
        Ok(hash) => hash,
        Err(reason) => return (file, Fate::Failed(None, reason)),
    };
    if target.earlier.is_off(&file.place) {
        return (file, Fate::Off);
    }
    let addition = target.earlier.addition(&file.place);
    let added = target.library.add(target.collection, &file.path, &file.name(), addition).await;
    let fate = match added {
        // The file may have changed since it was looked at.
        Ok(document) => {
            // It may have been there all the same: not read before, or added just now.
            let shared = share(target, &document).await;
            let hash = document.sha256.unwrap_or(hash);
            match shared {
                Ok(()) => Fate::Taken(hash, Some(document.id)),
                Err(error) => Fate::Failed(Some(hash), error.to_string()),
            }
        }
        Err(error) => Fate::Failed(Some(hash), error.to_string()),
    };
    (file, fate)
}

/// Another folder's document, which a file of this one says too, stays from now on, whatever becomes
/// of the file there.
async fn share(target: &Target<'_>, document: &Document) -> Result<()> {
    match target.earlier.shared(document) {
        Some(noted) => target.library.note(target.collection, document.id, noted).await,
        None => Ok(()),
    }
}

/// Waits until nothing of the collection is left to be read or embedded, while what was replaced
/// goes.
async fn wait(
    library: &Library,
    collection: CollectionId,
    progress: &Progress,
    replacements: &mut Replacements,
) -> Result<()> {
    let mut ticks = tokio::time::interval(POLL);
    let (mut before, mut idle) = (0, 0);
    loop {
        ticks.tick().await;
        let state = library.collection(collection).await?;
        let counts = &state.counts;
        let done = counts.documents_ready + counts.documents_failed;
        progress.indexed(done, counts.documents_total);
        replacements.go_on(library, collection).await?;
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
            return replacements.go_on(library, collection).await;
        }
    }
}
