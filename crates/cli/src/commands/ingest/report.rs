//! What became of the files, in the end.

use std::collections::HashMap;
use std::io::ErrorKind;

use vpaura_domain::{Collection, Document, DocumentId, DocumentStatus};

use super::older::Replacements;
use crate::terminal;

/// What is to be said of a file: why it is not in the collection, or not all of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// Its path below the folder.
    pub(super) place: String,
    /// A sentence.
    pub(super) reason: String,
}

/// A file whose content is in the collection, or on its way.
#[derive(Debug)]
pub(super) struct Taken<'f> {
    /// Its path below the folder.
    pub(super) place: &'f str,
    /// SHA-256 of its content in hexadecimal.
    pub(super) hash: String,
    /// The document that was added for it; none where its content was there.
    pub(super) document: Option<DocumentId>,
}

/// What became of the files.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) added: usize,
    /// Those that were there already.
    pub(super) known: usize,
    /// Those that took the place of what they were before.
    pub(super) replaced: usize,
    /// How many documents stay of what files were before.
    pub(super) staying: usize,
    pub(super) failures: Vec<Remark>,
    /// What of those that are there could not be read.
    pub(super) notices: Vec<Remark>,
    /// The collection as it is now, if it was waited for.
    pub(super) collection: Option<Collection>,
}

impl Report {
    /// What became of the collection's documents: some could not be read, or not as a whole.
    pub(super) fn tell_read(&mut self, documents: Vec<Document>, taken: &[Taken<'_>]) {
        // Of files that say the same the one that was sent is named.
        let (sent, others): (Vec<_>, Vec<_>) = taken.iter().partition(|it| it.document.is_some());
        let files: HashMap<&str, &Taken<'_>> =
            others.into_iter().chain(sent).map(|it| (it.hash.as_str(), it)).collect();
        for document in documents {
            let file = document.sha256.as_deref().and_then(|hash| files.get(hash));
            let Some(file) = file else { continue };
            let place = file.place.to_owned();
            match (document.status, document.notice) {
                (DocumentStatus::Failed, _) => {
                    self.discount(file);
                    let reason = document.error.unwrap_or_else(|| "could not be read".to_owned());
                    self.failures.push(Remark { place, reason });
                }
                (_, Some(reason)) => self.notices.push(Remark { place, reason }),
                (_, None) => {}
            }
        }
    }

    /// What gave way to the files, and what did not.
    pub(super) fn tell_replaced(&mut self, replacements: Replacements, taken: &[Taken<'_>]) {
        self.staying = replacements.staying();
        self.replaced = replacements.done.len();
        for file in taken.iter().filter(|it| replacements.done.contains(it.place)) {
            self.discount(file);
        }
        self.failures.extend(replacements.failures);
    }

    fn discount(&mut self, file: &Taken<'_>) {
        let counted = if file.document.is_some() { &mut self.added } else { &mut self.known };
        *counted = counted.saturating_sub(1);
    }

    /// What nobody takes is no failure of the ingest: the files are where they are.
    pub(super) fn print(&self, name: &str) {
        let mut text = self.summary(name) + "\n";
        if !self.failures.is_empty() {
            text = text + "\n" + &table(&self.failures);
        }
        if !self.notices.is_empty() {
            text = text + "\nto be noted:\n" + &table(&self.notices);
        }
        match terminal::print(&text) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => terminal::complain(&error),
            _ => {}
        }
    }

    fn summary(&self, name: &str) -> String {
        let (added, known, failed) = (self.added, self.known, self.failures.len());
        let replaced = match self.replaced {
            0 => String::new(),
            replaced => format!("{replaced} replaced, "),
        };
        let mut summary =
            format!("{name}: {added} added, {replaced}{known} there already, {failed} failed");
        match self.staying {
            0 => {}
            1 => summary.push_str("; 1 older version stays for now"),
            n => summary.push_str(&format!("; {n} older versions stay for now")),
        }
        if let Some(collection) = &self.collection {
            let counts = &collection.counts;
            let (ready, chunks) = (counts.documents_ready, counts.chunks);
            summary.push_str(&format!("; it has {ready} documents in {chunks} chunks"));
        }
        summary
    }
}

/// Remarks in two columns. Long paths keep their end, which tells more.
fn table(remarks: &[Remark]) -> String {
    const WIDEST: usize = 48;
    let shown = |place: &str| {
        let length = place.chars().count();
        if length <= WIDEST {
            return place.to_owned();
        }
        format!("…{}", place.chars().skip(length + 1 - WIDEST).collect::<String>())
    };
    let places: Vec<String> = remarks.iter().map(|remark| shown(&remark.place)).collect();
    let width = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
    let lines = places.iter().zip(remarks).map(|(place, remark)| {
        let reason = remark.reason.lines().collect::<Vec<_>>().join(" ");
        format!("  {place:width$}  {reason}\n")
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_stand_in_columns_with_the_end_of_long_paths() {
        let failure = |place: &str, reason: &str| Remark {
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
