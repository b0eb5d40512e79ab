//! Finds the sentences that match a question, by BM25 over the sentences at hand.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::terms::{Term, terms};
use crate::Passage;

/// BM25's two constants: how fast repetition saturates, and how much length counts.
const K1: f64 = 1.2;
const B: f64 = 0.5;
/// A sentence must hold this share of what the question asks for (weighed by how telling each
/// term is) to count as relevant.
const MIN_COVERAGE: f64 = 0.1;
/// Or this share of its words, weighed by their length alone: where passages were searched for, all
/// of them hold what was asked, and it is not telling any more.
const MIN_WORDS: f64 = 0.25;
/// What a match by a word's beginning is worth of a match of the whole word.
const LOOSE: f64 = 0.7;
/// Quoted sentences score at least this share of the best.
const MIN_SHARE: f64 = 0.5;
/// The most sentences looked at. Far more than any answer's context holds.
const MAX_SENTENCES: usize = 50_000;

/// A sentence that matches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Match {
    /// The passage's place in the request.
    pub passage: usize,
    /// The sentence's place in the passage.
    pub sentence: usize,
    score: f64,
}

/// A place of a text where an asked term stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hit {
    /// In bytes of the text.
    pub place: Range<usize>,
    /// Which of the asked terms it is.
    pub asked: usize,
    /// How much it tells there.
    pub tells: f64,
}

/// What was found for a question.
pub(super) struct Ranked<'p> {
    /// The matching sentences, best first.
    pub matches: Vec<Match>,
    /// The sentences of every passage.
    pub sentences: Vec<Vec<&'p str>>,
    corpus: Corpus,
}

impl Ranked<'_> {
    /// Where in `text` the asked terms stand, in order.
    pub(super) fn hits(&self, text: &str) -> Vec<Hit> {
        let hit = |term: Term| {
            let (asked, share) = self.corpus.asked_by(&term)?;
            let tells = share * self.corpus.tells(self.corpus.asked.get(asked)?);
            Some(Hit { place: term.place, asked, tells })
        };
        terms(text).into_iter().filter_map(hit).collect()
    }
}

/// Ranks the sentences of the passages.
pub(super) async fn rank<'p>(question: &str, passages: &'p [Passage]) -> Ranked<'p> {
    let mut corpus = Corpus::new(question);
    let mut texts = Vec::with_capacity(passages.len());
    for (index, passage) in passages.iter().enumerate() {
        let room = MAX_SENTENCES.saturating_sub(corpus.sentences.len());
        let sentences: Vec<&str> = sentences(&passage.text).take(room).collect();
        for (place, sentence) in sentences.iter().enumerate() {
            corpus.add(index, place, sentence);
        }
        texts.push(sentences);
        // Many long passages must not hold up the other tasks of this thread.
        tokio::task::yield_now().await;
    }
    Ranked { matches: corpus.best(passages), sentences: texts, corpus }
}

/// The sentences of a text. A line is at least one sentence of its own, since lists, tables and
/// code have no full stops; unless it plainly goes on in the next, as wrapped prose does.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let (mut start, mut before) = (0, "");
    for line in text.split_inclusive('\n') {
        let mut goes_on = continues(before, line);
        for (at, sentence) in line.split_sentence_bound_indices() {
            let span = (start + at, start + at + sentence.len());
            match spans.last_mut() {
                Some(last) if goes_on => last.1 = span.1,
                _ => spans.push(span),
            }
            goes_on = false;
        }
        start += line.len();
        before = line;
    }
    spans
        .into_iter()
        .map(|(from, to)| text[from..to].trim())
        .filter(|sentence| sentence.chars().any(char::is_alphanumeric))
}

/// Whether a line is the rest of the one before it.
fn continues(before: &str, line: &str) -> bool {
    let open = before.trim_end().ends_with(|c: char| c.is_alphanumeric() || c == ',');
    open && line.starts_with(char::is_lowercase)
}

struct Corpus {
    /// The question's terms, no key twice.
    asked: Vec<Asked>,
    /// The place of each key in `asked`.
    places: HashMap<String, usize>,
    /// The places of the words with each beginning.
    beginnings: HashMap<String, Vec<usize>>,
    sentences: Vec<Sentence>,
    total_length: usize,
}

/// A term that the question asks for.
struct Asked {
    term: Term,
    /// In how many sentences it stands.
    frequency: usize,
}

struct Sentence {
    passage: usize,
    place: usize,
    length: usize,
    /// The asked terms that stand in it.
    found: HashMap<usize, Found>,
}

/// How an asked term stands in a sentence.
#[derive(Default)]
struct Found {
    count: usize,
    /// What the best of it is worth of the term as it was asked.
    share: f64,
}

