//! Prompt templates: YAML files with a text and declared variables, shipped with the binary or
//! read from a folder. A template fills in variables and nothing else: what a user writes is
//! only ever a value, never a template.

pub(crate) mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use minijinja::{Environment, UndefinedBehavior};
use serde::Deserialize;

/// The templates compiled into the binary: name and YAML.
const SHIPPED: &[(&str, &str)] = &[
    ("chat", include_str!("../../../prompts/chat.yaml")),
    ("profile", include_str!("../../../prompts/profile.yaml")),
    ("rewrite", include_str!("../../../prompts/rewrite.yaml")),
];

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// No template of that name.
    #[error("no prompt template is called {0:?}")]
    NotFound(String),
    /// The file cannot be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file is not a template.
    #[error("prompt template {name:?}: {reason}")]
    Malformed {
        /// The template.
        name: String,
        /// What is wrong, with its place.
        reason: String,
    },
    /// A variable without a default was not given.
    #[error("prompt template {name:?} needs the variable {variable:?}")]
    MissingVariable {
        /// The template.
        name: String,
        /// The variable.
        variable: String,
    },
    /// A variable was given that the template does not declare.
    #[error("prompt template {name:?} has no variable {variable:?}")]
    UnknownVariable {
        /// The template.
        name: String,
        /// The variable.
        variable: String,
    },
}

/// A template as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    /// For people.
    #[expect(dead_code, reason = "documentation inside the file")]
    description: Option<String>,
    /// The variables it may use.
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    /// The text.
    text: String,
}

/// A declared variable.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    /// For people.
    #[expect(dead_code, reason = "documentation inside the file")]
    description: Option<String>,
    /// Its value when none is given; without one the variable is required.
    default: Option<String>,
}

type Templates = BTreeMap<String, Template>;

/// All templates.
#[derive(Debug)]
pub struct Prompts {
    templates: ArcSwap<Templates>,
    folder: Option<PathBuf>,
    reload: bool,
}

impl Prompts {
    /// Loads the shipped templates and, over them, those of `folder` (`<name>.yaml`). With
    /// `reload` the folder is read again at each use, for development.
    pub fn load(folder: Option<&Path>, reload: bool) -> Result<Self, PromptError> {
        Ok(Self {
            templates: ArcSwap::from_pointee(read_all(folder)?),
            folder: folder.map(Path::to_owned),
            reload,
        })
    }

    /// The names of the templates, in order.
    pub fn names(&self) -> Vec<String> {
        self.templates.load().keys().cloned().collect()
    }

    /// As [`render`](Self::render), with those of `values` that the template declares.
    pub(crate) fn render_with(
        &self,
        name: &str,
        values: &[(&str, &str)],
    ) -> Result<String, PromptError> {
        let templates = self.templates.load();
        let template = templates.get(name).ok_or_else(|| PromptError::NotFound(name.to_owned()))?;
        let declared = |(key, _): &&(&str, &str)| template.variables.contains_key(*key);
        let values: Vec<_> = values.iter().filter(declared).copied().collect();
        self.render(name, &values)
    }

    /// The text of the template `name` with its variables filled in.
    pub fn render(&self, name: &str, values: &[(&str, &str)]) -> Result<String, PromptError> {
        if self.reload {
            self.templates.store(Arc::new(read_all(self.folder.as_deref())?));
        }
        let templates = self.templates.load();
        let template = templates.get(name).ok_or_else(|| PromptError::NotFound(name.to_owned()))?;
        let mut filled: BTreeMap<&str, &str> = BTreeMap::new();
        for (variable, declared) in &template.variables {
            let given = values.iter().find(|(key, _)| key == variable).map(|(_, value)| *value);
            let value = given.or(declared.default.as_deref()).ok_or_else(|| {
                PromptError::MissingVariable { name: name.to_owned(), variable: variable.clone() }
            })?;
            filled.insert(variable, value);
        }
        if let Some((unknown, _)) = values.iter().find(|(key, _)| !filled.contains_key(key)) {
            let variable = (*unknown).to_owned();
            return Err(PromptError::UnknownVariable { name: name.to_owned(), variable });
        }
        let environment = environment();
        let values: BTreeMap<String, String> =
            filled.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let text = environment.render_str(&template.text, values);
        text.map(|text| text.trim().to_owned()).map_err(|error| malformed(name, error))
    }
}

