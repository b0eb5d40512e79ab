//! Creates a workspace. Its maker becomes its owner.

use serde_json::json;
use vpaura_domain::{
    ChatbotId, Origin, Permission, Scope, Workspace, WorkspaceId, WorkspaceStatus,
};
use vpaura_store::{Created, NewWorkspace, Revocation, RevocationKind};

use super::checked_name;
use crate::audit::{Deed, actor};
use crate::idempotency::Idempotency;
use crate::{Engine, Result};

/// What the first chatbot of a workspace is called.
const CHATBOT_NAME: &str = "Assistant";

impl Engine {
    /// Creates a workspace with a chatbot that is as the installation has it.
    pub async fn create_workspace(
        &self,
        scope: &Scope,
        origin: &Origin,
        name: &str,
        idempotency: Option<Idempotency>,
    ) -> Result<Workspace> {
        scope.require(Permission::WorkspacesWrite)?;
        let name = checked_name(name)?;
        let now = self.clock.now();
        let id = WorkspaceId::generate(&*self.ids);
        let workspace = Workspace {
            id,
            name,
            status: WorkspaceStatus::Active,
            created_at: now,
            updated_at: now,
        };
        let details = json!({ "name": workspace.name });
        let deed = Deed::to("workspace.created", "workspace", id, details);
        let new = NewWorkspace {
            entry: self.entry_in(Some(id), actor(scope), origin, deed),
            workspace,
            owner: scope.user_id(),
            chatbot_id: ChatbotId::generate(&*self.ids),
            chatbot_name: CHATBOT_NAME,
        };
        let key = idempotency.map(Into::into);
        let created = self.store.create_workspace(scope, new, key.as_ref()).await?;
        if let (Created::New(_), Some(user)) = (&created, scope.user_id()) {
            // What is believed of them does not know that they are a member there.
            let member = Revocation { kind: RevocationKind::Member, subject: user.uuid() };
            self.credentials.forget(&member);
        }
        Ok(created.into_inner())
    }
}
