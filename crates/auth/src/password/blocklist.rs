//! Passwords that are guessed first.
//!
//! A list of them would be long: each common word in each spelling, doubled, with each year and
//! each run of digits behind it. So the list is kept as the rules that make it: common words
//! (`common_words.txt`), what is known of the user, straight walks over a keyboard, alphabets and
//! digits in order, repetitions, years. A password is on the list when it is *entirely* made of
//! such pieces but for a few characters; a long password that mentions one is not.

/// The fewest characters of a word that counts as one.
pub(super) const SHORTEST_WORD: usize = 3;
/// What a password must cost an attacker, in characters that cannot be predicted.
const LEAST_COST: usize = 7;

const COMMON_WORDS: &str = include_str!("common_words.txt");

/// Keys as they lie, one row above the other. Walks go along a row or down a column.
const KEYBOARDS: &[[&str; 4]] = &[
    ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"],
    ["1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-"],
    ["&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "wxcvbn,;:!"],
];

/// Why a password is easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Made of the words that most people choose.
    #[error("it is made of common words")]
    Common,
    /// Made of the user's own name or address, or of the service's name.
    #[error("it is made of your name, your address or our name")]
    Personal,
    /// Made of runs such as `12345`, `abcde` or `qwertz`.
    #[error("it follows a sequence")]
    Sequence,
    /// One piece over and over.
    #[error("it repeats itself")]
    Repetition,
}

/// A predictable piece: how many characters, what it costs to guess, and why.
#[derive(Clone, Copy)]
struct Piece {
    chars: usize,
    cost: usize,
    why: Option<Weakness>,
}

/// Whether `password` is more than predictable pieces. `personal` are words in lower case.
///
/// # Errors
/// The kind of piece that most of the password is made of.
pub(super) fn check(password: &str, personal: &[String]) -> Result<(), Weakness> {
    let lower: Vec<char> = password.to_lowercase().chars().collect();
    let unit = &lower[..period(&lower)];
    let (cost, why) = cheapest(unit, personal);
    if cost >= LEAST_COST {
        return Ok(());
    }
    let repeats = unit.len() < lower.len();
    Err(why.filter(|why| !repeats || *why != Weakness::Sequence).unwrap_or(Weakness::Repetition))
}

/// The length of the shortest text that, repeated at least once, begins with the whole.
fn period(text: &[char]) -> usize {
    (1..=text.len() / 2)
        .find(|length| text.iter().zip(&text[*length..]).all(|(a, b)| a == b))
        .unwrap_or(text.len())
}

/// Cuts the text into pieces so that the sum of their costs is least. Gives that sum, and the
/// reason of those pieces that hold most characters.
fn cheapest(text: &[char], personal: &[String]) -> (usize, Option<Weakness>) {
    // The best way to each position: its cost, and the last piece on it.
    let mut best: Vec<(usize, Piece)> =
        vec![(usize::MAX, Piece { chars: 0, cost: 0, why: None }); text.len() + 1];
    best[0].0 = 0;
    for start in 0..text.len() {
        let so_far = best[start].0;
        for piece in pieces(&text[start..], personal) {
            let way = &mut best[start + piece.chars];
            if so_far + piece.cost < way.0 {
                *way = (so_far + piece.cost, piece);
            }
        }
    }
    let mut chars_of: Vec<(Weakness, usize)> = Vec::new();
    let mut end = text.len();
    while end > 0 {
        let piece = best[end].1;
        if let Some(why) = piece.why {
            match chars_of.iter_mut().find(|(known, _)| *known == why) {
                Some((_, chars)) => *chars += piece.chars,
                None => chars_of.push((why, piece.chars)),
            }
        }
        end -= piece.chars;
    }
    let why = chars_of.into_iter().max_by_key(|(_, chars)| *chars).map(|(why, _)| why);
    (best[text.len()].0, why)
}

