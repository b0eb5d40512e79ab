//! Chance as an argument: where secrets come from.

use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngCore;
use sha2::{Digest, Sha256};

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The source of production: a ChaCha generator that the operating system seeds and reseeds.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// The source of tests: the same bytes for the same seed, in the same order.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    blocks: AtomicU64,
}

impl SeededEntropy {
    /// A source whose bytes follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { seed, blocks: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let block = self.blocks.fetch_add(1, Ordering::Relaxed);
            let digest = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(block.to_be_bytes());
            part.copy_from_slice(&digest.finalize()[..part.len()]);
        }
    }
}

/// `count` characters of `alphabet`, each equally likely.
pub(crate) fn characters(entropy: &dyn Entropy, alphabet: &[u8], count: usize) -> String {
    // Bytes at or above the largest multiple of the alphabet's size would favour its beginning.
    let fair = 256 / alphabet.len() * alphabet.len();
    let mut text = String::with_capacity(count);
    let mut bytes = [0_u8; 64];
    while text.len() < count {
        entropy.fill(&mut bytes);
        let picks = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        let missing = count - text.len();
        text.extend(picks.map(|byte| char::from(alphabet[byte % alphabet.len()])).take(missing));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_and_bytes_go_on() {
        let (a, b) = (SeededEntropy::new(1), SeededEntropy::new(1));
        let (mut first, mut second, mut again) = ([0; 40], [0; 40], [0; 40]);
        a.fill(&mut first);
        a.fill(&mut second);
        b.fill(&mut again);
        assert_eq!(first, again);
        assert_ne!(first, second);
    }

    /// Every byte in order, again and again.
    #[derive(Default)]
    struct EveryByte(AtomicU64);

    impl Entropy for EveryByte {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()[7];
            }
        }
    }

    #[test]
    fn no_character_is_favoured() {
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        // Four times 62 bytes count, and the last eight of 256 do not.
        let once = String::from_utf8(alphabet.repeat(4)).expect("ASCII");
        let text = characters(&EveryByte::default(), alphabet, 2 * 4 * 62 + 7);
        assert_eq!(text, format!("{once}{once}0123456"));
    }

    #[test]
    fn every_character_is_drawn_and_no_other() {
        let alphabet = b"0123456789";
        let text = characters(&OsEntropy, alphabet, 2_000);
        assert_eq!(text.len(), 2_000);
        for digit in alphabet {
            let share = text.bytes().filter(|byte| byte == digit).count();
            // Ten standard deviations around 200.
            assert!((65..=335).contains(&share), "{} came {share} times", char::from(*digit));
        }
    }
}
