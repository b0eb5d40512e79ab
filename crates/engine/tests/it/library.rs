//! Collections with documents that are ready, and models of meaning that a test understands.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use vpaura_domain::{
    Chunking, Collection, CollectionId, Document, Metadata, Origin, Scope, Visibility,
};
use vpaura_engine::{
    DocumentMatch, Engine, Found, NewCollection, NewDocument, NewSource, SearchBy, SearchQuery,
};
use vpaura_llm::{Embedder, LlmError, Purpose, Reranker};

/// Words that mean the same, one row for each number of a vector.
const TOPICS: [&[&str]; 4] = [
    &["car", "automobile", "vehicle"],
    &["doctor", "physician", "medicine"],
    &["refund", "reimbursement", "money"],
    &["sea", "ocean", "harbour"],
];

/// Embeds by topics; as `dimension` may be more than there are, the rest of a vector is zero.
pub(crate) struct Topics {
    pub(crate) model: &'static str,
    pub(crate) dimension: u32,
    pub(crate) is_out: AtomicBool,
    pub(crate) calls: AtomicUsize,
    /// It breaks at texts with this word.
    pub(crate) breaks_at: Mutex<Option<&'static str>>,
}

impl Topics {
    pub(crate) fn new(model: &'static str, dimension: u32) -> Arc<Self> {
        let (is_out, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
        Arc::new(Self { model, dimension, is_out, calls, breaks_at: Mutex::default() })
    }

    /// From now on it breaks at texts with this word, and tells nothing of which they are.
    pub(crate) fn break_at(&self, word: &'static str) {
        *self.breaks_at.lock().unwrap() = Some(word);
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let text = text.to_lowercase();
        let mut vector = vec![0.01_f32; self.dimension as usize];
        for (number, words) in vector.iter_mut().zip(TOPICS) {
            *number += words.iter().map(|word| text.matches(word).count() as f32).sum::<f32>();
        }
        let length = vector.iter().map(|it| it * it).sum::<f32>().sqrt();
        vector.iter().map(|it| it / length - 0.02).collect()
    }
}

#[async_trait]
impl Embedder for Topics {
    fn model(&self) -> &str {
        self.model
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        Ok(self.dimension)
    }

    async fn embed(&self, texts: &[String], _: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.is_out.load(Ordering::Relaxed) {
            return Err(LlmError::Settings("out".into()));
        }
        let word = *self.breaks_at.lock().unwrap();
        if word.is_some_and(|word| texts.iter().any(|text| text.contains(word))) {
            return Err(LlmError::Unavailable { detail: "500".into(), retry_after: None });
        }
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}

/// Prefers short texts.
pub(crate) struct ShortFirst {
    pub(crate) is_out: AtomicBool,
}

#[async_trait]
impl Reranker for ShortFirst {
    fn model(&self) -> &str {
        "test/short-first"
    }

    async fn rerank(&self, _: &str, texts: &[String]) -> Result<Vec<f32>, LlmError> {
        if self.is_out.load(Ordering::Relaxed) {
            return Err(LlmError::Settings("out".into()));
        }
        Ok(texts.iter().map(|text| -(text.len() as f32)).collect())
    }
}

pub(crate) async fn collection(
    engine: &Engine,
    scope: &Scope,
    name: &str,
    visibility: Visibility,
) -> Collection {
    let new = NewCollection {
        name: name.into(),
        description: None,
        visibility,
        chunking: Chunking::default(),
    };
    engine.create_collection(scope, new, None, &Origin::default()).await.unwrap()
}

/// Adds a text and waits until it can be found.
pub(crate) async fn add(
    engine: &Engine,
    collection: CollectionId,
    name: &str,
    text: &str,
) -> Document {
    add_noted(engine, collection, name, text, json!({})).await
}

pub(crate) async fn add_noted(
    engine: &Engine,
    collection: CollectionId,
    name: &str,
    text: &str,
    noted: serde_json::Value,
) -> Document {
    let scope = Scope::operator();
    let new = NewDocument {
        name: Some(name.into()),
        source: NewSource::Text(text.into()),
        metadata: Metadata::try_from(noted).unwrap(),
    };
    let origin = Origin::default();
    let added = engine.add_document(&scope, collection, new, None, &origin).await.unwrap();
    until(async || {
        let document = engine.get_document(&scope, collection, added.id).await.unwrap();
        assert_eq!(document.error, None);
        (document.status == vpaura_domain::DocumentStatus::Ready).then_some(document)
    })
    .await
}

/// Asks again until there is an answer. The longest wait is for machines that do much else.
pub(crate) async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let waiting = async {
        let mut again = tokio::time::interval(Duration::from_millis(10));
        loop {
            again.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(90), waiting).await.expect("in time")
}

pub(crate) fn asked(collections: &[CollectionId], query: &str) -> SearchQuery {
    SearchQuery {
        collections: Some(collections.to_vec()),
        query: query.into(),
        limit: 10,
        per_document: None,
        filter: DocumentMatch::default(),
        rerank: true,
        by: SearchBy::ALL,
    }
}

/// The names of the documents found, the best first.
pub(crate) fn names(found: &Found) -> Vec<&str> {
    found.hits.iter().map(|hit| hit.document.name.as_str()).collect()
}
