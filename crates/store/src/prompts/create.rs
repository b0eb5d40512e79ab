//! Adds a prompt to the library.

use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;
use vpaura_domain::{AuditEntry, Prompt, PromptId, Scope};

use super::read::find;
use super::{NewVersion, versions};
use crate::db::Tx;
use crate::entities::prompt::{Column, Entity, Model};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;
use crate::{audit, visible};

impl Store {
    /// Stores a new prompt with its first version.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] when the workspace has a prompt of this name.
    pub async fn create_prompt(
        &self,
        scope: &Scope,
        prompt: &Prompt,
        key: Option<&IdempotencyKey>,
        entry: &AuditEntry,
    ) -> Result<Created<Prompt>> {
        let input = (*scope, prompt.clone(), key.cloned(), entry.clone(), self.now());
        let created = self
            .write(scope, input, |tx, (scope, prompt, key, entry, now)| {
                Box::pin(async move {
                    let id = prompt.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let first = find(tx, scope, PromptId::from_uuid(used)).await?;
                            return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                        }
                        _ => insert(tx, scope, prompt).await?,
                    }
                    audit::insert(tx, entry).await?;
                    Ok(Created::New(prompt.clone()))
                })
            })
            .await;
        let Err(StoreError::Duplicate) = created else { return created };
        // Our own insert, whose commit was confirmed to nobody, or another's of the same name.
        match self.get_prompt(scope, prompt.id).await? {
            Some(stored) if stored == *prompt => Ok(Created::New(stored)),
            _ => Err(StoreError::NameTaken),
        }
    }
}

async fn insert(tx: &Tx, scope: &Scope, prompt: &Prompt) -> Result<()> {
    refuse_taken(tx, scope, &prompt.name, prompt.id.uuid()).await?;
    let row = Model {
        id: prompt.id.uuid(),
        workspace_id: visible::workspace(scope),
        name: prompt.name.clone(),
        description: prompt.description.clone(),
        version: i64::from(prompt.version),
        created_at: prompt.created_at.millis(),
        updated_at: prompt.updated_at.millis(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let first = NewVersion {
        prompt: prompt.id.uuid(),
        number: i64::from(prompt.version),
        workspace: scope.workspace_id,
        text: &prompt.text,
        by: scope.user_id(),
        now: prompt.created_at,
    };
    versions::insert(tx, &first).await
}

/// Another prompt of the name is told from our own repeat. Of two at once, the index refuses one.
pub(super) async fn refuse_taken(tx: &Tx, scope: &Scope, name: &str, but: Uuid) -> Result<()> {
    let taken = Entity::find()
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .filter(Column::Name.eq(name))
        .filter(Column::Id.ne(but))
        .all(tx)
        .await?;
    if taken.is_empty() { Ok(()) } else { Err(StoreError::NameTaken) }
}
