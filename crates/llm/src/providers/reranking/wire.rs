//! The JSON of judgements.

use serde::{Deserialize, Serialize};

use super::super::retrieval::RerankWire;
use crate::LlmError;

#[derive(Serialize)]
struct Documents<'a> {
    model: &'a str,
    query: &'a str,
    documents: &'a [&'a str],
}

#[derive(Serialize)]
struct Texts<'a> {
    query: &'a str,
    texts: &'a [&'a str],
}

/// An answer in any of the known shapes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Results { results: Vec<Item> },
    Data { data: Vec<Item> },
    Bare(Vec<Item>),
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    #[serde(alias = "score")]
    relevance_score: f32,
}

/// What is asked.
pub(super) fn body(
    wire: RerankWire,
    model: &str,
    query: &str,
    texts: &[&str],
) -> Result<Vec<u8>, LlmError> {
    match wire {
        RerankWire::Documents => serde_json::to_vec(&Documents { model, query, documents: texts }),
        RerankWire::Texts => serde_json::to_vec(&Texts { query, texts }),
    }
    .map_err(|error| LlmError::Settings(format!("the request cannot be written: {error}")))
}

/// The scores in the order of the texts; each must have exactly one.
pub(super) fn read(body: &[u8], expected: usize) -> Result<Vec<f32>, LlmError> {
    let answer = serde_json::from_slice(body)
        .map_err(|error| LlmError::protocol(format!("the answer: {error}")))?;
    let (Answer::Results { results: items } | Answer::Data { data: items } | Answer::Bare(items)) =
        answer;
    let mut scores = vec![None; expected];
    for item in items {
        match scores.get_mut(item.index) {
            Some(slot @ None) if item.relevance_score.is_finite() => {
                *slot = Some(item.relevance_score);
            }
            _ => return Err(LlmError::protocol("a judgement of no text")),
        }
    }
    scores
        .into_iter()
        .collect::<Option<Vec<f32>>>()
        .ok_or_else(|| LlmError::protocol("a text without a judgement"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"id":"x","results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}],"meta":{}}"#)]
    #[case(r#"{"model":"m","usage":{"total_tokens":3},"results":[{"index":0,"relevance_score":0.1,"document":{"text":"a"}},{"index":1,"relevance_score":0.9}]}"#)]
    #[case(r#"{"object":"list","data":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]}"#)]
    #[case(r#"[{"index":1,"score":0.9},{"index":0,"score":0.1}]"#)]
    fn every_shape_is_read_in_the_order_of_the_texts(#[case] body: &str) {
        assert_eq!(read(body.as_bytes(), 2), Ok(vec![0.1, 0.9]));
    }

    #[rstest]
    #[case("[]")]
    #[case("{}")]
    #[case("[{\"index\":0,\"score\":1}]")]
    #[case(r#"[{"index":0,"score":1},{"index":0,"score":1}]"#)]
    #[case(r#"[{"index":0,"score":1},{"index":2,"score":1}]"#)]
    #[case(r#"[{"index":0,"score":1},{"index":1,"score":1e99}]"#)]
    #[case(r#"[{"index":0,"score":1},{"index":1,"score":null}]"#)]
    fn what_does_not_judge_each_text_once_is_refused(#[case] body: &str) {
        assert!(matches!(read(body.as_bytes(), 2), Err(LlmError::Protocol { .. })));
    }
}
