//! Texts made fit to send: cut to what the model reads, and put into batches.

use std::borrow::Cow;

use crate::{count_tokens, count_tokens_up_to};

/// A token that is cut at has rarely more bytes; only a text that is far too long is cut so.
const BYTES_OF_TOKEN: usize = 16;

/// The limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchLimits {
    /// The most texts.
    pub texts: usize,
    /// The most tokens of all texts.
    pub tokens: usize,
}

/// The beginning of `text` that has at most `limit` tokens, whole characters.
pub(crate) fn beginning(text: &str, limit: usize) -> &str {
    if text.len() <= limit || count_tokens_up_to(text, limit).is_some() {
        return text;
    }
    let most = limit.saturating_mul(BYTES_OF_TOKEN).min(text.len());
    let (mut fits, mut too_long) = (0, text.floor_char_boundary(most) + 1);
    while too_long - fits > 1 {
        let middle = text.floor_char_boundary(usize::midpoint(fits, too_long));
        if middle <= fits {
            // Within one character there is nothing to choose.
            break;
        }
        match count_tokens_up_to(&text[..middle], limit) {
            Some(_) => fits = middle,
            None => too_long = middle,
        }
    }
    &text[..fits]
}

/// Neighbouring texts, as many as `limits` allow each time and one at least.
pub(crate) fn batches<'a>(texts: Vec<Cow<'a, str>>, limits: BatchLimits) -> Vec<Vec<Cow<'a, str>>> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    let mut tokens = 0;
    for text in texts {
        let count = count_tokens(&text);
        let full = batch.len() >= limits.texts || tokens + count > limits.tokens;
        if full && !batch.is_empty() {
            batches.push(std::mem::take(&mut batch));
            tokens = 0;
        }
        tokens += count;
        batch.push(text);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_beginning_fits_and_is_not_much_too_short(text in "\\PC{0,300}", limit in 1_usize..60) {
            let start = beginning(&text, limit);
            prop_assert!(text.starts_with(start));
            prop_assert!(count_tokens(start) <= limit);
            if count_tokens(&text) <= limit {
                prop_assert_eq!(start, &text);
            } else {
                // A character has at most four bytes, each a token at worst.
                prop_assert!(count_tokens(start) + 8 >= limit, "{start:?}");
            }
        }

        #[test]
        fn batches_keep_all_texts_in_order(
            lengths in prop::collection::vec(0_usize..40, 0..50),
            texts in 1_usize..9, tokens in 1_usize..60,
        ) {
            let all: Vec<Cow<'_, str>> =
                lengths.iter().map(|length| "word ".repeat(*length).into()).collect();
            let batches = batches(all.clone(), BatchLimits { texts, tokens });
            prop_assert_eq!(batches.concat(), all);
            for batch in batches {
                let sum: usize = batch.iter().map(|text| count_tokens(text)).sum();
                prop_assert!(!batch.is_empty() && batch.len() <= texts);
                prop_assert!(batch.len() == 1 || sum <= tokens);
            }
        }
    }

    #[test]
    fn a_huge_text_is_cut_quickly() {
        let text = "abc ".repeat(1_000_000);
        assert_eq!(count_tokens(beginning(&text, 512)), 512);
        assert!(count_tokens(beginning(&"漢".repeat(100_000), 100)) <= 100);
    }
}