impl Corpus {
    fn new(question: &str) -> Self {
        let mut asked = Vec::new();
        let mut places = HashMap::new();
        let mut beginnings: HashMap<String, Vec<usize>> = HashMap::new();
        for term in terms(question) {
            if places.contains_key(&term.key) {
                continue;
            }
            places.insert(term.key.clone(), asked.len());
            if let Some(beginning) = term.beginning() {
                beginnings.entry(beginning.to_owned()).or_default().push(asked.len());
            }
            asked.push(Asked { term, frequency: 0 });
        }
        Self { asked, places, beginnings, sentences: Vec::new(), total_length: 0 }
    }

    /// The place of the asked term that `term` stands for, and what it is worth of it.
    fn asked_by(&self, term: &Term) -> Option<(usize, f64)> {
        if let Some(&place) = self.places.get(&term.key) {
            let is_exact = self.asked.get(place)?.term.text == term.text;
            return Some((place, if is_exact { 1.0 } else { LOOSE }));
        }
        let alike = self.beginnings.get(term.beginning()?)?.iter();
        alike
            .filter_map(|&place| Some((place, term.kinship(&self.asked.get(place)?.term)?)))
            .max_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    fn add(&mut self, passage: usize, place: usize, text: &str) {
        let terms = terms(text);
        let length = terms.len();
        let mut found: HashMap<usize, Found> = HashMap::new();
        for term in terms {
            let Some((asked_place, share)) = self.asked_by(&term) else { continue };
            let Some(asked) = self.asked.get_mut(asked_place) else { continue };
            let here = found.entry(asked_place).or_default();
            asked.frequency += usize::from(here.count == 0);
            here.count += 1;
            here.share = here.share.max(share);
        }
        self.total_length += length;
        self.sentences.push(Sentence { passage, place, length, found });
    }

    /// How telling a term is: the rarer, the more. A term that no sentence holds tells most.
    fn tells(&self, asked: &Asked) -> f64 {
        let all = as_f64(self.sentences.len());
        let with = as_f64(asked.frequency);
        asked.term.weight * (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// The asked terms in a sentence: how telling each is there, and how often it stands there.
    fn held(&self, sentence: &Sentence) -> impl Iterator<Item = (f64, f64)> {
        // In the question's order, so that sums do not depend on a hash.
        self.asked.iter().enumerate().filter_map(|(place, asked)| {
            let found = sentence.found.get(&place)?;
            Some((found.share * self.tells(asked), as_f64(found.count)))
        })
    }

    /// The share of the question's words that a sentence holds, however common they are.
    fn words_held(&self, sentence: &Sentence) -> f64 {
        let all: f64 = self.asked.iter().map(|asked| asked.term.weight).sum();
        let held = self.asked.iter().enumerate().filter_map(|(place, asked)| {
            Some(sentence.found.get(&place)?.share * asked.term.weight)
        });
        held.sum::<f64>() / all.max(f64::MIN_POSITIVE)
    }

    fn best(&self, passages: &[Passage]) -> Vec<Match> {
        let wanted: f64 = self.asked.iter().map(|asked| self.tells(asked)).sum();
        let mean_length = as_f64(self.total_length) / as_f64(self.sentences.len().max(1));
        let mut matches: Vec<Match> = self
            .sentences
            .iter()
            .filter(|sentence| {
                let covered: f64 = self.held(sentence).map(|(tells, _)| tells).sum();
                let is_covered = covered >= MIN_COVERAGE * wanted;
                covered > 0.0 && (is_covered || self.words_held(sentence) >= MIN_WORDS)
            })
            .map(|sentence| Match {
                passage: sentence.passage,
                sentence: sentence.place,
                score: self.score(sentence, mean_length),
            })
            .collect();
        let prior = |m: &Match| passages.get(m.passage).map_or(0.0, |passage| passage.score);
        matches.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| prior(b).total_cmp(&prior(a)))
                .then_with(|| (a.passage, a.sentence).cmp(&(b.passage, b.sentence)))
        });
        let least = matches.first().map_or(0.0, |best| best.score * MIN_SHARE);
        matches.retain(|found| found.score >= least);
        matches
    }

    fn score(&self, sentence: &Sentence, mean_length: f64) -> f64 {
        let stretch = 1.0 - B + B * as_f64(sentence.length) / mean_length;
        self.held(sentence)
            .map(|(tells, count)| tells * count * (K1 + 1.0) / (count + K1 * stretch))
            .sum()
    }
}

