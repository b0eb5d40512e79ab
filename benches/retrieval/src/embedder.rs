//! Vectors that cost nothing: around one of a few hundred points, as texts gather around topics.

use std::hash::{DefaultHasher, Hash, Hasher};

use async_trait::async_trait;
use vpaura_llm::{Embedder, LlmError, Purpose};

use crate::chance::Chance;

/// As many numbers as MiniLM's vectors have.
pub const DIMENSION: u32 = 384;
const TOPICS: u64 = 300;
/// How far texts of a topic lie apart.
const SPREAD: f32 = 0.8;

/// Makes the same vector of the same text.
pub struct FreeEmbedder;

#[async_trait]
impl Embedder for FreeEmbedder {
    fn model(&self) -> &str {
        "bench/free"
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        Ok(DIMENSION)
    }

    async fn embed(&self, texts: &[String], _: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let hash = hasher.finish();
    let (topic, noise) = (numbers(hash % TOPICS), numbers(hash));
    let vector: Vec<f32> = topic.zip(noise).map(|(at, away)| at + SPREAD * away).collect();
    let length = vector.iter().map(|it| it * it).sum::<f32>().sqrt();
    vector.into_iter().map(|it| it / length).collect()
}

fn numbers(seed: u64) -> impl Iterator<Item = f32> {
    let mut chance = Chance::new(seed);
    (0..DIMENSION).map(move |_| (2.0 * chance.share() - 1.0) as f32)
}
