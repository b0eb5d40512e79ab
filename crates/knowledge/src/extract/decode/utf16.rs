//! UTF-16 that begins without a byte order mark.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::is_texty;

/// How much of a text is looked at.
const LOOK_BYTES: usize = 4_096;
/// Fewer characters tell nothing.
const LEAST_CHARS: usize = 8;

/// Whether these bytes are UTF-16 without a byte order mark: text of mostly ASCII characters.
pub(in crate::extract) fn bare_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let look = look(bytes)?;
    let pairs = look.len() / 2;
    let count = |high: usize| {
        let plain = |pair: &&[u8]| pair[high] == 0 && is_texty(pair[1 - high]);
        look.chunks_exact(2).filter(plain).count()
    };
    // Four of five: line breaks, digits and Latin letters among others.
    let most = |plain: usize| plain * 5 >= pairs * 4;
    if most(count(1)) {
        Some(UTF_16LE)
    } else if most(count(0)) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether these bytes, which would otherwise be binary data, are UTF-16 without a byte order mark
/// in letters that are not Latin: every character is one that texts have, and nearly all letters
/// are of one script.
pub(in crate::extract) fn foreign_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let look = look(bytes)?;
    let pairs = || look.as_chunks::<2>().0.iter().copied();
    let little = usual_chars(pairs().map(u16::from_le_bytes)).map(|usual| (usual, UTF_16LE));
    let big = usual_chars(pairs().map(u16::from_be_bytes)).map(|usual| (usual, UTF_16BE));
    // In the wrong order letters are mostly strewn over all scripts, but those of Greek are Korean.
    match (little, big) {
        (Some(little), Some(big)) if big.0 > little.0 => Some(big.1),
        (little, big) => little.or(big).map(|(_, encoding)| encoding),
    }
}

/// The beginning of these bytes, if they can be UTF-16 at all.
fn look(bytes: &[u8]) -> Option<&[u8]> {
    let is_even = bytes.len() >= 4 && bytes.len().is_multiple_of(2);
    is_even.then(|| &bytes[..bytes.len().min(LOOK_BYTES)])
}

/// How many blanks, digits, marks and Japanese syllables there are in what can be a text of one
/// script that is not Latin; none where it can be no such text.
fn usual_chars(units: impl Iterator<Item = u16>) -> Option<usize> {
    let mut units: Vec<u16> = units.collect();
    // The last character may be cut.
    if units.last().is_some_and(|last| (0xD800..0xDC00).contains(last)) {
        units.pop();
    }
    let text = String::from_utf16(&units).ok()?;
    let chars = text.chars().count();
    if chars < LEAST_CHARS || text.contains(is_odd) {
        return None;
    }
    let is_foreign_letter = |c: &char| c.is_alphanumeric() && !c.is_ascii();
    let letters: Vec<Script> = text.chars().filter(is_foreign_letter).map(script).collect();
    let of_script = |of: &Script| letters.iter().filter(|script| *script == of).count();
    // Names in other letters may stand among them.
    let most = letters.iter().take(64).map(of_script).max()?;
    let is_text = letters.len() * 2 >= chars && most * 10 >= letters.len() * 9;
    let is_usual = |c: &char| c.is_ascii() || matches!(c, '\u{3000}'..='\u{30FF}');
    is_text.then(|| text.chars().filter(is_usual).count())
}

/// Whether no text has this character: one that controls, is private or is none.
fn is_odd(c: char) -> bool {
    let is_break = matches!(c, '\t' | '\n' | '\r');
    c.is_control() && !is_break || matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{FFFF}')
}

/// Letters that stand together in texts, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Chinese characters and Japanese syllables.
    Han,
    /// Korean syllables.
    Hangul,
    /// The letters whose numbers begin with this byte.
    Block(u32),
}

fn script(c: char) -> Script {
    match c {
        '\u{3005}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}' => Script::Han,
        '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7A3}' => Script::Hangul,
        c => Script::Block(u32::from(c) >> 8),
    }
}
