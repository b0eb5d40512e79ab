//! Reads a workspace.

use vpaura_domain::{Scope, Subject, Workspace};

use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// The scope's workspace. Whoever has a scope in it may see what it is called.
    pub async fn get_workspace(&self, scope: &Scope) -> Result<Workspace> {
        if let Subject::Session(_) = scope.subject {
            return Err(Error::Forbidden("visitors have no workspaces"));
        }
        self.store.get_workspace(scope).await?.ok_or(Error::NotFound(Thing::Workspace))
    }
}
