//! The terms of a text: what a question and a passage are compared by.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Longer words are also known by their beginning, so that "refund" meets "refunded" in any
/// language that inflects at the end.
const STEM_CHARS: usize = 5;

/// Shorter words have no beginning that tells them from others.
const KIN_CHARS: usize = 3;
/// How many characters an inflected form has more than the short word that begins it.
const KIN_ENDING: usize = 2;

/// One term: a word in lowercase, or two neighbouring characters of a script without spaces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    /// What terms are matched by: a long word's beginning, else the whole term.
    pub key: String,
    /// The whole term.
    pub text: String,
    /// How much it tells, from 0 to 1, apart from how rare it is: in any script the shortest words
    /// hold sentences together, and so do pairs of Hiragana and the ends of Korean words.
    pub weight: f64,
    /// Where it stands, in bytes of the text that it was read from.
    pub place: Range<usize>,
    /// Whether it is a word, whose forms differ at the end.
    is_word: bool,
}

impl Term {
    fn word(word: &str, at: usize) -> Self {
        let text = word.to_lowercase();
        let key = text.chars().take(STEM_CHARS).collect();
        let place = at..at + word.len();
        Self { key, weight: word_weight(&text), text, place, is_word: true }
    }

    /// Characters of a script without spaces; `begins` says whether nothing of it stands before.
    fn pair(text: &str, at: usize, begins: bool) -> Self {
        let weight = pair_weight(text, begins);
        let place = at..at + text.len();
        Self { key: text.to_owned(), text: text.to_owned(), weight, place, is_word: false }
    }

    /// The first letters, by which words are found that it may have [`kinship`](Self::kinship)
    /// with; none where there is no such word.
    pub(super) fn beginning(&self) -> Option<&str> {
        // A number is no form of another.
        if !self.is_word || self.text.contains(char::is_numeric) {
            return None;
        }
        let (last, c) = self.text.char_indices().nth(KIN_CHARS - 1)?;
        self.text.get(..last + c.len_utf8())
    }

    /// What this is worth, from 0 to 1, where `asked`, a word with the same beginning, is asked for.
    /// Words too short to be cut are forms of one where one of them begins the other (room, rooms)
    /// or where they differ in the vowel at the end (цена, цены).
    pub(super) fn kinship(&self, asked: &Self) -> Option<f64> {
        let (own, other) = (self.text.chars().count(), asked.text.chars().count());
        let (short, long) = (own.min(other), own.max(other));
        let begins = self.text.starts_with(&asked.text) || asked.text.starts_with(&self.text);
        let common = if begins && short < STEM_CHARS && long - short <= KIN_ENDING {
            short
        } else if own == other && own <= STEM_CHARS && differ_in_last_vowel(&self.text, &asked.text)
        {
            own - 1
        } else {
            return None;
        };
        let share = f64::from(u32::try_from(common).ok()?) / f64::from(u32::try_from(long).ok()?);
        // "the" tells little of "they" and no more of "there" than it tells itself.
        let lighter = (self.weight / asked.weight).min(1.0).sqrt();
        Some(share * lighter.powi(i32::try_from(long - short).ok()?))
    }
}

fn differ_in_last_vowel(one: &str, other: &str) -> bool {
    let stem = one.strip_suffix(is_final_vowel);
    stem.is_some() && stem == other.strip_suffix(is_final_vowel)
}

/// Whether this is a vowel of Latin, Greek or Cyrillic, or one of the two letters that stand for one
/// in some forms of Slavic words.
fn is_final_vowel(c: char) -> bool {
    "aeiouyαεηιουωаеёєиіїоуыэюяйь".contains(c)
}

fn word_weight(text: &str) -> f64 {
    // In bytes, which measures a Greek letter about right.
    match text.len() {
        0..=2 => 0.07,
        3 => 0.2,
        4 => 0.35,
        5 => 0.55,
        6 => 0.75,
        _ => 1.0,
    }
}

fn pair_weight(text: &str, begins: bool) -> f64 {
    let is_lone = text.chars().nth(1).is_none();
    if text.chars().all(is_hangul) {
        // Korean words end in their grammar, and a particle may stand alone behind a number.
        return if is_lone {
            0.2
        } else if begins {
            0.75
        } else {
            0.35
        };
    }
    let grammar = text.chars().all(|c| matches!(c, '\u{3040}'..='\u{309F}'));
    if grammar { 0.2 } else { 0.75 }
}

/// The terms of `text`, in order, with repetitions.
pub(super) fn terms(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let spaceless = is_spaceless(first);
        let end = rest.find(|c: char| is_spaceless(c) != spaceless).unwrap_or(rest.len());
        let run = rest.get(..end).unwrap_or_default();
        if spaceless {
            pairs(run, at, &mut terms)
        } else {
            words(run, at, &mut terms)
        }
        at += end;
    }
    terms
}

