//! The prompt library: named templates in versions, beside the YAML files.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{PromptId, Timestamp, UserId};

/// A prompt of a workspace's library, at its current version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Prompt {
    /// Its id.
    pub id: PromptId,
    /// Its name: letters, digits, `.`, `_` and `-`, at most 64; unique in the workspace.
    pub name: String,
    /// What it is for, at most 2,000 characters.
    pub description: Option<String>,
    /// The number of its current version, from 1.
    pub version: u32,
    /// The template, at most 32,000 characters; `{{ name }}` is replaced by a variable.
    pub text: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// One version of a prompt. Versions are never changed: going back makes a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromptVersion {
    /// Its number, from 1.
    pub version: u32,
    /// The template.
    pub text: String,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}
