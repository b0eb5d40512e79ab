//! Drops hits that say again what a better one says.

use std::collections::HashSet;
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

struct Fingerprint {
    shingles: HashSet<u64>,
    numbers: HashSet<String>,
}

impl Fingerprint {
    fn of(text: &str) -> Self {
        let words: Vec<String> = text.unicode_words().map(str::to_lowercase).collect();
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let mut shingles: HashSet<u64> =
            words.windows(SHINGLE).map(|row| hasher.hash_one(row)).collect();
        if words.len() < SHINGLE {
            shingles.insert(hasher.hash_one(words.as_slice()));
        }
        let has_digit = |word: &&String| word.chars().any(char::is_numeric);
        Self { shingles, numbers: words.iter().filter(has_digit).cloned().collect() }
    }

    fn is_like(&self, other: &Self) -> bool {
        let (small, large) = (self.shingles.len(), other.shingles.len());
        let (small, large) = (small.min(large) as f32, small.max(large) as f32);
        // Sets of very different sizes cannot share enough, so they need not be compared.
        if small < ALIKE * large || self.numbers != other.numbers {
            return false;
        }
        let common = self.shingles.intersection(&other.shingles).count() as f32;
        common >= ALIKE * (small + large - common)
    }
}
