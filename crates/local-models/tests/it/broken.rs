//! Folders that are not those of a model that can be run.

use std::path::Path;

use rstest::rstest;
use vpaura_local_models::{
    LocalEmbedder, LocalModels, LocalReranker, LocalSettings, ModelError, Workers,
};

use crate::{copy, fixture};

fn load(folder: &Path) -> Result<LocalEmbedder, ModelError> {
    LocalEmbedder::load("local/broken", folder, Workers::new(None))
}

/// What is said of the tiny model after `change`.
fn told(change: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    copy("tiny-embedder", folder.path());
    change(folder.path());
    load(folder.path()).err().expect("refused").to_string()
}

#[rstest]
#[case("config.json")]
#[case("tokenizer.json")]
#[case("model.safetensors")]
fn a_missing_file_is_named(#[case] file: &str) {
    let told = told(|folder| std::fs::remove_file(folder.join(file)).expect("removed"));
    assert!(told.contains(&format!("has no {file}")), "{told}");
}

#[rstest]
#[case("config.json", "{", "config.json is damaged")]
#[case("config.json", "{\"model_type\":\"mpnet\"}", "of the kind \"mpnet\"")]
#[case("tokenizer.json", "[]", "tokenizer.json is damaged")]
#[case("model.safetensors", "nonsense", "model.safetensors is damaged")]
#[case("modules.json", "[{\"type\":\"x.models.Dense\"}]", "a module \"Dense\"")]
#[case("modules.json", "[{\"type\":\"x.Pooling\",\"path\":\"../..\"}]", "lies elsewhere")]
#[case("1_Pooling/config.json", "{\"pooling_mode_max_tokens\":true}", "pools by max")]
#[case("1_Pooling/config.json", "{\"pooling_mode\":\"lasttoken\"}", "pools by lasttoken")]
#[case("sentence_bert_config.json", "7", "sentence_bert_config.json is damaged")]
fn what_is_wrong_is_told(#[case] file: &str, #[case] text: &str, #[case] what: &str) {
    let told = told(|folder| {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    });
    assert!(told.contains(what), "{told}");
}

#[rstest]
#[case("\"hidden_size\": 16", "\"hidden_size\": 32", "has the shape")]
#[case("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "it has no weight encoder.layer.2")]
#[case("\"vocab_size\": ", "\"vocab_size\": 9", "has the shape")]
fn a_configuration_that_belongs_to_other_weights_is_told(
    #[case] from: &str,
    #[case] to: &str,
    #[case] what: &str,
) {
    let told = told(|folder| {
        let path = folder.join("config.json");
        let text = std::fs::read_to_string(&path).expect("the file");
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).expect("written");
    });
    assert!(told.contains(what), "{told}");
}

#[test]
fn a_cut_file_of_weights_is_damaged() {
    let told = told(|folder| {
        let path = folder.join("model.safetensors");
        let bytes = std::fs::read(&path).expect("the file");
        std::fs::write(path, &bytes[..bytes.len() - 100]).expect("written");
    });
    assert!(told.contains("model.safetensors is damaged"), "{told}");
}

#[test]
fn an_embedder_judges_no_pairs() {
    let loaded = LocalReranker::load("x", &fixture("tiny-embedder"), Workers::new(None));
    let told = loaded.err().expect("refused").to_string();
    assert!(told.contains("classifier"), "{told}");
}

#[test]
fn a_name_leads_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let models = LocalModels::new(LocalSettings {
        models_dir: folder.path().join("models"),
        hub_url: "http://127.0.0.1:1".into(),
        threads: None,
    })
    .expect("a client");
    copy("tiny-embedder", &folder.path().join("secret"));
    copy("tiny-embedder", &folder.path().join("models").join("mine"));
    assert!(models.embedder("mine").is_ok());
    for name in ["", "..", "../secret", "a/../secret", "/etc", "a/b/c", "a//b", ".hidden", "a b"] {
        let refused = matches!(models.embedder(name), Err(ModelError::BadName(_)));
        assert!(refused, "{name:?}");
    }
    let absent = models.embedder("absent").err().expect("refused");
    assert!(matches!(absent, ModelError::Missing { .. }), "{absent}");
}
