//! Cuts a text into words.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};
use unicode_segmentation::UnicodeSegmentation;

use super::MAX_TERM_BYTES;

/// A word in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A word of a language.
    Plain(&'a str),
    /// A number, a name of something, a pair of characters: it has no other forms.
    Exact(&'a str),
    /// A character of a pair that is a word by itself, for those who look for it alone.
    Alone(&'a str),
}

/// Calls `emit` for each word of `text`, in order. A word with parts is told whole and by its
/// parts.
pub(super) fn words(text: &str, mut emit: impl FnMut(Word<'_>)) {
    let text: Cow<'_, str> =
        if text.is_ascii() || is_nfkc(text) { text.into() } else { text.nfkc().collect() };
    let mut unspaced = Unspaced::default();
    for (at, run) in text.unicode_word_indices().flat_map(|(at, word)| runs(at, word)) {
        if run.starts_with(is_unspaced) {
            if at != unspaced.end {
                unspaced.flush(&mut emit);
            }
            unspaced.chars.extend(run.chars());
            unspaced.end = at + run.len();
            continue;
        }
        unspaced.flush(&mut emit);
        let run = run.get(..run.floor_char_boundary(4 * MAX_TERM_BYTES)).unwrap_or(run);
        let behind = text.get(at + run.len()..).unwrap_or_default();
        spaced(run, behind, &mut emit);
        if let Some(rest) = without_escape(text.get(..at).unwrap_or_default(), run) {
            spaced(rest, behind, &mut emit);
        }
    }
    unspaced.flush(&mut emit);
}

/// The word behind an escape like the `\n` of data and code, which stands at it as its first letter.
/// It is told beside the whole: a folder's name behind a backslash looks alike.
fn without_escape<'a>(before: &str, run: &'a str) -> Option<&'a str> {
    let escapes = before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    let rest = run.strip_prefix(['n', 'r', 't', 'b', 'f']).filter(|rest| !rest.is_empty());
    rest.filter(|_| escapes)
}

/// The parts of a word in scripts without spaces and in others, with their places: Unicode does not
/// cut `PDF를` or `2024년에`. What joined the parts (`한국_API`) belongs to none.
fn runs(at: usize, word: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = word.get(from..)?;
        let unspaced = is_unspaced(rest.chars().next()?);
        let end = rest.find(|c: char| is_unspaced(c) != unspaced).unwrap_or(rest.len());
        let (start, mut run) = (from, rest.get(..end)?);
        from += end;
        if !unspaced && from < word.len() {
            run = run.trim_end_matches(|c: char| !is_of_word(c));
        }
        let whole = run.len();
        if !unspaced && start > 0 {
            // A mark that stands first was on the character before.
            run = run.trim_start_matches(|c: char| !c.is_alphanumeric());
        }
        Some((at + start + whole - run.len(), run))
    })
    .filter(|(_, run)| !run.is_empty())
}

/// Characters of a script without spaces that stand together.
#[derive(Default)]
struct Unspaced {
    chars: Vec<char>,
    end: usize,
}

