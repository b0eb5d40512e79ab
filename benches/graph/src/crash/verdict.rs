//! What a killed process told, what was found after it, and whether they agree.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ChildStdout;
use std::time::Duration;

use super::victim::{Books, ROUNDS, WORKERS};
use crate::error::{Result, io};

/// What a process said before it died.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The highest checkpoint.
    committed: u64,
    /// Step and path of finished nodes.
    finished: BTreeSet<String>,
    pub(super) done: bool,
    /// From when it was ready to its end.
    pub(super) lasted: Duration,
}

impl Told {
    pub(super) fn read(reader: &mut BufReader<ChildStdout>) -> Result<Self> {
        let mut told = Self::default();
        let mut line = String::new();
        while reader.read_line(&mut line).map_err(io("hearing a process"))? > 0 {
            // What it was killed in the middle of saying it has not said.
            if let Some(line) = line.strip_suffix('\n') {
                match line.split_once(' ') {
                    Some(("committed", seq)) => told.committed = seq.parse().unwrap_or(u64::MAX),
                    Some(("finished", place)) => {
                        told.finished.insert(place.to_owned());
                    }
                    _ => told.done |= line == "done",
                }
            }
            line.clear();
        }
        Ok(told)
    }
}

/// The output of a process, and whether it became ready.
pub(super) fn reader(output: ChildStdout) -> Result<(BufReader<ChildStdout>, bool)> {
    let mut reader = BufReader::new(output);
    let mut line = String::new();
    reader.read_line(&mut line).map_err(io("hearing a process"))?;
    Ok((reader, line == "ready\n"))
}

/// What was found in the store, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The newest checkpoint, before anything was done about it.
    pub(super) head: u64,
    /// The state in the end; none where the run was done already.
    pub(super) state: Option<Books>,
    /// Effects that the engine asked about.
    pub(super) unknown: usize,
}

/// The lines of a file of deeds.
pub(super) fn lines(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(io("reading the file of deeds"))?;
    Ok(text.lines().map(ToOwned::to_owned).collect())
}

/// Counts over all kills.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) kills: usize,
    /// Kills before the run's end.
    pub(super) unfinished: usize,
    /// Checkpoints that were told and are not there.
    pub(super) lost: u64,
    /// Nodes that were told as finished and ran again.
    pub(super) repeated: usize,
    /// Recovered runs whose state is not that of an unharmed run.
    pub(super) wrong: usize,
    /// Effects that the engine asked about.
    pub(super) unknown: usize,
    /// Effects that were done more often than once and asked about.
    pub(super) reruns: usize,
}

impl Totals {
    pub(super) fn add(&mut self, told: &Told, found: Found, deeds: &[String]) {
        self.kills += 1;
        self.unfinished += usize::from(!told.done);
        self.lost += told.committed.saturating_sub(found.head);
        let after = deeds.iter().skip_while(|line| *line != "recovered");
        let ran = after.filter_map(|line| line.strip_prefix("ran "));
        self.repeated += ran.filter(|place| told.finished.contains(*place)).count();
        self.wrong += usize::from(match found.state {
            Some(state) => state.lines != whole(),
            None => !told.done,
        });
        self.unknown += found.unknown;
        let mut done: BTreeMap<&str, usize> = BTreeMap::new();
        for deed in deeds.iter().filter_map(|line| line.strip_prefix("did ")) {
            *done.entry(deed).or_default() += 1;
        }
        let again: usize = done.values().map(|times| times - 1).sum();
        self.reruns += again.saturating_sub(found.unknown);
    }
}

/// What an unharmed run writes.
fn whole() -> Vec<String> {
    let round = |round| {
        let help = (0..WORKERS).map(move |n| format!("help {round} {n}"));
        std::iter::once(format!("work {round}")).chain(help).chain([format!("merge {round}")])
    };
    (1..=ROUNDS).flat_map(round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(committed: u64, finished: &[&str]) -> Told {
        let finished = finished.iter().map(|place| (*place).to_owned()).collect();
        Told { committed, finished, ..Told::default() }
    }

    fn deeds(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn what_goes_wrong_is_counted() {
        let mut totals = Totals::default();
        let found = Found { head: 3, state: Some(Books::default()), unknown: 0 };
        let deeds = deeds(&[
            "ran 1 work",
            "did a",
            "did b",
            "recovered",
            "ran 1 work",
            "ran 2 help",
            "did a",
        ]);
        totals.add(&told(5, &["1 work"]), found, &deeds);
        let Totals { kills, unfinished, lost, repeated, wrong, unknown, reruns } = totals;
        assert_eq!((kills, unfinished, lost, repeated), (1, 1, 2, 1));
        assert_eq!((wrong, unknown, reruns), (1, 0, 1));
    }

    #[test]
    fn what_was_asked_about_may_be_done_again() {
        let mut totals = Totals::default();
        let state = Books { lines: whole(), ..Books::default() };
        let found = Found { head: 3, state: Some(state), unknown: 1 };
        let deeds = deeds(&["ran 1 work", "did a", "recovered", "ran 1 work", "did a"]);
        totals.add(&told(2, &[]), found, &deeds);
        let Totals { lost, repeated, wrong, unknown, reruns, .. } = totals;
        assert_eq!((lost, repeated, wrong, unknown, reruns), (0, 0, 0, 1, 0));
    }
}
