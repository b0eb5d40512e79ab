//! Judgements as TREC, BEIR and Cranfield write them.

use super::cranfield::cranfield_judgements;
use super::{EvaluateError, Judgements};

/// How judgements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrelsFormat {
    /// A query, an iteration, a document and a relevance, 0 for none.
    Trec,
    /// A query, a document and a relevance, 0 for none, below a line of titles.
    Beir,
    /// A query, a document and a code, 1 for the best.
    Cranfield,
}

impl QrelsFormat {
    /// The format that the first line alone tells: four columns are TREC's; three with tabs or
    /// titles are BEIR's. None where it may be BEIR's or Cranfield's: what is good in the one is
    /// bad in the other.
    pub fn of(file: &str) -> Option<Self> {
        let line = file.lines().find(|line| !line.trim().is_empty())?;
        let fields: Vec<&str> = line.split_whitespace().collect();
        match fields[..] {
            [_, _, _, _] => Some(Self::Trec),
            [_, _, last] if line.trim().contains('\t') || last.parse::<i64>().is_err() => {
                Some(Self::Beir)
            }
            _ => None,
        }
    }
}

/// The judgements of a file that is written like this, its columns separated by blanks. A relevance
/// below 0 counts as 0.
///
/// # Errors
/// [`EvaluateError`], when a line is something else or there is none.
pub fn qrels(file: &str, format: QrelsFormat) -> Result<Judgements, EvaluateError> {
    let expected = match format {
        QrelsFormat::Trec => "expected a query, an iteration, a document and a relevance",
        QrelsFormat::Beir => "expected a query, a document and a relevance",
        QrelsFormat::Cranfield => return cranfield_judgements(file),
    };
    let mut judgements = Judgements::new();
    for (index, line) in file.lines().enumerate() {
        let refused = |why: &str| EvaluateError::Line { line: index + 1, why: why.to_owned() };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (query, document, relevance) = match (format, &fields[..]) {
            (_, []) => continue,
            (QrelsFormat::Trec, [query, _, document, relevance])
            | (QrelsFormat::Beir, [query, document, relevance]) => (*query, *document, relevance),
            _ => return Err(refused(expected)),
        };
        let Ok(relevance) = relevance.parse::<i64>() else {
            if index == 0 {
                continue;
            }
            return Err(refused("the relevance is no number"));
        };
        let gain = u32::try_from(relevance.max(0)).unwrap_or(u32::MAX);
        judgements.entry(query.to_owned()).or_default().insert(document.to_owned(), gain);
    }
    if judgements.is_empty() { Err(EvaluateError::Nothing("judgements")) } else { Ok(judgements) }
}
