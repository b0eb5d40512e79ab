//! A sentence embedder in this process.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use vpaura_llm::{Embedder, LlmError, Purpose};

use crate::bert::{Bert, BertConfig};
use crate::folder::{CONFIG, Folder, Pooling, TOKENIZER, WEIGHTS};
use crate::math::normalise;
use crate::pieces::pieces;
use crate::tokens::{Packed, Tokens};
use crate::weights::Weights;
use crate::workers::Urgency;
use crate::{ModelError, Workers};

/// A sentence embedder of the BERT family (MiniLM, bge, e5 and the like), with its weights in
/// memory. Cheap to clone.
#[derive(Clone)]
pub struct LocalEmbedder {
    name: Arc<str>,
    model: Arc<Sentences>,
    workers: Workers,
}

/// The model itself.
struct Sentences {
    tokens: Tokens,
    longest: usize,
    bert: Bert,
    pooling: Pooling,
    /// What is put before a text that is searched with, and before one that is to be found.
    before_query: String,
    before_document: String,
}

impl LocalEmbedder {
    /// Loads the model of a folder as sentence-transformers writes it: `config.json`,
    /// `tokenizer.json` and `model.safetensors`; and, where there, `modules.json`,
    /// `1_Pooling/config.json`, `sentence_bert_config.json` and
    /// `config_sentence_transformers.json`. Reads the whole file of weights: not for the
    /// runtime's own threads.
    ///
    /// # Errors
    /// When a file is missing or damaged, or the model is of a kind that is not run here.
    pub fn load(name: &str, folder: &Path, workers: Workers) -> Result<Self, ModelError> {
        let model = Arc::new(Sentences::load(name, &Folder::new(folder))?);
        Ok(Self { name: name.into(), model, workers })
    }

    /// How many numbers a vector has.
    pub fn width(&self) -> usize {
        self.model.bert.width
    }
}

impl Sentences {
    fn load(name: &str, folder: &Folder) -> Result<Self, ModelError> {
        folder.check()?;
        let config = BertConfig::read(&folder.path(CONFIG), &folder.read(CONFIG)?)?;
        let longest = folder.longest()?.unwrap_or(usize::MAX).clamp(8, config.longest());
        let path = folder.path(TOKENIZER);
        let tokens = Tokens::read(&path, &folder.read(TOKENIZER)?, longest)?;
        let (before_query, before_document) = folder.instructions(name)?;
        let pooling = folder.pooling()?;
        let bytes = folder.read(WEIGHTS)?;
        let weights = Weights::open(&folder.path(WEIGHTS), &bytes)?;
        let bert = Bert::load(&config, &weights)?;
        Ok(Self { tokens, longest, bert, pooling, before_query, before_document })
    }

    fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let packed = self.tokens.of_texts(texts.iter().map(String::as_str))?;
        let states = self.bert.encode(&packed)?;
        self.pool(&packed, &states)
    }

    fn pool(&self, packed: &Packed, states: &[f32]) -> Result<Vec<Vec<f32>>, ModelError> {
        let width = self.bert.width;
        packed
            .ranges()
            .map(|range| {
                let rows = &states[range.start * width..range.end * width];
                let taken = match self.pooling {
                    Pooling::First => &rows[..width.min(rows.len())],
                    Pooling::Mean => rows,
                };
                // Brought to length 1 afterwards, so the sum does for the mean.
                let mut vector = vec![0.0; width];
                for row in taken.chunks_exact(width) {
                    for (sum, number) in vector.iter_mut().zip(row) {
                        *sum += number;
                    }
                }
                normalise(&mut vector);
                if taken.is_empty() || vector.iter().any(|number| !number.is_finite()) {
                    return Err(ModelError::Tokens("nothing of it is left".into()));
                }
                Ok(vector)
            })
            .collect()
    }
}

#[async_trait]
impl Embedder for LocalEmbedder {
    fn model(&self) -> &str {
        &self.name
    }

    async fn dimension(&self) -> Result<u32, LlmError> {
        u32::try_from(self.width()).map_err(|_| LlmError::Settings("the model is too wide".into()))
    }

    async fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, LlmError> {
        if texts.iter().any(|text| text.trim().is_empty()) {
            return Err(LlmError::BadRequest { detail: "a blank text cannot be embedded".into() });
        }
        let (before, urgency) = match purpose {
            Purpose::Query => (&self.model.before_query, Urgency::Urgent),
            Purpose::Document => (&self.model.before_document, Urgency::Patient),
        };
        let work = pieces(texts, self.model.longest).map(|piece| {
            let texts: Vec<String> = piece.iter().map(|text| format!("{before}{text}")).collect();
            let model = Arc::clone(&self.model);
            move || model.embed(&texts)
        });
        let vectors = self.workers.run(urgency, work.collect()).await?;
        Ok(vectors.into_iter().flatten().collect())
    }
}
