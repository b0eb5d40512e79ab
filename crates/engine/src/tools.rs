//! What a model may use while it answers. The first form, to become a crate of its own: a tool is
//! one file here and one line in [`Tools::builtin`].

mod approval;
mod current_time;
mod passages;
mod rename_conversation;
mod search_collections;
mod search_files;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use vpaura_config::{ToolName, ToolsConfig};
use vpaura_domain::{ChatbotSettings, ConversationId, Message, Permission, Scope};
use vpaura_llm::ToolSpec;

pub(crate) use approval::{Approval, ApprovalRequest, Approve};
pub(crate) use passages::{PASSAGES, lists_passages};
pub(crate) use search_collections::NAME as SEARCH_COLLECTIONS;
pub(crate) use search_files::NAME as SEARCH_FILES;

use crate::passages::Excerpt;
use crate::{Engine, Error, Result};

/// For whom and where a tool is used.
#[derive(Clone, Copy)]
pub(crate) struct ToolContext<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) scope: &'a Scope,
    pub(crate) conversation_id: ConversationId,
    /// The message being answered.
    pub(crate) question: &'a Message,
    /// Who answers it.
    pub(crate) chatbot: &'a ChatbotSettings,
    /// The number of the first passage that this call finds. Each call has [`PASSAGES`] of its own.
    pub(crate) first_passage: u32,
}

/// What a tool answers.
pub(crate) struct ToolAnswer {
    /// What the model reads.
    pub(crate) text: String,
    /// The passages in it, in the order of their numbers: the model may cite them.
    pub(crate) found: Vec<Excerpt>,
}

impl From<String> for ToolAnswer {
    fn from(text: String) -> Self {
        Self { text, found: Vec::new() }
    }
}

/// Why a tool did not do what it was asked: a sentence for the model to read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ToolError(pub(crate) String);

/// Something that a model can use.
pub(crate) trait Tool: Send + Sync {
    /// What the model is told of it.
    fn spec(&self) -> ToolSpec;
    /// Whether it changes something, so that somebody should agree first.
    fn has_effects(&self) -> bool;
    /// Does it. The arguments are the model's: any JSON.
    fn call<'a>(
        &'a self,
        at: ToolContext<'a>,
        arguments: serde_json::Value,
    ) -> BoxFuture<'a, Result<ToolAnswer, ToolError>>;
}

/// A tool as people choose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolInfo {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Whether somebody must agree before it is used.
    pub needs_approval: bool,
}

impl Engine {
    /// The tools that are turned on.
    pub fn list_tools(&self, scope: &Scope) -> Result<Vec<ToolInfo>> {
        scope.require(Permission::ChatbotsRead)?;
        let tools = self.tools.tools.iter().map(|(spec, tool)| ToolInfo {
            name: spec.name.clone(),
            description: spec.description.clone(),
            needs_approval: self.tools.asks(tool.as_ref()),
        });
        Ok(tools.collect())
    }
}

/// The tools of this installation.
#[derive(Clone)]
pub(crate) struct Tools {
    /// Each with what models are told of it: that never changes, and every turn needs it.
    tools: Arc<[(ToolSpec, Arc<dyn Tool>)]>,
    approve: Approve,
}

impl Tools {
    /// These tools, which ask for approval as `approve` says.
    pub(crate) fn new(tools: Vec<Arc<dyn Tool>>, approve: Approve) -> Self {
        let tools = tools.into_iter().map(|tool| (tool.spec(), tool));
        Self { tools: tools.collect(), approve }
    }

    /// Those that the configuration enables.
    pub(crate) fn builtin(config: &ToolsConfig) -> Self {
        let tool = |name: &ToolName| -> Arc<dyn Tool> {
            match name {
                ToolName::CurrentTime => Arc::new(current_time::CurrentTime),
                ToolName::SearchCollections => Arc::new(search_collections::SearchCollections),
                ToolName::SearchFiles => Arc::new(search_files::SearchFiles),
                ToolName::RenameConversation => Arc::new(rename_conversation::RenameConversation),
            }
        };
        Self::new(config.enabled.iter().map(tool).collect(), config.approve.into())
    }

    /// What models are told of them.
    pub(crate) fn specs(&self) -> Vec<ToolSpec> {
        self.tools.iter().map(|(spec, _)| spec.clone()).collect()
    }

    /// The tool of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&dyn Tool> {
        self.tools.iter().find(|(spec, _)| spec.name == name).map(|(_, tool)| tool.as_ref())
    }

    /// Whether the tool asks for approval.
    pub(crate) fn asks(&self, tool: &dyn Tool) -> bool {
        match self.approve {
            Approve::Never => false,
            Approve::Effects => tool.has_effects(),
            Approve::Always => true,
        }
    }
}

/// The arguments as the tool takes them.
fn read_arguments<T: DeserializeOwned>(arguments: serde_json::Value) -> Result<T, ToolError> {
    serde_json::from_value(arguments)
        .map_err(|error| ToolError(format!("The arguments do not fit: {error}.")))
}

/// What the model is told when an operation was refused or failed. Only a refusal is its affair.
fn failed(tool: &'static str, error: Error) -> ToolError {
    match error {
        Error::Invalid { field, reason } => ToolError(format!("{field} {reason}.")),
        Error::NotFound(thing) => ToolError(format!("There is no such {}.", thing.name())),
        Error::Conflict(reason) => ToolError(format!("Not now: {reason}.")),
        error => {
            tracing::warn!(%error, tool, "the tool {tool} failed");
            ToolError("The tool failed. Try it again later, or answer without it.".to_owned())
        }
    }
}
