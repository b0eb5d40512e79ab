//! What a collection may be made of. Whatever is wrong is named by its field.

use vpaura_domain::{Chunking, clean_name};

use crate::{Error, Result};

const MAX_NAME_CHARS: usize = 200;
const MAX_TOKENS: std::ops::RangeInclusive<u32> = 64..=2_048;

/// A name without surrounding white space.
pub(super) fn name(name: &str) -> Result<String> {
    clean_name(name, MAX_NAME_CHARS).map_err(Error::text("name"))
}

/// Sizes that make sense.
pub(super) fn chunking(chunking: Chunking) -> Result<Chunking> {
    if !MAX_TOKENS.contains(&chunking.max_tokens) {
        let reason = "must be between 64 and 2048";
        return Err(Error::invalid("chunking.max_tokens", reason));
    }
    if chunking.overlap_tokens > chunking.max_tokens / 2 {
        let reason = "must be at most half of max_tokens";
        return Err(Error::invalid("chunking.overlap_tokens", reason));
    }
    Ok(chunking)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_have_a_sensible_size() {
        let field =
            |max_tokens, overlap_tokens| match chunking(Chunking { max_tokens, overlap_tokens }) {
                Err(Error::Invalid { field, .. }) => field,
                _ => String::new(),
            };
        for (max, overlap) in [(64, 0), (64, 32), (2_048, 1_024)] {
            assert_eq!(field(max, overlap), "", "{max} {overlap}");
        }
        assert_eq!(field(63, 0), "chunking.max_tokens");
        assert_eq!(field(2_049, 0), "chunking.max_tokens");
        assert_eq!(field(64, 33), "chunking.overlap_tokens");
    }
}
