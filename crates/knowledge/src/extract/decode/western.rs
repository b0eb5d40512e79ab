//! What servers call Western (windows-1252, and so ISO-8859-1 and ASCII) since they call all texts that.

/// So many different bytes beyond ASCII tell an encoding: one word or sign again and again does not.
const LEAST_BYTES: usize = 4;
/// So many letters beyond ASCII within words tell one Latin alphabet from another.
const LEAST_LETTERS: usize = 16;

/// Whether a guess at the encoding of these bytes has enough to go by to be believed against a sender
/// that says Western: their letters beyond ASCII stand beside one another, as in other scripts, or there
/// are many. Signs are passed over (`£12`, `20 °C`): they are what guesses go wrong by.
pub(super) fn is_unlikely(bytes: &[u8]) -> bool {
    let beyond = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let mut seen = [false; 256];
    // Not in rows of dashes, dots or blanks, which are all the same byte.
    let mut beside = 0_usize;
    for pair in bytes.windows(2) {
        if !pair[0].is_ascii() && !pair[1].is_ascii() && pair[0] != pair[1] {
            beside += 1;
            pair.iter().for_each(|byte| seen[usize::from(*byte)] = true);
        }
    }
    let mut within = 0_usize;
    for three in bytes.windows(3) {
        if three[0].is_ascii_alphabetic() && !three[1].is_ascii() && three[2].is_ascii_alphabetic()
        {
            within += 1;
            seen[usize::from(three[1])] = true;
        }
    }
    let different = seen.iter().filter(|seen| **seen).count();
    different >= LEAST_BYTES && (beside * 2 >= beyond || within >= LEAST_LETTERS)
}

#[cfg(test)]
mod tests {
    use encoding_rs::*;

    use crate::extract::decode::{chosen, decode};

    /// The text of these bytes, which their sender calls ISO-8859-1.
    fn read(bytes: &[u8]) -> String {
        decode(bytes.to_vec(), chosen(Some(WINDOWS_1252), bytes)).unwrap()
    }

    #[test]
    fn what_is_in_another_script_or_alphabet_is_read() {
        let polish = "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. \
                      Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu \
                      braterstwa. Każdy człowiek posiada wszystkie prawa, bez względu na różnice, język, \
                      płeć, poglądy, narodowość, pochodzenie społeczne czy majątek. Każdy człowiek ma \
                      prawo do życia, wolności i bezpieczeństwa swej osoby. Nikogo nie można torturować \
                      ani karać w sposób okrutny lub poniżający.";
        for (encoding, text) in [
            (WINDOWS_1251, "Цена"),
            (WINDOWS_1251, "Our office in Москва is open"),
            (KOI8_R, "Все люди рождаются свободными"),
            (SHIFT_JIS, "こんにちは世界"),
            (EUC_JP, "こんにちは世界"),
            (GBK, "中文网页"),
            (BIG5, "人人生而自由，在尊嚴和權利上一律平等。"),
            (EUC_KR, "모든 인간은 태어날 때부터"),
            (WINDOWS_1253, "Όλοι οι άνθρωποι"),
            (WINDOWS_1255, "כל בני האדם"),
            (WINDOWS_1250, polish),
        ] {
            assert_eq!(read(&encoding.encode(text).0), text, "{}", encoding.name());
        }
    }

    #[test]
    fn what_is_western_stays_that() {
        for text in [
            "Die Größe der Bäume",
            "ÄÖÜ ÉÈÊ ÀÇ TÉLÉPHONE NUMÉRO",
            "Hyvää päivää, mitä kuuluu? Äiti työssä tänään",
            "Price: £12, €15; 20 °C ± 2 µm × 3 ½",
            "½ ¼ ¾",
            "naïve",
            "Škoda, Žižek, Beyoncé",
            "———————— ········ »»»» \u{a0}\u{a0}\u{a0}\u{a0}",
            "öä öä",
        ] {
            for times in [1, 40] {
                let text = format!("{text}\n").repeat(times);
                assert_eq!(read(&WINDOWS_1252.encode(&text).0), text);
            }
        }
    }

    #[test]
    fn what_a_page_declares_comes_first_if_it_holds() {
        let page = |charset: &str, letters: &[u8]| {
            let page = [format!("<meta charset={charset}>").as_bytes(), letters].concat();
            read(&page).split_once('>').unwrap().1.to_owned()
        };
        assert_eq!(page("windows-1251", b"\xCF\xF0"), "Пр");
        assert_eq!(page("iso-8859-2", b"\xB1"), "ą");
        assert_eq!(page("iso-2022-jp", b"\x1B$B$3\x1B(B"), "こ");
        assert_eq!(page("utf-8", "ą".as_bytes()), "ą");
        // These are wrong.
        assert_eq!(page("utf-8", b"na\xEFve"), "naïve");
        assert_eq!(page("iso-2022-jp", b"na\xEFve"), "naïve");
        assert_eq!(page("euc-jp", &b"\xFF\xE9 ".repeat(9)), "ÿé ".repeat(9));
    }
}