/// A count as a number to reckon with; counts here are far below 2³².
fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_are_one_sentence_and_list_items_are_not() {
        let text = "The period\nstarts now. It ends\nthen.\n- one\n- two\nThree\nFour\n";
        let got: Vec<_> = sentences(text).collect();
        let expected =
            ["The period\nstarts now.", "It ends\nthen.", "- one", "- two", "Three", "Four"];
        assert_eq!(got, expected);
    }

    async fn best(question: &str, texts: &[&str]) -> Option<String> {
        let passages: Vec<Passage> = texts
            .iter()
            .zip(1..)
            .map(|(text, index)| Passage {
                index,
                document: "d".into(),
                headings: Vec::new(),
                text: (*text).into(),
                score: 0.0,
            })
            .collect();
        let ranked = rank(question, &passages).await;
        let found = ranked.matches.first();
        found.map(|found| ranked.sentences[found.passage][found.sentence].to_owned())
    }

    const HANDBOOK: &str = "# Handbook\nThe office opens at nine. The office dog is called Rex. \
        Refunds are paid within 30 days of the purchase.\n- The canteen serves lunch from noon.";

    #[tokio::test]
    async fn the_sentence_that_answers_comes_first() {
        for (question, part) in [
            ("What is the refund period?", "30 days"),
            ("When can I get lunch?", "noon"),
            ("what's the name of the dog", "Rex"),
            ("REFUNDS?", "30 days"),
        ] {
            let found = best(question, &[HANDBOOK]).await.unwrap_or_default();
            assert!(found.contains(part), "{question}: {found}");
        }
    }

    #[tokio::test]
    async fn what_the_passages_do_not_hold_is_not_found() {
        for question in ["What is the capital of France?", "", "???", "quantum chromodynamics"] {
            assert_eq!(best(question, &[HANDBOOK]).await, None, "{question}");
        }
        let single = ["The refund period is 30 days."];
        assert_eq!(best("What is the capital of France?", &single).await, None);
        assert!(best("What is the refund period?", &single).await.is_some());
    }

    #[tokio::test]
    async fn what_every_passage_holds_can_still_be_asked_for() {
        let single = ["# The heliotrope\n\nThe heliotrope turns to the sun."];
        assert!(best("Where does the heliotrope turn?", &single).await.is_some());
    }

    #[tokio::test]
    async fn any_script_will_do() {
        let texts = [
            "東京は日本の首都です。大阪は西日本の都市です。返金は三十日以内に行われます。",
            "Столица Франции — Париж. Возврат денег занимает тридцать дней.",
            "환불은 30일 이내에 처리됩니다. 점심은 정오에 제공됩니다.",
            "การคืนเงินใช้เวลาสามสิบวัน อาหารกลางวันเริ่มเที่ยง",
        ];
        for (question, part) in [
            ("返金はいつですか", "三十日"),
            ("日本の首都はどこ？", "東京"),
            ("столица Франции?", "Париж"),
            ("환불은 언제 되나요", "30일"),
            ("คืนเงินกี่วัน", "สามสิบวัน"),
        ] {
            let found = best(question, &texts).await.unwrap_or_default();
            assert!(found.contains(part), "{question}: {found}");
        }
    }

    #[tokio::test]
    async fn short_words_meet_their_other_forms() {
        for (question, text) in [
            ("How much is a room?", "Rooms cost 80 euros."),
            ("How much are rooms?", "A room costs 80 euros."),
            ("What are the fees?", "The fee is 20 euros."),
            ("Какая цена?", "Цены начинаются с 80 евро."),
            ("환불이 되나요?", "환불은 30일 이내에 처리됩니다."),
            ("PDF는?", "PDF를 올리면 됩니다."),
            ("2024년 매출은?", "2024년에 매출이 늘었습니다."),
        ] {
            assert_eq!(best(question, &[text]).await.as_deref(), Some(text), "{question}");
            let among = [HANDBOOK, text, "Nothing else is said here about anything at all."];
            assert_eq!(best(question, &among).await.as_deref(), Some(text), "{question}");
        }
    }

    #[tokio::test]
    async fn words_that_only_look_alike_do_not_match() {
        for (question, text) in [
            ("How much is a car?", "We care about you."),
            ("Is there a pool?", "The lunch is at noon."),
            ("What do they say about quantum physics?", "The canteen serves them."),
            ("Can I pay 100?", "It has 1000 seats."),
            ("프랑스의 수도는 어디입니까?", "점심은 정오에 제공됩니다."),
        ] {
            assert_eq!(best(question, &[text]).await, None, "{question}");
        }
        let texts = ["Rooms cost 80 euros.", "A room costs 70 euros."];
        assert_eq!(best("room", &texts).await.as_deref(), Some(texts[1]));
    }

    #[tokio::test]
    async fn equal_sentences_are_ordered_by_the_passages_scores() {
        let passage = |index, score| Passage {
            index,
            document: "d".into(),
            headings: Vec::new(),
            text: "Refunds take 30 days.".into(),
            score,
        };
        let passages = [passage(1, 0.1), passage(2, 0.9)];
        let ranked = rank("refunds", &passages).await;
        assert_eq!(ranked.matches.iter().map(|m| m.passage).collect::<Vec<_>>(), [1, 0]);
    }
}
