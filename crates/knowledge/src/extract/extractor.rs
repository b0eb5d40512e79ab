//! The parent's side: starts children, a few at a time and fairly, and never believes them.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Seek};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::charset::Charset;
use super::error::{ExtractError, Result};
use super::extracted::Extracted;
use super::frame::{self, Answer};
use super::job::{Job, What};
use super::kind::{FileKind, Format};
use super::read;
use super::turns::{Asker, Turns};

/// The widest picture of a page, in pixels.
const MAX_WIDTH: u32 = 1_600;
/// The longest that drawing a page may take: somebody looks at the place where it will be.
const PICTURE_WALL: Duration = Duration::from_secs(30);
/// Pages that are drawn at the same time, where so many files are read: two, so that who opens a
/// slow one does not keep others waiting.
const PICTURES: usize = 2;
/// The most bytes of a picture.
const PICTURE_BYTES: u64 = 64 << 20;
/// What an answer may have beside its text: offsets of pages, names of fields.
const BESIDE_TEXT: u64 = 16 << 20;
/// How much of the child's complaints is looked at.
const COMPLAINT_BYTES: u64 = 4_096;

/// The most bytes of a text as it is (plain, Markdown, source code) that are read in this process: they
/// are decoded, not parsed, in less time than a child takes to start.
const SMALL_TEXT: u64 = 1 << 20;

/// The program that is started as a child; it must call [`child_main`](super::child_main).
#[derive(Debug, Clone)]
pub struct ChildProgram {
    /// Where it is.
    pub program: PathBuf,
    /// What comes before the job's own arguments.
    pub args: Vec<OsString>,
}

/// What a child may take.
#[derive(Debug, Clone)]
pub struct ExtractLimits {
    /// Bytes of memory, beyond the program itself.
    pub memory: u64,
    /// Processor time; whole seconds, at least one.
    pub cpu: Duration,
    /// Time from its start to its answer.
    pub wall: Duration,
    /// Bytes of text that a file may give (UTF-8).
    pub text_bytes: u64,
    /// Files at once; further ones wait. Nobody alone gets all of it, and nor do all jobs together,
    /// where it is more than 1. Beside them up to 2 pages are drawn, but no more than files are read.
    pub children: usize,
    /// The longest that somebody waits for the start of a child.
    pub wait: Duration,
}

/// Reads files, each in a child process of its own. Clones share the limit of children and the line
/// of who waits.
#[derive(Debug, Clone)]
pub struct Extractor {
    child: Arc<ChildProgram>,
    limits: ExtractLimits,
    /// Whose file is read next.
    files: Turns,
    /// Whose page is drawn next: in a line of its own, since it is soon done.
    pictures: Turns,
}

/// One child's work, and what is taken from it.
struct Order<'a> {
    turns: &'a Turns,
    asker: &'a Asker,
    what: What,
    input: File,
    /// Time from its start to its answer.
    wall: Duration,
    /// The most bytes of its answer.
    max_bytes: u64,
}

impl Extractor {
    /// An extractor that starts this program within these limits.
    pub fn new(child: ChildProgram, limits: ExtractLimits) -> Self {
        let files = Turns::new("files", limits.children, limits.wait);
        let pictures = Turns::new("pictures", limits.children.min(PICTURES), limits.wait);
        Self { child: Arc::new(child), limits, files, pictures }
    }

    /// The text of a file of this media type (one that [`sniff`](super::sniff) gives, perhaps with a
    /// [`Charset`] noted on it). The file is read from its beginning, and may already be unlinked. Dropping the future ends the child, or
    /// the wait for it.
    ///
    /// # Errors
    /// Beside what is wrong with the file: [`ExtractError::Busy`], for a person, when its turn does
    /// not come in time or too many wait already.
    pub async fn extract(&self, asker: &Asker, media_type: &str, input: File) -> Result<Extracted> {
        if let Some(kind) = small_text(media_type, &input)? {
            let charset = Charset::of_media_type(media_type);
            let text_bytes = self.limits.text_bytes;
            let read = tokio::task::spawn_blocking(move || {
                (&input).rewind()?;
                read::extract(&kind, charset, input, text_bytes)
            });
            return read.await.map_err(io::Error::other)?;
        }
        let max_bytes = self.limits.text_bytes.saturating_mul(2).saturating_add(BESIDE_TEXT);
        let what = What::Text { media_type: media_type.to_owned() };
        let (turns, wall) = (&self.files, self.limits.wall);
        match self.ask(Order { turns, asker, what, input, wall, max_bytes }).await? {
            Answer::Text(text) => Ok(text),
            Answer::Picture(_) => Err(ExtractError::Crashed("a picture for a text".to_owned())),
        }
    }

