//! Many texts cut into pieces of work of like size, so that all threads have some, none holds a
//! thread for long, and memory stays small.

/// About so many tokens make a piece.
const TOKENS: usize = 1_024;
/// A token has about so many bytes; a guess is enough here.
const BYTES_OF_TOKEN: usize = 4;

/// Neighbouring texts, about [`TOKENS`] tokens each time and one text at least. No text counts for
/// more than `longest` tokens, since it is cut there.
pub(crate) fn pieces(texts: &[String], longest: usize) -> impl Iterator<Item = &[String]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut tokens = 0;
        let fitting = rest.iter().take_while(|text| {
            let has_some = tokens > 0;
            tokens += (text.len() / BYTES_OF_TOKEN + 2).min(longest);
            !has_some || tokens <= TOKENS
        });
        let (piece, left) = rest.split_at(fitting.count());
        rest = left;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_is_in_one_piece_in_order(
            lengths in prop::collection::vec(0_usize..9_000, 0..40), longest in 8_usize..2_000,
        ) {
            let texts: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            let pieces: Vec<&[String]> = pieces(&texts, longest).collect();
            prop_assert_eq!(pieces.concat(), texts.clone());
            for piece in pieces {
                let tokens: usize = piece.iter().map(|text| (text.len() / 4 + 2).min(longest)).sum();
                prop_assert!(piece.len() == 1 || tokens <= TOKENS);
            }
        }
    }
}
