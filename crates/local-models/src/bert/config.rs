//! `config.json` of a model.

use std::path::Path;

use serde::Deserialize;

use crate::ModelError;

/// The sizes of a model, as its folder tells them.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BertConfig {
    model_type: String,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub vocab_size: usize,
    #[serde(default = "usual_epsilon")]
    pub layer_norm_eps: f32,
    #[serde(default = "usual_activation")]
    hidden_act: String,
    #[serde(default = "usual_positions")]
    position_embedding_type: String,
    #[serde(default)]
    pad_token_id: usize,
}

const fn usual_epsilon() -> f32 {
    1e-12
}

fn usual_activation() -> String {
    "gelu".to_owned()
}

fn usual_positions() -> String {
    "absolute".to_owned()
}

/// The kinds of models that this encoder runs.
const KINDS: [&str; 3] = ["bert", "roberta", "xlm-roberta"];

impl BertConfig {
    /// Reads and checks it.
    pub(crate) fn read(path: &Path, bytes: &[u8]) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(default)]
            model_type: String,
        }
        let damaged = |error: serde_json::Error| ModelError::damaged(path, error);
        // The kind first: a foreign one has foreign fields, and that is not damage.
        let kind: Kind = serde_json::from_slice(bytes).map_err(damaged)?;
        if !KINDS.contains(&kind.model_type.as_str()) {
            return Err(ModelError::Unsupported(format!(
                "it is a model of the kind {:?}; these kinds can be run: {}",
                kind.model_type,
                KINDS.join(", ")
            )));
        }
        let config: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        if config.hidden_act != "gelu" {
            let what = format!("it uses the activation {:?}", config.hidden_act);
            return Err(ModelError::Unsupported(what));
        }
        if config.position_embedding_type != "absolute" {
            let what = format!("it uses {:?} positions", config.position_embedding_type);
            return Err(ModelError::Unsupported(what));
        }
        let heads = config.num_attention_heads;
        if heads == 0 || config.hidden_size == 0 || !config.hidden_size.is_multiple_of(heads) {
            return Err(ModelError::damaged(path, "its heads do not share its width evenly"));
        }
        if config.intermediate_size == 0 || config.longest() < SHORTEST {
            return Err(ModelError::damaged(path, "its sizes are too small"));
        }
        Ok(config)
    }

    /// The most tokens of a text.
    pub(crate) const fn longest(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }

    /// The RoBERTa kinds count positions from behind the padding's.
    pub(crate) const fn first_position(&self) -> usize {
        if self.is_bert() { 0 } else { self.pad_token_id.saturating_add(1) }
    }

    /// Whether it is of the first kind.
    pub(crate) const fn is_bert(&self) -> bool {
        matches!(self.model_type.as_bytes(), b"bert")
    }
}

/// Fewer tokens than this leave no room for a text between the marks around it.
const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SOUND: &str = r#"{"model_type":"bert","hidden_size":8,"num_hidden_layers":1,
        "num_attention_heads":2,"intermediate_size":16,"max_position_embeddings":32,
        "type_vocab_size":2,"vocab_size":10,"hidden_act":"gelu"}"#;

    fn read(text: &str) -> Result<BertConfig, ModelError> {
        BertConfig::read(Path::new("m/config.json"), text.as_bytes())
    }

    #[test]
    fn positions_are_counted_as_the_kind_does() {
        let bert = read(SOUND).expect("sound");
        assert_eq!((bert.first_position(), bert.longest()), (0, 32));
        let text = SOUND.replace("\"bert\"", "\"xlm-roberta\",\"pad_token_id\":1");
        let roberta = read(&text).expect("sound");
        assert_eq!((roberta.first_position(), roberta.longest()), (2, 30));
    }

    #[rstest]
    #[case("\"bert\"", "\"gpt2\"", "the kind \"gpt2\"")]
    #[case("\"gelu\"", "\"relu\"", "activation \"relu\"")]
    #[case("\"hidden_size\":8", "\"hidden_size\":9", "heads")]
    #[case("\"num_attention_heads\":2", "\"num_attention_heads\":0", "heads")]
    #[case("\"max_position_embeddings\":32", "\"max_position_embeddings\":3", "too small")]
    #[case("\"vocab_size\":10,", "", "vocab_size")]
    #[case(
        "\"vocab_size\":10,",
        "\"vocab_size\":10,\"position_embedding_type\":\"relative_key\",",
        "relative_key"
    )]
    #[case("{", "", "damaged")]
    fn what_cannot_be_run_is_told(#[case] from: &str, #[case] to: &str, #[case] told: &str) {
        let error = read(&SOUND.replacen(from, to, 1)).expect_err("refused").to_string();
        assert!(error.contains(told), "{error}");
    }
}
