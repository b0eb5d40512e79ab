//! Creates a workspace, with its first member and its first chatbot.

use sea_orm::{ActiveValue, EntityTrait};
use vpaura_domain::{
    AuditEntry, BuiltinRole, ChatbotId, RoleRef, Scope, UserId, Workspace, WorkspaceId,
};

use super::read::find;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::workspace::{ActiveModel, Entity};
use crate::entities::{chatbot, chatbot_version};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;
use crate::within::Within;
use crate::{audit, members};

/// What a new workspace begins with.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    /// The workspace.
    pub workspace: Workspace,
    /// Who becomes its owner; none when the operator makes it.
    pub owner: Option<UserId>,
    /// The id of its default chatbot.
    pub chatbot_id: ChatbotId,
    /// The chatbot's name.
    pub chatbot_name: &'static str,
    /// What the audit log is to say.
    pub entry: AuditEntry,
}

impl Store {
    /// Stores a new workspace. The key is one of the workspace that the scope acts in.
    pub async fn create_workspace(
        &self,
        scope: &Scope,
        new: NewWorkspace,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<Workspace>> {
        let input = (*scope, new, key.cloned(), self.now());
        self.write(Within::Installation, input, |tx, (scope, new, key, now)| {
            Box::pin(async move {
                let id = new.workspace.id;
                match idempotency::claim(tx, scope, key.as_ref(), id.uuid(), *now).await? {
                    Claim::Used(used) => {
                        let first = find(tx, WorkspaceId::from_uuid(used)).await?;
                        return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                    }
                    Claim::Fresh => {}
                }
                if let Some(stored) = find(tx, id).await? {
                    // Our own insert, whose commit was confirmed to nobody.
                    return Ok(Created::New(stored));
                }
                insert(tx, new).await?;
                Ok(Created::New(new.workspace.clone()))
            })
        })
        .await
    }
}

async fn insert(tx: &Tx, new: &NewWorkspace) -> Result<()> {
    let NewWorkspace { workspace, owner, chatbot_id, chatbot_name, entry } = new;
    let row = ActiveModel {
        id: ActiveValue::Set(workspace.id.uuid()),
        name: ActiveValue::Set(workspace.name.clone()),
        status: ActiveValue::Set(workspace.status.word().to_owned()),
        created_at: ActiveValue::Set(workspace.created_at.millis()),
        updated_at: ActiveValue::Set(workspace.updated_at.millis()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    let now = workspace.created_at;
    if let Some(owner) = owner {
        let role = RoleRef::Builtin(BuiltinRole::Owner);
        members::insert(tx, workspace.id, *owner, role, now).await?;
    }
    let bot = chatbot::ActiveModel {
        id: ActiveValue::Set(chatbot_id.uuid()),
        workspace_id: ActiveValue::Set(workspace.id.uuid()),
        name: ActiveValue::Set((*chatbot_name).to_owned()),
        description: ActiveValue::Set(None),
        is_default: ActiveValue::Set(true),
        visibility: ActiveValue::Set("workspace".to_owned()),
        version: ActiveValue::Set(1),
        created_by: ActiveValue::Set(owner.map(UserId::uuid)),
        created_at: ActiveValue::Set(now.millis()),
        updated_at: ActiveValue::Set(now.millis()),
    };
    chatbot::Entity::insert(bot).exec_without_returning(tx).await?;
    let version = chatbot_version::ActiveModel {
        chatbot_id: ActiveValue::Set(chatbot_id.uuid()),
        version: ActiveValue::Set(1),
        workspace_id: ActiveValue::Set(workspace.id.uuid()),
        settings: ActiveValue::Set("{}".to_owned()),
        note: ActiveValue::Set(None),
        created_by: ActiveValue::Set(owner.map(UserId::uuid)),
        created_at: ActiveValue::Set(now.millis()),
    };
    chatbot_version::Entity::insert(version).exec_without_returning(tx).await?;
    audit::insert(tx, entry).await
}
