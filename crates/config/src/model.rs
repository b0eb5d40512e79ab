//! Which model answers when nobody chose one, and whose model a bare name is.

use crate::reader::Reader;
use crate::sections::llm::ProviderConfig;

/// The provider that is always there.
pub(crate) const BUILTIN: &str = "builtin";
const BUILTIN_MODEL: &str = "builtin/extractive";

/// The usual model of the two providers that a lone key configures.
const USUAL_MODELS: [(&str, &str); 2] =
    [("openai", "gpt-4.1-mini"), ("anthropic", "claude-sonnet-4-5")];

/// Hosts that run on this machine at a known address and need no configuration.
pub(crate) const LOCAL_HOSTS: [&str; 3] = ["ollama", "vllm", "lmstudio"];

/// Kinds of providers that serve embeddings and rerankers alone; none of them answers anybody.
const RETRIEVAL_KINDS: [&str; 5] = ["cohere", "jina", "retrieval", "tei", "voyage"];

/// The default model as `provider/model`.
pub(crate) fn default_model(r: &mut Reader<'_>, providers: &mut Vec<ProviderConfig>) -> String {
    if let Some(given) = r.optional_text("llm.model") {
        return qualified(&given, providers).unwrap_or_else(|expected| {
            r.refuse("llm.model", &expected);
            BUILTIN_MODEL.to_owned()
        });
    }
    let mut chatting =
        providers.iter().filter(|provider| !RETRIEVAL_KINDS.contains(&provider.kind.as_str()));
    if let Some(provider) = chatting.clone().find(|provider| !provider.models.is_empty()) {
        return format!("{}/{}", provider.name, provider.models[0]);
    }
    let usual = USUAL_MODELS.iter().find(|(name, _)| {
        providers.iter().any(|provider| provider.name == *name && provider.base_url.is_none())
    });
    match (usual, chatting.next()) {
        (Some((provider, model)), _) => format!("{provider}/{model}"),
        (None, None) => BUILTIN_MODEL.to_owned(),
        (None, Some(provider)) => {
            let reason = format!(
                "which model of {:?} shall answer? set LLM_MODEL, for example {}/<name>",
                provider.name, provider.name
            );
            r.missing("llm.model", &reason);
            BUILTIN_MODEL.to_owned()
        }
    }
}

/// The fallback models, each as `provider/model`.
pub(crate) fn fallbacks(r: &mut Reader<'_>, providers: &mut Vec<ProviderConfig>) -> Vec<String> {
    let given = r.list("llm.fallbacks");
    given
        .iter()
        .filter_map(|name| {
            qualified(name, providers)
                .map_err(|expected| r.refuse("llm.fallbacks", &format!("each to be {expected}")))
                .ok()
        })
        .collect()
}

/// `name` as `provider/model`. A local host that it names is added to `providers`. The error
/// says what was expected.
fn qualified(name: &str, providers: &mut Vec<ProviderConfig>) -> Result<String, String> {
    if name == BUILTIN_MODEL {
        return Ok(name.to_owned());
    }
    if let Some((provider, model)) = name.split_once('/').filter(|(_, model)| !model.is_empty()) {
        if providers.iter().any(|known| known.name == provider) {
            return Ok(name.to_owned());
        }
        if LOCAL_HOSTS.contains(&provider) {
            providers.push(local(provider, model));
            return Ok(name.to_owned());
        }
    }
    let owner = match providers.as_slice() {
        [] => None,
        [only] => Some(only),
        several => {
            let wanted = if name.starts_with("claude") { "anthropic" } else { "openai" };
            several.iter().find(|provider| provider.name == wanted)
        }
    };
    // A slash may belong to the model's own name ("meta-llama/llama-4"), but where it can only
    // be a provider that lacks its key, saying so is kinder than asking another provider.
    let foreign = name.split_once('/').is_some_and(|(provider, _)| {
        provider == BUILTIN || USUAL_MODELS.iter().any(|(usual, _)| *usual == provider)
    });
    match owner.filter(|_| !foreign) {
        Some(provider) => Ok(format!("{}/{name}", provider.name)),
        None => Err(expectation(providers)),
    }
}

fn expectation(providers: &[ProviderConfig]) -> String {
    let mut known: Vec<&str> = providers.iter().map(|provider| provider.name.as_str()).collect();
    known.push(BUILTIN);
    format!(
        "provider/model of a configured provider ({}); a provider is configured by its key, for \
         example OPENAI_API_KEY, or by a section [llm.providers.<name>]",
        known.join(", ")
    )
}

fn local(name: &str, model: &str) -> ProviderConfig {
    ProviderConfig {
        name: name.to_owned(),
        kind: name.to_owned(),
        base_url: None,
        api_key: None,
        api_version: None,
        models: vec![model.to_owned()],
    }
}

/// The address of an API, without a slash at the end.
pub(crate) fn parse_base_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty())
        .then(|| text.trim_end_matches('/').to_owned())
}
