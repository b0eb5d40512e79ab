//! Roles: what a member of a workspace may do.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::permission::Permission as P;
use crate::{PermissionSet, RoleId, Timestamp};

/// The roles that every workspace has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuiltinRole {
    /// Reads what is shared; sends nothing.
    Viewer,
    /// Chats, and makes API keys for itself.
    Member,
    /// Runs the workspace.
    Admin,
    /// Runs it and may delete it. A workspace always has one.
    Owner,
}

const VIEWER: PermissionSet =
    PermissionSet::of(&[P::ChatRead, P::ChatbotsRead, P::CollectionsRead, P::PromptsRead]);
const MEMBER: PermissionSet = PermissionSet::of(&[
    P::ChatRead,
    P::ChatWrite,
    P::ChatbotsRead,
    P::CollectionsRead,
    P::PromptsRead,
    P::MembersRead,
    P::KeysWrite,
]);
const OWNER: PermissionSet = PermissionSet::ALL.without(PermissionSet::INSTALLATION);
const ADMIN: PermissionSet = OWNER.without(PermissionSet::of(&[P::WorkspaceDelete]));

impl BuiltinRole {
    /// All four, the weakest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What it allows.
    pub const fn permissions(self) -> PermissionSet {
        match self {
            Self::Viewer => VIEWER,
            Self::Member => MEMBER,
            Self::Admin => ADMIN,
            Self::Owner => OWNER,
        }
    }
}

impl fmt::Display for BuiltinRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which role somebody has: on the wire its name for the ready ones, the id for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum RoleRef {
    /// One that every workspace has.
    Builtin(BuiltinRole),
    /// The workspace's own.
    Custom(RoleId),
}

/// A role that a workspace made for itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomRole {
    /// Its id.
    pub id: RoleId,
    /// Its name, at most 64 characters, unique in the workspace whatever the case.
    pub name: String,
    /// What it allows.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ready_role_covers_the_weaker_ones_and_none_the_installation() {
        let sets: Vec<_> = BuiltinRole::ALL.iter().map(|role| role.permissions()).collect();
        assert!(sets.windows(2).all(|pair| pair[1].covers(pair[0]) && pair[0] != pair[1]));
        for set in sets {
            assert_eq!(set.and(PermissionSet::INSTALLATION), PermissionSet::NONE);
        }
    }

    #[test]
    fn a_ready_role_is_known_by_its_name() {
        let names = BuiltinRole::ALL.map(BuiltinRole::name);
        assert_eq!(names, ["viewer", "member", "admin", "owner"]);
        for role in BuiltinRole::ALL {
            assert_eq!(BuiltinRole::named(role.name()), Some(role));
            assert_eq!(role.to_string(), role.name());
        }
        for other in ["", "Admin", "root", "0"] {
            assert_eq!(BuiltinRole::named(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_reference_is_a_name_or_an_id() {
        let admin: RoleRef = serde_json::from_str(r#""admin""#).expect("parses");
        assert_eq!(admin, RoleRef::Builtin(BuiltinRole::Admin));
        let id = "01900000-0000-7000-8000-000000000001";
        let custom: RoleRef = serde_json::from_str(&format!("{id:?}")).expect("parses");
        assert_eq!(custom, RoleRef::Custom(id.parse().expect("an id")));
        assert!(serde_json::from_str::<RoleRef>(r#""root""#).is_err());
        assert!(serde_json::from_str::<RoleRef>("null").is_err());
    }
}
