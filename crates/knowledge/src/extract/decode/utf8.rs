//! UTF-8 that is damaged in a few places: a character that was cut, a byte from elsewhere.

use encoding_rs::{Encoding, UTF_8};

/// The most bytes of what one wrong byte makes of a character.
const FAULT_BYTES: usize = 4;

/// Whether these bytes are UTF-8 but for a few places: another encoding would turn all of its letters
/// into others. In a legacy encoding, some letters happen to look like a character of UTF-8, but
/// more of them do not.
pub(super) fn is_damaged(bytes: &[u8], declared: Option<&'static Encoding>) -> bool {
    // How many right characters it takes to make good for a wrong one.
    let weight = match declared {
        Some(encoding) if encoding == UTF_8 => 1,
        None => 3,
        Some(_) => 8,
    };
    let (mut right, mut faults, mut wrong_bytes) = (0_usize, 0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            faults += wrong_bytes.div_ceil(FAULT_BYTES);
            wrong_bytes = 0;
            right += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        }
        wrong_bytes += chunk.invalid().len();
    }
    faults += wrong_bytes.div_ceil(FAULT_BYTES);
    right > 0 && right >= faults.saturating_mul(weight)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::extract::decode::{LOOK_BYTES, declared, decode};

    const SCRIPTS: [&str; 9] = [
        "Grüße aus Köln, schöne Bäume\n",
        "Все люди рождаются свободными\n",
        "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι\n",
        "すべての人間は、生まれながらにして自由\n",
        "人人生而自由，在尊严和权利上一律平等\n",
        "모든 인간은 태어날 때부터 자유로우며\n",
        "כל בני האדם נולדו בני חורין\n",
        "มนุษย์ทั้งหลายเกิดมามีอิสระ\n",
        "emoji 😀 and 🎉 and 🚀 and 🌍\n",
    ];

    #[test]
    fn a_cut_at_the_end_and_a_stray_byte_change_nothing_else() {
        let text = "Grüße aus Köln\n";
        assert_eq!(
            decode([text.as_bytes(), b"\xC3"].concat(), None).unwrap(),
            format!("{text}\u{FFFD}")
        );
        assert_eq!(
            decode([text.as_bytes(), b"caf\xE9 noir"].concat(), None).unwrap(),
            format!("{text}caf\u{FFFD} noir")
        );
    }

    #[test]
    fn what_a_page_declares_counts() {
        let page = b"<meta charset=utf-8><p>Gr\xC3\xBC\xC3e".to_vec();
        let declared = declared(&page);
        assert!(decode(page.clone(), declared).unwrap().ends_with("Grü\u{FFFD}e"));
        // It is wrong, though, if nothing is as it says.
        let page = b"<meta charset=utf-8><p>Die Gr\xF6\xDFe der B\xE4ume".to_vec();
        assert!(decode(page, declared).unwrap().ends_with("Die Größe der Bäume"));
    }

    #[test]
    fn a_look_that_ends_within_a_character_changes_nothing() {
        let text = format!("x{}", "世界".repeat(LOOK_BYTES / 4));
        let bytes = [text.as_bytes(), b"\xFF"].concat();
        assert!(decode(bytes, None).unwrap() == format!("{text}\u{FFFD}"));
        let other = encoding_rs::SHIFT_JIS.encode(&text).0.into_owned();
        assert!(decode(other, None).unwrap() == text);
    }

    #[test]
    fn legacy_encodings_are_none() {
        for (encoding, text) in [
            (encoding_rs::KOI8_R, "Ещё одно моё письмо, всё в нём моё и её"),
            (encoding_rs::GBK, "联通 人人生而自由，在尊严和权利上一律平等"),
            (encoding_rs::EUC_KR, "모든 인간은 태어날 때부터 자유로우며 한국"),
            (encoding_rs::SHIFT_JIS, "ﾃｽﾄ ｶﾀｶﾅ すべての人間"),
            (encoding_rs::WINDOWS_874, "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์ ทางการ"),
            (encoding_rs::WINDOWS_1252, "CAFÉ® et DÉJÀ», l’été à la plage, Größe"),
        ] {
            assert!(!is_damaged(&encoding.encode(text).0, None), "{}", encoding.name());
        }
    }

    proptest! {
        #[test]
        fn one_damaged_byte_leaves_the_other_lines(
            script in 0..SCRIPTS.len(), lines in 2..9_usize, at: prop::sample::Index, to in 1_u8..,
        ) {
            let text = SCRIPTS[script].repeat(lines);
            let mut bytes = text.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = to;
            let damaged = text[..text.floor_char_boundary(at)].matches('\n').count();
            let decoded = decode(bytes, None).unwrap();
            let kept = decoded.lines().filter(|line| *line == SCRIPTS[script].trim_end()).count();
            // A line break that became a letter takes two lines with it.
            let lost = if text.as_bytes()[at] == b'\n' { 2 } else { 1 };
            prop_assert!(kept + lost >= lines, "line {} of {}: {:?}", damaged, lines, decoded);
        }
    }
}
