//! Bytes into characters: which encoding a text is in.
//!
//! A byte order mark decides; then UTF-8, if all of it is that; then UTF-16 without a mark, where
//! every other byte is zero; then what a web page says of itself; at last the legacy encoding that
//! the bytes look most like. Binary data is refused, never shown as letters.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::{ExtractError, Result};

/// How much of a text is looked at to guess its encoding.
const LOOK_BYTES: usize = 1 << 20;

/// The text of these bytes. `declared` is the encoding that the content names, if it does.
pub(super) fn decode(bytes: Vec<u8>, declared: Option<&'static Encoding>) -> Result<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        return decode_as(encoding, &bytes[mark..]);
    }
    if let Some(encoding) = bare_utf16(&bytes) {
        return decode_as(encoding, &bytes);
    }
    if looks_binary(&bytes) {
        return Err(binary());
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    decode_as(declared.unwrap_or_else(|| guess(&bytes)), &bytes)
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<String> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    // A cut character at the end or a stray byte is no reason to refuse a text; many are.
    let wrong = text.matches('\u{FFFD}').take(1_000_000).count();
    if malformed && wrong > 3 && wrong > text.len() / 200 {
        return Err(ExtractError::Unsupported(format!(
            "the text is in an unknown encoding, {} does not fit: save it as UTF-8 and upload it again",
            encoding.name()
        )));
    }
    Ok(text.into_owned())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    // Where the first letters beyond ASCII stand is what counts.
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let look = &bytes[first.saturating_sub(LOOK_BYTES / 2)..];
    detector.feed(&look[..look.len().min(LOOK_BYTES)], true);
    // Bytes that are UTF-8 but for a few places are UTF-8.
    detector.guess(None, Utf8Detection::Allow)
}

/// Whether these bytes are UTF-16 without a byte order mark: text of mostly ASCII characters.
pub(super) fn bare_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let look = &bytes[..bytes.len().min(4_096)];
    let pairs = look.len() / 2;
    if pairs < 2 || !bytes.len().is_multiple_of(2) {
        return None;
    }
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

/// Whether these bytes, which are no UTF-16, are no text: zeros, or many control characters.
pub(super) fn looks_binary(bytes: &[u8]) -> bool {
    let look = &bytes[..bytes.len().min(LOOK_BYTES)];
    let control = look.iter().filter(|&&byte| !is_texty(byte)).count();
    look.contains(&0) || control > look.len() / 50
}

/// Whether these characters are read as a text: none is zero, and few are control characters.
pub fn is_text(text: &str) -> bool {
    !looks_binary(text.as_bytes())
}

/// Whether a text may hold this byte: no control character, but for white space and escape.
pub(super) fn is_texty(byte: u8) -> bool {
    byte >= 0x20 && byte != 0x7F || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1B)
}

fn binary() -> ExtractError {
    ExtractError::Unsupported(
        "the file is binary data, not text: upload a document or a text file".to_owned(),
    )
}

/// The encoding that a web page or an XML document declares in its first kilobyte.
pub(super) fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head: Vec<u8> = head[..head.len().min(1_024)].to_ascii_lowercase();
    ["charset=", "encoding="].iter().find_map(|word| {
        let at = head.windows(word.len()).position(|window| window == word.as_bytes())?;
        let value = head[at + word.len()..].strip_prefix(b"\"").or_else(|| {
            let value = &head[at + word.len()..];
            Some(value.strip_prefix(b"'").unwrap_or(value))
        })?;
        let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte);
        let end = value.iter().position(|byte| !is_label(byte)).unwrap_or(value.len());
        // Bytes that a page could write this in are no UTF-16, whatever it says.
        Encoding::for_label(&value[..end]).filter(|e| *e != UTF_8 && e.is_ascii_compatible())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        decode(bytes.to_vec(), None).unwrap()
    }

    #[test]
    fn what_is_mostly_control_characters_is_no_text() {
        assert!(
            is_text("") && is_text("Grüße\n\t世界") && is_text(&format!("\u{1}{}", "a".repeat(99)))
        );
        assert!(!is_text("a\0b") && !is_text("\u{1}\u{2}a"));
    }

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(decoded("Grüße 世界".as_bytes()), "Grüße 世界");
        assert_eq!(decoded(b"\xEF\xBB\xBFabc"), "abc");
        assert_eq!(decoded(b"\xFF\xFEa\0\xFC\0"), "aü");
        assert_eq!(decoded(b"\xFE\xFF\0a\0\xFC"), "aü");
        assert_eq!(decoded(b"H\0i\0 \0y\0o\0u\0"), "Hi you");
        assert_eq!(decoded(b"\0H\0i\0 \0y\0o\0u"), "Hi you");
        assert_eq!(
            decoded(b"Die Gr\xF6\xDFe der B\xE4ume \x96 \x84sch\xF6n\x93"),
            "Die Größe der Bäume – „schön“"
        );
        let russian = "Все люди рождаются свободными и равными в своём достоинстве";
        assert_eq!(decoded(&encoding_rs::WINDOWS_1251.encode(russian).0), russian);
        assert_eq!(decoded(&encoding_rs::KOI8_R.encode(russian).0), russian);
        let japanese = "すべての人間は、生まれながらにして自由であり";
        assert_eq!(decoded(&encoding_rs::SHIFT_JIS.encode(japanese).0), japanese);
        assert_eq!(decoded(&encoding_rs::EUC_JP.encode(japanese).0), japanese);
    }

    #[test]
    fn a_page_says_its_encoding() {
        assert_eq!(declared(b"<meta charset=\"KOI8-R\">"), Some(encoding_rs::KOI8_R));
        assert_eq!(declared(b"<?xml encoding='windows-1251'?>"), Some(encoding_rs::WINDOWS_1251));
        assert_eq!(declared(b"content=text/html;charset=shift_jis>"), Some(encoding_rs::SHIFT_JIS));
        assert_eq!(declared(b"<meta charset=utf-16>"), None);
        assert_eq!(declared(b"charset="), None);
    }

    #[test]
    fn binary_data_is_no_text() {
        for bytes in [&b"\x7FELF\x02\0\0\0"[..], b"\x01\x02\x03\x04\x05", &[0; 100]] {
            assert!(matches!(decode(bytes.to_vec(), None), Err(ExtractError::Unsupported(_))));
        }
    }
}
