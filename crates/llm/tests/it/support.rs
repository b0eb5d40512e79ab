//! Routers over the scripted provider, and shorthand for reading answers.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use vpaura_domain::{FixedClock, Role, Timestamp};
use vpaura_llm::{
    ChatMessage, ChatRequest, Jitter, LlmError, ModelEvent, ModelRef, ModelStream, Passage,
    ProviderSettings, RetrySettings, Router, RouterSettings,
};
use vpaura_test_support::ScriptedProvider;

/// The two dialects, as rows of a test table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    OpenAi,
    Anthropic,
}

pub const BOTH: [Speaks; 2] = [Speaks::OpenAi, Speaks::Anthropic];
pub const KEY: &str = "sk-test-canary";

pub async fn provider() -> ScriptedProvider {
    ScriptedProvider::start().await.expect("a free port")
}

/// A provider's settings with two models, `a` and `b`.
pub fn settings_for(provider: &ScriptedProvider, speaks: Speaks) -> ProviderSettings {
    let (kind, url) = match speaks {
        Speaks::OpenAi => ("openai", provider.openai_url()),
        Speaks::Anthropic => ("anthropic", provider.anthropic_url()),
    };
    ProviderSettings {
        name: "p".into(),
        base_url: Some(url),
        api_key: Some(KEY.into()),
        models: vec!["a".into(), "b".into()],
        ..ProviderSettings::new(kind)
    }
}

/// Settings with that provider, and waits between retries of next to nothing.
pub fn settings(provider: &ScriptedProvider, speaks: Speaks) -> RouterSettings {
    let retry = RetrySettings { base: std::time::Duration::ZERO, ..RetrySettings::default() };
    RouterSettings {
        providers: vec![settings_for(provider, speaks)],
        retry,
        ..RouterSettings::default()
    }
}

pub fn router(settings: RouterSettings) -> Router {
    let clock = Arc::new(FixedClock::at(Timestamp::from_millis(1_000_000)));
    Router::new(settings, clock).expect("sound settings").with_jitter(Jitter::fixed(0.0))
}

pub fn model(name: &str) -> ModelRef {
    name.parse().expect("provider/model")
}

pub fn question(text: &str) -> ChatRequest {
    ChatRequest { messages: vec![ChatMessage::text(Role::User, text)], ..ChatRequest::default() }
}

pub fn passages(texts: &[&str]) -> Arc<[Passage]> {
    texts
        .iter()
        .zip(1..)
        .map(|(text, index)| Passage {
            index,
            document: format!("doc{index}.md"),
            headings: Vec::new(),
            text: (*text).into(),
            score: 1.0,
        })
        .collect()
}

/// Asks `p/a`.
pub async fn ask(router: &Router, request: ChatRequest) -> Result<ModelStream, LlmError> {
    router.stream(&model("p/a"), request, CancellationToken::new()).await
}

/// An answer read to its end.
#[derive(Debug, Default)]
pub struct Read {
    pub events: Vec<ModelEvent>,
    pub error: Option<LlmError>,
}

impl Read {
    pub fn text(&self) -> String {
        self.events
            .iter()
            .filter_map(|event| match event {
                ModelEvent::Text(text) => Some(text.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// The events but for the first, which says who is serving.
    pub fn after_serving(&self) -> &[ModelEvent] {
        assert!(matches!(self.events.first(), Some(ModelEvent::Serving(_))), "{:?}", self.events);
        &self.events[1..]
    }
}

pub async fn read(mut stream: ModelStream) -> Read {
    let mut read = Read::default();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => read.events.push(event),
            Err(error) => read.error = Some(error),
        }
    }
    assert!(stream.next().await.is_none(), "nothing follows the end");
    read
}

/// Asks `p/a` and reads the answer.
pub async fn answer(router: &Router, request: ChatRequest) -> Read {
    match ask(router, request).await {
        Ok(stream) => read(stream).await,
        Err(error) => Read { events: Vec::new(), error: Some(error) },
    }
}

/// Reads up to the first text.
pub async fn read_text(stream: &mut ModelStream) -> String {
    loop {
        match stream.next().await {
            Some(Ok(ModelEvent::Text(text))) => return text.to_string(),
            Some(Ok(_)) => {}
            other => panic!("expected text, got {other:?}"),
        }
    }
}
