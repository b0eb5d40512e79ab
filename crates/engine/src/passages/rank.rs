//! Ranks passages for a question by BM25 over Unicode words, with character pairs for scripts
//! that are written without spaces. No list of stop words: rarity weighs every language alike.
//! (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.)

use std::collections::HashMap;

use unicode_segmentation::UnicodeSegmentation;

use super::Excerpt;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// Scores every passage for the question; 0 where no word is shared.
pub(crate) fn rank(question: &str, passages: &mut [Excerpt]) {
    let mut wanted: HashMap<String, u32> = HashMap::new();
    for term in terms(question) {
        wanted.entry(term).or_insert(0);
    }
    let mut counted = Vec::with_capacity(passages.len());
    let mut total = 0_usize;
    for passage in passages.iter() {
        let mut found: HashMap<String, f32> = HashMap::new();
        let mut length = 0_usize;
        for term in terms(&passage.text) {
            length += 1;
            if wanted.contains_key(&term) {
                *found.entry(term).or_insert(0.0) += 1.0;
            }
        }
        for term in found.keys() {
            if let Some(passages_with_term) = wanted.get_mut(term) {
                *passages_with_term += 1;
            }
        }
        total += length;
        counted.push((length, found));
    }
    let n = passages.len() as f32;
    let average = (total as f32 / n.max(1.0)).max(1.0);
    for (passage, (length, found)) in passages.iter_mut().zip(counted) {
        let norm = K1 * (1.0 - B + B * length as f32 / average);
        passage.score = found
            .iter()
            .map(|(term, &count)| {
                let df = wanted.get(term).copied().unwrap_or(0) as f32;
                let idf = (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
                idf * count * (K1 + 1.0) / (count + norm)
            })
            .sum();
    }
}

/// The text's terms in lower case: words, and for unspaced scripts pairs of characters.
fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    let mut unspaced: Vec<char> = Vec::new();
    for word in text.unicode_words() {
        if word.chars().all(is_unspaced) {
            unspaced.extend(word.chars());
            continue;
        }
        pair_up(&mut unspaced, &mut terms);
        terms.push(word.to_lowercase());
    }
    pair_up(&mut unspaced, &mut terms);
    terms
}

fn pair_up(chars: &mut Vec<char>, terms: &mut Vec<String>) {
    if let [one] = chars[..] {
        terms.push(one.to_string());
    }
    terms.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
    chars.clear();
}

/// Thai to Khmer, kana, and Han: scripts written without spaces between words.
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FA1F}')
}

#[cfg(test)]
mod tests {
    use super::super::split;
    use super::*;
    use vpaura_domain::{FileId, IdGen, SequentialIds};

    fn best(question: &str, text: &str) -> String {
        let id = FileId::from_uuid(SequentialIds::default().uuid());
        let mut passages: Vec<_> = text.split('|').flat_map(|part| split(id, "d", part)).collect();
        rank(question, &mut passages);
        let best = passages.into_iter().max_by(|a, b| a.score.total_cmp(&b.score));
        best.map(|passage| passage.text.to_string()).expect("a passage")
    }

    #[test]
    fn the_passage_with_the_rare_words_wins() {
        let text = "The shop is open on the weekend.|The refund is 85 percent.|The sun is up.";
        assert_eq!(best("What is the refund?", text), "The refund is 85 percent.");
    }

    #[test]
    fn unspaced_scripts_are_found_too() {
        let text = "東京は日本の首都です。|大阪は商業の街です。";
        assert_eq!(best("日本の首都はどこですか", text), "東京は日本の首都です。");
    }
}
