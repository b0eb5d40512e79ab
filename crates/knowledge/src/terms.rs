//! What words are compared as: terms of documents and of queries, in any language.
//!
//! A text is cut into words where Unicode says; scripts without spaces become pairs of characters,
//! and documents are found by single characters too.
//! Words are lower-cased, stemmed by the language of their document, and folded: accents and
//! compatible forms are alike. Names of things in code are found whole and by their parts.

mod fold;
mod language;
mod query;
mod stop;
mod words;

pub use language::{Language, LanguageSet};
pub use query::{QueryTerms, QueryWord, query_terms};

use fold::fold;
use words::{Word, words};

/// The most bytes of a term; what is longer is found by its beginning.
pub const MAX_TERM_BYTES: usize = 96;

/// How often a word of the title counts: what a document calls itself says most about it. Measured on
/// Cranfield and on manual pages, where each step from 1 to 4 finds a little more.
const TITLE_WEIGHT: usize = 3;
/// How often a word of a heading counts.
const HEADING_WEIGHT: usize = 2;

/// The terms of a chunk in `language`, repeated as often as they count: those of its text, of the
/// headings above it, and of the document's title.
pub fn document_terms(
    text: &str,
    headings: &[String],
    title: Option<&str>,
    language: Language,
) -> Vec<String> {
    let mut terms = Vec::with_capacity(text.len() / 6);
    let title = title.into_iter().map(|title| (title, TITLE_WEIGHT));
    let headings = headings.iter().map(|heading| (heading.as_str(), HEADING_WEIGHT));
    for (part, weight) in title.chain(headings).chain([(text, 1)]) {
        words(part, |word| {
            let term = term(word, language);
            terms.extend(std::iter::repeat_n(term, weight));
        });
    }
    terms
}

/// The term that stands for `word` in texts of `language`.
fn term(word: Word<'_>, language: Language) -> String {
    let mut term = match word {
        Word::Plain(word) => fold(language.stem(word)),
        Word::Exact(word) | Word::Alone(word) => fold(word.into()),
    };
    if term.len() > MAX_TERM_BYTES {
        term.truncate(term.floor_char_boundary(MAX_TERM_BYTES));
    }
    term
}

#[cfg(test)]
mod tests;
