//! Creates chatbots.

use sea_orm::{EntityTrait, IntoActiveModel};
use vpaura_domain::{AuditEntry, Chatbot, ChatbotId, Scope, WorkspaceId};

use super::read::find;
use super::{NewVersion, row, versions};
use crate::audit;
use crate::db::Tx;
use crate::entities::chatbot::Entity;
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;

impl Store {
    /// Stores a new chatbot with its first version. It is not the workspace's default one.
    pub async fn create_chatbot(
        &self,
        scope: &Scope,
        chatbot: &Chatbot,
        key: Option<&IdempotencyKey>,
        entry: &AuditEntry,
    ) -> Result<Created<Chatbot>> {
        let input = (*scope, chatbot.clone(), key.cloned(), entry.clone(), self.now());
        let created = self
            .write(scope, input, |tx, (scope, chatbot, key, entry, now)| {
                Box::pin(async move {
                    let id = chatbot.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let first = find(tx, scope, ChatbotId::from_uuid(used)).await?;
                            return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                        }
                        _ => insert(tx, scope.workspace_id, chatbot).await?,
                    }
                    audit::insert(tx, entry).await?;
                    Ok(Created::New(chatbot.clone()))
                })
            })
            .await;
        let Err(StoreError::Duplicate) = created else { return created };
        // Our own insert, whose commit was confirmed to nobody.
        match self.get_chatbot(scope, chatbot.id).await? {
            Some(stored) if stored == *chatbot => Ok(Created::New(stored)),
            _ => Err(StoreError::Duplicate),
        }
    }
}

/// Inserts the chatbot and its first version.
async fn insert(tx: &Tx, workspace: WorkspaceId, chatbot: &Chatbot) -> Result<()> {
    Entity::insert(row(workspace, chatbot).into_active_model()).exec_without_returning(tx).await?;
    let first = NewVersion {
        chatbot: chatbot.id.uuid(),
        number: i64::from(chatbot.version),
        workspace,
        settings: &chatbot.settings,
        note: None,
        by: chatbot.created_by,
        now: chatbot.created_at,
    };
    versions::insert(tx, &first).await
}