impl Unspaced {
    /// Tells the pairs. Each pair overlaps the next, so that a word of two characters or more is
    /// found wherever it begins.
    fn flush(&mut self, emit: &mut impl FnMut(Word<'_>)) {
        let mut pair = String::new();
        if let [one] = self.chars[..] {
            pair.push(one);
            emit(Word::Exact(&pair));
        }
        for two in self.chars.windows(2) {
            pair.clear();
            pair.extend(two);
            emit(Word::Exact(&pair));
        }
        if self.chars.len() > 1 {
            for one in self.chars.iter().filter(|one| is_word_alone(**one)) {
                emit(Word::Alone(one.encode_utf8(&mut [0; 4])));
            }
        }
        self.chars.clear();
    }
}

/// Thai to Khmer, kana, Han and Hangul: scripts whose words cannot be cut at spaces.
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Han and Hangul, of which one character can be a word: tea, water, a house.
const fn is_word_alone(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Tells a word of a script with spaces; `behind` is the text after it.
fn spaced(word: &str, behind: &str, emit: &mut impl FnMut(Word<'_>)) {
    let lower = word.to_lowercase();
    if word.chars().all(char::is_alphabetic) {
        emit(Word::Plain(&lower));
        camel_parts(word, emit);
        // C++ and C#, F#: Unicode does not see the sign as a part of the word.
        let sign = ["++", "#"].into_iter().find(|sign| behind.starts_with(sign));
        if let Some(sign) = sign.filter(|_| lower.len() <= 2) {
            emit(Word::Exact(&format!("{lower}{sign}")));
        }
        return;
    }
    if lower.contains(is_apostrophe) {
        return elided(&lower, emit);
    }
    let parts = || word.split(|c: char| !is_of_word(c)).filter(|part| !part.is_empty());
    if parts().nth(1).is_none() {
        // One part with digits, or with marks that belong to its letters.
        let has_digit = lower.chars().any(char::is_numeric);
        emit(if has_digit { Word::Exact(&lower) } else { Word::Plain(&lower) });
        return camel_parts(word, emit);
    }
    if parts().all(|part| part.chars().nth(1).is_none()) && !lower.contains(char::is_numeric) {
        // U.S.A. is USA.
        return emit(Word::Exact(&lower.replace('.', "")));
    }
    emit(Word::Exact(&lower));
    for part in parts().filter(|part| !part.chars().all(char::is_numeric)) {
        let lower = part.to_lowercase();
        let plain = part.chars().all(char::is_alphabetic);
        emit(if plain { Word::Plain(&lower) } else { Word::Exact(&lower) });
        camel_parts(part, emit);
    }
}

/// Whether `c` belongs to a part of a word: what joins parts is punctuation.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || !(c.is_ascii() || c.is_whitespace() || is_joiner(c))
}

/// The punctuation beyond ASCII at which Unicode does not cut a word.
const fn is_joiner(c: char) -> bool {
    matches!(c, '·' | '\u{203F}' | '\u{2040}' | '\u{2054}' | '\u{2024}' | '\u{2027}' | '．' | '：')
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '＇')
}

/// Tells a word with apostrophes: `Newton's` as Newton, `l'avion` as avion, `don't` as dont.
fn elided(lower: &str, emit: &mut impl FnMut(Word<'_>)) {
    let mut parts: Vec<String> =
        lower.split(is_apostrophe).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last == "s") {
        parts.pop();
    }
    if parts.len() > 1 && parts.last().is_some_and(|last| last.chars().count() <= 2) {
        let last = parts.pop().unwrap_or_default();
        if let Some(before) = parts.last_mut() {
            before.push_str(&last);
        }
    }
    let several = parts.len() > 1;
    for part in parts.iter().filter(|part| !several || part.chars().nth(1).is_some()) {
        let plain = part.chars().all(char::is_alphabetic);
        emit(if plain { Word::Plain(part) } else { Word::Exact(part) });
    }
}

/// Tells the parts of a name like `HttpServer` or `parseURL2`, where it has several.
fn camel_parts(word: &str, emit: &mut impl FnMut(Word<'_>)) {
    let mut start = 0;
    let mut before: Option<char> = None;
    let mut rest = word.char_indices().peekable();
    let mut tell = |part: &str| {
        if part.chars().nth(1).is_some() && part.chars().any(char::is_alphabetic) {
            emit(Word::Plain(&part.to_lowercase()));
        }
    };
    while let Some((at, c)) = rest.next() {
        let next_is_lower = rest.peek().is_some_and(|(_, next)| next.is_lowercase());
        let cut = before.is_some_and(|before| {
            c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_lower))
        });
        if cut {
            tell(word.get(start..at).unwrap_or_default());
            start = at;
        }
        before = Some(c);
    }
    if start > 0 {
        tell(word.get(start..).unwrap_or_default());
    }
}
