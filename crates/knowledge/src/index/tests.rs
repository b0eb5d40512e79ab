//! Segments as a whole: what is built is found, however it is cut and merged.

use super::*;
use crate::terms::{Language, QueryTerms, QueryWord};
use proptest::prelude::*;
use std::collections::HashMap;

type Chunk = Vec<String>;

fn build(first_no: u32, chunks: &[(u32, Chunk)]) -> BuiltSegment {
    let mut builder = SegmentBuilder::new(first_no);
    for (no, terms) in chunks {
        builder.add(*no, terms, Language::ENGLISH).expect("numbers in order");
    }
    builder.finish()
}

fn stats(segment: &BuiltSegment) -> SegmentStats<'_> {
    SegmentStats {
        first_no: segment.first_no,
        chunks: segment.chunks,
        terms_total: segment.terms_total,
        lengths: &segment.lengths,
        allowed: None,
    }
}

fn search(
    query: &QueryTerms,
    segments: &[BuiltSegment],
    allowed: Option<&NoSet>,
    n: usize,
) -> Vec<(u32, f32)> {
    let stats: Vec<_> =
        segments.iter().map(|segment| SegmentStats { allowed, ..stats(segment) }).collect();
    let lists: Vec<_> = segments
        .iter()
        .enumerate()
        .flat_map(|(segment, built)| {
            built.postings.iter().map(move |(term, data)| PostingList { segment, term, data })
        })
        .collect();
    let found = bm25(query, &stats, &lists, n).expect("sound lists");
    found.into_iter().map(|hit| (hit.no, hit.score)).collect()
}

fn query(words: &[&[&str]]) -> QueryTerms {
    let word = |variants: &&[&str]| QueryWord {
        variants: variants.iter().map(|term| (*term).to_owned()).collect(),
        weight: 1.0,
    };
    QueryTerms { words: words.iter().map(word).collect() }
}

/// BM25 as the books have it, over whole chunks of fewer than 64 terms.
fn by_the_book(words: &[&[&str]], chunks: &[(u32, Chunk)]) -> Vec<(u32, f32)> {
    let n = chunks.len() as f32;
    let average = chunks.iter().map(|(_, terms)| terms.len()).sum::<usize>() as f32 / n.max(1.0);
    let count = |terms: &Chunk, word: &[&str]| {
        terms.iter().filter(|term| word.contains(&term.as_str())).count() as f32
    };
    let mut scores: HashMap<u32, f32> = HashMap::new();
    for word in words {
        // As the index counts: once for each variant.
        let having: usize = word
            .iter()
            .map(|term| chunks.iter().filter(|(_, terms)| terms.iter().any(|t| t == term)).count())
            .sum();
        let having = (having as f32).min(n);
        let rarity = (1.0 + (n - having + 0.5) / (having + 0.5)).ln();
        for (no, terms) in chunks {
            let count = count(terms, word);
            let norm =
                bm25::K1 * (1.0 - bm25::B + bm25::B * terms.len().max(1) as f32 / average.max(1.0));
            if count > 0.0 {
                *scores.entry(*no).or_default() +=
                    rarity * count * (bm25::K1 + 1.0) / (count + norm);
            }
        }
    }
    let mut scores: Vec<_> = scores.into_iter().collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scores
}

fn any_chunks() -> impl Strategy<Value = Vec<(u32, Chunk)>> {
    let terms = prop::collection::vec("[a-e]".prop_map(String::from), 0..12);
    prop::collection::btree_map(0_u32..300, terms, 1..40)
        .prop_map(|chunks| chunks.into_iter().collect())
}

