//! What a scope may see, as conditions: the one place where tenancy is decided.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;
use vpaura_domain::{ApiKeyId, Owner, Scope};

use crate::entities::{api_key_chatbot, conversation, file, message, run, session};

const DELETED: &str = "deleted";

/// The scope's workspace as a column value.
pub(crate) fn workspace(scope: &Scope) -> Uuid {
    scope.workspace_id.uuid()
}

/// Sessions that the scope sees: its own alone, where it has an owner.
pub(crate) fn sessions(scope: &Scope) -> Condition {
    sessions_even_deleted(scope).add(session::Column::Status.ne(DELETED))
}

/// Those and the softly deleted ones, for hard deletion.
pub(crate) fn sessions_even_deleted(scope: &Scope) -> Condition {
    Condition::all().add(session::Column::WorkspaceId.eq(workspace(scope))).add_option(
        scope.owner().map(|owner| match owner {
            Owner::Session(id) => session::Column::Id.eq(id.uuid()),
            Owner::User(id) => session::Column::OwnerId.eq(id.uuid()),
        }),
    )
}

/// Conversations that the scope sees.
pub(crate) fn conversations(scope: &Scope) -> Condition {
    conversations_even_deleted(scope).add(conversation::Column::Status.ne(DELETED))
}

/// Those and the softly deleted ones, for hard deletion.
pub(crate) fn conversations_even_deleted(scope: &Scope) -> Condition {
    Condition::all()
        .add(conversation::Column::WorkspaceId.eq(workspace(scope)))
        .add_option(scope.owner().map(|owner| match owner {
            Owner::Session(id) => conversation::Column::SessionId.eq(id.uuid()),
            Owner::User(id) => conversation::Column::UserId.eq(id.uuid()),
        }))
        .add_option(
            scope
                .limited_key()
                .map(|key| conversation::Column::ChatbotId.in_subquery(chatbots_of_key(key))),
        )
}

/// Messages of conversations that the scope sees.
pub(crate) fn messages(scope: &Scope) -> Condition {
    Condition::all().add(message::Column::WorkspaceId.eq(workspace(scope))).add(Expr::exists(
        conversation_of(scope, Expr::col((message::Entity, message::Column::ConversationId))),
    ))
}

/// Runs that the scope sees: of conversations that it sees.
pub(crate) fn runs(scope: &Scope) -> Condition {
    Condition::all().add(run::Column::WorkspaceId.eq(workspace(scope))).add(Expr::exists(
        conversation_of(scope, Expr::col((run::Entity, run::Column::ConversationId))),
    ))
}

/// Files that the scope sees.
pub(crate) fn files(scope: &Scope) -> Condition {
    Condition::all().add(file::Column::WorkspaceId.eq(workspace(scope))).add_option(
        scope.owner().map(|owner| match owner {
            Owner::Session(id) => file::Column::SessionId.eq(id.uuid()),
            Owner::User(id) => file::Column::UserId.eq(id.uuid()),
        }),
    )
}

/// The visible conversation whose id is `id`, for EXISTS.
fn conversation_of(scope: &Scope, id: Expr) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(conversation::Entity)
        .cond_where(conversations(scope))
        .and_where(Expr::col((conversation::Entity, conversation::Column::Id)).eq(id))
        .to_owned()
}

/// The chatbots that a limited key may use.
fn chatbots_of_key(key: ApiKeyId) -> SelectStatement {
    Query::select()
        .column(api_key_chatbot::Column::ChatbotId)
        .from(api_key_chatbot::Entity)
        .and_where(api_key_chatbot::Column::ApiKeyId.eq(key.uuid()))
        .to_owned()
}
