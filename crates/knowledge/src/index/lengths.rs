//! A chunk's length in a byte: exact up to 63 terms, then within four percent. BM25 only needs to
//! know about how long a chunk is.

/// Lengths up to here are exact; 0 stands for no chunk.
const EXACT: u32 = 64;
/// Steps between a length and its double.
const STEPS: u32 = 16;

/// The byte for a chunk of `terms` terms. Never 0: that is the byte of a number without a chunk.
pub(super) fn encode(terms: u32) -> u8 {
    let terms = terms.max(1);
    if terms < EXACT {
        return low_byte(terms);
    }
    let doubling = terms.ilog2() - EXACT.ilog2();
    let step = (terms >> (doubling + 2)) - STEPS;
    low_byte((EXACT + doubling * STEPS + step).min(255))
}

/// About how many terms a byte stands for, 0 for no chunk.
pub(super) fn decode(code: u8) -> u32 {
    let code = u32::from(code);
    if code < EXACT {
        return code;
    }
    let (doubling, step) = ((code - EXACT) / STEPS, (code - EXACT) % STEPS);
    // The middle of the lengths that have this code.
    ((STEPS + step) << (doubling + 2)) + (1 << (doubling + 1))
}

const fn low_byte(n: u32) -> u8 {
    n.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lengths_come_back_within_four_percent(terms in 1_u32..200_000) {
            let back = decode(encode(terms));
            prop_assert!(back.abs_diff(terms) as f32 <= terms as f32 * 0.04, "{terms}: {back}");
            prop_assert!(encode(terms) <= encode(terms + 1));
        }
    }

    #[test]
    fn every_length_has_a_byte() {
        assert_eq!((encode(0), encode(1), encode(63), encode(u32::MAX)), (1, 1, 63, 255));
        assert_eq!(decode(0), 0);
        assert!((0..=254).all(|code| decode(code) < decode(code + 1)));
    }
}