    /// The picture of a PDF's page (from 1) as PNG, at most `width` and 1,600 pixels wide. It does
    /// not wait for files that are read, and takes at most 30 seconds once it is begun.
    ///
    /// # Errors
    /// As [`extract`](Self::extract).
    pub async fn page_image(
        &self,
        asker: &Asker,
        input: File,
        page: u32,
        width: u32,
    ) -> Result<Vec<u8>> {
        let what = What::Page { page, width: width.clamp(1, MAX_WIDTH) };
        let (turns, wall) = (&self.pictures, self.limits.wall.min(PICTURE_WALL));
        let max_bytes = PICTURE_BYTES;
        match self.ask(Order { turns, asker, what, input, wall, max_bytes }).await? {
            Answer::Picture(png) => Ok(png),
            Answer::Text(_) => Err(ExtractError::Crashed("a text for a picture".to_owned())),
        }
    }

    async fn ask(&self, order: Order<'_>) -> Result<Answer> {
        let Order { turns, asker, what, input, wall, max_bytes } = order;
        // Dropped after the child, so that there are never more of them than turns.
        let _turn = turns.turn(asker).await?;
        let ExtractLimits { memory, cpu, text_bytes, .. } = self.limits;
        let job = Job { what, memory, cpu: cpu.max(super::child::LEAST_CPU), text_bytes };
        let mut child = Command::new(&self.child.program)
            .args(&self.child.args)
            .args(job.arguments())
            // Nothing of ours is within its reach: no secrets, no folder.
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(input))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let watched = async {
            let (answer, complaint) =
                tokio::join!(read_up_to(out, max_bytes), read_up_to(err, COMPLAINT_BYTES));
            let answer = answer?;
            if answer.len() as u64 > max_bytes {
                child.start_kill()?;
            }
            // Both streams are at their end, but it may still live.
            Ok::<_, io::Error>((answer, complaint?, child.wait().await?))
        };
        let Ok(ended) = tokio::time::timeout(wall, watched).await else {
            child.kill().await?;
            return Err(ExtractError::Timeout);
        };
        let (answer, complaint, status) = ended?;
        if answer.len() as u64 > max_bytes {
            return Err(ExtractError::Crashed("an answer beyond its bound".to_owned()));
        }
        // A long answer takes a while to read.
        let answer = tokio::task::spawn_blocking(move || frame::read(&answer)).await;
        match answer.map_err(io::Error::other)? {
            Some(answer) if status.success() => answer,
            _ => Err(death(status, &complaint)),
        }
    }
}

/// The kind of a text that is read in this process; none of what a child must read.
fn small_text(media_type: &str, input: &File) -> io::Result<Option<FileKind>> {
    let kind = FileKind::of_media_type(media_type);
    let is_text =
        |kind: &FileKind| matches!(kind.format, Format::Plain | Format::Markdown | Format::Code(_));
    Ok(if input.metadata()?.len() <= SMALL_TEXT { kind.filter(is_text) } else { None })
}

/// Reads a stream to its end, or one byte beyond the bound.
async fn read_up_to(stream: Option<impl AsyncRead + Unpin>, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(max_bytes + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// What a child died of.
fn death(status: ExitStatus, complaint: &[u8]) -> ExtractError {
    const OUT_OF_MEMORY: &[u8] = b"memory allocation of";
    let died_of = |signal: Signal| status.signal() == Some(signal.as_raw());
    let complains = complaint.windows(OUT_OF_MEMORY.len()).any(|window| window == OUT_OF_MEMORY);
    if died_of(Signal::XCPU) {
        ExtractError::Timeout
    // Who is killed without our doing was too much for the system's memory.
    } else if died_of(Signal::KILL) || complains {
        ExtractError::Memory
    } else {
        ExtractError::Crashed(status.to_string())
    }
}
