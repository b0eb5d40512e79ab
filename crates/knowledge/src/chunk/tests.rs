//! Chunks of texts of all kinds.

use super::*;
use crate::extract::TextFormat;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn extracted(text: &str, format: TextFormat) -> Extracted {
    Extracted { text: text.to_owned(), format, pages: Vec::new(), title: None, notice: None }
}

fn markdown(text: &str, max_tokens: u32) -> Vec<NewChunk> {
    chunk(
        &extracted(text, TextFormat::Markdown),
        &Chunking { max_tokens, overlap_tokens: max_tokens / 8 },
    )
}

/// Each chunk as its headings and its text.
fn shown(chunks: &[NewChunk]) -> Vec<(String, &str)> {
    chunks.iter().map(|chunk| (chunk.headings.join(" > "), chunk.text.as_str())).collect()
}

#[test]
fn headings_begin_chunks_and_are_told() {
    let text = "Before.\n\n# One\n\nalpha\n\n## Two\n\nbeta\n\ngamma\n\n# Three\n## Four\ndelta\n\nFive\n----\nend";
    assert_eq!(
        shown(&markdown(text, 64)),
        [
            (String::new(), "Before."),
            ("One".to_owned(), "# One\n\nalpha"),
            ("One > Two".to_owned(), "## Two\n\nbeta\n\ngamma"),
            ("Three > Four".to_owned(), "# Three\n## Four\ndelta"),
            ("Three > Five".to_owned(), "Five\n----\nend"),
        ]
    );
}

#[test]
fn what_looks_like_a_heading_in_code_is_none() {
    let text = "```sh\n# not a heading\n\nmake\n```\n\nwords\n";
    assert_eq!(shown(&markdown(text, 64)), [(String::new(), text.trim())]);
}

#[test]
fn code_between_backticks_in_a_line_is_no_fence() {
    let text = "```npm install``` comes first.\n\n# Then\n\nwords";
    assert_eq!(
        shown(&markdown(text, 64)),
        [(String::new(), "```npm install``` comes first."), ("Then".to_owned(), "# Then\n\nwords"),]
    );
}

#[test]
fn a_table_that_is_cut_repeats_its_header() {
    let rows: String = (0..40).map(|n| format!("| item {n} | {n}.50 |\n")).collect();
    let text = format!("| Name | Price |\n| --- | ---: |\n{rows}");
    let chunks = markdown(&text, 64);
    assert!(chunks.len() > 3);
    for part in &chunks {
        assert!(part.text.starts_with("| Name | Price |\n| --- | ---: |\n| item"), "{part:?}");
    }
    let own: Vec<&str> = chunks.iter().map(|part| own_text(&part.text, &part.span)).collect();
    assert_eq!(own.join("\n"), text.trim());
}

#[test]
fn a_paragraph_that_is_cut_repeats_sentences() {
    let text: String = (0..30).map(|n| format!("Sentence number {n} is here. ")).collect();
    let chunks = markdown(&text, 64);
    for pair in chunks.windows(2) {
        assert!(pair[1].span.start < pair[0].span.end, "{pair:?}");
        assert!(pair[1].text.starts_with("Sentence number"), "{pair:?}");
        assert!(pair[0].text.ends_with("here."), "{pair:?}");
    }
}

#[test]
fn paragraphs_that_fit_are_not_repeated() {
    let text: String = (0..30).map(|n| format!("Paragraph number {n} is here.\n\n")).collect();
    let chunks = markdown(&text, 64);
    assert!(chunks.len() > 2);
    assert!(chunks.windows(2).all(|pair| pair[0].span.end < pair[1].span.start));
}

#[test]
fn code_is_cut_between_functions() {
    let function = |n| format!("fn f{n}() {{\n    let a = {n};\n\n    a + 1\n}}\n");
    let text: String = (0..12).map(|n| function(n) + "\n").collect();
    let code = extracted(&text, TextFormat::Code("rust".into()));
    let chunks = chunk(&code, &Chunking { max_tokens: 64, overlap_tokens: 8 });
    assert!(chunks.len() > 2);
    assert!(chunks.iter().all(|part| part.text.starts_with("fn f") && part.text.ends_with('}')));
}

#[test]
fn pages_are_soft_bounds() {
    let page = |n: u32| {
        format!(
            "Page {n} has quite some words on it, enough for half a chunk or so, and then some more."
        )
    };
    let text = format!("{}\n\n{}\n\n{}", page(1), page(2), "short");
    let second = page(1).chars().count() as u32 + 2;
    let third = second + page(2).chars().count() as u32 + 2;
    let pages = vec![0, second, third];
    let extracted = Extracted { pages, ..extracted(&text, TextFormat::Plain) };
    let spans = |max_tokens| -> Vec<_> {
        chunk(&extracted, &Chunking { max_tokens, overlap_tokens: 0 })
            .iter()
            .map(|part| (part.span.page_start, part.span.page_end))
            .collect()
    };
    let on = |first, last| (Some(first), Some(last));
    assert_eq!(spans(32), [on(1, 1), on(2, 2), on(3, 3)]);
    assert_eq!(spans(512), [on(1, 3)]);
}

