//! The dialects, and the choice of one for a provider's settings.

mod anthropic;
mod decode;
mod failure;
mod hosts;
mod openai;

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use vpaura_domain::Clock;

use crate::{ChatModel, LlmError, ModelInfo, ProviderSettings};
use hosts::Dialect;
pub use hosts::{AuthStyle, Host, hosts};

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
/// When the settings lack an address or hold a bad one.
pub(crate) fn connect(
    settings: &ProviderSettings,
    models: &[ModelInfo],
    event_bytes: usize,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn ChatModel>, LlmError> {
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
    let endpoint = Endpoint {
        host,
        base_url,
        api_key,
        credential,
        api_version: settings.api_version.clone(),
        max_output: models.iter().map(|info| (info.id.model.clone(), info.max_output)).collect(),
        event_bytes,
        client,
        clock,
    };
    Ok(match host.dialect {
        Dialect::OpenAi(_) => Arc::new(openai::OpenAi::new(endpoint)),
        Dialect::Anthropic => Arc::new(anthropic::Anthropic::new(endpoint)),
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