/// The pieces that the text can begin with; a single character always is one.
fn pieces(text: &[char], personal: &[String]) -> Vec<Piece> {
    let piece = |chars, cost, why| Piece { chars, cost, why: Some(why) };
    let mut found = vec![Piece { chars: 1, cost: 1, why: None }];
    let common = COMMON_WORDS.lines().filter(|word| begins_with(text, word));
    found.extend(common.map(|word| piece(word.chars().count(), 2, Weakness::Common)));
    let personal = personal.iter().filter(|word| begins_with(text, word));
    found.extend(personal.map(|word| piece(word.chars().count(), 1, Weakness::Personal)));
    let same = text.iter().take_while(|c| **c == text[0]).count();
    if same >= 3 {
        found.push(piece(same, 1, Weakness::Repetition));
    }
    let run = longest_run(text);
    if run >= 3 {
        // Three keys in a row also come by chance.
        found.push(piece(run, if run == 3 { 2 } else { 1 }, Weakness::Sequence));
    }
    if is_year(text) {
        found.push(piece(4, 1, Weakness::Sequence));
    }
    found
}

/// Whether the text begins with the word, letters written as digits or signs taken as letters.
fn begins_with(text: &[char], word: &str) -> bool {
    let mut text = text.iter();
    word.chars().all(|letter| text.next().is_some_and(|c| *c == letter || stands_for(*c, letter)))
}

fn stands_for(c: char, letter: char) -> bool {
    matches!(
        (c, letter),
        ('0', 'o')
            | ('1' | '!' | '|', 'i')
            | ('1' | '|', 'l')
            | ('2', 'z')
            | ('3', 'e')
            | ('4' | '@', 'a')
            | ('5' | '$', 's')
            | ('7' | '+', 't')
            | ('8', 'b')
            | ('9', 'g')
    )
}

/// The most characters from the beginning that follow one another in an alphabet, in digits or
/// in a straight line on a keyboard, forwards or backwards.
fn longest_run(text: &[char]) -> usize {
    let of = |follows: &dyn Fn(char, char) -> bool| {
        1 + text.windows(2).take_while(|pair| follows(pair[0], pair[1])).count()
    };
    let next = |a: char, b: char| a.is_alphanumeric() && u32::from(a) + 1 == u32::from(b);
    let around = |a, b| next(a, b) || (a, b) == ('9', '0');
    let mut longest = of(&around).max(of(&|a, b| around(b, a)));
    for keyboard in KEYBOARDS {
        for step in [(0, 1), (0, -1), (1, 0), (-1, 0)] {
            let walk = |a, b| {
                let (Some(a), Some(b)) = (key(keyboard, a), key(keyboard, b)) else {
                    return false;
                };
                (b.0 - a.0, b.1 - a.1) == step
            };
            longest = longest.max(of(&walk));
        }
    }
    longest
}

/// Where the key lies: its row and column.
fn key(keyboard: &[&str; 4], c: char) -> Option<(isize, isize)> {
    keyboard.iter().zip(0..).find_map(|(row, at)| {
        row.chars().zip(0..).find(|(other, _)| *other == c).map(|(_, column)| (at, column))
    })
}

