//! Changes a chatbot: new settings become a new version.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use vpaura_domain::{AuditEntry, Chatbot, ChatbotId, Scope, Timestamp, Visibility};

use super::read::{find, lock};
use super::{ChatbotChanges, NewVersion, number, versions};
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::chatbot::{Column, Entity, Model};
use crate::entities::workspace;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::{audit, visible};

/// A change on its way into a transaction.
struct Change {
    scope: Scope,
    id: ChatbotId,
    changes: ChatbotChanges,
    now: Timestamp,
    entry: AuditEntry,
}

impl Store {
    /// Applies the changes; `None` when the chatbot is not visible. That the caller may change it
    /// is the engine's to know.
    ///
    /// # Errors
    /// [`StoreError::VersionConflict`] when it has another version than expected;
    /// [`StoreError::DefaultChatbot`] where the default chatbot would become private.
    pub async fn update_chatbot(
        &self,
        scope: &Scope,
        id: ChatbotId,
        changes: &ChatbotChanges,
        now: Timestamp,
        entry: &AuditEntry,
    ) -> Result<Option<Chatbot>> {
        let (changes, entry) = (changes.clone(), entry.clone());
        let change = Change { scope: *scope, id, changes, now, entry };
        self.write(scope, change, |tx, change| Box::pin(apply(tx, change))).await
    }
}

async fn apply(tx: &Tx, change: &Change) -> Result<Option<Chatbot>> {
    let Change { scope, id, changes, now, entry } = change;
    if changes.make_default {
        // One change of the default at a time: the index that allows one default alone would
        // refuse the second.
        workspace::Entity::find_by_id(visible::workspace(scope))
            .lock(LockType::NoKeyUpdate)
            .all(tx)
            .await?;
    }
    let Some(mut row) = lock(tx, scope, *id).await? else { return Ok(None) };
    if let Some(expected) = changes.expected_version.filter(|it| i64::from(*it) != row.version) {
        tracing::debug!(chatbot.id = %id, expected, "a change of an older version is refused");
        return Err(StoreError::VersionConflict { version: number(row.version) });
    }
    if let Some(settings) = &changes.settings {
        row.version += 1;
        let version = NewVersion {
            chatbot: row.id,
            number: row.version,
            workspace: scope.workspace_id,
            settings,
            note: changes.note.as_deref(),
            by: scope.user_id(),
            now: *now,
        };
        versions::insert(tx, &version).await?;
    }
    if changes.make_default && !row.is_default {
        displace_default(tx, scope).await?;
        row.is_default = true;
    }
    if let Some(name) = &changes.name {
        row.name.clone_from(name);
    }
    if let Some(description) = &changes.description {
        row.description.clone_from(description);
    }
    if let Some(visibility) = changes.visibility {
        row.visibility = visibility.word().to_owned();
    }
    if row.is_default && row.visibility == Visibility::Private.word() {
        return Err(StoreError::DefaultChatbot);
    }
    row.updated_at = now.millis();
    store(tx, row).await?;
    audit::insert(tx, entry).await?;
    find(tx, scope, *id).await
}

/// The present default chatbot stops being it.
async fn displace_default(tx: &Tx, scope: &Scope) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::IsDefault, Expr::val(false))
        .filter(Column::WorkspaceId.eq(visible::workspace(scope)))
        .filter(Column::IsDefault.eq(true))
        .exec(tx)
        .await?;
    Ok(())
}

async fn store(tx: &Tx, row: Model) -> Result<()> {
    let id = row.id;
    Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
