//! Letters of PDF files: ligatures and drawn forms as the letters they are, writing from right to
//! left in the order of reading.

use unicode_normalization::UnicodeNormalization;

/// The letters that a character of a font stands for: ligatures and the drawn forms of Arabic and
/// Hebrew taken apart, soft hyphens and what nobody sees left out.
pub(super) fn plain(c: char) -> String {
    match c {
        '\u{FB00}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => c.nfkc().collect(),
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' => " ".to_owned(),
        '\u{AD}' | '\u{2010}' => "-".to_owned(),
        c if c.is_control() || c == '\u{FFFD}' || c == '\u{200B}' => String::new(),
        c => c.to_string(),
    }
}

/// Whether a letter is written from right to left.
pub(super) fn is_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Whether a letter stands without blanks beside the next word.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// A line as it stands from left to right, in the order of reading.
pub(super) fn in_reading_order(line: &str) -> String {
    if !line.chars().any(is_leftward) {
        return line.to_owned();
    }
    let mut read = String::with_capacity(line.len());
    let mut rightward: Vec<char> = Vec::new();
    for c in line.chars().rev() {
        if c.is_alphanumeric() && !is_leftward(c) || (!rightward.is_empty() && ".,:/-".contains(c))
        {
            rightward.push(c);
        } else {
            read.extend(rightward.drain(..).rev());
            read.push(mirrored(c));
        }
    }
    read.extend(rightward.drain(..).rev());
    read
}

fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        c => c,
    }
}

/// A text among a PDF's metadata: UTF-16 or UTF-8 with a mark, else Latin letters.
pub(super) fn of_metadata(bytes: &[u8]) -> String {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned()
        }
        None => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_are_letters() {
        assert_eq!("ﬁﬄ ﻼ".chars().map(plain).collect::<String>(), "fiffl لا");
    }

    #[test]
    fn lines_from_right_to_left_are_turned() {
        assert_eq!(in_reading_order("abc 1.5"), "abc 1.5");
        assert_eq!(in_reading_order("!םלוע 2024 םולש"), "שלום 2024 עולם!");
    }

    #[test]
    fn titles_are_decoded() {
        assert_eq!(of_metadata(b"\xFE\xFF\0A\x04\x16"), "AЖ");
        assert_eq!(of_metadata(b"Gr\xFCn"), "Grün");
    }
}
