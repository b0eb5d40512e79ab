//! Reads the prompt library.

use vpaura_domain::{Listing, Page, Permission, Prompt, PromptId, Scope};

use crate::{Engine, Error, Result, Thing};

/// A page of the library, and what stands beside it.
#[derive(Debug, Clone)]
pub struct PromptListing {
    /// The workspace's prompts, the newest first.
    pub prompts: Listing<Prompt>,
    /// The names of the installation's own templates, which nobody changes here.
    pub files: Vec<String>,
}

impl Engine {
    /// A page of the workspace's prompts.
    pub async fn list_prompts(&self, scope: &Scope, page: &Page) -> Result<PromptListing> {
        scope.require(Permission::PromptsRead)?;
        let prompts = self.store.list_prompts(scope, page).await?;
        Ok(PromptListing { prompts, files: self.prompts.names() })
    }

    /// One prompt.
    pub async fn get_prompt(&self, scope: &Scope, id: PromptId) -> Result<Prompt> {
        scope.require(Permission::PromptsRead)?;
        self.store.get_prompt(scope, id).await?.ok_or(Error::NotFound(Thing::Prompt))
    }
}
