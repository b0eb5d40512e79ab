//! Languages: detecting them, and their word stems.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use waken_snowball::Algorithm;
use whatlang::{Lang, Script};

/// A language's code in whatlang, its ISO 639-1 code, and its stemmer.
const KNOWN: &[(Lang, &str, Option<Algorithm>)] = &[
    (Lang::Ara, "ar", Some(Algorithm::Arabic)),
    (Lang::Aze, "az", None),
    (Lang::Bel, "be", None),
    (Lang::Ben, "bn", None),
    (Lang::Cat, "ca", Some(Algorithm::Catalan)),
    (Lang::Dan, "da", Some(Algorithm::Danish)),
    (Lang::Deu, "de", Some(Algorithm::German)),
    (Lang::Ell, "el", Some(Algorithm::Greek)),
    (Lang::Eng, "en", Some(Algorithm::English)),
    (Lang::Epo, "eo", Some(Algorithm::Esperanto)),
    (Lang::Est, "et", Some(Algorithm::Estonian)),
    (Lang::Fin, "fi", Some(Algorithm::Finnish)),
    (Lang::Fra, "fr", Some(Algorithm::French)),
    (Lang::Heb, "he", None),
    (Lang::Hin, "hi", Some(Algorithm::Hindi)),
    (Lang::Hun, "hu", Some(Algorithm::Hungarian)),
    (Lang::Hye, "hy", Some(Algorithm::Armenian)),
    (Lang::Ind, "id", Some(Algorithm::Indonesian)),
    (Lang::Ita, "it", Some(Algorithm::Italian)),
    (Lang::Lit, "lt", Some(Algorithm::Lithuanian)),
    (Lang::Nep, "ne", Some(Algorithm::Nepali)),
    (Lang::Nld, "nl", Some(Algorithm::Dutch)),
    (Lang::Nob, "no", Some(Algorithm::Norwegian)),
    (Lang::Por, "pt", Some(Algorithm::Portuguese)),
    (Lang::Ron, "ro", Some(Algorithm::Romanian)),
    (Lang::Rus, "ru", Some(Algorithm::Russian)),
    (Lang::Slv, "sl", None),
    (Lang::Spa, "es", Some(Algorithm::Spanish)),
    (Lang::Srp, "sr", Some(Algorithm::Serbian)),
    (Lang::Swe, "sv", Some(Algorithm::Swedish)),
    (Lang::Tam, "ta", Some(Algorithm::Tamil)),
    (Lang::Tur, "tr", Some(Algorithm::Turkish)),
    (Lang::Uzb, "uz", None),
    (Lang::Yid, "yi", Some(Algorithm::Yiddish)),
];

/// How many characters of a text are looked at to tell its language.
const SAMPLE_CHARS: usize = 2_000;
/// A word longer than this is none of a language.
const MAX_STEMMED_BYTES: usize = 64;

/// A language, or the unknown one, whose words have no stems.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Language(Option<Lang>);

impl Language {
    /// English.
    pub const ENGLISH: Self = Self(Some(Lang::Eng));
    /// None that we know.
    pub const UNKNOWN: Self = Self(None);

    /// The language of `text`, told by its beginning; the unknown one of a text without letters.
    ///
    /// A few words may be of any language of their script, and a wrong guess would hide them from
    /// whoever asks in the right one. They count as their script's most used language: for Latin
    /// letters English, whose stemmer takes off little more than the endings of plurals.
    pub fn detect(text: &str) -> Self {
        let end = text.char_indices().nth(SAMPLE_CHARS).map_or(text.len(), |(at, _)| at);
        match whatlang::detect(text.get(..end).unwrap_or_default()) {
            Some(found) if found.is_reliable() => Self(Some(found.lang())),
            Some(found) => Self(Some(match found.script() {
                Script::Latin => Lang::Eng,
                Script::Cyrillic => Lang::Rus,
                Script::Arabic => Lang::Ara,
                Script::Devanagari => Lang::Hin,
                _ => found.lang(),
            })),
            None => Self::UNKNOWN,
        }
    }

