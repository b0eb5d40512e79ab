//! What a chatbot may be made of. Whatever is wrong is named by its field.

use vpaura_domain::{
    ChatbotSettings, CollectionId, Permission, RateLimit, Scope, SystemPrompt, clean_title,
};
use vpaura_llm::ModelRef;

use crate::prompts::template;
use crate::retrieval::MAX_HITS as MAX_PASSAGES;
use crate::{Engine, Error, Result, graph_names};

const MAX_NAME_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 2_000;
const MAX_NOTE_CHARS: usize = 500;
/// The longest template, here and in the library.
pub(crate) const MAX_PROMPT_CHARS: usize = 32_000;
const MAX_GREETING_CHARS: usize = 2_000;
const MAX_STOPS: usize = 4;
const MAX_STOP_CHARS: usize = 64;
const MAX_TOOLS: usize = 100;
const MAX_COLLECTIONS: usize = 20;
const MAX_TOKENS: u32 = 1_000_000;
const MAX_REQUESTS: u32 = 1_000_000;
const MAX_WINDOW_SECONDS: u32 = 86_400;

/// A name without surrounding white space.
pub(super) fn name(name: &str) -> Result<String> {
    let name = clean_title(name).map_err(Error::text("name"))?;
    within("name", &name, MAX_NAME_CHARS)?;
    Ok(name)
}

/// A description; one of nothing but white space is none.
pub(crate) fn description(given: Option<String>) -> Result<Option<String>> {
    let text = given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.iter().try_for_each(|text| within("description", text, MAX_DESCRIPTION_CHARS))?;
    Ok(text)
}

pub(super) fn note(given: Option<String>) -> Result<Option<String>> {
    let text = given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.iter().try_for_each(|text| within("note", text, MAX_NOTE_CHARS))?;
    Ok(text)
}

/// Whether a text is short enough for its field.
pub(crate) fn within(field: &str, text: &str, max: usize) -> Result<()> {
    let actual = text.chars().count();
    if actual > max {
        let reason = format!("must be at most {max} characters, this is {actual}");
        return Err(Error::invalid(field, reason));
    }
    Ok(())
}

/// A template as people write it, for the field.
pub(crate) fn template(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    within(field, text, MAX_PROMPT_CHARS)?;
    template::check(text).map_err(|error| Error::invalid(field, error))
}

impl Engine {
    /// Whether a chatbot can be made of these. The collections that it has already, `kept`, need not
    /// be seen by whoever changes something else of it.
    pub(crate) async fn check_settings(
        &self,
        scope: &Scope,
        settings: &ChatbotSettings,
        kept: &[CollectionId],
        field: &str,
    ) -> Result<()> {
        check_numbers(settings, field)?;
        self.check_names(settings, field)?;
        self.check_collections(scope, &settings.collections, kept, field).await?;
        match &settings.system_prompt {
            None => Ok(()),
            Some(SystemPrompt::Text(text)) => {
                template(&format!("{field}.system_prompt.text"), text)
            }
            Some(SystemPrompt::Named(name)) => {
                self.check_prompt_name(scope, name, &format!("{field}.system_prompt.named")).await
            }
        }
    }

    /// Whether the models, tools and graphs that it names are there.
    fn check_names(&self, settings: &ChatbotSettings, field: &str) -> Result<()> {
        if let Some(model) = &settings.model {
            let field = format!("{field}.model");
            let model: ModelRef = model
                .parse()
                .map_err(|_| Error::invalid(&field, "must be written provider/model"))?;
            if self.models.info(&model).is_none() {
                return Err(Error::invalid(field, "is not a model of this installation"));
            }
        }
        if let Some(graph) = &settings.graph
            && !graph_names().contains(&graph.as_str())
        {
            return Err(Error::invalid(format!("{field}.graph"), "is not a graph of this server"));
        }
        let tools = settings.tools.as_deref().unwrap_or_default();
        if tools.len() > MAX_TOOLS {
            let reason = format!("must be at most {MAX_TOOLS} names");
            return Err(Error::invalid(format!("{field}.tools"), reason));
        }
        for (place, tool) in tools.iter().enumerate() {
            let field = format!("{field}.tools[{place}]");
            if self.tools.find(tool).is_none() {
                return Err(Error::invalid(field, "is not a tool that is turned on"));
            }
            if tools[..place].contains(tool) {
                return Err(Error::invalid(field, "is given twice"));
            }
        }
        Ok(())
    }