/// The chunks in segments that begin where `cuts` say.
fn in_segments(chunks: &[(u32, Chunk)], cuts: &[u32]) -> Vec<BuiltSegment> {
    let mut cuts: Vec<u32> = cuts.iter().copied().chain([0, 300]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .map(|range| {
            let inside = |(no, _): &&(u32, Chunk)| (range[0]..range[1]).contains(no);
            build(range[0], &chunks.iter().filter(inside).cloned().collect::<Vec<_>>())
        })
        .collect()
}

fn alike(a: &[(u32, f32)], b: &[(u32, f32)]) -> bool {
    // Sums in another order may differ in their last digits, and so the order of equals.
    let by_no = |list: &[(u32, f32)]| list.iter().copied().collect::<HashMap<u32, f32>>();
    let b = by_no(b);
    a.len() == b.len()
        && by_no(a).iter().all(|(no, score)| b.get(no).is_some_and(|b| (score - b).abs() < 1e-3))
}

proptest! {
    #[test]
    fn scores_are_those_of_the_book_however_segments_are_cut(
        chunks in any_chunks(),
        cuts in prop::collection::vec(0_u32..300, 0..6),
    ) {
        let words: &[&[&str]] = &[&["a"], &["b", "c"], &["x"]];
        let found = search(&query(words), &in_segments(&chunks, &cuts), None, 1_000);
        prop_assert!(alike(&found, &by_the_book(words, &chunks)), "{found:?}");
        prop_assert!(found.is_sorted_by(|a, b| a.1 >= b.1));
    }

    #[test]
    fn merging_changes_no_answer(
        chunks in any_chunks(),
        cuts in prop::collection::vec(0_u32..300, 0..6),
        every in 1_u32..6,
    ) {
        let parts = in_segments(&chunks, &cuts);
        let alive = |no: u32| no.is_multiple_of(every);
        let merged = merge_segments(&parts, alive).expect("side by side");
        let left: Vec<_> = chunks.iter().filter(|(no, _)| alive(*no)).cloned().collect();
        prop_assert_eq!(merged.chunks as usize, left.len());
        let fresh = build(0, &left);
        prop_assert_eq!(&merged.postings, &fresh.postings);
        prop_assert_eq!(&merged.lengths[..fresh.lengths.len()], &fresh.lengths[..]);
        if every == 1 {
            let words: &[&[&str]] = &[&["a"], &["b", "d"]];
            let before = search(&query(words), &parts, None, 1_000);
            prop_assert!(alike(&search(&query(words), &[merged], None, 1_000), &before));
        }
    }

    #[test]
    fn only_what_is_allowed_is_found_and_the_best_of_it(
        chunks in any_chunks(),
        from in 0_u32..300,
        span in 0_u32..200,
        n in 0_usize..20,
    ) {
        let allowed = NoSet::new([from..from + span, 250..260]);
        let words: &[&[&str]] = &[&["a"], &["b"]];
        let segments = in_segments(&chunks, &[100, 200]);
        let mut expected = search(&query(words), &segments, None, 1_000);
        expected.retain(|(no, _)| allowed.contains(*no));
        expected.truncate(n);
        prop_assert_eq!(search(&query(words), &segments, Some(&allowed), n), expected);
    }

    #[test]
    fn the_nearest_signatures_are_found(
        vectors in prop::collection::btree_map(10_u32..200, prop::collection::vec(-1.0_f32..1.0, 70), 1..30),
        wanted in prop::collection::vec(-1.0_f32..1.0, 70),
        from in 0_u32..200,
        n in 0_usize..40,
    ) {
        let vectors: Vec<_> = vectors.into_iter().collect();
        let distance = |vector: &[f32]| {
            vector.iter().zip(&wanted).filter(|(a, b)| (**a > 0.0) != (**b > 0.0)).count() as u32
        };
        let allowed = (from..250).collect::<NoSet>();
        let mut expected: Vec<_> = vectors
            .iter()
            .filter(|(no, _)| *no >= from)
            .map(|(no, vector)| (distance(vector), *no))
            .collect();
        expected.sort_unstable();
        expected.truncate(n);
        let (low, high): (Vec<_>, Vec<_>) = vectors.iter().cloned().partition(|(no, _)| *no < 100);
        let low = signatures_blob(10, 90, &low).expect("in range");
        let high = signatures_blob(100, 100, &high).expect("in range");
        let part = |segment, first_no, span, data| {
            Signatures { segment, first_no, span, data, allowed: Some(&allowed) }
        };
        let parts = [part(0, 10, 90, &low[..]), part(1, 100, 100, &high[..])];
        let found = nearest(&wanted, &parts, n).expect("sound");
        let found: Vec<_> = found.into_iter().map(|near| (near.distance, near.no)).collect();
        prop_assert_eq!(&found, &expected);
        let merged = merge_signatures(10, 190, &parts, |_| true).expect("sound");
        let found = nearest(&wanted, &[part(0, 10, 190, &merged)], n).expect("sound");
        let found: Vec<_> = found.into_iter().map(|near| (near.distance, near.no)).collect();
        prop_assert_eq!(&found, &expected);
    }

    #[test]
    fn no_stored_bytes_do_harm(
        data: Vec<u8>,
        lengths: Vec<u8>,
        span in 0_u32..70_000,
        first_no in prop_oneof![Just(0), Just(u32::MAX)],
    ) {
        let segment = SegmentStats { first_no, chunks: 1, terms_total: 1, lengths: &lengths, allowed: None };
        let list = PostingList { segment: 0, term: "a", data: &data };
        let _ = bm25(&query(&[&["a"]]), &[segment], &[list], 10);
        let blob = Signatures { segment: 0, first_no, span, data: &data, allowed: None };
        let _ = nearest(&[1.0; 64], &[blob], 10);
        let _ = merge_signatures(first_no, span.min(10), &[blob], |_| true);
        let part = MergePart { first_no, terms_total: 0, lengths: &lengths, languages: "\u{0}:x" };
        if let Ok(merge) = Merge::new(&[part], |_| true) {
            let _ = merge.list(&[(0, &data), (7, &data)]);
        }
    }
}

#[test]
fn equally_good_chunks_come_in_their_order() {
    let same: Vec<_> = (0..50).map(|no| (no, vec!["a".to_owned()])).collect();
    let found = search(&query(&[&["a"]]), &in_segments(&same, &[20]), None, 5);
    assert_eq!(found.iter().map(|(no, _)| *no).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn numbers_have_to_be_in_order_and_in_range() {
    let mut builder = SegmentBuilder::new(10);
    let refused = |no| Err(IndexError::Number { no, first_no: 10 });
    assert_eq!(builder.add(9, &[], Language::UNKNOWN), refused(9));
    assert_eq!(builder.add(12, &[], Language::UNKNOWN), Ok(()));
    assert_eq!(builder.add(12, &[], Language::UNKNOWN), refused(12));
    assert_eq!(builder.add(10 + MAX_SPAN, &[], Language::UNKNOWN), refused(10 + MAX_SPAN));
    assert_eq!(builder.add(9 + MAX_SPAN, &[], Language::UNKNOWN), Ok(()));
    let built = builder.finish();
    assert_eq!((built.span, built.chunks, built.languages.as_str()), (MAX_SPAN, 2, "und:2"));
}

#[test]
fn what_does_not_stand_side_by_side_is_not_merged() {
    let at = |first_no| build(first_no, &[(first_no, vec!["a".to_owned()])]);
    let refused = |parts: &[BuiltSegment]| merge_segments(parts, |_| true).is_err();
    assert!(!refused(&[at(0), at(MAX_SPAN - 1)]));
    assert!(refused(&[at(0), at(MAX_SPAN)]));
    assert!(refused(&[at(5), at(4)]));
    assert!(refused(&[at(5), at(5)]));
    assert_eq!(merge_segments(&[], |_| true), Ok(BuiltSegment::default()));
}

#[test]
fn vectors_of_another_dimension_are_refused() {
    let blob = signatures_blob(0, 2, &[(1, [1.0_f32; 64])]).expect("in range");
    let part = Signatures { segment: 0, first_no: 0, span: 2, data: &blob, allowed: None };
    assert!(matches!(nearest(&[1.0; 65], &[part], 1), Err(IndexError::Dimension { .. })));
    assert!(signatures_blob(0, 2, &[(2, [1.0_f32; 64])]).is_err());
    assert!(signatures_blob(0, 2, &[(0, vec![1.0_f32]), (1, vec![1.0, 2.0])]).is_err());
    // A segment whose chunks have no vectors yet is no mistake.
    let none = signatures_blob::<Vec<f32>>(0, 2, &[]).expect("nothing to refuse");
    assert_eq!(nearest(&[1.0; 64], &[Signatures { data: &none, ..part }], 1), Ok(Vec::new()));
}
