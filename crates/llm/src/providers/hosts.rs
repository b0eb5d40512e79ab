//! The hosts we know, a row each. Another OpenAI-compatible host is another row.

use super::retrieval::{COHERE, JINA, PLAIN as PLAIN_RETRIEVAL, Retrieval, TEI, VOYAGE};

/// How a host takes its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthStyle {
    /// `Authorization: Bearer <key>`; without a key, no header.
    Bearer,
    /// `api-key: <key>` (Azure).
    ApiKey,
    /// `x-api-key: <key>` (Anthropic).
    XApiKey,
}

/// One kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// The word for it in settings.
    pub name: &'static str,
    /// The name shown to people.
    pub title: &'static str,
    /// Where it is; none where every customer has another address.
    pub base_url: Option<&'static str>,
    /// How it takes its key.
    pub auth: AuthStyle,
    /// The environment variable that usually holds its key.
    pub key_variable: Option<&'static str>,
    /// Whether it runs on one's own machine.
    pub local: bool,
    pub(crate) dialect: Dialect,
}

/// What a host speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi(Quirks),
    Anthropic,
    /// No chat: embeddings and rerankers alone.
    Retrieval(Retrieval),
}

/// Where OpenAI-compatible hosts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quirks {
    /// The field that limits the answer.
    pub max_tokens: &'static str,
    /// Whether `stream_options.include_usage` is understood.
    pub usage_option: bool,
    /// How the effort of reasoning is asked for.
    pub reasoning: ReasoningField,
    /// The address names a deployment and an API version (Azure).
    pub deployments: bool,
    /// OpenAI's own reasoning models, which refuse sampling parameters, are served here.
    pub strict_sampling: bool,
}

/// How a host is asked to reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReasoningField {
    /// `"reasoning_effort": "low"`.
    Effort,
    /// `"reasoning": {"effort": "low"}`.
    Object,
    /// It cannot be asked.
    None,
}

const PLAIN: Quirks = Quirks {
    max_tokens: "max_tokens",
    usage_option: true,
    reasoning: ReasoningField::None,
    deployments: false,
    strict_sampling: false,
};
const EFFORT: Quirks = Quirks { reasoning: ReasoningField::Effort, ..PLAIN };
const OPENAI: Quirks =
    Quirks { max_tokens: "max_completion_tokens", strict_sampling: true, ..EFFORT };

/// A host in the cloud that takes a bearer key.
const fn cloud(
    name: &'static str,
    title: &'static str,
    base_url: &'static str,
    key_variable: &'static str,
    quirks: Quirks,
) -> Host {
    Host {
        name,
        title,
        base_url: Some(base_url),
        auth: AuthStyle::Bearer,
        key_variable: Some(key_variable),
        local: false,
        dialect: Dialect::OpenAi(quirks),
    }
}

/// A server on one's own machine.
const fn local(name: &'static str, title: &'static str, base_url: &'static str) -> Host {
    Host {
        name,
        title,
        base_url: Some(base_url),
        auth: AuthStyle::Bearer,
        key_variable: None,
        local: true,
        dialect: Dialect::OpenAi(EFFORT),
    }
}

/// A host that serves embeddings and rerankers alone.
const fn retrieval(
    name: &'static str,
    title: &'static str,
    base_url: Option<&'static str>,
    key_variable: Option<&'static str>,
    dialect: Retrieval,
) -> Host {
    Host {
        name,
        title,
        base_url,
        auth: AuthStyle::Bearer,
        key_variable,
        local: false,
        dialect: Dialect::Retrieval(dialect),
    }
}

const HOSTS: &[Host] = &[
    cloud("openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", OPENAI),
    Host {
        name: "anthropic",
        title: "Anthropic",
        base_url: Some("https://api.anthropic.com"),
        auth: AuthStyle::XApiKey,
        key_variable: Some("ANTHROPIC_API_KEY"),
        local: false,
        dialect: Dialect::Anthropic,
    },
    Host {
        name: "azure",
        title: "Azure OpenAI",
        base_url: None,
        auth: AuthStyle::ApiKey,
        key_variable: Some("AZURE_OPENAI_API_KEY"),
        local: false,
        dialect: Dialect::OpenAi(Quirks { deployments: true, ..OPENAI }),
    },
    cloud(
        "gemini",
        "Google Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        EFFORT,
    ),
    cloud(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        Quirks { reasoning: ReasoningField::Object, ..PLAIN },
    ),
    cloud("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", EFFORT),
    cloud(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        // It sends usage unasked and refuses fields that it does not know.
        Quirks { usage_option: false, ..PLAIN },
    ),
    cloud("deepseek", "DeepSeek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", PLAIN),
    cloud("xai", "xAI", "https://api.x.ai/v1", "XAI_API_KEY", PLAIN),
    cloud("together", "Together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", PLAIN),
    cloud(
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        EFFORT,
    ),
    cloud("cerebras", "Cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", PLAIN),
    cloud("perplexity", "Perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", PLAIN),
    local("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
    local("vllm", "vLLM", "http://127.0.0.1:8001/v1"),
    local("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
    local("llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1"),
    Host {
        name: "openai-compatible",
        title: "OpenAI-compatible",
        base_url: None,
        auth: AuthStyle::Bearer,
        key_variable: None,
        local: false,
        dialect: Dialect::OpenAi(PLAIN),
    },
    retrieval("jina", "Jina", Some("https://api.jina.ai/v1"), Some("JINA_API_KEY"), JINA),
    retrieval("cohere", "Cohere", Some("https://api.cohere.com"), Some("COHERE_API_KEY"), COHERE),
    retrieval(
        "voyage",
        "Voyage",
        Some("https://api.voyageai.com/v1"),
        Some("VOYAGE_API_KEY"),
        VOYAGE,
    ),
    Host {
        local: true,
        ..retrieval("tei", "Text Embeddings Inference", Some("http://127.0.0.1:8080"), None, TEI)
    },
    // Any other host of embeddings in OpenAI's format, and of `/rerank`.
    retrieval("retrieval", "Embeddings and rerankers", None, None, PLAIN_RETRIEVAL),
];

impl Host {
    /// Whether models that chat are served there, not only embeddings and rerankers.
    pub const fn chats(&self) -> bool {
        !matches!(self.dialect, Dialect::Retrieval(_))
    }
}

/// The hosts we know.
pub const fn hosts() -> &'static [Host] {
    HOSTS
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use url::Url;

    use super::*;

    #[test]
    fn every_row_has_its_own_name_and_a_sound_address() {
        let names: HashSet<_> = hosts().iter().map(|host| host.name).collect();
        assert_eq!(names.len(), hosts().len());
        for host in hosts() {
            assert!(!names.contains("builtin"));
            let Some(address) = host.base_url else { continue };
            let url = Url::parse(address).expect("an address");
            assert_eq!(url.scheme(), if host.local { "http" } else { "https" }, "{}", host.name);
            assert!(!address.ends_with('/'), "{}", host.name);
        }
    }
}
