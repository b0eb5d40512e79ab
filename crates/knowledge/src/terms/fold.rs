//! Makes words alike that differ in accents only.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// `word` without the accents of the Latin, Greek and Cyrillic scripts. Marks of other scripts are
/// letters of theirs and stay.
pub(super) fn fold(word: Cow<'_, str>) -> String {
    if word.is_ascii() {
        return word.into_owned();
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36F}')).nfc() {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_go_and_letters_stay() {
        let folded = ["garçon", "straße", "ёлка", "λόγος", "한국", "กำลัง", "が", "हिन्दी"]
            .map(|word| fold(word.into()));
        assert_eq!(folded, ["garcon", "strasse", "елка", "λογοσ", "한국", "กำลัง", "が", "हिन्दी"]);
    }
}
