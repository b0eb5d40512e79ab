//! Rerankers of providers against a server that speaks their formats.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;
use vpaura_domain::{FixedClock, Timestamp};
use vpaura_llm::{ErrorKind, Jitter, LlmError, Reranker, Router, RouterSettings, reranker};
use vpaura_test_support::{Reply, ScriptedProvider};

use crate::support::{KEY, Speaks, model, provider, settings};

fn of_kind(provider: &ScriptedProvider, kind: &str) -> RouterSettings {
    let mut settings = settings(provider, Speaks::OpenAi);
    settings.providers[0].kind = kind.into();
    if matches!(kind, "cohere" | "tei") {
        settings.providers[0].base_url = Some(provider.root_url());
    }
    settings
}

fn made(settings: &RouterSettings) -> Result<Arc<dyn Reranker>, LlmError> {
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_000_000)));
    reranker(settings, &model("p/m"), clock, Jitter::fixed(0.0))
}

fn texts() -> Vec<String> {
    ["the sea is blue", "a red fox", "the red fox runs"].map(str::to_owned).into()
}

#[rstest]
#[case("cohere", "/v2/rerank")]
#[case("jina", "/v1/rerank")]
#[case("voyage", "/v1/rerank")]
#[case("vllm", "/v1/rerank")]
#[case("retrieval", "/v1/rerank")]
#[case("tei", "/rerank")]
#[tokio::test]
async fn every_host_is_asked_in_its_own_words(#[case] kind: &str, #[case] path: &str) {
    let provider = provider().await;
    let reranker = made(&of_kind(&provider, kind)).expect("sound settings");
    let scores = reranker.rerank("red fox runs", &texts()).await.expect("scores");
    assert_eq!(scores.len(), 3);
    assert!(scores[0] < scores[1] && scores[1] < scores[2], "{scores:?}");
    let request = &provider.requests()[0];
    let body = if kind == "tei" {
        json!({"query": "red fox runs", "texts": texts()})
    } else {
        json!({"model": "m", "query": "red fox runs", "documents": texts()})
    };
    assert_eq!((request.path.as_str(), &request.body), (path, &body));
    assert!(request.header("authorization").ends_with(KEY));
    assert_eq!(reranker.model(), "p/m");
}

#[tokio::test]
async fn many_texts_go_in_batches() {
    let provider = provider().await;
    let reranker = made(&of_kind(&provider, "tei")).expect("sound settings");
    let many: Vec<String> = (0..70).map(|number| format!("fox number {number}")).collect();
    let scores = reranker.rerank("number 33", &many).await.expect("scores");
    assert_eq!((scores.len(), provider.requests().len()), (70, 3));
    assert!((0..70).all(|place| scores[place] <= scores[33]));
    assert!(reranker.rerank("x", &[]).await.expect("nothing").is_empty());
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn failures_are_told_and_passing_ones_tried_again() {
    let provider = provider().await;
    let reranker = made(&of_kind(&provider, "cohere")).expect("sound settings");
    provider.reply(Reply::error(503, "x", "x"));
    assert!(reranker.rerank("fox", &texts()).await.is_ok());
    for body in ["[", "{\"results\":[]}", "{\"results\":[{\"index\":9,\"relevance_score\":1}]}"] {
        provider.reply(Reply::whole(body));
        let error = reranker.rerank("fox", &texts()).await.expect_err("a failure");
        assert_eq!(error.kind(), ErrorKind::Protocol, "{body}");
    }
    provider.reply(Reply::error(401, "x", &format!("bad {KEY}")));
    let error = reranker.rerank("fox", &texts()).await.expect_err("a failure");
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!format!("{error:?}").contains(KEY));
}

#[tokio::test]
async fn texts_that_are_too_long_are_cut_shorter() {
    let provider = provider().await;
    let reranker = made(&of_kind(&provider, "vllm")).expect("sound settings");
    provider.reply(Reply::error(400, "context_length_exceeded", "maximum context length"));
    let long = ["word ".repeat(9_000)];
    assert!(reranker.rerank("word", &long).await.is_ok());
    let lengths: Vec<usize> = provider
        .requests()
        .iter()
        .map(|request| {
            request.body["documents"][0].as_str().map_or(0, |text| text.len().div_ceil(5))
        })
        .collect();
    assert_eq!(lengths, [4_096, 2_048]);
}

#[tokio::test]
async fn hosts_without_rerankers_are_refused_and_hosts_without_chat_offer_none() {
    let provider = provider().await;
    for kind in ["openai", "ollama", "anthropic"] {
        let refused = made(&of_kind(&provider, kind)).err().map(|error| error.kind());
        assert_eq!(refused, Some(ErrorKind::Settings), "{kind}");
    }
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(0)));
    let router = Router::new(of_kind(&provider, "jina"), clock).expect("sound settings");
    assert_eq!(router.models().len(), 1, "the built-in model alone");
}
