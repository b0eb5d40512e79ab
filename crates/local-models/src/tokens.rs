//! From texts to token numbers.

use std::ops::Range;
use std::path::Path;

use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::ModelError;

/// A token has at most so many bytes on average over a whole text; what lies beyond cannot be
/// read by the model and need not be cut up.
const MOST_BYTES_OF_TOKEN: usize = 64;

/// Texts as token numbers, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub ids: Vec<u32>,
    /// 0 for a text or the first of a pair, 1 for the second.
    pub kinds: Vec<u32>,
    /// Where each text ends.
    ends: Vec<usize>,
}

impl Packed {
    /// Where the tokens of each text lie.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| start..*end)
    }

    fn push(&mut self, encoding: &Encoding) {
        self.ids.extend_from_slice(encoding.get_ids());
        self.kinds.extend_from_slice(encoding.get_type_ids());
        self.ends.push(self.ids.len());
    }
}

/// A model's tokenizer.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    most_bytes: usize,
}

impl Tokens {
    /// Reads `tokenizer.json`. Texts are cut to `longest` tokens, whatever the file says of
    /// cutting and padding.
    pub(crate) fn read(path: &Path, bytes: &[u8], longest: usize) -> Result<Self, ModelError> {
        let damaged = |error: tokenizers::Error| ModelError::damaged(path, error);
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(damaged)?;
        let truncation = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(damaged)?;
        Ok(Self { tokenizer, most_bytes: longest.saturating_mul(MOST_BYTES_OF_TOKEN) })
    }

    /// The tokens of some texts, with the marks that the model wants around them.
    pub(crate) fn of_texts<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Packed, ModelError> {
        let mut packed = Packed::default();
        for text in texts {
            packed.push(&self.encode(self.beginning(text))?);
        }
        Ok(packed)
    }

    /// The tokens of pairs with the same first half.
    pub(crate) fn of_pairs<'a>(
        &self,
        first: &str,
        seconds: impl IntoIterator<Item = &'a str>,
    ) -> Result<Packed, ModelError> {
        let mut packed = Packed::default();
        for second in seconds {
            packed.push(&self.encode((self.beginning(first), self.beginning(second)))?);
        }
        Ok(packed)
    }

    fn encode<'a>(
        &self,
        input: impl Into<tokenizers::EncodeInput<'a>>,
    ) -> Result<Encoding, ModelError> {
        self.tokenizer
            .encode_fast(input, true)
            .map_err(|error| ModelError::Tokens(error.to_string()))
    }

    fn beginning<'a>(&self, text: &'a str) -> &'a str {
        &text[..text.floor_char_boundary(self.most_bytes.min(text.len()))]
    }
}
