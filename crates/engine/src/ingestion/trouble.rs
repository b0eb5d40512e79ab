//! What can go wrong with a document: something about it, or something that passes.

use std::time::Duration;

use vpaura_store::{ClaimedDocument, StoreError};

use crate::{Engine, Error};

/// The first wait after something that passes; doubled with each try.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// How often a content is looked for.
const TRIES_TO_FIND: u32 = 3;
/// How often an embedder that takes other texts is given one that it fails at: for about an hour.
const TRIES_TO_EMBED: u32 = 12;

/// Why a document did not become searchable.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It cannot: why, and what to do, in a sentence for people.
    Document(String),
    /// It can later: what stands in the way, in a sentence for people.
    Passing(String),
    /// The embedder fails at its text and takes others: why, in the beginning of a sentence. It is
    /// tried again, but not for ever.
    Text(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::UnreadableFile(_)
            | Error::UnsupportedFile(_)
            | Error::InfectedFile(_)
            | Error::FileTooLarge { .. }
            | Error::Invalid { .. } => Self::Document(error.to_string()),
            Error::StorageUnavailable(_) => passing("the file storage does not answer", &error),
            Error::ScannerUnavailable(_) => passing("the virus scanner does not answer", &error),
            error => passing("a fault of the server stands in the way", &error),
        }
    }
}

impl Trouble {
    /// Whether one of several documents may be to blame for it.
    pub(super) const fn may_be_of_one(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Text(_))
    }

    /// What is noted on a document that was tried so often: why, and whether it is tried again.
    fn told(&self, tries: u32) -> (String, bool) {
        match self {
            Self::Document(why) => (why.clone(), false),
            Self::Passing(why) => (why.clone(), true),
            Self::Text(why) if tries < TRIES_TO_EMBED => {
                (format!("{why}; it is tried again"), true)
            }
            Self::Text(why) => (format!("{why}: change it, or have it read again"), false),
        }
    }

    /// What it means that the content could not be read on this try: one that is not there may
    /// just be put back.
    pub(super) fn of_content(error: Error, tries: u32) -> Self {
        match error {
            Error::Storage(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if tries < TRIES_TO_FIND {
                    Self::Passing("its content was not found; it is tried again".to_owned())
                } else {
                    Self::Document("its content is gone: add it again".to_owned())
                }
            }
            error => error.into(),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

/// Something that passes. The cause goes to the log and not to people.
fn passing(what: &str, cause: &Error) -> Trouble {
    tracing::warn!(error = %cause, "a document has to wait: {what}");
    Trouble::Passing(format!("{what}; it is tried again"))
}

impl Engine {
    /// Notes on the document what is wrong.
    pub(super) async fn note_trouble(&self, claimed: &ClaimedDocument, trouble: &Trouble) {
        let claim = &claimed.claim;
        let (outcome, noted) = match trouble.told(claimed.tries) {
            (why, false) => ("failed", self.store.fail_document(claim, &why).await),
            (why, true) => {
                let wait = wait_after(claimed.tries);
                ("postponed", self.store.postpone_document(claim, &why, wait).await)
            }
        };
        metrics::counter!("vpaura_ingest_documents_total", "outcome" => outcome).increment(1);
        if let Err(error) = noted {
            // Its claim runs out, and somebody tries again.
            tracing::warn!(document.id = %claimed.document.id, %error, "a document's trouble was not noted");
        }
    }
}

/// How long a document waits that was tried so often.
fn wait_after(tries: u32) -> Duration {
    let factor = 2_u32.saturating_pow(tries.saturating_sub(1));
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits = [0, 1, 2, 3, 8, u32::MAX].map(|tries| wait_after(tries).as_secs());
        assert_eq!(waits, [5, 5, 10, 20, 600, 600]);
    }

    #[test]
    fn a_text_that_the_embedder_fails_at_is_given_up_in_the_end() {
        let (text, passing) = (Trouble::Text("why".to_owned()), Trouble::Passing("why".to_owned()));
        assert_eq!(text.told(TRIES_TO_EMBED - 1), ("why; it is tried again".to_owned(), true));
        let given_up = ("why: change it, or have it read again".to_owned(), false);
        assert_eq!(text.told(TRIES_TO_EMBED), given_up);
        assert_eq!(passing.told(u32::MAX), ("why".to_owned(), true));
    }

    #[test]
    fn what_is_wrong_with_a_document_is_told_and_what_is_wrong_here_is_not() {
        let told = Trouble::from(Error::UnreadableFile("it is protected".to_owned()));
        assert!(matches!(told, Trouble::Document(why) if why == "it is protected"));
        let hidden = Trouble::from(Error::Internal("SELECT secret".to_owned()));
        assert!(matches!(hidden, Trouble::Passing(why) if !why.contains("SELECT")));
    }
}
