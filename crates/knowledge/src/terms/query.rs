//! What a query asks for.

use super::words::{Word, words};
use super::{Language, LanguageSet, stop, term};

/// The most words of a query that count: the first ones.
const MAX_WORDS: usize = 256;
/// The most languages whose stems are looked for: those of most chunks.
const MAX_LANGUAGES: usize = 8;

/// A word of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryWord {
    /// The terms that stand for it, one or more: its stem in each language of the collection.
    pub variants: Vec<String>,
    /// How often the query has it.
    pub weight: f32,
}

/// The words of a query, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueryTerms {
    /// In order of their first mention.
    pub words: Vec<QueryWord>,
}

impl QueryTerms {
    /// All terms to look up, each once.
    pub fn terms(&self) -> Vec<String> {
        let mut terms: Vec<String> =
            self.words.iter().flat_map(|word| &word.variants).cloned().collect();
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

/// The terms of `query` for collections in `languages`. Common words of the query's language are
/// left out, unless it has no others.
pub fn query_terms(query: &str, languages: &LanguageSet) -> QueryTerms {
    let languages: Vec<Language> = languages.iter().take(MAX_LANGUAGES).collect();
    let mut asked: Vec<(String, bool)> = Vec::new();
    words(query, |word| {
        let (word, plain) = match word {
            Word::Plain(word) => (word, true),
            Word::Exact(word) => (word, false),
            // Its pairs say more.
            Word::Alone(_) => return,
        };
        if asked.len() < MAX_WORDS {
            asked.push((word.to_owned(), plain));
        }
    });
    let common = common_words(&asked, &languages);
    let keep_all = common.iter().all(|is_common| *is_common);
    let mut terms = QueryTerms::default();
    for ((word, plain), common) in asked.iter().zip(common) {
        if common && !keep_all {
            continue;
        }
        let variants = variants(word, *plain, &languages);
        match terms.words.iter_mut().find(|known| known.variants == variants) {
            Some(known) => known.weight += 1.0,
            None => terms.words.push(QueryWord { variants, weight: 1.0 }),
        }
    }
    terms
}

/// Which words are common ones of the query's language: of those that the collection is in, the one
/// that has most of them.
fn common_words(asked: &[(String, bool)], languages: &[Language]) -> Vec<bool> {
    let of = |language: Language| -> Vec<bool> {
        asked.iter().map(|(word, plain)| *plain && stop::is_stop_word(word, language)).collect()
    };
    let count = |common: &Vec<bool>| common.iter().filter(|common| **common).count();
    // Of equals the first, which is the language of most chunks.
    let best = languages
        .iter()
        .map(|language| of(*language))
        .reduce(|best, next| if count(&next) > count(&best) { next } else { best });
    best.unwrap_or_else(|| vec![false; asked.len()])
}

fn variants(word: &str, plain: bool, languages: &[Language]) -> Vec<String> {
    if !plain {
        return vec![term(Word::Exact(word), Language::UNKNOWN)];
    }
    let mut variants: Vec<String> = languages
        .iter()
        .filter(|language| language.has_stems())
        .map(|language| term(Word::Plain(word), *language))
        .collect();
    if languages.iter().any(|language| !language.has_stems()) || variants.is_empty() {
        variants.push(term(Word::Exact(word), Language::UNKNOWN));
    }
    variants.sort_unstable();
    variants.dedup();
    variants
}
