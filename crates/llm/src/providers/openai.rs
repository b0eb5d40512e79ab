//! The OpenAI chat-completions dialect, spoken by OpenAI and by every row of the table of hosts
//! that says so.

mod chunk;
pub(super) mod decoder;
mod request;

use async_trait::async_trait;
use http::header;

use super::Endpoint;
use super::failure::refusal;
use super::hosts::{Dialect, Quirks};
use crate::http::send_error;
use crate::{ChatModel, ChatRequest, LlmError, ModelStream};

/// A host that speaks chat completions.
pub(crate) struct OpenAi {
    endpoint: Endpoint,
}

impl OpenAi {
    pub(crate) const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    const fn quirks(&self) -> Option<Quirks> {
        match self.endpoint.host.dialect {
            Dialect::OpenAi(quirks) => Some(quirks),
            Dialect::Anthropic | Dialect::Retrieval(_) => None,
        }
    }

    fn chat_url(&self, model: &str, quirks: &Quirks) -> url::Url {
        if !quirks.deployments {
            return self.endpoint.url("chat/completions");
        }
        self.endpoint.deployment_url(model, &["chat", "completions"])
    }

    fn check_url(&self) -> url::Url {
        if !self.quirks().is_some_and(|quirks| quirks.deployments) {
            return self.endpoint.url("models");
        }
        let mut url = self.endpoint.url("openai/models");
        let version = self.endpoint.api_version.as_deref().unwrap_or(super::AZURE_API_VERSION);
        url.query_pairs_mut().append_pair("api-version", version);
        url
    }
}

#[async_trait]
impl ChatModel for OpenAi {
    async fn stream(&self, model: &str, request: &ChatRequest) -> Result<ModelStream, LlmError> {
        let quirks = self
            .quirks()
            .ok_or_else(|| LlmError::Settings("the host speaks another dialect".into()))?;
        let body = request::body(model, request, &quirks, self.endpoint.max_output(model))?;
        let response = self
            .endpoint
            .authorised(self.endpoint.client.post(self.chat_url(model, &quirks)))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .body(body)
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        if !super::is_event_stream(&response) {
            return Err(refusal(response, &self.endpoint).await);
        }
        let decoder = decoder::OpenAiDecoder::new(
            request
                .passages
                .iter()
                .map(|passage| passage.index)
                .chain(request.found.iter().copied()),
            self.endpoint.api_key.clone(),
        );
        Ok(super::decode::decode(response.bytes_stream(), decoder, self.endpoint.event_bytes))
    }

    async fn check(&self) -> Result<(), LlmError> {
        let response = self
            .endpoint
            .authorised(self.endpoint.client.get(self.check_url()))
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        super::check_answer(response, &self.endpoint).await
    }
}
