//! Who is asking, in which workspace, and what they may. Every repository call takes a [`Scope`],
//! so a query without a tenant does not compile.

use crate::{ApiKeyId, BuiltinRole, Permission, PermissionSet, SessionId, UserId, WorkspaceId};

/// The acting principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An anonymous visitor: sees only what belongs to this session.
    Session(SessionId),
    /// A signed-in user: sees what belongs to them and what is shared with them.
    User {
        /// The user.
        id: UserId,
        /// The session they signed in to; none where the server acts for them.
        session: Option<SessionId>,
    },
    /// A machine with an API key: sees what its maker sees.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// Its maker.
        user: UserId,
        /// Whether it may use the chatbots listed with it alone.
        limited: bool,
    },
    /// The operator's API key from configuration: sees the whole workspace.
    Operator,
    /// The server itself (recovery, jobs): sees the whole workspace.
    System,
}

/// Whom a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// An anonymous visitor.
    Session(SessionId),
    /// A user.
    User(UserId),
}

impl Owner {
    /// The visitor's session, if it is one.
    pub const fn session_id(self) -> Option<SessionId> {
        match self {
            Self::Session(id) => Some(id),
            Self::User(_) => None,
        }
    }
    /// The user, if it is one.
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Session(_) => None,
        }
    }
}

/// The principal lacks a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission {0}")]
pub struct Denied(pub Permission);

/// A principal within one workspace: the filter of every query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Who acts.
    pub subject: Subject,
    /// What they may do here.
    pub permissions: PermissionSet,
}

/// What an anonymous visitor may do.
const ANONYMOUS: PermissionSet =
    PermissionSet::of(&[Permission::ChatRead, Permission::ChatWrite, Permission::ChatbotsRead]);

