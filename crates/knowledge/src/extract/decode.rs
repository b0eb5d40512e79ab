//! Bytes into characters: which encoding a text is in.
//!
//! A byte order mark decides; then UTF-16 without a mark (`utf16`); then ISO-2022-JP, which shifts
//! with escapes; then UTF-8, if all of it is that, or all but a few damaged places; then what the
//! server names that sent it, or else what a web page says of itself; at last the legacy encoding
//! that the bytes look most like. Binary data is refused, never shown as letters.
//!
//! UTF-8 comes before what is named since it is hardly ever met by chance, and many servers call all
//! their texts by the encoding of the oldest. Where a server names just that (`western`), which every
//! text fits, what a page says of itself comes before it, and so does a guess that has much to go by.

mod utf16;
mod utf8;
mod western;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::{ExtractError, Result};
pub(super) use utf16::{bare_utf16, foreign_utf16};

/// How much of a text is looked at to guess its encoding.
const LOOK_BYTES: usize = 1 << 20;

/// What these bytes are to be taken for by what their sender names, unless it is not so, and by what
/// they say of themselves.
pub(super) fn chosen(named: Option<&'static Encoding>, bytes: &[u8]) -> Option<&'static Encoding> {
    match named.filter(|encoding| fits(encoding, bytes)) {
        None => declared(bytes),
        // This is what servers name that do not know; it is also the one for ASCII.
        Some(named) if named == WINDOWS_1252 => {
            let declared = declared(bytes).filter(|encoding| holds(encoding, bytes));
            let guessed = || western::is_unlikely(look(bytes)).then(|| guess(bytes));
            declared.or_else(guessed).or(Some(named))
        }
        named => named,
    }
}

/// Whether these bytes are what they themselves say.
fn holds(declared: &'static Encoding, bytes: &[u8]) -> bool {
    if declared == UTF_8 {
        str::from_utf8(bytes).is_ok() || utf8::is_damaged(bytes, Some(UTF_8))
    } else if declared == ISO_2022_JP {
        is_shifted_japanese(bytes, Some(declared))
    } else {
        fits(declared, bytes)
    }
}

/// The text of these bytes. `declared` is the encoding that the content or its sender names, if
/// one does.
pub(super) fn decode(bytes: Vec<u8>, declared: Option<&'static Encoding>) -> Result<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        return decode_as(encoding, &bytes[mark..]);
    }
    if let Some(encoding) = bare_utf16(&bytes) {
        return decode_as(encoding, &bytes);
    }
    if let Some(encoding) = declared.filter(|encoding| is_utf16(encoding)) {
        return decode_as(encoding, &bytes);
    }
    if looks_binary(&bytes) {
        let encoding = foreign_utf16(&bytes).ok_or_else(binary)?;
        return decode_as(encoding, &bytes);
    }
    if is_shifted_japanese(&bytes, declared) {
        return decode_as(ISO_2022_JP, &bytes);
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    if utf8::is_damaged(&bytes, declared) {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    // Without its escapes it is no ISO-2022-JP, and with so many faults it is no UTF-8.
    let declared = declared.filter(|encoding| ![ISO_2022_JP, UTF_8].contains(encoding));
    decode_as(declared.unwrap_or_else(|| guess(&bytes)), &bytes)
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<String> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    if malformed && is_mostly_wrong(&text) {
        return Err(ExtractError::Unsupported(format!(
            "the text is in an unknown encoding, {} does not fit: save it as UTF-8 and upload it again",
            encoding.name()
        )));
    }
    Ok(text.into_owned())
}

/// Whether so much of a text was no character that it is in another encoding: a cut character at the
/// end or a stray byte is no reason to refuse it.
fn is_mostly_wrong(text: &str) -> bool {
    let wrong = text.matches('\u{FFFD}').take(1_000_000).count();
    wrong > 3 && wrong > text.len() / 200
}

/// Whether these bytes can be a text in this encoding, which their sender names.
fn fits(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    // All bytes are UTF-16 somehow, but a real one has zeros or many of those that control.
    if is_utf16(encoding) && !looks_binary(bytes) {
        return false;
    }
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    (!malformed || !is_mostly_wrong(&text)) && (!is_utf16(encoding) || is_text(&text))
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    [UTF_16LE, UTF_16BE].contains(&encoding)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let look = look(bytes);
    // Where a full look ends, a character may go on.
    detector.feed(look, look.len() < LOOK_BYTES);
    detector.guess(None, Utf8Detection::Allow)
}

/// The bytes that a guess goes by: where the first letters beyond ASCII stand is what counts.
fn look(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let look = &bytes[first.saturating_sub(LOOK_BYTES / 2)..];
    &look[..look.len().min(LOOK_BYTES)]
}

/// Whether these bytes are ISO-2022-JP, as in mail and old pages of Japan. All of it is ASCII, and so
/// UTF-8 too; what tells it is that its escapes choose sets of letters. Where nothing declares it,
/// all of them must be right: those of a terminal's colours are not.
fn is_shifted_japanese(bytes: &[u8], declared: Option<&'static Encoding>) -> bool {
    let shifts = || bytes.windows(2).any(|two| two == b"\x1B$" || two == b"\x1B(");
    let is_right =
        || ISO_2022_JP.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    bytes.is_ascii() && shifts() && (declared == Some(ISO_2022_JP) || is_right())
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
        "the file is binary data, not text: upload a document, or a text that is saved as UTF-8"
            .to_owned(),
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
        let is_possible = |e: &&'static Encoding| *e == ISO_2022_JP || e.is_ascii_compatible();
        Encoding::for_label(&value[..end]).filter(is_possible)
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
    fn japanese_that_shifts_is_read_and_colours_are_left() {
        let japanese = "これは日本語、そして ASCII です。";
        let bytes = encoding_rs::ISO_2022_JP.encode(japanese).0.into_owned();
        assert!(bytes.is_ascii());
        assert_eq!(decoded(&bytes), japanese);
        let declared = declared(b"<meta charset=iso-2022-jp>");
        assert_eq!(declared, Some(ISO_2022_JP));
        assert_eq!(decode(bytes, declared).unwrap(), japanese);
        for plain in ["\x1B[1mbold\x1B(B\x1B[m", "\x1B$ costs", "ü \x1B$B$3\x1B(B"] {
            assert_eq!(decoded(plain.as_bytes()), plain);
        }
        assert_eq!(decode(b"plain".to_vec(), declared).unwrap(), "plain");
        let other = encoding_rs::SHIFT_JIS.encode(japanese).0.into_owned();
        assert_eq!(decode(other, declared).unwrap(), japanese);
        // Where it is declared, a cut character does no harm.
        let cut = b"\x1B$B$3$s$K$A$O$\x1B(B, he said and went on for a while".to_vec();
        assert!(decode(cut, declared).unwrap().starts_with("こんにちは"));
    }

    #[test]
    fn what_a_sender_names_fits_or_not() {
        let (gbk, euc) = (encoding_rs::GBK, encoding_rs::EUC_JP);
        let chinese = gbk.encode("人人生而自由，在尊严和权利上一律平等。").0;
        assert!(fits(gbk, &chinese) && fits(gbk, b"plain"));
        // A cut character is no other encoding; many that are none are.
        assert!(fits(gbk, &chinese[1..]) && !fits(euc, &b"\xFF\xE2\xE0 ".repeat(9)));
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for text in ["Hi", "Цена", "人人生而自由"] {
            assert!(fits(UTF_16LE, &wide(text)), "{text}");
            assert_eq!(decode(wide(text), Some(UTF_16LE)).unwrap(), text);
        }
        assert!(!fits(UTF_16LE, b"just plain words") && !fits(UTF_16LE, "Größe".as_bytes()));
        // A text in an old encoding, and binary data.
        let german = WINDOWS_1252.encode("Die Größe der Bäume, schön").0;
        let numbers: Vec<u8> = (0_u32..400).flat_map(|n| (n * 70_000).to_le_bytes()).collect();
        for utf16 in [UTF_16LE, UTF_16BE] {
            assert!(!fits(utf16, &german) && !fits(utf16, &chinese) && !fits(utf16, &numbers));
        }
    }

    #[test]
    fn utf16_of_other_scripts_is_read() {
        for text in [
            "Все люди рождаются свободными.\r\nИ равными, в 1948 году.",
            "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι",
            "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
            "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。",
            "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
            "כל בני האדם נולדו בני חורין",
            "こんにちは、さようなら。ありがとう",
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decoded(&little), text);
            assert_eq!(decoded(&big), text);
        }
    }

    #[test]
    fn a_page_says_its_encoding() {
        assert_eq!(declared(b"<meta charset=\"KOI8-R\">"), Some(encoding_rs::KOI8_R));
        assert_eq!(declared(b"<?xml encoding='windows-1251'?>"), Some(encoding_rs::WINDOWS_1251));
        assert_eq!(declared(b"content=text/html;charset=shift_jis>"), Some(encoding_rs::SHIFT_JIS));
        assert_eq!(declared(b"<meta charset=utf-16>"), None);
        assert_eq!(declared(b"charset="), None);
        assert_eq!(declared(b"<meta charset=utf-8>"), Some(UTF_8));
    }

    #[test]
    fn binary_data_is_no_text() {
        let numbers: Vec<u8> = (0_u16..400).flat_map(u16::to_le_bytes).collect();
        let wave: Vec<u8> = (0_i16..400).flat_map(|n| ((n % 50 - 25) * 97).to_le_bytes()).collect();
        let scrambled: Vec<u8> = (0_u32..400)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).rotate_left(n % 32).to_le_bytes())
            .collect();
        for bytes in [
            &b"\x7FELF\x02\0\0\0"[..],
            b"\x01\x02\x03\x04\x05",
            b"\x04\x04\x04\x04",
            &[0; 100],
            &numbers,
            &wave,
            &scrambled,
        ] {
            assert!(matches!(decode(bytes.to_vec(), None), Err(ExtractError::Unsupported(_))));
        }
    }
}
