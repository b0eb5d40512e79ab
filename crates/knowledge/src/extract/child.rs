//! The child: gives up its rights, reads one file, answers, ends.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::charset::Charset;
use super::error::{ExtractError, Result};
use super::frame::{self, Answer};
use super::job::{Job, What};
use super::kind::FileKind;

/// The stack of the thread that reads: some formats nest deeply.
const STACK: usize = 64 << 20;
/// Files that the child may have open: its three streams and a few copies of the input.
const OPEN_FILES: u64 = 16;

/// Runs as the child: the job is the end of this process's arguments, the file is standard input.
/// One framed answer goes to standard output. Fails only if it cannot answer.
pub fn child_main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let Some(job) = Job::from_arguments(&arguments) else { return ExitCode::FAILURE };
    // What a panic says may quote the file; the parent learns of it by the answer.
    std::panic::set_hook(Box::new(|_| {}));
    let answer = limit(&job).map_err(ExtractError::from).and_then(|()| work(job));
    let answer = answer.map_err(|error| match error {
        ExtractError::Io(error) => ExtractError::damaged(reading(&error)),
        error => error,
    });
    let mut out = io::stdout().lock();
    match frame::write(&mut out, &answer).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Takes away what reading a file does not need.
fn limit(job: &Job) -> io::Result<()> {
    let only = |n| Rlimit { current: Some(n), maximum: Some(n) };
    let memory = job.memory.saturating_add(own_size()).saturating_add(STACK as u64);
    let cpu = job.cpu.as_secs().max(1);
    setrlimit(Resource::As, only(memory))?;
    // The first ends it with a signal of its own, the second without appeal.
    setrlimit(Resource::Cpu, Rlimit { current: Some(cpu), maximum: Some(cpu + 1) })?;
    setrlimit(Resource::Nofile, only(OPEN_FILES))?;
    setrlimit(Resource::Fsize, only(0))?;
    setrlimit(Resource::Core, only(0))?;
    Ok(())
}

/// The address space that the program takes before it reads anything, in bytes.
fn own_size() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").ok().and_then(|statm| {
        statm.split_ascii_whitespace().next().and_then(|pages| pages.parse::<u64>().ok())
    });
    // Where there is no such file, no system enforces this limit to the page either.
    pages.map_or(1 << 30, |pages| pages * rustix::param::page_size() as u64)
}

fn work(job: Job) -> Result<Answer> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    input.rewind()?;
    let reader = thread::Builder::new().stack_size(STACK).spawn(move || read(&job, input))?;
    reader.join().unwrap_or_else(|_| Err(ExtractError::Crashed("a panic of the reader".to_owned())))
}

fn read(job: &Job, input: File) -> Result<Answer> {
    match &job.what {
        What::Text { media_type } => {
            let kind = FileKind::of_media_type(media_type).ok_or_else(|| {
                ExtractError::Unsupported(format!("files of type {media_type} cannot be read"))
            })?;
            let charset = Charset::of_media_type(media_type);
            super::extract(&kind, charset, input, job.text_bytes).map(Answer::Text)
        }
        What::Page { page, width } => super::page_image(input, *page, *width).map(Answer::Picture),
    }
}

/// An error of reading the input, without what a library may quote from it.
fn reading(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        kind => kind.to_string(),
    }
}

/// The least processor time that a job can be given.
pub(super) const LEAST_CPU: Duration = Duration::from_secs(1);