#[test]
fn an_embedder_reads_what_a_chunk_is_about() {
    let headings = ["Menu".to_owned(), "Prices".to_owned()];
    assert_eq!(
        embedding_text(Some("Café"), &headings, "## Prices\n\nTwo euros."),
        "Café\nMenu\n## Prices\n\nTwo euros."
    );
    assert_eq!(embedding_text(None, &[], "words"), "words");
}

#[test]
fn hostile_texts_take_time_in_proportion() {
    let nested: String = (0..100_000).map(|n| format!("{} h\n", "#".repeat(1 + n % 6))).collect();
    let texts = [
        "x".repeat(1_000_000),
        ".)".repeat(500_000),
        " .".repeat(500_000),
        "\n".repeat(1_000_000),
        "| a |\n|---|\n".repeat(50_000),
        "```\n".repeat(100_000),
        "- ".repeat(300_000),
        "a\n---\n".repeat(100_000),
        "e\u{301}".repeat(300_000),
        "漢".repeat(300_000),
        nested,
    ];
    for text in texts {
        let begun = Instant::now();
        let start: String = text.chars().take(10).collect();
        let chunks = markdown(&text, 256);
        assert!(chunks.len() <= 200_000);
        // A release build takes a tenth; what is not linear takes minutes.
        assert!(begun.elapsed() < Duration::from_secs(30), "{start:?}: {:?}", begun.elapsed());
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "#{1,3} [a-z ]{0,20}",
        "[|a-z -]{0,30}",
        "(\\| ?[a-z0-9]{1,8} ?){2,5}\\|",
        Just("|---|---|".to_owned()),
        Just("---".to_owned()),
        "```[a-z]{0,3}",
        "([A-Za-zäß]{1,9}[ .,!?]{1,2}){0,60}",
        "\\PC{0,60}",
        "[ \t]{0,4}[-*] [a-z ]{0,30}",
        "[a-z]{0,600}",
        "[漢字かな。、]{0,200}",
        Just(String::new()),
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
}

/// "Kä" is two tokens, and one with the blank before it.
#[test]
fn a_piece_fits_without_the_blank_before_it() {
    let text = "---\nß KäaßfAßä?QbßAääßäA!aßääß?".to_owned();
    let source = Extracted {
        text,
        format: TextFormat::Markdown,
        pages: Vec::new(),
        title: None,
        notice: None,
    };
    let chunks = chunk(&source, &Chunking { max_tokens: 22, overlap_tokens: 0 });
    assert!(chunks.iter().all(|part| part.tokens <= 22), "{chunks:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn spans_are_exact_and_nothing_is_lost(
        text in any_text(),
        format in prop_oneof![
            Just(TextFormat::Markdown), Just(TextFormat::Plain), Just(TextFormat::Code("c".into())),
        ],
        max_tokens in 16_u32..200,
        overlap_tokens in 0_u32..60,
        pages in prop::collection::vec(0_u32..800, 0..5),
    ) {
        let chars: Vec<char> = text.chars().collect();
        let mut pages: Vec<u32> = pages.into_iter().map(|at| at.min(chars.len() as u32)).collect();
        pages.sort_unstable();
        let source = Extracted { text: text.clone(), format, pages: pages.clone(), title: None, notice: None };
        let chunks = chunk(&source, &Chunking { max_tokens, overlap_tokens });
        let mut covered = vec![false; chars.len()];
        for part in &chunks {
            let span = part.span;
            let stands: String = chars[span.start as usize..span.end as usize].iter().collect();
            prop_assert_eq!(own_text(&part.text, &span), &stands);
            prop_assert!(part.text == stands || part.text.contains('|'));
            prop_assert_eq!(part.text.trim(), part.text.as_str());
            prop_assert!(!stands.is_empty());
            covered[span.start as usize..span.end as usize].fill(true);
            prop_assert_eq!(part.tokens as usize, count_tokens(&part.text));
            prop_assert!(part.tokens <= max_tokens, "{:?}", part);
            let line = |at: u32| 1 + chars[..at as usize].iter().filter(|c| **c == '\n').count();
            prop_assert_eq!(span.line_start as usize, line(span.start));
            prop_assert_eq!(span.line_end as usize, line(span.end));
            let page = |at: u32| pages.iter().filter(|page| **page <= at).count().max(1) as u32;
            let expected = (!pages.is_empty()).then(|| (page(span.start), page(span.end - 1)));
            prop_assert_eq!(span.page_start.zip(span.page_end), expected);
        }
        let lost = chars.iter().zip(&covered).find(|(c, covered)| !c.is_whitespace() && !**covered);
        prop_assert_eq!(lost, None);
        prop_assert!(chunks.windows(2).all(|pair| pair[0].span.start < pair[1].span.start));
        prop_assert!(chunks.windows(2).all(|pair| pair[0].span.end < pair[1].span.end));
    }
}
