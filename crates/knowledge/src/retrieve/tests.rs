//! Hits from candidates: joined, without doubles, within a budget.

use super::*;
use crate::chunk::{chunk, count_tokens};
use crate::extract::{Extracted, TextFormat};
use vpaura_domain::{
    Chunk, ChunkId, Chunking, CollectionId, DocumentId, Hit, HitDocument, IdGen, Metadata, Scores,
    SequentialIds,
};

/// The hits of all chunks of a document with this text.
fn hits(ids: &SequentialIds, text: &str, max_tokens: u32) -> Vec<Hit> {
    let extracted = Extracted {
        text: text.to_owned(),
        format: TextFormat::Markdown,
        pages: Vec::new(),
        title: None,
        notice: None,
    };
    let document = HitDocument {
        id: DocumentId::from_uuid(ids.uuid()),
        collection_id: CollectionId::from_uuid(ids.uuid()),
        name: "d".to_owned(),
        metadata: Metadata::default(),
    };
    let chunks = chunk(&extracted, &Chunking { max_tokens, overlap_tokens: max_tokens / 4 });
    let hit = |(position, new): (u32, crate::chunk::NewChunk)| Hit {
        score: 0.0,
        scores: Scores::default(),
        chunk: Chunk {
            id: ChunkId::from_uuid(ids.uuid()),
            document_id: document.id,
            position,
            text: new.text,
            headings: new.headings,
            span: new.span,
            tokens: new.tokens,
            enabled: true,
            edited: false,
        },
        document: document.clone(),
    };
    (0..).zip(chunks).map(hit).collect()
}

fn slice(text: &str, hit: &Hit) -> String {
    let span = hit.chunk.span;
    text.chars().skip(span.start as usize).take((span.end - span.start) as usize).collect()
}

#[test]
fn neighbours_become_one_passage_of_the_document() {
    let ids = SequentialIds::default();
    let long: String = (0..40).map(|n| format!("Sentence {n} of it says é. ")).collect();
    let text = format!("# Top\n\n{long}\n\nNext paragraph.\n\n## Sub\n\nThe end.");
    let mut all = hits(&ids, &text, 64);
    assert!(all.len() > 4);
    // The best one is in the middle.
    all.swap(0, 2);
    let best = all[0].chunk.id;
    let joined = join_neighbours(all, 10_000);
    let [whole] = &joined[..] else { panic!("{joined:?}") };
    assert_eq!(whole.chunk.id, best);
    assert_eq!(whole.chunk.headings, ["Top"]);
    assert_eq!(whole.chunk.text.chars().count(), slice(&text, whole).chars().count());
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&whole.chunk.text), words(&text));
    assert_eq!(whole.chunk.tokens as usize, count_tokens(&whole.chunk.text));
    assert_eq!((whole.chunk.span.line_start, whole.chunk.span.line_end), (1, 9));
}

#[test]
fn what_is_not_beside_is_not_joined() {
    let ids = SequentialIds::default();
    let text: String = (0..6).map(|n| format!("# H{n}\n\ntext {n}\n\n")).collect();
    let all = hits(&ids, &text, 64);
    let positions =
        |hits: Vec<Hit>| -> Vec<u32> { hits.into_iter().map(|hit| hit.chunk.position).collect() };
    let some = vec![all[4].clone(), all[0].clone(), all[2].clone(), all[5].clone()];
    assert_eq!(positions(join_neighbours(some, 10_000)), [4, 0, 2]);
    // Nor what would be too long, of another document, or changed by a person.
    assert_eq!(join_neighbours(all.clone(), 10).len(), 6);
    let other = hits(&ids, &text, 64);
    assert_eq!(join_neighbours(vec![all[0].clone(), other[1].clone()], 10_000).len(), 2);
    let mut edited = all[1].clone();
    edited.chunk.edited = true;
    assert_eq!(join_neighbours(vec![all[0].clone(), edited], 10_000).len(), 2);
}

#[test]
fn repeated_table_headers_are_said_once_when_joined() {
    let ids = SequentialIds::default();
    let rows: String = (0..30).map(|n| format!("| item {n} | {n} |\n")).collect();
    let text = format!("| Name | Price |\n| --- | --- |\n{rows}");
    let all = hits(&ids, &text, 64);
    assert!(all.len() > 2);
    let joined = join_neighbours(all, 10_000);
    assert_eq!(joined[0].chunk.text, text.trim());
}

#[test]
fn what_says_the_same_is_told_once() {
    let ids = SequentialIds::default();
    let base = "The refund is paid within a week after the goods have come back to our store, \
                in the way in which the order was paid, and without any fee for the customer";
    let of = |text: &str| hits(&ids, text, 512).remove(0);
    let kept = |texts: &[&str]| {
        let kept = drop_near_duplicates(texts.iter().map(|text| of(text)).collect());
        kept.into_iter().map(|hit| hit.chunk.text).collect::<Vec<_>>()
    };
    let shouted = format!("{}!", base.to_uppercase());
    let longer = format!("{base}. See also our terms.");
    assert_eq!(kept(&[base, &shouted, &longer, "Something else"]), [base, "Something else"]);
    let price = |year: u32| format!("{base}. This holds for orders of the year {year}.");
    assert_eq!(kept(&[&price(2025), &price(2026), &price(2025)]), [price(2025), price(2026)]);
    assert_eq!(kept(&["a b", "A b", "c"]), ["a b", "c"]);
}

#[test]
fn hits_are_taken_while_the_budget_lasts() {
    let ids = SequentialIds::default();
    let of = |tokens: u32| {
        let mut hit = hits(&ids, "words", 64).remove(0);
        hit.chunk.tokens = tokens;
        hit
    };
    let taken = |budget| -> Vec<u32> {
        let all = [50, 60, 30, 19, 1].map(of).to_vec();
        select_within(all, budget).into_iter().map(|hit| hit.chunk.tokens).collect()
    };
    assert_eq!(taken(1_000), [50, 60, 30, 19, 1]);
    assert_eq!(taken(100), [50, 30, 19, 1]);
    // With 9 of 80 left it is not worth to look on.
    assert_eq!(taken(80), [50, 30]);
    assert_eq!(taken(0), [0_u32; 0]);
}
