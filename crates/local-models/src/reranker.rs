//! A cross-encoder in this process: reads a question and a text together.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use vpaura_llm::{LlmError, Reranker};

use crate::bert::{Bert, BertConfig, Linear};
use crate::folder::{CONFIG, Folder, TOKENIZER, WEIGHTS};
use crate::math::sigmoid;
use crate::pieces::pieces;
use crate::tokens::Tokens;
use crate::weights::Weights;
use crate::workers::Urgency;
use crate::{ModelError, Workers};

/// A cross-encoder of the BERT family with one label (ms-marco-MiniLM, bge-reranker and the
/// like), with its weights in memory. Cheap to clone.
#[derive(Clone)]
pub struct LocalReranker {
    name: Arc<str>,
    model: Arc<CrossEncoder>,
    workers: Workers,
}

/// The model itself.
struct CrossEncoder {
    tokens: Tokens,
    longest: usize,
    bert: Bert,
    /// Widens the first token's vector into a judgement; its outcome is bent by tanh.
    dense: Linear,
    label: Linear,
}

impl LocalReranker {
    /// Loads the model of a folder: `config.json`, `tokenizer.json` and `model.safetensors`. Not
    /// for the runtime's own threads.
    ///
    /// # Errors
    /// When a file is missing or damaged, or the model is of a kind that is not run here.
    pub fn load(name: &str, folder: &Path, workers: Workers) -> Result<Self, ModelError> {
        let model = Arc::new(CrossEncoder::load(&Folder::new(folder))?);
        Ok(Self { name: name.into(), model, workers })
    }
}

impl CrossEncoder {
    fn load(folder: &Folder) -> Result<Self, ModelError> {
        folder.check()?;
        let config = BertConfig::read(&folder.path(CONFIG), &folder.read(CONFIG)?)?;
        let longest = folder.longest()?.unwrap_or(usize::MAX).clamp(8, config.longest());
        let tokens = Tokens::read(&folder.path(TOKENIZER), &folder.read(TOKENIZER)?, longest)?;
        let bytes = folder.read(WEIGHTS)?;
        let weights = Weights::open(&folder.path(WEIGHTS), &bytes)?;
        let bert = Bert::load(&config, &weights)?;
        let width = bert.width;
        let (dense, label) = if config.is_bert() && weights.encoder_has("pooler.dense.weight") {
            (Linear::load(&weights, "pooler.dense", width, width)?, "classifier")
        } else if weights.has("classifier.dense.weight") {
            (Linear::of_head(&weights, "classifier.dense", width, width)?, "classifier.out_proj")
        } else {
            let what = "it judges no pairs: its weights have no classifier";
            return Err(ModelError::Unsupported(what.into()));
        };
        let label = Linear::of_head(&weights, label, width, 1)?;
        Ok(Self { tokens, longest, bert, dense, label })
    }

    fn judge(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, ModelError> {
        let packed = self.tokens.of_pairs(query, texts.iter().map(String::as_str))?;
        let states = self.bert.encode(&packed)?;
        let width = self.bert.width;
        let mut firsts = Vec::with_capacity(texts.len() * width);
        for range in packed.ranges() {
            if range.is_empty() {
                return Err(ModelError::Tokens("nothing of it is left".into()));
            }
            firsts.extend_from_slice(&states[range.start * width..(range.start + 1) * width]);
        }
        let (mut judged, mut scores) = (Vec::new(), Vec::new());
        self.dense.apply(&firsts, &mut judged);
        judged.iter_mut().for_each(|number| *number = number.tanh());
        self.label.apply(&judged, &mut scores);
        if scores.iter().any(|score| !score.is_finite()) {
            return Err(ModelError::Tokens("the model gives no number for it".into()));
        }
        Ok(scores.into_iter().map(sigmoid).collect())
    }
}

#[async_trait]
impl Reranker for LocalReranker {
    fn model(&self) -> &str {
        &self.name
    }

    async fn rerank(&self, query: &str, texts: &[String]) -> Result<Vec<f32>, LlmError> {
        let query: Arc<str> = query.into();
        let work = pieces(texts, self.model.longest).map(|piece| {
            let (query, texts) = (Arc::clone(&query), piece.to_vec());
            let model = Arc::clone(&self.model);
            move || model.judge(&query, &texts)
        });
        let scores = self.workers.run(Urgency::Urgent, work.collect()).await?;
        Ok(scores.into_iter().flatten().collect())
    }
}
