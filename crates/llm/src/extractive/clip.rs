//! Cuts a long quote to the part of it that answers. Thai has no full stops, nor have the rows of a
//! table or the lines of a log: their sentences are as long as they like.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::rank::Hit;

/// The longest quote, in characters, beside what says that it was cut.
pub(super) const MAX_QUOTE_CHARS: usize = 600;
/// How far apart asked terms may stand to be quoted together, in characters: what they are asked
/// about stands around them.
const MAX_HITS_CHARS: usize = 400;
/// A longer piece of a word is not left away: it is no word, but data.
const MAX_WORD_BYTES: usize = 120;
/// Sums of the same numbers differ by less.
const ROUNDING: f64 = 1e-9;

/// The text, or, where it is too long, the part of it that holds most of what was asked. `hits`
/// tells where in it the asked terms stand, in order.
pub(super) fn clip(text: String, hits: impl FnOnce(&str) -> Vec<Hit>) -> String {
    let mut chars: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    if chars.len() <= MAX_QUOTE_CHARS {
        return text;
    }
    chars.push(text.len());
    let told = told(&hits(&text), &chars);
    let window = window(&told, chars.len() - 1);
    let byte = |at: usize| chars.get(at).copied().unwrap_or(text.len());
    let start = word_start(&text, byte(window.start), byte(told.start));
    let end = word_end(&text, start, byte(window.end), byte(told.end));
    let before = if start > 0 { "…" } else { "" };
    let behind = if end < text.len() { "…" } else { "" };
    format!("{before}{}{behind}", text.get(start..end).unwrap_or_default().trim())
}

/// Where the hits stand, near to each other, that tell most together; in characters, of which
/// `chars` are the places. Of equals the first.
fn told(hits: &[Hit], chars: &[usize]) -> Range<usize> {
    let at = |byte: usize| chars.partition_point(|place| *place < byte);
    let (mut best, mut most, mut tells) = (0..0, 0.0, 0.0);
    let mut near: VecDeque<(usize, usize)> = VecDeque::new();
    // How often each term stands near, and what it tells: twice tells no more than once.
    let mut standing: HashMap<usize, (usize, f64)> = HashMap::new();
    for hit in hits {
        let (start, end) = (at(hit.place.start), at(hit.place.end));
        while let Some((_, gone)) = near.pop_front_if(|(first, _)| *first + MAX_HITS_CHARS < end) {
            if let Entry::Occupied(mut entry) = standing.entry(gone) {
                entry.get_mut().0 -= 1;
                if entry.get().0 == 0 {
                    tells -= entry.remove().1;
                }
            }
        }
        near.push_back((start, hit.asked));
        let (count, _) = standing.entry(hit.asked).or_insert_with(|| {
            tells += hit.tells;
            (0, hit.tells)
        });
        *count += 1;
        if tells > most + ROUNDING {
            best = near.front().map_or(start, |(first, _)| *first)..end;
            most = tells;
        }
    }
    best
}

/// The characters around `told` to quote, of `all`: the beginning, where that will do, else more of
/// what stands behind than before.
fn window(told: &Range<usize>, all: usize) -> Range<usize> {
    let room = MAX_QUOTE_CHARS.saturating_sub(told.len());
    let start = if told.end + room / 4 <= MAX_QUOTE_CHARS {
        0
    } else {
        told.start.saturating_sub(room / 3).min(all.saturating_sub(MAX_QUOTE_CHARS))
    };
    start..(start + MAX_QUOTE_CHARS).min(all)
}

/// The first word behind `start`, unless that is behind `told` too.
fn word_start(text: &str, start: usize, told: usize) -> usize {
    if start == 0 {
        return 0;
    }
    let cut = text.get(start..).and_then(|rest| rest.split_word_bounds().next());
    let next = start + cut.filter(|cut| cut.len() <= MAX_WORD_BYTES).map_or(0, str::len);
    if next <= told { next } else { start }
}

/// Where the last whole word ends before `end`, unless that is before `told` ends or leaves nothing.
fn word_end(text: &str, start: usize, end: usize, told: usize) -> usize {
    if end == text.len() {
        return end;
    }
    let cut = text.get(start..end).and_then(|rest| rest.split_word_bounds().next_back());
    let last = end - cut.filter(|cut| cut.len() <= MAX_WORD_BYTES).map_or(0, str::len);
    if last >= told && last > start { last } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clip of a text in which these words were asked for, the first of which tells most.
    fn clipped(text: &str, asked: &[&str]) -> String {
        clip(text.to_owned(), |text| {
            let mut hits: Vec<Hit> = Vec::new();
            for ((number, word), tells) in asked.iter().enumerate().zip([1.0, 0.5]) {
                hits.extend(text.match_indices(word).map(|(at, word)| Hit {
                    place: at..at + word.len(),
                    asked: number,
                    tells,
                }));
            }
            hits.sort_by_key(|hit| hit.place.start);
            hits
        })
    }

    #[test]
    fn what_is_short_enough_stays() {
        let text = "x".repeat(MAX_QUOTE_CHARS);
        assert_eq!(clipped(&text, &["x"]), text);
    }

    #[test]
    fn the_beginning_is_quoted_where_it_will_do() {
        let text = format!("the fee is 20 euros {}", "and more ".repeat(200));
        let clip = clipped(&text, &["fee"]);
        assert!(clip.starts_with("the fee") && clip.ends_with('…'), "{clip}");
        let clip = clipped(&text, &["nowhere"]);
        assert!(clip.starts_with("the fee") && clip.ends_with('…'), "{clip}");
    }

    #[test]
    fn words_are_not_cut() {
        let text =
            format!("{}the fee is 20 euros {}", "before ".repeat(200), "behind ".repeat(200));
        let clip = clipped(&text, &["fee"]);
        assert!(clip.starts_with("…before ") && clip.ends_with(" behind…"), "{clip}");
        assert!(clip.contains("the fee is 20 euros"), "{clip}");
        assert!(clip.chars().count() <= MAX_QUOTE_CHARS + 2, "{clip}");
    }

    #[test]
    fn where_most_stands_together_is_quoted() {
        let gap = "gap ".repeat(300);
        let text = format!("a fee {gap} a fee, a room, a fee {gap} a room {gap}");
        let clip = clipped(&text, &["room", "fee"]);
        assert!(clip.contains("a fee, a room"), "{clip}");
    }

    #[test]
    fn what_has_no_words_is_cut_at_characters() {
        for c in ["x", "漢", "ก", "é", "👩‍👩‍👧"] {
            let text = format!("{}!fee!{}", c.repeat(2_000), c.repeat(2_000));
            let clip = clipped(&text, &["fee"]);
            assert!(clip.contains("!fee!"), "{clip}");
            assert!(clip.chars().count() <= MAX_QUOTE_CHARS + 2, "{clip}");
            assert!(clip.starts_with('…') && clip.ends_with('…'), "{clip}");
        }
        let end = clipped(&format!("{}fee", "x ".repeat(2_000)), &["fee"]);
        assert!(end.ends_with("x fee"), "{end}");
    }
}
