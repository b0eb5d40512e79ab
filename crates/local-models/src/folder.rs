//! The folder of a model, as sentence-transformers and the hubs lay it out.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vpaura_llm::{Instructions, instructions};

use crate::ModelError;

pub(crate) const CONFIG: &str = "config.json";
pub(crate) const TOKENIZER: &str = "tokenizer.json";
pub(crate) const WEIGHTS: &str = "model.safetensors";
pub(crate) const MODULES: &str = "modules.json";
pub(crate) const POOLING: &str = "1_Pooling/config.json";
pub(crate) const SENTENCES: &str = "sentence_bert_config.json";
pub(crate) const PROMPTS: &str = "config_sentence_transformers.json";

/// A folder with a model in it.
pub(crate) struct Folder(PathBuf);

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// Their mean.
    Mean,
    /// The first one.
    First,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    path: String,
    r#type: String,
}

#[derive(Deserialize, Default)]
struct PoolingFile {
    pooling_mode: Option<String>,
    #[serde(flatten)]
    others: HashMap<String, serde_json::Value>,
}

#[derive(Deserialize, Default)]
struct SentencesFile {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize, Default)]
struct PromptsFile {
    #[serde(default)]
    prompts: HashMap<String, Option<String>>,
}

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Whether there is a model.
    pub(crate) fn is_there(&self) -> bool {
        self.path(CONFIG).is_file()
    }

    /// Fails when a file that every model needs is missing.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        match [CONFIG, TOKENIZER, WEIGHTS].iter().find(|file| !self.path(file).is_file()) {
            Some(file) => Err(self.missing(file)),
            None => Ok(()),
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// A file's bytes.
    pub(crate) fn read(&self, file: &str) -> Result<Vec<u8>, ModelError> {
        self.read_optional(file)?.ok_or_else(|| self.missing(file))
    }

    fn missing(&self, file: &str) -> ModelError {
        ModelError::Missing { folder: self.0.clone(), file: file.to_owned() }
    }

    fn read_optional(&self, file: &str) -> Result<Option<Vec<u8>>, ModelError> {
        let path = self.path(file);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ModelError::Unreadable { path, reason: error.to_string() }),
        }
    }

    fn parse<T: DeserializeOwned + Default>(&self, file: &str) -> Result<T, ModelError> {
        match self.read_optional(file)? {
            Some(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| ModelError::damaged(self.path(file), error)),
            None => Ok(T::default()),
        }
    }

    /// How tokens are pooled; the mean where the folder says nothing.
    pub(crate) fn pooling(&self) -> Result<Pooling, ModelError> {
        let modules: Vec<Module> = self.parse(MODULES)?;
        let mut file = POOLING.to_owned();
        for module in modules {
            match module.r#type.rsplit('.').next() {
                // The vectors are brought to length 1 in any case.
                Some("Transformer" | "Normalize") => {}
                Some("Pooling") => file = within(&module.path, CONFIG)?,
                other => {
                    let what = format!("it has a module {:?}", other.unwrap_or_default());
                    return Err(ModelError::Unsupported(what));
                }
            }
        }
        let settings: PoolingFile = self.parse(&file)?;
        let flagged =
            settings.others.iter().filter(|(_, on)| **on == true).filter_map(|(name, _)| {
                name.strip_prefix("pooling_mode_")
                    .map(|mode| mode.trim_end_matches("_tokens").to_owned())
            });
        let modes: Vec<String> = settings.pooling_mode.into_iter().chain(flagged).collect();
        match modes.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] | ["mean"] => Ok(Pooling::Mean),
            ["cls" | "cls_token"] => Ok(Pooling::First),
            ref modes => {
                Err(ModelError::Unsupported(format!("it pools by {}", modes.join(" and "))))
            }
        }
    }

    /// The most tokens of a text that the folder asks for.
    pub(crate) fn longest(&self) -> Result<Option<usize>, ModelError> {
        Ok(self.parse::<SentencesFile>(SENTENCES)?.max_seq_length)
    }

    /// What is put before texts: what the folder says, else what models of this name want.
    pub(crate) fn instructions(&self, name: &str) -> Result<(String, String), ModelError> {
        let known: Instructions = instructions(name);
        let given = self.parse::<PromptsFile>(PROMPTS)?.prompts;
        let prompt = |names: [&str; 2], otherwise: &str| {
            let found = names.iter().find_map(|name| given.get(*name)?.clone());
            found.filter(|text| !text.is_empty()).unwrap_or_else(|| otherwise.to_owned())
        };
        Ok((
            prompt(["query", "search_query"], known.query),
            prompt(["document", "passage"], known.document),
        ))
    }
}

/// The path of `file` in a module's folder, which must lie within the model's.
fn within(module: &str, file: &str) -> Result<String, ModelError> {
    let inside = Path::new(module).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return Err(ModelError::Unsupported(format!("its module {module:?} lies elsewhere")));
    }
    Ok(if module.is_empty() { file.to_owned() } else { format!("{module}/{file}") })
}
