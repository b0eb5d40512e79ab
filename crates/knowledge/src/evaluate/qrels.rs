//! Judgements as TREC and BEIR write them.

use super::{EvaluateError, Judgements};

/// Judgements of lines with a query, a document and a relevance (BEIR, with a line of titles), or
/// with an iteration behind the query (TREC), separated by blanks. A relevance below 0 counts as 0.
///
/// # Errors
/// [`EvaluateError`], when a line is something else or there is none.
pub fn qrels(file: &str) -> Result<Judgements, EvaluateError> {
    let mut judgements = Judgements::new();
    for (index, line) in file.lines().enumerate() {
        let refused = |why: &str| EvaluateError::Line { line: index + 1, why: why.to_owned() };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (query, document, relevance) = match fields[..] {
            [] => continue,
            [query, document, relevance] | [query, _, document, relevance] => {
                (query, document, relevance)
            }
            _ => return Err(refused("expected a query, a document and a relevance")),
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
