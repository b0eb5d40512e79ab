//! Which passages of attached files a question is about.

use std::collections::HashMap;
use std::sync::Arc;

use vpaura_knowledge::index::{IndexError, PostingList, SegmentStats, bm25};
use vpaura_knowledge::terms::{LanguageSet, query_terms};

use super::{Excerpt, FilePassages};

/// Passages of files that do not fit whole.
const PASSAGES: usize = 40;

/// The place of a passage: its file among the files, and its place there.
type Place = (usize, usize);

/// At most `n` passages that share words with the question, the best first.
///
/// # Errors
/// None that a text could cause.
pub(crate) fn best(
    question: &str,
    files: &[Arc<FilePassages>],
    n: usize,
) -> Result<Vec<Excerpt>, IndexError> {
    let ranked = rank(question, files, n)?;
    Ok(ranked.into_iter().filter_map(|(place, score)| excerpt(files, place, score)).collect())
}

/// The passages to give a model within `budget` tokens, in the order of the documents: all, where
/// they fit; else those that fit the question best, and then the beginning.
///
/// # Errors
/// None that a text could cause.
pub(crate) fn select(
    question: &str,
    files: &[Arc<FilePassages>],
    budget: usize,
) -> Result<Vec<Excerpt>, IndexError> {
    let all = || {
        let of_file = |(at, file): (usize, &Arc<FilePassages>)| {
            (0..file.excerpts.len()).map(move |place| (at, place))
        };
        files.iter().enumerate().flat_map(of_file)
    };
    let tokens = |place: Place| excerpt(files, place, 0.0).map_or(0, |it| it.tokens as usize);
    let whole: usize = all().map(tokens).sum();
    let ranked = rank(question, files, if whole <= budget { usize::MAX } else { PASSAGES })?;
    let mut taken: Vec<(Place, f32)> = Vec::new();
    if whole <= budget {
        let scores: HashMap<Place, f32> = ranked.into_iter().collect();
        taken.extend(all().map(|place| (place, scores.get(&place).copied().unwrap_or(0.0))));
    } else {
        let mut left = budget;
        let rest = all().take(PASSAGES).map(|place| (place, 0.0));
        for (place, score) in ranked.into_iter().chain(rest) {
            let is_new = taken.iter().all(|(known, _)| *known != place);
            if taken.len() < PASSAGES && is_new && tokens(place) <= left {
                left -= tokens(place);
                taken.push((place, score));
            }
        }
        taken.sort_by_key(|(place, _)| *place);
    }
    Ok(taken.into_iter().filter_map(|(place, score)| excerpt(files, place, score)).collect())
}

fn excerpt(files: &[Arc<FilePassages>], (file, at): Place, score: f32) -> Option<Excerpt> {
    let excerpt = files.get(file)?.excerpts.get(at)?;
    Some(Excerpt { score, ..excerpt.clone() })
}

fn rank(
    question: &str,
    files: &[Arc<FilePassages>],
    n: usize,
) -> Result<Vec<(Place, f32)>, IndexError> {
    let segments: Vec<_> = files
        .iter()
        .enumerate()
        .flat_map(|(file, passages)| passages.segments.iter().map(move |segment| (file, segment)))
        .collect();
    let mut languages = LanguageSet::default();
    for (_, segment) in &segments {
        languages.extend(&LanguageSet::read(&segment.languages));
    }
    let asked = query_terms(question, &languages);
    let terms = asked.terms();
    let stats: Vec<_> = segments
        .iter()
        .map(|(_, segment)| SegmentStats {
            first_no: segment.first_no,
            chunks: segment.chunks,
            terms_total: segment.terms_total,
            lengths: &segment.lengths,
            allowed: None,
        })
        .collect();
    let lists = segments.iter().enumerate().flat_map(|(at, (_, segment))| {
        terms.iter().filter_map(move |term| {
            let found = segment.postings.binary_search_by(|(known, _)| known.cmp(term)).ok()?;
            let (term, data) = segment.postings.get(found)?;
            Some(PostingList { segment: at, term, data })
        })
    });
    let lists: Vec<_> = lists.collect();
    let most = files.iter().map(|file| file.excerpts.len()).sum();
    let scored = bm25(&asked, &stats, &lists, n.min(most))?;
    let place = |segment: usize, no: u32| Some((segments.get(segment)?.0, no as usize));
    Ok(scored.iter().filter_map(|it| Some((place(it.segment, it.no)?, it.score))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vpaura_domain::{FileId, IdGen, SequentialIds};
    use vpaura_knowledge::extract::{Extracted, TextFormat};

    use super::*;

    fn file(text: &str) -> Arc<FilePassages> {
        let id = FileId::from_uuid(SequentialIds::default().uuid());
        let (text, format) = (text.to_owned(), TextFormat::Markdown);
        let extracted = Extracted { text, format, pages: Vec::new(), title: None, notice: None };
        Arc::new(FilePassages::cut(id, "d.md", &extracted).expect("cut"))
    }

    fn first(question: &str, files: &[Arc<FilePassages>]) -> String {
        let best = best(question, files, 1).expect("ranked");
        best.first().map(|passage| passage.text.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_passage_with_the_rare_words_wins_whichever_file_it_is_in() {
        let files = [
            file("# Shop\n\nThe shop is open on the weekend.\n"),
            file("# Money\n\nThe refund is 85 percent.\n"),
            file("# Day\n\nThe sun is up.\n"),
        ];
        assert!(first("What is the refund?", &files).contains("85 percent"));
        let files = [file("東京は日本の首都です。"), file("大阪は商業の街です。")];
        assert_eq!(first("日本の首都はどこですか", &files), "東京は日本の首都です。");
        assert_eq!(first("zebra", &files), "");
    }

    #[test]
    fn what_fits_is_given_whole_and_else_the_best() {
        let rule = |n: usize| format!("## Rule {n}\n\n{}\n\n", "Rules are many. ".repeat(30));
        let mut text: String = (0..200).map(rule).collect();
        text.push_str("## Refunds\n\nThe refund is 85 percent.\n");
        let files = [file(&text)];
        let whole = select("refund", &files, 1_000_000).expect("selected");
        assert_eq!(whole.len(), files[0].excerpts.len());
        let some = select("refund", &files, 2_000).expect("selected");
        assert!(some.len() <= PASSAGES);
        assert!(some.iter().any(|passage| passage.text.contains("85 percent")));
        // What is left is filled from the beginning, in the document's order.
        assert!(some[0].text.contains("Rule 0"), "{}", some[0].text);
        assert!(some.is_sorted_by_key(|passage| passage.span.start));
        assert!(some.iter().map(|it| it.tokens as usize).sum::<usize>() <= 2_000);
    }

    proptest! {
        #[test]
        fn every_passage_is_the_text_at_its_span(
            text in "([a-zé漢 .#|`]{0,40}\n{0,3}){0,20}[a-z]{0,900}"
        ) {
            let chars: Vec<char> = text.chars().collect();
            let mut covered = String::new();
            for passage in &file(&text).excerpts {
                let span = passage.span.start as usize..passage.span.end as usize;
                let span: String = chars[span].iter().collect();
                let own: String = passage.text.chars().skip(passage.repeated as usize).collect();
                prop_assert_eq!(&span, &own);
                prop_assert_eq!(&passage.citation(1).quote, &own.chars().take(2_000).collect::<String>());
                covered.push_str(&span);
            }
            let squeeze = |s: &str| s.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&covered), squeeze(&text));
        }
    }
}
