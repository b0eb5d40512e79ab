//! Texts whose words are as common as those of a language: the n-th most common word comes 1/n times
//! as often as the first.

use crate::chance::Chance;

/// Different words.
const WORDS: usize = 50_000;
/// Words of a passage: with its heading about a chunk.
const PASSAGE_WORDS: std::ops::Range<usize> = 80..110;
/// Passages of a document.
pub const PASSAGES: u32 = 32;
/// The most common words, which no question consists of.
const COMMON: usize = 100;

const ONSETS: [&str; 16] =
    ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr"];
const RHYMES: [&str; 15] =
    ["an", "ar", "en", "er", "in", "on", "or", "al", "el", "at", "et", "is", "us", "o", "a"];

/// A source of texts: the same for the same seed.
pub struct Corpus {
    /// How often the words up to each one come together, of all.
    shares: Vec<f64>,
    chance: Chance,
}

impl Corpus {
    pub fn new(seed: u64) -> Self {
        let mut sum = 0.0;
        let shares: Vec<f64> = (1..=WORDS)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        Self { shares, chance: Chance::new(seed) }
    }

    fn rank(&mut self) -> usize {
        let at = self.chance.share() * self.shares.last().copied().unwrap_or(1.0);
        self.shares.partition_point(|share| *share < at).min(WORDS - 1)
    }

    /// A passage of one paragraph.
    pub fn passage(&mut self) -> String {
        let count = PASSAGE_WORDS.start + self.chance.below(PASSAGE_WORDS.len());
        let words: Vec<String> = (0..count).map(|_| word(self.rank())).collect();
        words.join(" ")
    }

    /// A question of three to six words that are not among the most common.
    pub fn question(&mut self) -> String {
        let count = 3 + self.chance.below(4);
        let words: Vec<String> = (0..count)
            .map(|_| {
                let rank = std::iter::repeat_with(|| self.rank()).find(|rank| *rank >= COMMON);
                word(rank.unwrap_or(COMMON))
            })
            .collect();
        words.join(" ")
    }
}

/// The word with this rank: two or three syllables.
fn word(rank: usize) -> String {
    let syllables = ONSETS.len() * RHYMES.len();
    let mut word = String::new();
    let mut rest = rank + syllables;
    while rest > 0 {
        let syllable = rest % syllables;
        word.push_str(ONSETS[syllable % ONSETS.len()]);
        word.push_str(RHYMES[syllable / ONSETS.len()]);
        rest /= syllables;
    }
    word
}
