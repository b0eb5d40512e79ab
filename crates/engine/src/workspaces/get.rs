//! Reads a workspace.

use vpaura_domain::{Scope, Workspace};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The scope's workspace. Whoever has a scope in it may see what it is called.
    pub async fn get_workspace(&self, scope: &Scope) -> Result<Workspace> {
        self.store.get_workspace(scope).await?.ok_or(Error::NotFound(Thing::Workspace))
    }
}
