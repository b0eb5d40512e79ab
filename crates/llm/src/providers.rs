//! The dialects, and the choice of one for a provider's settings.

mod anthropic;
mod decode;
mod embeddings;
mod failure;
mod hosts;
mod openai;
mod reranking;
mod retrieval;

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use vpaura_domain::Clock;

use crate::{ChatModel, LlmError, ModelInfo, ModelRef, ProviderSettings, RouterSettings};
pub use embeddings::embedder;
use hosts::Dialect;
pub use hosts::{AuthStyle, Host, hosts};
pub use reranking::reranker;

/// The API version asked of Azure where the settings name none.
const AZURE_API_VERSION: &str = "2024-10-21";

/// What every dialect needs.
pub(crate) struct Endpoint {
    host: &'static Host,
    base_url: Url,
    api_key: Option<SecretString>,
    /// The header that carries the key, where there is one.
    credential: Option<(HeaderName, HeaderValue)>,
    api_version: Option<String>,
    /// The most tokens each model may write.
    max_output: HashMap<String, u32>,
    /// The most bytes of one event.
    event_bytes: usize,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl Endpoint {
    /// The model's own limit of output tokens.
    fn max_output(&self, model: &str) -> Option<u32> {
        self.max_output.get(model).copied()
    }

    /// `base_url` with a path behind it.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let joined = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        url
    }

    /// The address of something at the deployment of a model (Azure).
    fn deployment_url(&self, model: &str, rest: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["openai", "deployments", model]).extend(rest);
        }
        let version = self.api_version.as_deref().unwrap_or(AZURE_API_VERSION);
        url.query_pairs_mut().append_pair("api-version", version);
        url
    }

    /// The key, where there is one.
    fn key(&self) -> Option<&str> {
        self.api_key.as_ref().map(ExposeSecret::expose_secret)
    }

    /// The request with the key.
    fn authorised(&self, builder: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.credential {
            Some((name, value)) => builder.header(name, value),
            None => builder,
        }
    }
}

/// The row that a provider's `kind` names.
pub(crate) fn host_of(settings: &ProviderSettings) -> Result<&'static Host, LlmError> {
    hosts().iter().find(|host| host.name == settings.kind).ok_or_else(|| {
        let known: Vec<&str> = hosts().iter().map(|host| host.name).collect();
        LlmError::Settings(format!(
            "provider {}: unknown kind {:?}; known are {}",
            settings.name,
            settings.kind,
            known.join(", ")
        ))
    })
}

/// Makes the model behind a provider's settings.
///
/// # Errors
/// When the settings lack an address or hold a bad one, or the host serves no chat.
pub(crate) fn connect(
    settings: &ProviderSettings,
    models: &[ModelInfo],
    event_bytes: usize,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn ChatModel>, LlmError> {
    let endpoint = endpoint(settings, models, event_bytes, client, clock)?;
    Ok(match endpoint.host.dialect {
        Dialect::OpenAi(_) => Arc::new(openai::OpenAi::new(endpoint)),
        Dialect::Anthropic => Arc::new(anthropic::Anthropic::new(endpoint)),
        Dialect::Retrieval(_) => {
            let what = format!("provider {}: it serves no chat", settings.name);
            return Err(LlmError::Settings(what));
        }
    })
}

/// The endpoint of a model that does not chat, with a client of its own. A local host that is not
/// among the settings is taken at its usual address.
fn endpoint_of(
    settings: &RouterSettings,
    model: &ModelRef,
    clock: Arc<dyn Clock>,
) -> Result<Endpoint, LlmError> {
    let given = settings.providers.iter().find(|provider| provider.name == model.provider);
    let is_local = || hosts().iter().any(|host| host.local && host.name == model.provider);
    let provider = match given {
        Some(provider) => provider.clone(),
        None if is_local() => ProviderSettings::new(model.provider.clone()),
        None => {
            let what = format!("model {model}: there is no provider {}", model.provider);
            return Err(LlmError::Settings(what));
        }
    };
    let client = crate::http::client(settings.timers.connect)?;
    endpoint(&provider, &[], settings.limits.event_bytes, client, clock)
}

fn endpoint(
    settings: &ProviderSettings,
    models: &[ModelInfo],
    event_bytes: usize,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
) -> Result<Endpoint, LlmError> {
    let host = host_of(settings)?;
    let wrong = |what: &str| LlmError::Settings(format!("provider {}: {what}", settings.name));
    let address = settings
        .base_url
        .as_deref()
        .or(host.base_url)
        .ok_or_else(|| wrong("it needs a base URL"))?;
    let base_url = Url::parse(address).map_err(|_| wrong("its base URL is not an address"))?;
    if !matches!(base_url.scheme(), "http" | "https") || !base_url.has_host() {
        return Err(wrong("its base URL must start with http:// or https://"));
    }
    // Keys read from files often end in a line feed.
    let api_key = settings
        .api_key
        .as_ref()
        .map(|key| SecretString::from(key.expose_secret().trim()))
        .filter(|key| !key.expose_secret().is_empty());
    let credential = match &api_key {
        Some(key) => Some(
            credential(host.auth, key)
                .ok_or_else(|| wrong("its key holds characters that no key has"))?,
        ),
        None => None,
    };
    Ok(Endpoint {
        host,
        base_url,
        api_key,
        credential,
        api_version: settings.api_version.clone(),
        max_output: models.iter().map(|info| (info.id.model.clone(), info.max_output)).collect(),
        event_bytes,
        client,
        clock,
    })
}

/// The header that carries a key, marked so that no log shows it; `None` when the key cannot
/// stand in a header.
fn credential(style: AuthStyle, key: &SecretString) -> Option<(HeaderName, HeaderValue)> {
    let key = key.expose_secret();
    let (name, value) = match style {
        AuthStyle::Bearer => (AUTHORIZATION, HeaderValue::try_from(format!("Bearer {key}"))),
        AuthStyle::ApiKey => (HeaderName::from_static("api-key"), HeaderValue::try_from(key)),
        AuthStyle::XApiKey => (HeaderName::from_static("x-api-key"), HeaderValue::try_from(key)),
    };
    let mut value = value.ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(base_url: Option<&str>) -> bool {
    let url = base_url.and_then(|address| Url::parse(address).ok());
    match url.as_ref().and_then(Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a response is the stream we asked for. Some servers name no type, or plain text; what
/// is surely something else is JSON or HTML, and what is compressed cannot be read.
fn is_event_stream(response: &reqwest::Response) -> bool {
    let header = |name| {
        response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default()
    };
    let media_type = header(CONTENT_TYPE).to_ascii_lowercase();
    response.status().is_success()
        && !media_type.starts_with("application/json")
        && !media_type.starts_with("text/html")
        && matches!(header(CONTENT_ENCODING), "" | "identity")
}

/// The verdict of a provider's health check. A host without the address asked for (404) is still
/// a host that can be reached.
async fn check_answer(response: reqwest::Response, endpoint: &Endpoint) -> Result<(), LlmError> {
    if response.status().is_success() || response.status() == StatusCode::NOT_FOUND {
        return Ok(());
    }
    Err(failure::refusal(response, endpoint).await)
}
