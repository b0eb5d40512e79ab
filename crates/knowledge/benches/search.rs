//! What indexing and searching cost: `cargo bench -p vpaura-knowledge --bench search`.
//!
//! Chunks are of 100 words that are as frequent as in a language (Zipf, 200,000 of them), in segments
//! of 65,536; vectors have 384 components. One thread.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at once")]

use std::sync::OnceLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use vpaura_domain::Chunking;
use vpaura_knowledge::chunk::chunk;
use vpaura_knowledge::extract::{Extracted, TextFormat};
use vpaura_knowledge::index::{
    BuiltSegment, MAX_SPAN, NoSet, PostingList, SegmentBuilder, SegmentStats, Signatures, bm25,
    merge_segments, nearest, signatures_blob,
};
use vpaura_knowledge::terms::{Language, LanguageSet, QueryTerms, document_terms, query_terms};

const WORDS_PER_CHUNK: usize = 100;
const VOCABULARY: f64 = 200_000.0;
const DIMENSION: usize = 384;
const SIZES: [u32; 2] = [100_000, 1_000_000];
/// As many as a search asks for when it is to show ten.
const CANDIDATES: usize = 200;

fn main() {
    divan::main();
}

/// A small generator with known numbers: every run measures the same.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A word: the rank is as likely as one by itself.
    fn word(&mut self) -> String {
        let rank = VOCABULARY.powf(self.part());
        format!("w{}", rank as u32)
    }
}

fn segments(chunks: u32) -> &'static [BuiltSegment] {
    static SMALL: OnceLock<Vec<BuiltSegment>> = OnceLock::new();
    static LARGE: OnceLock<Vec<BuiltSegment>> = OnceLock::new();
    let made = if chunks == SIZES[0] { &SMALL } else { &LARGE };
    made.get_or_init(|| {
        let mut numbers = Numbers(1);
        let firsts = (0..chunks).step_by(MAX_SPAN as usize);
        let made: Vec<BuiltSegment> = firsts
            .map(|first| {
                let mut builder = SegmentBuilder::new(first);
                for no in first..chunks.min(first + MAX_SPAN) {
                    let terms: Vec<String> = (0..WORDS_PER_CHUNK).map(|_| numbers.word()).collect();
                    builder.add(no, &terms, Language::ENGLISH).unwrap();
                }
                builder.finish()
            })
            .collect();
        let terms: usize = made.iter().map(|segment| segment.postings.len()).sum();
        let bytes: usize =
            made.iter().flat_map(|segment| &segment.postings).map(|(t, l)| t.len() + l.len()).sum();
        eprintln!(
            "{chunks} chunks: {terms} lists, {bytes} bytes, {} bytes per chunk",
            bytes / chunks as usize
        );
        made
    })
}

/// Questions of six words, each as frequent as words are.
fn queries() -> Vec<QueryTerms> {
    let mut numbers = Numbers(2);
    let languages = LanguageSet::read("eng:1");
    (0..64)
        .map(|_| {
            let words: Vec<String> = (0..6).map(|_| numbers.word()).collect();
            query_terms(&words.join(" "), &languages)
        })
        .collect()
}

fn lists<'a>(segments: &'a [BuiltSegment], query: &QueryTerms) -> Vec<PostingList<'a>> {
    let mut lists = Vec::new();
    for term in query.terms() {
        for (segment, built) in segments.iter().enumerate() {
            let found = built.postings.binary_search_by(|(known, _)| known.cmp(&term));
            if let Ok(at) = found {
                let (term, data) = &built.postings[at];
                lists.push(PostingList { segment, term, data });
            }
        }
    }
    lists
}

fn search_words(bencher: Bencher<'_, '_>, chunks: u32, allowed: Option<&NoSet>) {
    let segments = segments(chunks);
    let stats: Vec<SegmentStats<'_>> = segments
        .iter()
        .map(|segment| SegmentStats {
            first_no: segment.first_no,
            chunks: segment.chunks,
            terms_total: segment.terms_total,
            lengths: &segment.lengths,
            allowed,
        })
        .collect();
    let queries = queries();
    let prepared: Vec<_> = queries.iter().map(|query| (query, lists(segments, query))).collect();
    let mut next = prepared.iter().cycle();
    bencher.bench_local(|| {
        let (query, lists) = next.next().unwrap();
        bm25(query, &stats, lists, CANDIDATES).unwrap()
    });
}

