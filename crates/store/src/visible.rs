//! What a scope may see, as conditions: the one place where tenancy is decided.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;
use vpaura_domain::{ApiKeyId, Owner, Permission, Scope, UserId, Visibility};

use crate::codec::Word;
use crate::entities::{
    api_key_chatbot, chatbot, chatbot_collection, collection, conversation, document, file, grant,
    member, message, run, session,
};
use crate::within::Within;

const DELETED: &str = "deleted";
/// The status of a collection whose rows are being removed.
pub(crate) const DELETING: &str = "deleting";

/// The scope's workspace as a column value.
pub(crate) fn workspace(scope: &Scope) -> Uuid {
    scope.workspace_id.uuid()
}

/// Sessions that the scope sees: its own alone, where it has an owner.
pub(crate) fn sessions(scope: &Scope) -> Condition {
    sessions_even_deleted(scope).add(session::Column::Status.ne(DELETED))
}

/// What the connection must see for the sessions that the scope sees.
pub(crate) fn within_sessions(scope: &Scope) -> Within {
    match scope.owner() {
        Some(Owner::User(_)) => Within::Installation,
        _ => scope.into(),
    }
}

/// Those and the softly deleted ones, for hard deletion.
pub(crate) fn sessions_even_deleted(scope: &Scope) -> Condition {
    if let Some(Owner::User(id)) = scope.owner() {
        // A user's sign-ins are theirs wherever they go on from them; a key signs nobody out.
        let none = scope.api_key_id().map(|_| session::Column::Id.is_null());
        return Condition::all().add(session::Column::OwnerId.eq(id.uuid())).add_option(none);
    }
    Condition::all()
        .add(session::Column::WorkspaceId.eq(workspace(scope)))
        .add_option(scope.visitor().map(|id| session::Column::Id.eq(id.uuid())))
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

/// Files that the scope sees. Files belong to no chatbot, so a key that is limited to some sees
/// those alone that it uploaded itself.
pub(crate) fn files(scope: &Scope) -> Condition {
    Condition::all()
        .add(file::Column::WorkspaceId.eq(workspace(scope)))
        .add_option(scope.owner().map(|owner| match owner {
            Owner::Session(id) => file::Column::SessionId.eq(id.uuid()),
            Owner::User(id) => file::Column::UserId.eq(id.uuid()),
        }))
        .add_option(scope.limited_key().map(|key| file::Column::ApiKeyId.eq(key.uuid())))
}

/// Chatbots that the scope may use: all, for who may change them; else those of the whole
/// workspace, its own, and those shared with it.
pub(crate) fn chatbots(scope: &Scope) -> Condition {
    use chatbot::Column;
    let within = Condition::all()
        .add(Column::WorkspaceId.eq(workspace(scope)))
        .add_option(scope.limited_key().map(|key| Column::Id.in_subquery(chatbots_of_key(key))));
    if scope.permissions.has(Permission::ChatbotsWrite) {
        return within;
    }
    within.add(shared(scope, Column::Visibility, Column::CreatedBy, Column::Id))
}

/// Collections that the scope may search: as with chatbots. A key that is limited to some chatbots
/// sees those of them alone that these chatbots answer from.
pub(crate) fn collections(scope: &Scope) -> Condition {
    use collection::Column;
    let within = Condition::all()
        .add(Column::WorkspaceId.eq(workspace(scope)))
        .add(Column::Status.ne(DELETING))
        .add_option(scope.limited_key().map(|key| Column::Id.in_subquery(collections_of_key(key))));
    if scope.permissions.has(Permission::CollectionsWrite) {
        return within;
    }
    within.add(shared(scope, Column::Visibility, Column::CreatedBy, Column::Id))
}

/// Documents of collections that the scope may search.
pub(crate) fn documents(scope: &Scope) -> Condition {
    let id = Expr::col((document::Entity, document::Column::CollectionId));
    let visible = Query::select()
        .expr(Expr::val(1))
        .from(collection::Entity)
        .cond_where(collections(scope))
        .and_where(Expr::col((collection::Entity, collection::Column::Id)).eq(id))
        .to_owned();
    Condition::all()
        .add(document::Column::WorkspaceId.eq(workspace(scope)))
        .add(Expr::exists(visible))
}

/// What is there for the whole workspace, the scope's own, or shared with it.
fn shared<C: ColumnTrait>(scope: &Scope, visibility: C, created_by: C, id: C) -> Condition {
    let shared = Condition::any().add(visibility.eq(Visibility::Workspace.word()));
    let Some(user) = scope.user_id() else { return shared };
    let granted = Query::select()
        .expr(Expr::val(1))
        .from(grant::Entity)
        .cond_where(grants(scope, user))
        .and_where(
            Expr::col((grant::Entity, grant::Column::ObjectId)).eq(Expr::col(id.as_column_ref())),
        )
        .to_owned();
    shared.add(created_by.eq(user.uuid())).add(Expr::exists(granted))
}

/// What is shared with the user or with their role in the workspace.
pub(crate) fn grants(scope: &Scope, user: UserId) -> Condition {
    let column = |column| Expr::col((grant::Entity, column));
    let of_member = |column| Expr::col((member::Entity, column));
    let has_role = Condition::any()
        .add(of_member(member::Column::Role).eq(column(grant::Column::Role)))
        .add(of_member(member::Column::RoleId).eq(column(grant::Column::RoleId)));
    let by_role = Query::select()
        .expr(Expr::val(1))
        .from(member::Entity)
        .and_where(member::Column::WorkspaceId.eq(workspace(scope)))
        .and_where(member::Column::UserId.eq(user.uuid()))
        .cond_where(has_role)
        .to_owned();
    Condition::all()
        .add(grant::Column::WorkspaceId.eq(workspace(scope)))
        .add(Condition::any().add(grant::Column::UserId.eq(user.uuid())).add(Expr::exists(by_role)))
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

/// The collections of those.
fn collections_of_key(key: ApiKeyId) -> SelectStatement {
    Query::select()
        .column(chatbot_collection::Column::CollectionId)
        .from(chatbot_collection::Entity)
        .and_where(
            Expr::col(chatbot_collection::Column::ChatbotId).in_subquery(chatbots_of_key(key)),
        )
        .to_owned()
}

#[cfg(test)]
mod tests {
    use vpaura_domain::{PermissionSet, SessionId, Subject, WorkspaceId};

    use super::*;

    #[test]
    fn a_users_sign_ins_lie_in_no_workspace_and_all_other_sessions_in_theirs() {
        let (session, user) = (SessionId::from_uuid(Uuid::max()), UserId::from_uuid(Uuid::max()));
        let workspace = WorkspaceId::from_uuid(Uuid::max());
        let key = Subject::ApiKey { id: ApiKeyId::from_uuid(Uuid::max()), user, limited: false };
        let of = |subject, permissions| {
            within_sessions(&Scope { workspace_id: workspace, subject, permissions })
        };
        let user = Subject::User { id: user, session: None };
        assert_eq!(of(user, PermissionSet::NONE), Within::Installation);
        assert_eq!(of(key, PermissionSet::NONE), Within::Installation);
        assert_eq!(of(key, PermissionSet::ALL), Within::Workspace(workspace));
        for subject in [Subject::Session(session), Subject::Operator, Subject::System] {
            assert_eq!(of(subject, PermissionSet::ALL), Within::Workspace(workspace));
        }
    }
}
