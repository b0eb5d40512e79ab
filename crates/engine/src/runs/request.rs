//! What a run was started with, as it is stored with the run: whoever takes it over answers just as
//! the server would have that started it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vpaura_domain::{ChatbotSettings, ReasoningEffort, UserId};
use vpaura_llm::Params;

use crate::{EngineSettings, Error, Result};

/// What recovery needs to execute a run again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct RunRequest {
    /// What the caller asked for in the place of the chatbot's.
    pub(super) temperature: Option<f32>,
    pub(super) max_tokens: Option<u32>,
    /// The chatbot as it was then.
    #[serde(default)]
    pub(super) chatbot: Snapshot,
    /// Who asked, where that is not the conversation's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked_by: Option<UserId>,
    /// Whether something is set aside of budgets for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_reserved: bool,
    /// What its questions were answered, by the questions' ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) answers: BTreeMap<String, serde_json::Value>,
}

/// A chatbot at one moment, with the text of its prompt in the place of a name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) name: String,
    pub(crate) settings: ChatbotSettings,
}

impl RunRequest {
    /// The request as it was stored.
    pub(super) fn read(stored: serde_json::Value) -> Result<Self> {
        serde_json::from_value(stored)
            .map_err(|error| Error::Internal(format!("stored run request: {error}")))
    }

    /// The request as it is stored.
    pub(super) fn write(&self) -> Result<serde_json::Value> {
        serde_json::to_value(self).map_err(|error| Error::Internal(format!("run request: {error}")))
    }

    /// How the model is to answer: as the caller says, else the chatbot, else the installation.
    pub(super) fn params(&self, installation: &EngineSettings) -> Params {
        let settings = &self.chatbot.settings;
        // Providers take one of the two as the way to choose words, and the chatbot has chosen.
        let usual = installation.temperature.filter(|_| settings.top_p.is_none());
        Params {
            temperature: self.temperature.or(settings.temperature).or(usual),
            top_p: settings.top_p,
            max_tokens: self.max_tokens.or(settings.max_tokens).or(installation.max_tokens),
            stop: settings.stop.clone(),
            reasoning_effort: settings.reasoning.map(|effort| match effort {
                ReasoningEffort::Low => vpaura_llm::ReasoningEffort::Low,
                ReasoningEffort::Medium => vpaura_llm::ReasoningEffort::Medium,
                ReasoningEffort::High => vpaura_llm::ReasoningEffort::High,
            }),
        }
    }
}

impl Snapshot {
    /// Whether its model may use this tool.
    pub(crate) fn may_use(&self, tool: &str) -> bool {
        self.settings.tools.as_ref().is_none_or(|names| names.iter().any(|name| name == tool))
    }
}
