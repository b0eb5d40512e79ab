//! Words of a query that carry no meaning of their own.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::Language;

type StopWords = HashMap<&'static str, HashSet<&'static str>>;

/// Whether `word`, in lower case, is a common word of `language`.
pub(super) fn is_stop_word(word: &str, language: Language) -> bool {
    static LISTS: OnceLock<StopWords> = OnceLock::new();
    let Some(code) = language.short_code() else { return false };
    let lists = LISTS.get_or_init(|| {
        let codes = stop_words::available_languages();
        codes
            .iter()
            .filter_map(|code| Some((*code, stop_words::lookup(*code)?.iter().copied().collect())))
            .collect()
    });
    lists.get(code).is_some_and(|list| list.contains(word))
}