#[divan::bench(args = SIZES)]
fn bm25_six_words(bencher: Bencher<'_, '_>, chunks: u32) {
    search_words(bencher, chunks, None);
}

#[divan::bench(args = SIZES)]
fn bm25_within_a_tenth(bencher: Bencher<'_, '_>, chunks: u32) {
    let allowed = NoSet::new((0..chunks).step_by(1_000).map(|at| at..at + 100));
    search_words(bencher, chunks, Some(&allowed));
}

fn random_signatures(chunks: u32) -> Vec<(u32, u32, Vec<u8>)> {
    let mut numbers = Numbers(3);
    let mut blobs = Vec::new();
    for first in (0..chunks).step_by(MAX_SPAN as usize) {
        let span = MAX_SPAN.min(chunks - first);
        // One vector sets the width; the rest of the bits are random anyway.
        let mut blob = signatures_blob(first, span, &[(first, [1.0; DIMENSION])]).unwrap();
        for eight in blob.as_chunks_mut::<8>().0 {
            *eight = numbers.next().to_le_bytes();
        }
        blob[..span.div_ceil(64) as usize * 8].fill(0xFF);
        blobs.push((first, span, blob));
    }
    blobs
}

#[divan::bench(args = SIZES)]
fn hamming(bencher: Bencher<'_, '_>, chunks: u32) {
    let blobs = random_signatures(chunks);
    let parts: Vec<Signatures<'_>> = blobs
        .iter()
        .enumerate()
        .map(|(segment, (first_no, span, data))| Signatures {
            segment,
            first_no: *first_no,
            span: *span,
            data,
            allowed: None,
        })
        .collect();
    let mut numbers = Numbers(4);
    let query: Vec<f32> = (0..DIMENSION).map(|_| numbers.part() as f32 - 0.5).collect();
    bencher.bench_local(|| nearest(black_box(&query), &parts, 4 * CANDIDATES).unwrap());
}

/// A Markdown text of a megabyte, of words with the letters of words.
fn markdown() -> String {
    let mut numbers = Numbers(5);
    let mut text = String::new();
    while text.len() < 1_000_000 {
        if numbers.next().is_multiple_of(8) {
            text.push_str("\n## A heading of some words\n\n");
        }
        for _ in 0..numbers.next() % 120 + 10 {
            let letters = numbers.word().into_bytes();
            text.extend(letters.iter().map(|byte| char::from(b'a' + byte % 26)));
            text.push_str(if numbers.next().is_multiple_of(12) { ". " } else { " " });
        }
        text.push_str("\n\n");
    }
    text
}

#[divan::bench]
fn chunk_markdown(bencher: Bencher<'_, '_>) {
    let text = markdown();
    let bytes = BytesCount::of_str(&text);
    let extracted = Extracted {
        text,
        format: TextFormat::Markdown,
        pages: Vec::new(),
        title: None,
        notice: None,
    };
    bencher.counter(bytes).bench_local(|| chunk(&extracted, &Chunking::default()));
}

#[divan::bench]
fn terms_of_english(bencher: Bencher<'_, '_>) {
    let text = markdown();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| document_terms(&text, &[], None, Language::ENGLISH));
}

#[divan::bench]
fn build_segment(bencher: Bencher<'_, '_>) {
    let mut numbers = Numbers(6);
    let chunks: Vec<Vec<String>> =
        (0..2_000).map(|_| (0..WORDS_PER_CHUNK).map(|_| numbers.word()).collect()).collect();
    bencher.counter(ItemsCount::new(chunks.len())).bench_local(|| {
        let mut builder = SegmentBuilder::new(0);
        for (no, terms) in (0..).zip(&chunks) {
            builder.add(no, terms, Language::ENGLISH).unwrap();
        }
        builder.finish()
    });
}

#[divan::bench]
fn merge_eight_segments(bencher: Bencher<'_, '_>) {
    let mut numbers = Numbers(7);
    let parts: Vec<BuiltSegment> = (0..8)
        .map(|part| {
            let mut builder = SegmentBuilder::new(part * 1_000);
            for no in part * 1_000..(part + 1) * 1_000 {
                let terms: Vec<String> = (0..WORDS_PER_CHUNK).map(|_| numbers.word()).collect();
                builder.add(no, &terms, Language::ENGLISH).unwrap();
            }
            builder.finish()
        })
        .collect();
    bencher
        .counter(ItemsCount::new(8_000_usize))
        .bench_local(|| merge_segments(&parts, |no| !no.is_multiple_of(10)).unwrap());
}
