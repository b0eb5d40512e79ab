//! The Anthropic messages dialect.

pub(super) mod decoder;
mod event;
mod request;

use async_trait::async_trait;
use http::header;

use super::Endpoint;
use super::failure::refusal;
use crate::http::send_error;
use crate::{ChatModel, ChatRequest, LlmError, ModelStream};

/// The version of the API that this dialect is written for.
const VERSION: &str = "2023-06-01";
const VERSION_HEADER: &str = "anthropic-version";

/// A host that speaks the messages API.
pub(crate) struct Anthropic {
    endpoint: Endpoint,
}

impl Anthropic {
    pub(crate) const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    /// An address of the API. A base that ends in the version already, as OpenAI's do, is taken
    /// as it is meant.
    fn url(&self, path: &str) -> url::Url {
        let versioned = self.endpoint.base_url.path().trim_end_matches('/').ends_with("/v1");
        if versioned { self.endpoint.url(path) } else { self.endpoint.url(&format!("v1/{path}")) }
    }
}

#[async_trait]
impl ChatModel for Anthropic {
    async fn stream(&self, model: &str, request: &ChatRequest) -> Result<ModelStream, LlmError> {
        let body = request::body(model, request, self.endpoint.max_output(model))?;
        let response = self
            .endpoint
            .authorised(self.endpoint.client.post(self.url("messages")))
            .header(VERSION_HEADER, VERSION)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .body(body)
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        if !super::is_event_stream(&response) {
            return Err(refusal(response, &self.endpoint).await);
        }
        let documents = request::documents(request).map(|passage| passage.index);
        let found = request.found.iter().copied();
        let key = self.endpoint.api_key.clone();
        let decoder = decoder::AnthropicDecoder::new(documents, found, key);
        Ok(super::decode::decode(response.bytes_stream(), decoder, self.endpoint.event_bytes))
    }

    async fn check(&self) -> Result<(), LlmError> {
        let response = self
            .endpoint
            .authorised(self.endpoint.client.get(self.url("models")))
            .header(VERSION_HEADER, VERSION)
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        super::check_answer(response, &self.endpoint).await
    }
}