/// Whether the text begins with a year of the last or the present century.
fn is_year(text: &[char]) -> bool {
    matches!(text, ['1', '9', c, d, ..] | ['2', '0', c, d, ..]
        if c.is_ascii_digit() && d.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Weakness::Common, &["password1234567", "PASSWORD12345678", "P@ssw0rd2024!!", "Passwort!2025",
        "letmeinletmein1", "welcomewelcome!", "iloveyouiloveyou", "monkeydragonmaster", "Summer2024Winter",
        "correcthorsebatterystaple", "qazwsxedcrfvtgb", "changeme-please", "administrator01", "supersecretpass"])]
    #[case(Weakness::Sequence, &["123456789012345", "qwertyuiopasdfgh", "abcdefghijklmno", "1qaz2wsx3edc4rfv",
        "qwertzuiopü+1234", "azertyuiopqsdfg", "987654321098765", "20202021", "mnbvcxzlkjhgfdsa"])]
    #[case(Weakness::Repetition, &["aaaaaaaaaaaaaaa", "abxabxabxabxabx", "xyxyxyxyxyxyxyxy", "111111112222222",
        "................", "123123123123123"])]
    fn what_is_guessed_first_is_refused(#[case] why: Weakness, #[case] bad: &[&str]) {
        for password in bad {
            assert_eq!(check(password, &[]), Err(why), "{password}");
        }
    }

    #[rstest]
    #[case("vier fische rot")]
    #[case("tr0ub4dor&3")]
    #[case("lampe zwiebel marder")]
    #[case("kx7vq2pw")]
    #[case("kx7vqpkx")]
    #[case("my monkey eats no grapes on sundays")]
    #[case("1234 Schritte bis zum Fluss")]
    #[case("Ω≈ç√∫µ≤≥÷åß∂ƒ©˙")]
    fn what_cannot_be_predicted_passes(#[case] good: &str) {
        assert_eq!(check(good, &[]), Ok(()), "{good}");
    }

    #[test]
    fn a_run_counts_as_little_as_it_says() {
        // Two for three keys in a row and five others; one for four in a row and five others.
        assert_eq!(check("123kxvqp", &[]), Ok(()));
        assert_eq!(check("1234kxvqp", &[]), Err(Weakness::Sequence));
    }

    #[test]
    fn the_cheapest_way_through_it_counts() {
        // Four characters and a word cost six.
        assert_eq!(check("kxvqlove", &[]), Err(Weakness::Common));
        // Behind nine comes zero: six in a row, and five others.
        assert_eq!(check("890123kxvqp", &[]), Err(Weakness::Sequence));
    }

    #[test]
    fn keys_in_a_column_are_a_run_both_ways() {
        assert_eq!(check("vfr4cde3xsw2", &[]), Err(Weakness::Sequence));
        assert_eq!(check("4rfv3edc2wsx", &[]), Err(Weakness::Sequence));
    }

    #[test]
    fn the_reason_is_what_most_of_it_is_made_of() {
        // Twice four keys against six letters, and against ten.
        assert_eq!(check("1234qwerdragon", &[]), Err(Weakness::Sequence));
        assert_eq!(check("1234qwerbasketball", &[]), Err(Weakness::Common));
        // The nearer reason, where two fit.
        assert_eq!(check("qwertz7q", &["qwertz".to_owned()]), Err(Weakness::Personal));
    }

    #[test]
    fn the_words_are_in_the_form_that_is_looked_for() {
        let words: Vec<&str> = COMMON_WORDS.lines().collect();
        assert!(words.len() > 300, "{}", words.len());
        assert!(words.is_sorted_by(|a, b| a < b), "sorted, each once");
        for word in words {
            assert!(word.chars().count() >= SHORTEST_WORD, "{word}");
            assert!(
                word.chars().all(char::is_alphanumeric) && word.to_lowercase() == word,
                "{word}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(password in any::<String>(), words in proptest::collection::vec(any::<String>(), 0..3)) {
            let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
            let _ = check(&password, &words);
        }

        #[test]
        fn a_common_word_stays_refused_whatever_is_usual_around_it(
            index in 0..500_usize, year in 1950..2030, capital in any::<bool>(), mark in "[!.?]{0,2}"
        ) {
            let word = COMMON_WORDS.lines().nth(index).expect("a word");
            let word = if capital { word.to_uppercase() } else { word.to_owned() };
            let password = format!("{}{}{}", word, year, mark);
            prop_assert!(check(&password, &[]).is_err());
        }

        #[test]
        fn random_passwords_of_fifteen_characters_pass(password in "[a-zA-Z0-9]{15}") {
            // Not for certain, but the odds against are beyond any test's.
            prop_assert_eq!(check(&password, &[]), Ok(()));
        }
    }
}
