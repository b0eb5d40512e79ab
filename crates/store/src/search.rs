//! Search: case-insensitive substrings over titles and messages.
//!
//! Texts are folded to lower case here, not by the databases, so that both find the same. The
//! caller's words are always data: a quoted phrase for FTS5, an escaped pattern for LIKE.

use sea_orm::sea_query::extension::sqlite::SqliteExpr;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;
use vpaura_domain::{Message, Role};

use crate::Backend;
use crate::entities::search_text::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::writes::{ROWS, Writes};

/// Shorter texts have no trigram.
const TRIGRAM: usize = 3;

/// The ids of conversations that contain `query`.
pub(crate) fn conversations_with(
    backend: Backend,
    workspace: Uuid,
    query: &str,
) -> SelectStatement {
    let query = fold(query);
    let mut found = Query::select();
    found.column(Column::ConversationId).and_where(Expr::col(Column::WorkspaceId).eq(workspace));
    match backend {
        Backend::Sqlite => found.from(Entity),
        // See `m0005_row_security`.
        Backend::Postgres => found.from("searchable_texts"),
    };
    if backend == Backend::Sqlite && query.chars().count() >= TRIGRAM {
        let phrase = format!("\"{}\"", query.replace('"', "\"\""));
        let rows = Query::select()
            .column("rowid")
            .from("search_index")
            .and_where(Expr::col("body").matches(phrase))
            .to_owned();
        found.and_where(Expr::col(Column::Id).in_subquery(rows));
    } else {
        let mut pattern = String::with_capacity(query.len() + 2);
        pattern.push('%');
        for c in query.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        found.and_where(Expr::col(Column::Body).like(LikeExpr::new(pattern).escape('\\')));
    }
    found
}

/// Makes the texts of new messages findable. Not of answers that are quotes: those are shown as
/// long as the reader may see what is quoted, and a search would tell of them for ever.
pub(crate) async fn add_messages(
    writes: &mut Writes<'_>,
    workspace: Uuid,
    messages: &[Message],
) -> Result<()> {
    let rows: Vec<ActiveModel> = messages
        .iter()
        .filter(|message| matches!(message.role, Role::User | Role::Assistant))
        .filter(|message| !message.quotes_verbatim())
        .map(|message| (message, fold(&message.text())))
        .filter(|(_, body)| !body.is_empty())
        .map(|(message, body)| ActiveModel {
            id: ActiveValue::NotSet,
            workspace_id: ActiveValue::Set(workspace),
            conversation_id: ActiveValue::Set(message.conversation_id.uuid()),
            message_id: ActiveValue::Set(Some(message.id.uuid())),
            body: ActiveValue::Set(body),
        })
        .collect();
    for rows in rows.chunks(ROWS) {
        writes.add(&Entity::insert_many(rows.to_vec()).into_query()).await?;
    }
    Ok(())
}

/// Makes a new conversation findable by its title.
pub(crate) async fn add_title(
    writes: &mut Writes<'_>,
    workspace: Uuid,
    conversation: Uuid,
    title: &str,
) -> Result<()> {
    let row = ActiveModel {
        id: ActiveValue::NotSet,
        workspace_id: ActiveValue::Set(workspace),
        conversation_id: ActiveValue::Set(conversation),
        message_id: ActiveValue::Set(None),
        body: ActiveValue::Set(fold(title)),
    };
    writes.add(&Entity::insert(row).into_query()).await
}

/// Makes a conversation findable by its new title alone.
pub(crate) async fn replace_title(
    writes: &mut Writes<'_>,
    workspace: Uuid,
    conversation: Uuid,
    title: Option<&str>,
) -> Result<()> {
    let old = Entity::delete_many()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::MessageId.is_null())
        .into_query();
    writes.add(&old).await?;
    match title {
        Some(title) => add_title(writes, workspace, conversation, title).await,
        None => Ok(()),
    }
}

/// Lower case, and without U+0000, which PostgreSQL's texts cannot hold.
fn fold(text: &str) -> String {
    let mut folded = text.to_lowercase();
    folded.retain(|c| c != '\0');
    folded
}
