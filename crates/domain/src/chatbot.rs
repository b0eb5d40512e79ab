//! Chatbots: a configured model with its prompt, tools and graph, in versions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChatbotId, CollectionId, RoleRef, Timestamp, UserId};

/// How long a model thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// Hardly.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

/// How often a chatbot may be asked, by everybody together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many messages, 1 to 1,000,000.
    pub requests: u32,
    /// In how many seconds, 1 to 86,400.
    pub window_seconds: u32,
}

/// Where a chatbot's system prompt comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SystemPrompt {
    /// A template of its own, at most 32,000 characters.
    Text(String),
    /// A prompt of the library, or else a YAML template, by name: the newest version.
    Named(String),
}

/// How a chatbot's collections are searched. What is absent is the installation's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetrievalSettings {
    /// How many passages an answer gets, 1 to 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Whether the reranker orders them, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rerank: Option<bool>,
    /// Whether a question is rewritten with the conversation before the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<bool>,
}

/// What a version of a chatbot is made of. What is absent is the installation's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChatbotSettings {
    /// The model, as `provider/model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Randomness, 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// The share of likely words to choose from, above 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f32>,
    /// The answer's limit in tokens, 1 to 1,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Texts that end an answer; at most 4 of at most 64 characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// How long the model thinks, where it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<ReasoningEffort>,
    /// Its system prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<SystemPrompt>,
    /// The graph that answers; `chat` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph: Option<String>,
    /// The tools it may use, by name; absent means all that are turned on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    /// The collections it answers from, at most 20. Whoever asks is answered from those alone that
    /// they may see themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<CollectionId>,
    /// How its collections are searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retrieval: Option<RetrievalSettings>,
    /// How often it may be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// What it says before anybody asks, at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
}

/// A chatbot at its current version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Chatbot {
    /// Its id.
    pub id: ChatbotId,
    /// Its name, at most 200 characters.
    pub name: String,
    /// What it is for, at most 2,000 characters.
    pub description: Option<String>,
    /// Whether it answers where no chatbot is named. A workspace has exactly one.
    pub is_default: bool,
    /// Who may use it.
    pub visibility: Visibility,
    /// The number of its current version, from 1.
    pub version: u32,
    /// What that version is made of.
    pub settings: ChatbotSettings,
    /// Who made it; none for a default one, or once that user is gone.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// One version of a chatbot. Versions are never changed: going back makes a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatbotVersion {
    /// Its number, from 1.
    pub version: u32,
    /// What it is made of.
    pub settings: ChatbotSettings,
    /// Why it was made, at most 500 characters.
    pub note: Option<String>,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// Who may use a shared thing of a workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody in the workspace, anonymous visitors too.
    #[default]
    Workspace,
    /// Its maker, those it is shared with, and who may change all of its kind.
    Private,
}

/// What somebody may do with a thing that is shared with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Use it.
    Use,
    /// Change it too.
    Edit,
}

/// With whom a thing is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// A user of the workspace.
    User(UserId),
    /// Everybody with this role.
    #[schema(value_type = String)]
    Role(RoleRef),
}

/// One sharing of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// With whom.
    pub grantee: Grantee,
    /// What they may do.
    pub access: Access,
}
