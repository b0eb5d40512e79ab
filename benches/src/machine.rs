//! The machine that the figures were taken on, and what it must allow.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::error::{Result, io};
use crate::stats::Times;

/// Open files that are enough for everything here.
const FILES: u64 = 65_536;
/// Open files that a process needs beside its streams.
const OTHER_FILES: u64 = 500;

/// Lets this process and those it starts have enough open files.
pub(crate) fn raise_file_limit() -> Result<()> {
    let current = getrlimit(Resource::Nofile);
    if current.current.is_none_or(|limit| limit >= FILES) {
        return Ok(());
    }
    let wanted = Rlimit { current: Some(FILES), maximum: Some(FILES) };
    // Not everybody may go above the hard limit.
    let allowed = Rlimit { current: current.maximum, maximum: current.maximum };
    setrlimit(Resource::Nofile, wanted)
        .or_else(|_| setrlimit(Resource::Nofile, allowed))
        .map_err(|error| io("raising the limit of open files")(error.into()))
}

/// How many sockets a process can hold.
pub(crate) fn most_sockets() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(FILES);
    usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX)
}

/// Facts about the machine, one a line.
pub(crate) fn describe() -> Result<Vec<String>> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|total| total.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    let sync = sync_time()?;
    Ok(vec![
        format!("{cores} cores ({processor}), {} GiB of memory", memory / (1024 * 1024)),
        format!("Linux {}", kernel.trim()),
        format!(
            "appending 4 KiB and syncing it to the disk: {} µs (median), {} µs (p99)",
            sync.median().as_micros(),
            sync.percentile(99).as_micros()
        ),
        format!("load average before the run: {load}"),
    ])
}

/// How long a small synced write takes where the databases are put.
fn sync_time() -> Result<Times> {
    let mut file = tempfile::tempfile().map_err(io("making a file"))?;
    let mut times = Times::default();
    for _ in 0..200 {
        let start = Instant::now();
        file.write_all(&[7; 4096]).map_err(io("writing a file"))?;
        file.sync_data().map_err(io("syncing a file"))?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn field(path: impl AsRef<Path>, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// A time in the unit that reads best.
pub(crate) fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1_000.0 { format!("{micros:.0} µs") } else { format!("{:.2} ms", micros / 1e3) }
}
