//! The machine that the figures were taken on, and what it tells of this process.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::error::{Result, io};
use crate::figures::{micros, percentile};

/// The CPU time of this process, all threads.
pub(crate) fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(spent.tv_nsec).unwrap_or_default())
}

/// Lets the peak of this process's memory begin anew. What cannot be written is too old a Linux:
/// the peak is then that of the whole run.
pub(crate) fn reset_peak_memory() {
    let _too_old = fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that this process had since the last reset, in MiB.
pub(crate) fn peak_memory() -> f64 {
    let kibibytes = field("/proc/self/status", "VmHWM")
        .and_then(|peak| peak.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or_default() / 1024.0
}

/// The load of the last minute.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// Facts about the machine, one a line.
pub(crate) fn describe() -> Result<Vec<String>> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut file = tempfile::tempfile().map_err(io("making a file"))?;
    let mut syncs = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        file.write_all(&[7; 4096]).map_err(io("writing a file"))?;
        file.sync_data().map_err(io("syncing a file"))?;
        syncs.push(micros(begun.elapsed()));
    }
    let sync = |percent| percentile(syncs.iter().copied(), percent);
    Ok(vec![
        format!("{cores} cores ({processor}), Linux {}", kernel.trim()),
        format!("4 KiB synced to the disk: {:.0} µs (p50), {:.0} µs (p95)", sync(50), sync(95)),
        format!("load average before the run: {}", load()),
    ])
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
