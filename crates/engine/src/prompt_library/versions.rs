//! The versions of a prompt, and going back to one.

use vpaura_domain::{Listing, Origin, Permission, Prompt, PromptId, PromptVersion, Scope};
use vpaura_store::PromptChanges;

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The prompt's versions, the newest first.
    pub async fn list_prompt_versions(
        &self,
        scope: &Scope,
        id: PromptId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listing<PromptVersion>> {
        scope.require(Permission::PromptsRead)?;
        let versions = self.store.list_prompt_versions(scope, id, limit, cursor).await?;
        versions.ok_or(Error::NotFound(Thing::Prompt))
    }

    /// Makes a new version of an old one's text.
    pub async fn roll_prompt_back(
        &self,
        scope: &Scope,
        id: PromptId,
        version: u32,
        origin: &Origin,
    ) -> Result<Prompt> {
        scope.require(Permission::PromptsWrite)?;
        self.get_prompt(scope, id).await?;
        let old = self.store.prompt_version(scope, id, version).await?;
        let old = old.ok_or_else(|| Error::invalid("version", "is not one of this prompt's"))?;
        let changes = PromptChanges { text: Some(old.text), ..PromptChanges::default() };
        self.change_prompt(scope, id, &changes, "prompt.rolled_back", origin).await
    }
}