    /// Whether the caller sees the collections that are new to it.
    async fn check_collections(
        &self,
        scope: &Scope,
        collections: &[CollectionId],
        kept: &[CollectionId],
        field: &str,
    ) -> Result<()> {
        if collections.len() > MAX_COLLECTIONS {
            let reason = format!("must be at most {MAX_COLLECTIONS} ids");
            return Err(Error::invalid(format!("{field}.collections"), reason));
        }
        for (place, id) in collections.iter().enumerate() {
            let field = format!("{field}.collections[{place}]");
            if collections[..place].contains(id) {
                return Err(Error::invalid(field, "is given twice"));
            }
            if kept.contains(id) {
                continue;
            }
            scope.require(Permission::CollectionsRead)?;
            if self.store.get_collection(scope, *id).await?.is_none() {
                return Err(Error::invalid(field, "is not a collection that you see"));
            }
        }
        Ok(())
    }

    /// Whether the library or the installation has a template of this name that a chat can fill
    /// in, and the caller may read it.
    async fn check_prompt_name(&self, scope: &Scope, name: &str, field: &str) -> Result<()> {
        scope.require(Permission::PromptsRead)?;
        if self.store.prompt_named(scope, name).await?.is_some() {
            return Ok(());
        }
        let named = SystemPrompt::Named(name.to_owned());
        self.system_prompt(Some(&named), "").map(|_| ()).map_err(|error| match error {
            Error::Prompt(error) => Error::invalid(field, error),
            error => error,
        })
    }
}

fn check_numbers(settings: &ChatbotSettings, field: &str) -> Result<()> {
    let wrong = |name: &str, reason: &str| Err(Error::invalid(format!("{field}.{name}"), reason));
    if settings.temperature.is_some_and(|it| !(0.0..=2.0).contains(&it)) {
        return wrong("temperature", "must be between 0 and 2");
    }
    if settings.top_p.is_some_and(|it| !(it > 0.0 && it <= 1.0)) {
        return wrong("top_p", "must be above 0 and at most 1");
    }
    if settings.max_tokens.is_some_and(|it| !(1..=MAX_TOKENS).contains(&it)) {
        return wrong("max_tokens", "must be between 1 and 1000000");
    }
    if settings.stop.len() > MAX_STOPS {
        return wrong("stop", "must be at most 4 texts");
    }
    for (place, stop) in settings.stop.iter().enumerate() {
        let name = format!("stop[{place}]");
        if stop.is_empty() {
            return wrong(&name, "must not be empty");
        }
        within(&format!("{field}.{name}"), stop, MAX_STOP_CHARS)?;
    }
    if let Some(RateLimit { requests, window_seconds }) = settings.rate_limit {
        if !(1..=MAX_REQUESTS).contains(&requests) {
            return wrong("rate_limit.requests", "must be between 1 and 1000000");
        }
        if !(1..=MAX_WINDOW_SECONDS).contains(&window_seconds) {
            return wrong("rate_limit.window_seconds", "must be between 1 and 86400");
        }
    }
    let passages = settings.retrieval.and_then(|retrieval| retrieval.limit);
    if passages.is_some_and(|limit| !(1..=MAX_PASSAGES).contains(&limit)) {
        return wrong("retrieval.limit", "must be between 1 and 50");
    }
    let greeting = settings.greeting.as_deref().unwrap_or_default();
    within(&format!("{field}.greeting"), greeting, MAX_GREETING_CHARS)
}
