//! Our numbers are those of the libraries of record.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vpaura_llm::{Embedder, Purpose, Reranker};
use vpaura_local_models::{LocalEmbedder, LocalReranker, Workers};

use crate::fixture;

#[derive(Deserialize)]
struct Embedded {
    text: String,
    vector: Vec<f32>,
}

#[derive(Deserialize)]
struct Judged {
    query: String,
    texts: Vec<String>,
    scores: Vec<f32>,
}

fn expected<T: DeserializeOwned>(file: &str) -> T {
    let text = std::fs::read_to_string(fixture(file)).expect("the fixture");
    serde_json::from_str(&text).expect("its form")
}

fn workers() -> Workers {
    Workers::new(NonZeroUsize::new(2))
}

/// The folder of the real model, or none where its tests are left out.
fn real_model() -> Option<PathBuf> {
    if std::env::var_os("VPAURA_SKIP_MODEL").is_some_and(|skip| skip == "1") {
        return None;
    }
    let folder = std::env::var_os("VPAURA_TEST_MODEL").expect(
        "set VPAURA_TEST_MODEL to the folder that scripts/test-model.sh prints, \
         or VPAURA_SKIP_MODEL=1 to leave these tests out",
    );
    Some(folder.into())
}

/// The numbers of each are within a ten-thousandth (the real vectors are stored by their first
/// eight), and every vector is of length 1.
fn assert_same(found: &[Vec<f32>], expected: &[Embedded]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let length: f32 = found.iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        for (found, number) in found.iter().zip(&expected.vector) {
            assert!((found - number).abs() < 1e-4, "{:?}: {found} {number}", expected.text);
        }
    }
}

#[tokio::test]
async fn a_small_model_gives_the_vectors_of_transformers() {
    let model = LocalEmbedder::load("local/tiny", &fixture("tiny-embedder"), workers());
    let model = model.expect("a sound folder");
    let expected: Vec<Embedded> = expected("tiny-embedder/expected.json");
    let texts: Vec<String> = expected.iter().map(|embedded| embedded.text.clone()).collect();
    let found = model.embed(&texts, Purpose::Document).await.expect("vectors");
    assert_same(&found, &expected);
    assert_eq!((model.model(), model.dimension().await), ("local/tiny", Ok(16)));
    assert_eq!(found[0].len(), 16);
    assert!(model.embed(&[], Purpose::Query).await.expect("nothing").is_empty());
    assert!(model.embed(&[" \n".into()], Purpose::Query).await.is_err(), "blank");
}

#[tokio::test]
async fn small_judges_give_the_scores_of_transformers() {
    for name in ["tiny-judge", "tiny-roberta-judge"] {
        let model = LocalReranker::load(name, &fixture(name), workers()).expect("a sound folder");
        let expected: Judged = expected(&format!("{name}/expected.json"));
        let found = model.rerank(&expected.query, &expected.texts).await.expect("scores");
        for (found, score) in found.iter().zip(&expected.scores) {
            assert!((found - score).abs() < 1e-4, "{name}: {found} {score}");
        }
        assert_eq!(found.len(), expected.texts.len());
    }
}

#[tokio::test]
async fn the_real_model_gives_the_vectors_of_sentence_transformers() {
    let Some(folder) = real_model() else { return };
    let model = LocalEmbedder::load("local/minilm", &folder, workers()).expect("a sound folder");
    let expected: Vec<Embedded> = expected("minilm.json");
    let texts: Vec<String> = expected.iter().map(|embedded| embedded.text.clone()).collect();
    let found = model.embed(&texts, Purpose::Document).await.expect("vectors");
    assert_same(&found, &expected);

    // What a text is embedded beside does not matter.
    let alone = model.embed(&texts[3..4], Purpose::Query).await.expect("a vector");
    let far = alone[0].iter().zip(&found[3]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(far < 1e-5, "{far}");
}

#[tokio::test]
async fn the_real_model_finds_what_is_meant() {
    let Some(folder) = real_model() else { return };
    let model = LocalEmbedder::load("local/minilm", &folder, workers()).expect("a sound folder");
    let texts: Vec<String> = [
        "A kitten is sleeping on the couch.",
        "The central bank raised interest rates.",
        "Python is a programming language.",
    ]
    .map(str::to_owned)
    .into();
    let documents = model.embed(&texts, Purpose::Document).await.expect("vectors");
    for (query, place) in [("where does the cat lie?", 0), ("monetary policy", 1)] {
        let vector = model.embed(&[query.to_owned()], Purpose::Query).await.expect("a vector");
        let likeness = |document: &Vec<f32>| -> f32 {
            document.iter().zip(&vector[0]).map(|(a, b)| a * b).sum()
        };
        let best = documents
            .iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| likeness(a).total_cmp(&likeness(b)))
            .map(|(place, _)| place);
        assert_eq!(best, Some(place), "{query}");
    }
}