fn environment<'source>() -> Environment<'source> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

fn malformed(name: &str, error: impl std::fmt::Display) -> PromptError {
    PromptError::Malformed { name: name.to_owned(), reason: error.to_string() }
}

fn read_all(folder: Option<&Path>) -> Result<Templates, PromptError> {
    let mut templates = Templates::new();
    for (name, yaml) in SHIPPED {
        templates.insert((*name).to_owned(), parse(name, yaml)?);
    }
    let Some(folder) = folder else { return Ok(templates) };
    let unreadable = |path: &Path, error: std::io::Error| PromptError::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if !matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml")) {
            continue;
        }
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let yaml = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        templates.insert(name.to_owned(), parse(name, &yaml)?);
    }
    Ok(templates)
}

fn parse(name: &str, yaml: &str) -> Result<Template, PromptError> {
    let template: Template = serde_saphyr::from_str(yaml).map_err(|e| malformed(name, e))?;
    let environment = environment();
    let parsed =
        environment.template_from_str(&template.text).map_err(|error| malformed(name, error))?;
    let undeclared = parsed
        .undeclared_variables(false)
        .into_iter()
        .find(|v| !template.variables.contains_key(v));
    match undeclared {
        Some(variable) => Err(PromptError::UnknownVariable { name: name.to_owned(), variable }),
        None => Ok(template),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        folder
    }

    #[test]
    fn the_shipped_chat_prompt_renders() {
        let prompts = Prompts::load(None, false).expect("loads");
        let text = prompts.render("chat", &[("date", "2026-11-20")]).expect("renders");
        assert!(text.contains("2026-11-20"), "{text}");
    }

    #[test]
    fn variables_are_checked_both_ways() {
        let folder = folder(&[(
            "greet.yaml",
            "text: Hello {{ name }} from {{ place }}\nvariables:\n  name: {}\n  place: {default: here}\n",
        )]);
        let prompts = Prompts::load(Some(folder.path()), false).expect("loads");
        assert_eq!(
            prompts.render("greet", &[("name", "{{ place }}")]).as_deref(),
            Ok("Hello {{ place }} from here")
        );
        assert!(
            matches!(prompts.render("greet", &[]), Err(PromptError::MissingVariable { variable, .. }) if variable == "name")
        );
        assert!(
            matches!(prompts.render("greet", &[("name", "a"), ("x", "b")]), Err(PromptError::UnknownVariable { variable, .. }) if variable == "x")
        );
        assert!(matches!(prompts.render("none", &[]), Err(PromptError::NotFound(_))));
    }

    #[test]
    fn a_bad_template_is_refused_when_it_is_loaded() {
        for bad in ["text: '{{ name'", "text: '{{ name }}'", "text: a\nextra: b", "- 1"] {
            let folder = folder(&[("bad.yaml", bad)]);
            assert!(Prompts::load(Some(folder.path()), false).is_err(), "{bad}");
        }
    }

    #[test]
    fn in_development_a_change_is_seen_at_the_next_use() {
        let folder = folder(&[("p.yaml", "text: one")]);
        let prompts = Prompts::load(Some(folder.path()), true).expect("loads");
        assert_eq!(prompts.render("p", &[]).as_deref(), Ok("one"));
        std::fs::write(folder.path().join("p.yaml"), "text: two").expect("written");
        assert_eq!(prompts.render("p", &[]).as_deref(), Ok("two"));
    }
}