    /// The ISO 639-3 code, `und` for the unknown language.
    pub fn code(self) -> &'static str {
        self.0.map_or("und", |lang| lang.code())
    }

    /// The ISO 639-1 code of a language whose common words or stems are known.
    pub(super) fn short_code(self) -> Option<&'static str> {
        self.entry().map(|(_, code, _)| *code)
    }

    /// Whether its words have stems.
    pub(super) fn has_stems(self) -> bool {
        self.entry().is_some_and(|(_, _, algorithm)| algorithm.is_some())
    }

    /// The stem of `word`, which is in lower case.
    pub(super) fn stem<'w>(self, word: &'w str) -> Cow<'w, str> {
        match self.entry() {
            Some((_, _, Some(algorithm))) if (3..=MAX_STEMMED_BYTES).contains(&word.len()) => {
                waken_snowball::stem(*algorithm, word)
            }
            _ => word.into(),
        }
    }

    fn entry(self) -> Option<&'static (Lang, &'static str, Option<Algorithm>)> {
        let lang = self.0?;
        KNOWN.iter().find(|(known, _, _)| *known == lang)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The languages of many chunks, each with how many chunks are in it. Written as `eng:12 deu:3`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LanguageSet(BTreeMap<&'static str, u64>);

impl LanguageSet {
    /// Reads what `Display` writes. What is not understood counts as the unknown language: it only
    /// costs stems.
    pub fn read(text: &str) -> Self {
        let mut set = Self::default();
        for part in text.split_whitespace() {
            let (code, chunks) = part.split_once(':').unwrap_or((part, "1"));
            set.add(Language(Lang::from_code(code)), chunks.parse().unwrap_or(1));
        }
        set
    }

    /// Counts `chunks` more chunks of `language`.
    pub fn add(&mut self, language: Language, chunks: u64) {
        let count = self.0.entry(language.code()).or_default();
        *count = count.saturating_add(chunks);
    }

    /// Adds what `other` has.
    pub fn extend(&mut self, other: &Self) {
        for (code, chunks) in &other.0 {
            let count = self.0.entry(code).or_default();
            *count = count.saturating_add(*chunks);
        }
    }

    /// The language of most chunks; the unknown one of none.
    pub fn main(&self) -> Language {
        self.iter().next().unwrap_or_default()
    }

    /// The languages, that of most chunks first.
    pub fn iter(&self) -> impl Iterator<Item = Language> + use<> {
        let mut counted: Vec<_> = self.0.iter().map(|(code, chunks)| (*code, *chunks)).collect();
        counted.sort_by_key(|(_, chunks)| std::cmp::Reverse(*chunks));
        counted.into_iter().map(|(code, _)| Language(Lang::from_code(code)))
    }
}

impl fmt::Display for LanguageSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (code, chunks)) in self.0.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{code}:{chunks}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_language_is_told_by_its_text() {
        let english = "The boundary layer is the thin region of flow next to a solid surface.";
        let german = "Die Grenzschicht ist der dünne Bereich der Strömung an einer festen Wand.";
        assert_eq!(Language::detect(english).code(), "eng");
        assert_eq!(Language::detect(german).code(), "deu");
        assert_eq!(Language::detect("").code(), "und");
        assert_eq!(Language::detect("14 : 3").code(), "und");
    }

    #[test]
    fn a_few_words_are_found_in_another_number() {
        for text in ["Refunds", "Refunds take 14 days", "E0308", "Reembolsos en 14 días"] {
            assert_eq!(Language::detect(text), Language::ENGLISH, "{text}");
        }
        assert_eq!(Language::detect("возврат").code(), "rus");
    }

    #[test]
    fn a_set_is_read_as_it_is_written() {
        let mut set = LanguageSet::default();
        set.add(Language::UNKNOWN, 3);
        set.add(Language::ENGLISH, 12);
        assert_eq!(set.to_string(), "eng:12 und:3");
        assert_eq!(LanguageSet::read("eng:12 und:3"), set);
        assert_eq!(set.main(), Language::ENGLISH);
        set.extend(&LanguageSet::read("deu:20"));
        assert_eq!(set.iter().map(Language::code).collect::<Vec<_>>(), ["deu", "eng", "und"]);
    }

    proptest! {
        #[test]
        fn no_word_harms_a_stemmer(word in "\\PC{0,40}", letters in "[a-zäßéіωא'ة]{0,40}") {
            for (lang, _, _) in KNOWN {
                Language(Some(*lang)).stem(&word.to_lowercase());
                Language(Some(*lang)).stem(&letters);
            }
        }
    }
}
