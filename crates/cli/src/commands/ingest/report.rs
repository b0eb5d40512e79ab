//! What became of the files, in the end.

use std::io::ErrorKind;

use vpaura_domain::Collection;

use crate::terminal;

/// A file that is not in the collection, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Its path below the folder.
    pub(super) place: String,
    /// A sentence.
    pub(super) reason: String,
}

/// What became of the files.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) added: usize,
    /// Those that were there already.
    pub(super) known: usize,
    pub(super) failures: Vec<Failure>,
    /// The collection as it is now, if it was waited for.
    pub(super) collection: Option<Collection>,
}

impl Report {
    /// What nobody takes is no failure of the ingest: the files are where they are.
    pub(super) fn print(&self, name: &str) {
        let mut text = self.summary(name) + "\n";
        if !self.failures.is_empty() {
            text = text + "\n" + &table(&self.failures);
        }
        match terminal::print(&text) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => terminal::complain(&error),
            _ => {}
        }
    }

    fn summary(&self, name: &str) -> String {
        let (added, known, failed) = (self.added, self.known, self.failures.len());
        let mut summary = format!("{name}: {added} added, {known} there already, {failed} failed");
        if let Some(collection) = &self.collection {
            let counts = &collection.counts;
            let (ready, chunks) = (counts.documents_ready, counts.chunks);
            summary.push_str(&format!("; it has {ready} documents in {chunks} chunks"));
        }
        summary
    }
}

/// The failures in two columns. Long paths keep their end, which tells more.
fn table(failures: &[Failure]) -> String {
    const WIDEST: usize = 48;
    let shown = |place: &str| {
        let length = place.chars().count();
        if length <= WIDEST {
            return place.to_owned();
        }
        format!("…{}", place.chars().skip(length + 1 - WIDEST).collect::<String>())
    };
    let places: Vec<String> = failures.iter().map(|failure| shown(&failure.place)).collect();
    let width = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
    let lines = places.iter().zip(failures).map(|(place, failure)| {
        let reason = failure.reason.lines().collect::<Vec<_>>().join(" ");
        format!("  {place:width$}  {reason}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_stand_in_columns_with_the_end_of_long_paths() {
        let failure = |place: &str, reason: &str| Failure {
            place: place.to_owned(),
            reason: reason.to_owned(),
        };
        let long = format!("{}/end.pdf", "deep/".repeat(20));
        let told = table(&[
            failure("a.pdf", "is encrypted:\ntake the password off"),
            failure(&long, "no"),
        ]);
        let lines: Vec<&str> = told.lines().collect();
        assert!(
            lines[0].starts_with("  a.pdf  ")
                && lines[0].ends_with("encrypted: take the password off")
        );
        assert!(lines[1].contains("…") && lines[1].ends_with("/end.pdf  no"));
        let at = |line: &str, what: &str| line.chars().count() - what.chars().count();
        assert_eq!(at(lines[0], "is encrypted: take the password off"), at(lines[1], "no"));
    }

    #[test]
    fn the_summary_counts() {
        let report = Report { added: 3, known: 2, ..Report::default() };
        assert_eq!(report.summary("docs"), "docs: 3 added, 2 there already, 0 failed");
    }
}