impl Scope {
    /// A visitor's scope in the default workspace.
    pub const fn session(id: SessionId) -> Self {
        Self {
            workspace_id: WorkspaceId::DEFAULT,
            subject: Subject::Session(id),
            permissions: ANONYMOUS,
        }
    }
    /// The operator's scope in the default workspace.
    pub const fn operator() -> Self {
        Self {
            workspace_id: WorkspaceId::DEFAULT,
            subject: Subject::Operator,
            permissions: PermissionSet::ALL,
        }
    }
    /// The server's own scope in `workspace_id`.
    pub const fn system(workspace_id: WorkspaceId) -> Self {
        Self { workspace_id, subject: Subject::System, permissions: PermissionSet::ALL }
    }
    /// The server's scope where it acts for a row's owner: it sees what they see.
    pub const fn on_behalf_of(workspace_id: WorkspaceId, owner: Option<Owner>) -> Self {
        let subject = match owner {
            Some(Owner::Session(id)) => Subject::Session(id),
            Some(Owner::User(id)) => Subject::User { id, session: None },
            None => Subject::System,
        };
        Self { workspace_id, subject, permissions: BuiltinRole::Member.permissions() }
    }
    /// Whose rows alone are visible; `None` when the whole workspace is.
    pub const fn owner(&self) -> Option<Owner> {
        match self.subject {
            Subject::Session(id) => Some(Owner::Session(id)),
            Subject::User { id, .. } => Some(Owner::User(id)),
            Subject::ApiKey { .. } if self.permissions.has(Permission::OthersAct) => None,
            Subject::ApiKey { user, .. } => Some(Owner::User(user)),
            Subject::Operator | Subject::System => None,
        }
    }
    /// The anonymous visitor, if it is one.
    pub const fn visitor(&self) -> Option<SessionId> {
        match self.subject {
            Subject::Session(id) => Some(id),
            _ => None,
        }
    }
    /// The session that the principal acts from, anonymous or signed in to.
    pub const fn session_id(&self) -> Option<SessionId> {
        match self.subject {
            Subject::Session(id) => Some(id),
            Subject::User { session, .. } => session,
            _ => None,
        }
    }
    /// The user who acts, by themselves or through a key.
    pub const fn user_id(&self) -> Option<UserId> {
        match self.subject {
            Subject::User { id, .. } | Subject::ApiKey { user: id, .. } => Some(id),
            _ => None,
        }
    }
    /// The API key, if one acts.
    pub const fn api_key_id(&self) -> Option<ApiKeyId> {
        match self.subject {
            Subject::ApiKey { id, .. } => Some(id),
            _ => None,
        }
    }
    /// The key that is limited to some chatbots, if it is one.
    pub const fn limited_key(&self) -> Option<ApiKeyId> {
        match self.subject {
            Subject::ApiKey { id, limited: true, .. } => Some(id),
            _ => None,
        }
    }
    /// Proves that the principal may do this.
    ///
    /// # Errors
    /// [`Denied`], with the permission that is missing.
    pub const fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.permissions.has(permission) { Ok(()) } else { Err(Denied(permission)) }
    }
    /// A text that is equal exactly for equal principals of one workspace; for idempotency keys
    /// and rate limits.
    pub fn principal_key(&self) -> String {
        match self.subject {
            Subject::Session(id) => format!("session:{id}"),
            Subject::User { id, .. } => format!("user:{id}"),
            Subject::ApiKey { id, .. } => format!("key:{id}"),
            Subject::Operator => "operator".to_owned(),
            Subject::System => "system".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdGen, SequentialIds};

    #[test]
    fn only_a_key_that_may_act_for_others_sees_beyond_its_maker() {
        let ids = SequentialIds::default();
        let (id, user) = (ApiKeyId::from_uuid(ids.uuid()), UserId::from_uuid(ids.uuid()));
        let workspace_id = WorkspaceId::from_uuid(ids.uuid());
        let scope = |subject| Scope {
            workspace_id,
            subject,
            permissions: BuiltinRole::Owner.permissions(),
        };
        let key = scope(Subject::ApiKey { id, user, limited: false });
        assert_eq!(key.owner(), None);
        let plain = Scope { permissions: BuiltinRole::Member.permissions(), ..key };
        assert_eq!(plain.owner(), Some(Owner::User(user)));
        let person = scope(Subject::User { id: user, session: None });
        assert_eq!(person.owner(), Some(Owner::User(user)));
        assert_eq!(plain.require(Permission::AuditRead), Err(Denied(Permission::AuditRead)));
        assert_eq!(person.require(Permission::AuditRead), Ok(()));
        let denied = Denied(Permission::AuditRead).to_string();
        assert_eq!(denied, "this needs the permission audit:read");
    }

    #[test]
    fn each_subject_is_who_it_is_and_nobody_else() {
        let ids = SequentialIds::default();
        let (session, user) = (SessionId::generate(&ids), UserId::generate(&ids));
        let key = ApiKeyId::generate(&ids);
        let of = |subject| {
            let scope = Scope { subject, ..Scope::session(session) };
            let owner = scope.owner();
            // What it is as a session, as a user and as a key.
            (
                (scope.visitor(), scope.session_id(), owner.and_then(Owner::session_id)),
                (scope.user_id(), owner.and_then(Owner::user_id)),
                (scope.api_key_id(), scope.limited_key()),
            )
        };
        let (s, u, k) = (Some(session), Some(user), Some(key));
        let none = (None, None, None);
        assert_eq!(of(Subject::Session(session)), ((s, s, s), (None, None), (None, None)));
        let signed_in = Subject::User { id: user, session: s };
        assert_eq!(of(signed_in), ((None, s, None), (u, u), (None, None)));
        let represented = Subject::User { id: user, session: None };
        assert_eq!(of(represented), (none, (u, u), (None, None)));
        let free = Subject::ApiKey { id: key, user, limited: false };
        assert_eq!(of(free), (none, (u, u), (k, None)));
        let limited = Subject::ApiKey { id: key, user, limited: true };
        assert_eq!(of(limited), (none, (u, u), (k, k)));
        for subject in [Subject::Operator, Subject::System] {
            assert_eq!(of(subject), (none, (None, None), (None, None)));
        }
    }

    #[test]
    fn the_server_acts_as_the_owner_of_a_row_and_as_no_more_than_a_member() {
        let ids = SequentialIds::default();
        let workspace = WorkspaceId::from_uuid(ids.uuid());
        let (session, user) = (SessionId::generate(&ids), UserId::generate(&ids));
        for owner in [Some(Owner::Session(session)), Some(Owner::User(user)), None] {
            let scope = Scope::on_behalf_of(workspace, owner);
            assert_eq!((scope.workspace_id, scope.owner()), (workspace, owner));
            assert_eq!(scope.permissions, BuiltinRole::Member.permissions());
        }
        assert_eq!(Scope::system(workspace).workspace_id, workspace);
        assert_eq!(Scope::session(session).permissions, ANONYMOUS);
    }

    #[test]
    fn equal_keys_are_equal_principals() {
        let ids = SequentialIds::default();
        let id = ids.uuid();
        let (session, user) = (SessionId::from_uuid(id), UserId::from_uuid(id));
        let key = |subject| Scope { subject, ..Scope::operator() }.principal_key();
        let by_key = |limited| Subject::ApiKey { id: ApiKeyId::from_uuid(id), user, limited };
        // All with one id, each another principal.
        let subjects = [
            Subject::Session(session),
            Subject::User { id: user, session: None },
            by_key(false),
            Subject::Operator,
            Subject::System,
        ];
        let keys: std::collections::BTreeSet<_> = subjects.map(key).into_iter().collect();
        assert_eq!(keys.len(), subjects.len(), "{keys:?}");
        // However they came in.
        assert_eq!(key(subjects[1]), key(Subject::User { id: user, session: Some(session) }));
        assert_eq!(key(subjects[2]), key(by_key(true)));
        let other = UserId::from_uuid(ids.uuid());
        assert_ne!(key(subjects[1]), key(Subject::User { id: other, session: None }));
    }
}
