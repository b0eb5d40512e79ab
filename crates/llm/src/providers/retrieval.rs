//! What hosts offer besides chat: embeddings and judgements of passages, and where.

use super::hosts::{Dialect, Host};

/// What a host offers for retrieval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retrieval {
    /// How texts are embedded.
    pub embeddings: EmbeddingWire,
    /// The path of the embeddings below the base URL.
    pub embeddings_path: &'static str,
    /// How passages are judged, where the host can.
    pub rerank: Option<RerankWire>,
    /// The path of the judgements below the base URL.
    pub rerank_path: &'static str,
    /// The most texts of one request.
    pub batch: usize,
    /// How the host is told what a text is for.
    pub purpose: PurposeField,
}

/// How texts are embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmbeddingWire {
    /// OpenAI's `/embeddings`; and whether base64 is asked for, which is a quarter of the bytes.
    OpenAi { base64: bool },
    /// Ollama's own, which can cut texts that are too long.
    Ollama,
}

/// How passages are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RerankWire {
    /// `documents` in, `results` or `data` with `relevance_score` out: Cohere, Jina, Voyage, vLLM.
    Documents,
    /// `texts` in, a bare list with `score` out: Hugging Face's text-embeddings-inference.
    Texts,
}

/// How a host is told what a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PurposeField {
    /// It cannot be told; words before the text do it, if anything.
    None,
    /// `"input_type": "query"` or `"document"`.
    InputType,
    /// `"task": "retrieval.query"` or `"retrieval.passage"`.
    Task,
}

/// What most OpenAI-compatible servers offer.
pub(super) const PLAIN: Retrieval = Retrieval {
    embeddings: EmbeddingWire::OpenAi { base64: false },
    embeddings_path: "embeddings",
    rerank: Some(RerankWire::Documents),
    rerank_path: "rerank",
    batch: 2_048,
    purpose: PurposeField::None,
};

/// Cohere serves its own `/v2/rerank`, and embeddings in OpenAI's format elsewhere.
pub(super) const COHERE: Retrieval = Retrieval {
    embeddings_path: "compatibility/v1/embeddings",
    rerank_path: "v2/rerank",
    batch: 96,
    ..PLAIN
};
pub(super) const JINA: Retrieval = Retrieval { purpose: PurposeField::Task, batch: 512, ..PLAIN };
pub(super) const VOYAGE: Retrieval =
    Retrieval { purpose: PurposeField::InputType, batch: 1_000, ..PLAIN };
/// Hugging Face's text-embeddings-inference takes 32 texts unless it is told otherwise.
pub(super) const TEI: Retrieval = Retrieval {
    embeddings_path: "v1/embeddings",
    rerank: Some(RerankWire::Texts),
    batch: 32,
    ..PLAIN
};

/// What a host offers for retrieval; none where it is for chat alone.
pub(crate) fn of_host(host: &Host) -> Option<Retrieval> {
    match host.dialect {
        Dialect::Anthropic => None,
        Dialect::Retrieval(retrieval) => Some(retrieval),
        Dialect::OpenAi(_) => Some(match host.name {
            "openai" | "azure" => {
                let embeddings = EmbeddingWire::OpenAi { base64: true };
                Retrieval { embeddings, rerank: None, ..PLAIN }
            }
            "ollama" => Retrieval { embeddings: EmbeddingWire::Ollama, rerank: None, ..PLAIN },
            _ => PLAIN,
        }),
    }
}
