//! Embedders of providers against a server that speaks their formats.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use vpaura_domain::{Clock, FixedClock, Timestamp};
use vpaura_llm::{
    Embedder, EmbedderOptions, ErrorKind, Jitter, LlmError, ProviderSettings, Purpose,
    RouterSettings, Timer, embedder, fitting_embedder,
};
use vpaura_test_support::{Reply, ScriptedProvider};

use crate::support::{KEY, Speaks, model, provider, settings};

/// Settings whose provider `p` is of this kind.
fn of_kind(provider: &ScriptedProvider, kind: &str) -> RouterSettings {
    let mut settings = settings(provider, Speaks::OpenAi);
    settings.providers[0].kind = kind.into();
    if matches!(kind, "cohere" | "tei" | "azure") {
        settings.providers[0].base_url = Some(provider.root_url());
    }
    settings
}

fn made(settings: &RouterSettings, name: &str, options: EmbedderOptions) -> Arc<dyn Embedder> {
    try_made(settings, name, options).expect("sound settings")
}

fn try_made(
    settings: &RouterSettings,
    name: &str,
    options: EmbedderOptions,
) -> Result<Arc<dyn Embedder>, LlmError> {
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_000_000)));
    embedder(settings, &model(name), options, clock, Jitter::fixed(0.0))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn likeness(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What one text fails with.
async fn failure(embedder: &dyn Embedder) -> ErrorKind {
    embedder.embed(&texts(&["one"]), Purpose::Document).await.expect_err("a failure").kind()
}

#[rstest]
#[case("openai", "/v1/embeddings", json!({"model": "m", "input": ["red fox", "blue sea"], "encoding_format": "base64"}))]
#[case("vllm", "/v1/embeddings", json!({"model": "m", "input": ["red fox", "blue sea"]}))]
#[case("tei", "/v1/embeddings", json!({"model": "m", "input": ["red fox", "blue sea"]}))]
#[case("cohere", "/compatibility/v1/embeddings", json!({"model": "m", "input": ["red fox", "blue sea"]}))]
#[case("jina", "/v1/embeddings", json!({"model": "m", "input": ["red fox", "blue sea"], "task": "retrieval.passage"}))]
#[case("voyage", "/v1/embeddings", json!({"model": "m", "input": ["red fox", "blue sea"], "input_type": "document"}))]
#[case("ollama", "/api/embed", json!({"model": "m", "input": ["red fox", "blue sea"], "truncate": true}))]
#[case("azure", "/openai/deployments/m/embeddings?api-version=2024-10-21", json!({"model": "m", "input": ["red fox", "blue sea"], "encoding_format": "base64"}))]
#[tokio::test]
async fn every_host_is_asked_in_its_own_words(
    #[case] kind: &str,
    #[case] path: &str,
    #[case] body: serde_json::Value,
) {
    let provider = provider().await;
    let embedder = made(&of_kind(&provider, kind), "p/m", EmbedderOptions::default());
    let given = texts(&["red fox", "blue sea"]);
    let vectors = embedder.embed(&given, Purpose::Document).await.expect("vectors");
    let request = &provider.requests()[0];
    assert_eq!((request.path.as_str(), &request.body), (path, &body));
    let header = if kind == "azure" { "api-key" } else { "authorization" };
    assert!(request.header(header).ends_with(KEY));
    for vector in &vectors {
        assert!((likeness(vector, vector) - 1.0).abs() < 1e-5, "of length 1");
    }
    assert_ne!(vectors[0], vectors[1]);
    let same = embedder.embed(&texts(&["fox red"]), Purpose::Document).await.expect("a vector");
    assert!((likeness(&same[0], &vectors[0]) - 1.0).abs() < 1e-5, "both forms are read alike");
    assert_eq!((embedder.model(), embedder.dimension().await), ("p/m", Ok(8)));
}

#[tokio::test]
async fn many_texts_go_in_batches_and_come_back_in_order() {
    let provider = provider().await;
    let options = EmbedderOptions { batch: 7, ..EmbedderOptions::default() };
    let embedder = made(&of_kind(&provider, "openai"), "p/m", options);
    let given: Vec<String> = (0..50).map(|number| format!("word{number}")).collect();
    let vectors = embedder.embed(&given, Purpose::Document).await.expect("vectors");
    let sizes: Vec<usize> = provider
        .requests()
        .iter()
        .map(|request| request.body["input"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!((sizes.len(), sizes.iter().sum::<usize>(), sizes.iter().max()), (8, 50, Some(&7)));
    for (text, vector) in given.iter().zip(&vectors) {
        let alone = embedder.embed(std::slice::from_ref(text), Purpose::Document).await;
        assert_eq!(&alone.expect("a vector")[0], vector, "{text}");
    }
    assert!(embedder.embed(&[], Purpose::Query).await.expect("nothing").is_empty());
    assert_eq!(provider.requests().len(), 58, "nothing is asked for no texts");
}

#[tokio::test]
async fn families_that_want_words_before_their_texts_get_them() {
    let provider = provider().await;
    let embedder =
        made(&of_kind(&provider, "ollama"), "p/nomic-embed-text:v1.5", EmbedderOptions::default());
    for (purpose, sent) in
        [(Purpose::Query, "search_query: red fox"), (Purpose::Document, "search_document: red fox")]
    {
        embedder.embed(&texts(&["red fox"]), purpose).await.expect("a vector");
        assert_eq!(provider.requests().last().expect("a request").body["input"], json!([sent]));
    }
}

#[tokio::test]
async fn a_dimension_that_is_asked_for_is_what_comes() {
    let provider = provider().await;
    let options = EmbedderOptions { dimensions: Some(16), ..EmbedderOptions::default() };
    let embedder = made(&of_kind(&provider, "openai"), "p/m", options);
    assert_eq!(embedder.dimension().await, Ok(16));
    assert!(provider.requests().is_empty(), "it is known");
    let vectors = embedder.embed(&texts(&["one"]), Purpose::Document).await.expect("a vector");
    assert_eq!(vectors[0].len(), 16);
    assert_eq!(provider.requests()[0].body["dimensions"], 16);
    provider.reply(Reply::whole(r#"{"data":[{"index":0,"embedding":[1,2,3]}]}"#));
    assert_eq!(failure(&*embedder).await, ErrorKind::Protocol, "it does not care");
}

#[rstest]
#[case::no_json("<html>")]
#[case::no_data("{}")]
#[case::too_few(r#"{"data":[]}"#)]
#[case::too_many(r#"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]}]}"#)]
#[case::twice(r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#)]
#[case::elsewhere(r#"{"data":[{"index":7,"embedding":[1]}]}"#)]
#[case::no_number(r#"{"data":[{"index":0,"embedding":[null]}]}"#)]
#[case::packed_nan(r#"{"data":[{"index":0,"embedding":"AADAfwAAgD8="}]}"#)]
#[case::no_base64(r#"{"data":[{"index":0,"embedding":"!!!"}]}"#)]
#[case::cut_base64(r#"{"data":[{"index":0,"embedding":"AACAPwA="}]}"#)]
#[case::overflow(r#"{"data":[{"index":0,"embedding":[1e99]}]}"#)]
#[case::zeros(r#"{"data":[{"index":0,"embedding":[0,0]}]}"#)]
#[case::nothing(r#"{"data":[{"index":0,"embedding":[]}]}"#)]
#[tokio::test]
async fn what_are_no_vectors_is_refused(#[case] body: &'static str) {
    let provider = provider().await;
    let embedder = made(&of_kind(&provider, "openai"), "p/m", EmbedderOptions::default());
    provider.reply(Reply::whole(body));
    assert_eq!(failure(&*embedder).await, ErrorKind::Protocol);
    assert_eq!(provider.requests().len(), 1, "asking again would not help");
}

#[tokio::test]
async fn a_dimension_that_changes_is_known_from_then_on() {
    let provider = provider().await;
    for kind in ["openai", "ollama"] {
        let embedder = made(&of_kind(&provider, kind), "p/m", EmbedderOptions::default());
        assert_eq!(embedder.dimension().await, Ok(8));
        let of_vectors = |vectors: &str| match kind {
            "ollama" => format!(r#"{{"embeddings":[{vectors}]}}"#),
            _ => {
                let items = vectors.replace("],", "]},{\"embedding\":");
                format!(r#"{{"data":[{{"embedding":{items}}}]}}"#)
            }
        };
        provider.reply(Reply::whole(of_vectors("[3,0,4]")));
        let vectors = embedder.embed(&texts(&["one"]), Purpose::Document).await;
        assert_eq!(vectors, Ok(vec![vec![0.6, 0.0, 0.8]]), "{kind}");
        assert_eq!(embedder.dimension().await, Ok(3), "{kind}");
        provider.reply(Reply::whole(of_vectors("[1,2,3],[1,2]")));
        let mixed = embedder.embed(&texts(&["one", "two"]), Purpose::Document).await;
        assert_eq!(mixed.expect_err("refused").kind(), ErrorKind::Protocol, "{kind}");
        assert_eq!(embedder.dimension().await, Ok(3), "{kind}");
    }
}

#[tokio::test]
async fn a_model_that_is_replaced_between_two_batches_gives_no_mixed_vectors() {
    let provider = provider().await;
    let options = EmbedderOptions { batch: 1, ..EmbedderOptions::default() };
    let embedder = made(&of_kind(&provider, "vllm"), "p/m", options);
    provider.reply(Reply::whole(r#"{"data":[{"embedding":[1,2,3]}]}"#));
    let mixed = embedder.embed(&texts(&["one", "two"]), Purpose::Document).await;
    assert_eq!(mixed.expect_err("refused").kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn vectors_of_a_known_dimension_are_asked_for_where_they_do_not_come_by_themselves() {
    let provider = provider().await;
    let settings = of_kind(&provider, "openai");
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(Timestamp::from_millis(1_000_000)));
    let fitting = |dimension| {
        let (of, jitter) = (model("p/m"), Jitter::fixed(0.0));
        fitting_embedder(&settings, &of, (dimension, 64), &clock, &jitter).expect("sound settings")
    };
    let asked = |provider: &ScriptedProvider| -> Vec<Option<u64>> {
        let requests = provider.requests();
        requests.iter().map(|request| request.body["dimensions"].as_u64()).collect()
    };
    // Eight is what it gives by itself: it may be one that does not take the question.
    let free = fitting(8);
    let vectors = free.embed(&texts(&["one"]), Purpose::Query).await.expect("a vector");
    assert_eq!((vectors[0].len(), asked(&provider)), (8, vec![None]));
    let cut = fitting(5);
    assert_eq!((cut.model(), cut.dimension().await), ("p/m", Ok(5)));
    for _ in 0..2 {
        let vectors = cut.embed(&texts(&["one"]), Purpose::Query).await.expect("a vector");
        assert_eq!(vectors[0].len(), 5);
    }
    assert_eq!(asked(&provider), [None, None, Some(5), Some(5)], "it is known the second time");
    let deaf = fitting(6);
    provider.reply(Reply::whole(r#"{"data":[{"embedding":[3,4]}]}"#));
    provider.reply(Reply::error(400, "invalid_request_error", "dimensions: not supported"));
    assert_eq!(failure(&*deaf).await, ErrorKind::BadRequest);
}

#[tokio::test]
async fn the_cut_of_the_bytes_does_not_matter() {
    let provider = provider().await;
    let embedder = made(&of_kind(&provider, "vllm"), "p/m", EmbedderOptions::default());
    for split in [1, 7, 4_096] {
        provider.reply(Reply::whole(r#"{"data":[{"embedding":[3,4]}]}"#).split(split));
        let vectors = embedder.embed(&texts(&["one"]), Purpose::Query).await.expect("a vector");
        assert_eq!(vectors, [[0.6, 0.8]]);
    }
}

#[rstest]
#[case(401, ErrorKind::Auth, 1)]
#[case(404, ErrorKind::BadRequest, 1)]
#[case(429, ErrorKind::RateLimited, 3)]
#[case(500, ErrorKind::Unavailable, 3)]
#[tokio::test]
async fn refusals_have_their_kinds_and_passing_ones_are_tried_again(
    #[case] status: u16,
    #[case] kind: ErrorKind,
    #[case] attempts: usize,
) {
    let provider = provider().await;
    let embedder = made(&of_kind(&provider, "openai"), "p/m", EmbedderOptions::default());
    for _ in 0..attempts {
        provider.reply(Reply::error(status, "some_error", &format!("The key is {KEY}")));
    }
    let error = embedder.embed(&texts(&["one"]), Purpose::Query).await.expect_err("a failure");
    assert_eq!((error.kind(), provider.requests().len()), (kind, attempts));
    assert!(!format!("{error:?} {error}").contains(KEY));
}

#[tokio::test]
async fn a_passing_failure_is_not_noticed() {
    let provider = provider().await;
    let embedder = made(&of_kind(&provider, "openai"), "p/m", EmbedderOptions::default());
    provider.reply(Reply::error(429, "rate_limit", "slow down").header("retry-after", "0"));
    assert!(embedder.embed(&texts(&["one"]), Purpose::Query).await.is_ok());
    assert_eq!(provider.requests().len(), 2);
    // Longer than anybody waits.
    provider.reply(Reply::error(429, "rate_limit", "slow down").header("retry-after", "9999"));
    assert_eq!(failure(&*embedder).await, ErrorKind::RateLimited);
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn texts_that_are_too_long_are_cut_shorter_until_they_fit() {
    let provider = provider().await;
    let embedder = made(&of_kind(&provider, "vllm"), "p/bge-small", EmbedderOptions::default());
    let too_long = || Reply::error(400, "context_length_exceeded", "maximum context length");
    provider.reply(too_long());
    provider.reply(too_long());
    let long = texts(&[&"word ".repeat(3_000)]);
    assert!(embedder.embed(&long, Purpose::Document).await.is_ok());
    let lengths: Vec<usize> = provider
        .requests()
        .iter()
        .map(|request| request.body["input"][0].as_str().map_or(0, |text| text.len().div_ceil(5)))
        .collect();
    assert_eq!(lengths, [512, 256, 128]);
    for _ in 0..5 {
        provider.reply(too_long());
    }
    assert_eq!(failure(&*embedder).await, ErrorKind::ContextTooLong, "not for ever");
}

#[tokio::test]
async fn a_host_that_fails_again_and_again_is_left_alone() {
    let provider = provider().await;
    let mut settings = of_kind(&provider, "openai");
    settings.retry.attempts = 1;
    settings.breaker.consecutive_failures = 2;
    let embedder = made(&settings, "p/m", EmbedderOptions::default());
    for _ in 0..2 {
        provider.reply(Reply::error(500, "x", "x"));
        assert_eq!(failure(&*embedder).await, ErrorKind::Unavailable);
    }
    assert_eq!(failure(&*embedder).await, ErrorKind::CircuitOpen);
    assert_eq!(provider.requests().len(), 2);
}

#[tokio::test]
async fn a_host_that_never_answers_is_not_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let silent = ProviderSettings {
        name: "p".into(),
        base_url: Some(format!("http://{address}")),
        ..ProviderSettings::new("vllm")
    };
    let mut settings = RouterSettings { providers: vec![silent], ..RouterSettings::default() };
    settings.timers.first_token = Duration::from_millis(100);
    let embedder = made(&settings, "p/m", EmbedderOptions::default());
    assert_eq!(failure(&*embedder).await, ErrorKind::Timeout(Timer::FirstToken));
}

#[tokio::test]
async fn blank_texts_and_foreign_providers_are_refused() {
    let provider = provider().await;
    let options = EmbedderOptions::default();
    let embedder = made(&of_kind(&provider, "openai"), "p/m", options);
    let blank = embedder.embed(&texts(&["one", " \n"]), Purpose::Query).await;
    assert_eq!(blank.expect_err("refused").kind(), ErrorKind::BadRequest);
    assert!(provider.requests().is_empty());

    let refused = |settings: &RouterSettings, name: &str| {
        try_made(settings, name, options).err().map(|error| error.kind())
    };
    let settings = of_kind(&provider, "anthropic");
    assert_eq!(refused(&settings, "p/m"), Some(ErrorKind::Settings), "it has none");
    assert_eq!(refused(&settings, "q/m"), Some(ErrorKind::Settings), "there is none");
    assert_eq!(refused(&settings, "ollama/m"), None, "a local host needs no settings");
}