fn words(run: &str, at: usize, terms: &mut Vec<Term>) {
    for (start, word) in run.unicode_word_indices() {
        let mut from = at + start;
        // Cut at apostrophes: "what's" and "l'office" are two words each.
        for part in word.split_inclusive(['\'', '’']) {
            let word = part.trim_end_matches(['\'', '’']);
            if !word.is_empty() {
                terms.push(Term::word(word, from));
            }
            from += part.len();
        }
    }
}

fn pairs(run: &str, at: usize, terms: &mut Vec<Term>) {
    let starts: Vec<usize> =
        run.char_indices().map(|(start, _)| start).chain([run.len()]).collect();
    // A lone character stands for a pair.
    let chars = 2.min(starts.len() - 1);
    for ends in starts.windows(chars + 1) {
        let (Some(&from), Some(&to)) = (ends.first(), ends.last()) else { continue };
        terms.push(Term::pair(run.get(from..to).unwrap_or_default(), at + from, from == 0));
    }
}

const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Letters of scripts whose words cannot be cut at spaces: Korean has spaces, but joins its
/// particles to the words.
const fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30FF}'     // Hiragana, Katakana
        | '\u{3400}'..='\u{4DBF}'   // Han, extension A
        | '\u{4E00}'..='\u{9FFF}'   // Han
        | '\u{F900}'..='\u{FAFF}'   // Han, compatibility
        | '\u{20000}'..='\u{323AF}' // Han, further extensions
        | '\u{0E00}'..='\u{0EFF}'   // Thai, Lao
        | '\u{1000}'..='\u{109F}'   // Myanmar
        | '\u{1780}'..='\u{17FF}'   // Khmer
        | '\u{AC00}'..='\u{D7A3}'   // Hangul
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String)> {
        terms(text).into_iter().map(|term| (term.key, term.text)).collect()
    }

    fn same(texts: &[&str]) -> Vec<(String, String)> {
        texts.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn words_are_lowercase_and_long_ones_match_by_their_beginning() {
        assert_eq!(
            shown("What’s the GRÖSSE?"),
            same(&["what", "s", "the", "grösse"][..3])
                .into_iter()
                .chain([("gröss".to_owned(), "grösse".to_owned())])
                .collect::<Vec<_>>()
        );
        assert_eq!(shown("refund")[0].0, shown("Refunds")[0].0);
    }

    #[test]
    fn scripts_without_spaces_go_by_pairs() {
        assert_eq!(shown("東京都 no 猫"), same(&["東京", "京都", "no", "猫"]));
        assert_eq!(shown("ไทย"), same(&["ไท", "ทย"]));
        assert_eq!(shown("環境API設定"), same(&["環境", "api", "設定"]));
        assert_eq!(shown("환불은 2024년에"), same(&["환불", "불은", "2024", "년에"]));
        assert_eq!(shown("PDF를"), same(&["pdf", "를"]));
    }

    #[test]
    fn terms_know_their_places() {
        let text = "What’s PDF를 東京都 l'Öl";
        let places: Vec<_> = terms(text).into_iter().map(|term| &text[term.place]).collect();
        assert_eq!(places, ["What", "s", "PDF", "를", "東京", "京都", "l", "Öl"]);
    }

    #[test]
    fn short_words_are_kin_to_their_own_forms() {
        let kinship = |own: &str, asked: &str| {
            let (own, asked) = (terms(own).remove(0), terms(asked).remove(0));
            let same = own.beginning().is_some() && own.beginning() == asked.beginning();
            same.then(|| own.kinship(&asked)).flatten()
        };
        for (own, asked) in [
            ("room", "rooms"),
            ("rooms", "room"),
            ("fees", "fee"),
            ("boxes", "box"),
            ("цена", "цены"),
            ("книгу", "книги"),
            ("casa", "case"),
        ] {
            assert!(kinship(own, asked).is_some_and(|worth| worth > 0.2), "{own} {asked}");
        }
        for (own, asked) in [
            ("room", "roommate"),
            ("100", "1000"),
            ("is", "isle"),
            ("root", "room"),
            ("they", "them"),
            ("東京", "東京都"),
        ] {
            assert_eq!(kinship(own, asked), None, "{own} {asked}");
        }
        assert!(kinship("the", "there").is_some_and(|worth| worth < 0.25));
    }

    #[test]
    fn nothing_has_no_terms() {
        assert!(terms(" .,!\n").is_empty());
    }
}
