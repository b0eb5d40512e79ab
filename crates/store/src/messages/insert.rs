//! Inserts messages with their attachments and their words for search.

use std::collections::HashSet;

use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;
use vpaura_domain::{Message, Scope};

use crate::codec::{self, Word};
use crate::entities::message::{ActiveModel, Entity};
use crate::entities::{file, message_file};
use crate::error::{Result, StoreError};
use crate::search;
use crate::visible;
use crate::writes::{ROWS, Writes};

/// What happens to attachments that the scope does not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attachments {
    /// The messages are refused.
    Required,
    /// They are left out.
    IfVisible,
}

/// Inserts messages whose parents have been checked.
pub(crate) async fn insert(
    writes: &mut Writes<'_>,
    scope: &Scope,
    messages: &[Message],
    attachments: Attachments,
) -> Result<()> {
    let workspace = visible::workspace(scope);
    for chunk in messages.chunks(ROWS) {
        let rows =
            chunk.iter().map(|message| row(workspace, message)).collect::<Result<Vec<_>>>()?;
        writes.add(&Entity::insert_many(rows).into_query()).await?;
    }
    attach(writes, scope, messages, attachments).await?;
    search::add_messages(writes, workspace, messages).await
}

fn row(workspace: Uuid, message: &Message) -> Result<ActiveModel> {
    let usage = message.usage.map(|usage| codec::to_json(&usage, "messages.usage")).transpose()?;
    let error =
        message.error.as_ref().map(|error| codec::to_text(error, "messages.error")).transpose()?;
    Ok(ActiveModel {
        id: ActiveValue::Set(message.id.uuid()),
        workspace_id: ActiveValue::Set(workspace),
        conversation_id: ActiveValue::Set(message.conversation_id.uuid()),
        parent_id: ActiveValue::Set(message.parent_id.map(|id| id.uuid())),
        run_id: ActiveValue::Set(message.run_id.map(|id| id.uuid())),
        role: ActiveValue::Set(message.role.word().to_owned()),
        status: ActiveValue::Set(message.status.word().to_owned()),
        parts: ActiveValue::Set(codec::to_text(&message.parts, "messages.parts")?),
        model: ActiveValue::Set(message.model.clone()),
        usage: ActiveValue::Set(usage),
        error: ActiveValue::Set(error),
        created_at: ActiveValue::Set(message.created_at.millis()),
    })
}

async fn attach(
    writes: &mut Writes<'_>,
    scope: &Scope,
    messages: &[Message],
    attachments: Attachments,
) -> Result<()> {
    let wanted: HashSet<Uuid> =
        messages.iter().flat_map(Message::file_ids).map(|id| id.uuid()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let found: HashSet<Uuid> = file::Entity::find()
        .filter(file::Column::Id.is_in(wanted.iter().copied()))
        .filter(visible::files(scope))
        .all(writes.tx())
        .await?
        .into_iter()
        .map(|file| file.id)
        .collect();
    if attachments == Attachments::Required && found.len() < wanted.len() {
        return Err(StoreError::FileMissing);
    }
    let rows: Vec<_> = messages
        .iter()
        .flat_map(|message| message.file_ids().map(|file| (message.id.uuid(), file.uuid())))
        .collect::<HashSet<_>>()
        .into_iter()
        .filter(|(_, file)| found.contains(file))
        .map(|(message, file)| message_file::ActiveModel {
            message_id: ActiveValue::Set(message),
            file_id: ActiveValue::Set(file),
            workspace_id: ActiveValue::Set(visible::workspace(scope)),
        })
        .collect();
    for chunk in rows.chunks(ROWS) {
        writes.add(&message_file::Entity::insert_many(chunk.to_vec()).into_query()).await?;
    }
    Ok(())
}
