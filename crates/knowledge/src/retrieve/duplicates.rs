//! Drops hits that say again what a better one says.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use unicode_segmentation::UnicodeSegmentation;
use vpaura_domain::Hit;

/// How many words in a row are compared.
const SHINGLE: usize = 4;
/// Hits that share this much of their rows of words are the same.
const ALIKE: f32 = 0.8;

/// `hits`, best first, without those that are nearly the same as a better one. Texts with different
/// numbers in them are never the same: a price list of another year says something else.
pub fn drop_near_duplicates(hits: Vec<Hit>) -> Vec<Hit> {
    let mut kept: Vec<(Hit, Fingerprint)> = Vec::with_capacity(hits.len());
    for hit in hits {
        let print = Fingerprint::of(&hit.chunk.text);
        if !kept.iter().any(|(_, other)| print.is_like(other)) {
            kept.push((hit, print));
        }
    }
    kept.into_iter().map(|(hit, _)| hit).collect()
}

/// What a text is recognised by.
struct Fingerprint {
    /// The hashes of its rows of words, in order and each once: sets that are compared with most
    /// others are compared faster so.
    shingles: Vec<u64>,
    numbers: BTreeSet<String>,
}

impl Fingerprint {
    fn of(text: &str) -> Self {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut hashes = Vec::new();
        let mut numbers = BTreeSet::new();
        for word in text.unicode_words() {
            let word = word.to_lowercase();
            hashes.push(hasher.hash_one(&word));
            if word.chars().any(char::is_numeric) {
                numbers.insert(word);
            }
        }
        // Each word is hashed once, a row from the hashes of its words.
        let row = |words: &[u64]| {
            words.iter().fold(0_u64, |row, word| {
                (row.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            })
        };
        let mut shingles: Vec<u64> = match hashes.len() < SHINGLE {
            true => vec![row(&hashes)],
            false => hashes.windows(SHINGLE).map(row).collect(),
        };
        shingles.sort_unstable();
        shingles.dedup();
        Self { shingles, numbers }
    }

    fn is_like(&self, other: &Self) -> bool {
        let (small, large) = (self.shingles.len(), other.shingles.len());
        let (small, large) = (small.min(large) as f32, small.max(large) as f32);
        // Sets of very different sizes cannot share enough, so they need not be compared.
        if small < ALIKE * large || self.numbers != other.numbers {
            return false;
        }
        let common = in_both(&self.shingles, &other.shingles) as f32;
        common >= ALIKE * (small + large - common)
    }
}

/// How many numbers are in both; each list is in order and has none twice.
fn in_both(mut a: &[u64], mut b: &[u64]) -> usize {
    let mut count = 0;
    while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
        count += usize::from(first_a == first_b);
        (a, b) = match first_a.cmp(first_b) {
            Ordering::Less => (rest_a, b),
            Ordering::Greater => (a, rest_b),
            Ordering::Equal => (rest_a, rest_b),
        };
    }
    count
}
