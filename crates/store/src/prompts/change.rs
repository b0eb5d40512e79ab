//! Changes and deletes prompts: another text becomes a new version.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use vpaura_domain::{AuditEntry, Prompt, PromptId, Scope, Timestamp};

use super::create::refuse_taken;
use super::read::{find, within};
use super::{NewVersion, PromptChanges, versions};
use crate::audit;
use crate::db::Tx;
use crate::entities::prompt::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::store::Store;

/// A change on its way into a transaction.
struct Change {
    scope: Scope,
    id: PromptId,
    changes: PromptChanges,
    now: Timestamp,
    entry: AuditEntry,
}

impl Store {
    /// Applies the changes; `None` when the prompt is not there.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] when the workspace has another prompt of the new name.
    pub async fn update_prompt(
        &self,
        scope: &Scope,
        id: PromptId,
        changes: &PromptChanges,
        now: Timestamp,
        entry: &AuditEntry,
    ) -> Result<Option<Prompt>> {
        let (changes, entry) = (changes.clone(), entry.clone());
        let change = Change { scope: *scope, id, changes, now, entry };
        match self.write(scope, change, |tx, change| Box::pin(apply(tx, change))).await {
            Err(StoreError::Duplicate) => Err(StoreError::NameTaken),
            changed => changed,
        }
    }

    /// Deletes the prompt with all its versions; whether it was there.
    pub async fn delete_prompt(
        &self,
        scope: &Scope,
        id: PromptId,
        entry: &AuditEntry,
    ) -> Result<bool> {
        let input = (*scope, id, entry.clone());
        self.write(scope, input, |tx, (scope, id, entry)| {
            Box::pin(async move {
                let delete =
                    Entity::delete_many().filter(within(scope)).filter(Column::Id.eq(id.uuid()));
                if delete.exec(tx).await?.rows_affected == 0 {
                    return Ok(false);
                }
                audit::insert(tx, entry).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn apply(tx: &Tx, change: &Change) -> Result<Option<Prompt>> {
    let Change { scope, id, changes, now, entry } = change;
    let rows = Entity::find_by_id(id.uuid()).filter(within(scope)).lock_exclusive().all(tx).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let present = find(tx, scope, *id).await?;
    if let Some(text) =
        changes.text.as_ref().filter(|new| present.is_none_or(|it| it.text != **new))
    {
        row.version += 1;
        let version = NewVersion {
            prompt: row.id,
            number: row.version,
            workspace: scope.workspace_id,
            text,
            by: scope.user_id(),
            now: *now,
        };
        versions::insert(tx, &version).await?;
    }
    if let Some(name) = &changes.name {
        refuse_taken(tx, scope, name, row.id).await?;
        row.name.clone_from(name);
    }
    if let Some(description) = &changes.description {
        row.description.clone_from(description);
    }
    row.updated_at = now.millis();
    Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    audit::insert(tx, entry).await?;
    find(tx, scope, *id).await
}
