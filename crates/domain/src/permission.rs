//! What a role or an API key allows. A permission is written `resource:verb`.

use std::fmt;
use std::ops::BitOr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// One thing that may be allowed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Permission {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Permission {
            /// Every permission, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// As it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it allows, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+),)+
                }
            }
        }
    };
}

permissions! {
    /// Read one's own conversations, messages, runs and files.
    ChatRead = "chat:read",
    /// Send messages, upload files, and change one's own conversations.
    ChatWrite = "chat:write",
    /// See the chatbots that are shared with one.
    ChatbotsRead = "chatbots:read",
    /// Create, change, share and delete chatbots.
    ChatbotsWrite = "chatbots:write",
    /// See and search the collections that are shared with one.
    CollectionsRead = "collections:read",
    /// Create, change, share and delete collections and their documents.
    CollectionsWrite = "collections:write",
    /// Read the prompt library.
    PromptsRead = "prompts:read",
    /// Change the prompt library.
    PromptsWrite = "prompts:write",
    /// See members, roles and invitations.
    MembersRead = "members:read",
    /// Invite and remove members, and change their roles.
    MembersWrite = "members:write",
    /// Create, change and delete custom roles.
    RolesWrite = "roles:write",
    /// Make and revoke one's own API keys.
    KeysWrite = "keys:write",
    /// See and revoke everybody's API keys.
    KeysManage = "keys:manage",
    /// See budgets and what is left of them.
    BudgetsRead = "budgets:read",
    /// Set budgets.
    BudgetsWrite = "budgets:write",
    /// See what everybody used.
    UsageRead = "usage:read",
    /// Read and export the audit log.
    AuditRead = "audit:read",
    /// Rename the workspace.
    WorkspaceWrite = "workspace:write",
    /// Delete the workspace with all it holds.
    WorkspaceDelete = "workspace:delete",
    /// As an API key: see the whole workspace and act for any session of it.
    OthersAct = "others:act",
    /// See all users of the installation.
    UsersRead = "users:read",
    /// Create, suspend and delete users of the installation.
    UsersWrite = "users:write",
    /// Create workspaces.
    WorkspacesWrite = "workspaces:write",
}

/// The text names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a permission")]
pub struct UnknownPermission(pub String);

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        let named = Self::ALL.iter().find(|permission| permission.name() == text);
        named.copied().ok_or_else(|| UnknownPermission(text.chars().take(64).collect()))
    }
}

/// A set of permissions. On the wire a list of names, in the order of [`Permission::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u32);

impl PermissionSet {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self::of(Permission::ALL);
    /// What concerns the installation, not a workspace. No role can hold these: they are its
    /// owners' and the operator's.
    pub const INSTALLATION: Self =
        Self::of(&[Permission::UsersRead, Permission::UsersWrite, Permission::WorkspacesWrite]);

    /// These.
    pub const fn of(permissions: &[Permission]) -> Self {
        let (mut bits, mut next) = (0, 0);
        while next < permissions.len() {
            bits |= 1 << permissions[next] as u8;
            next += 1;
        }
        Self(bits)
    }

    /// Whether it holds this one.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// Whether it holds all of `other`.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What both hold.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What this one holds and `other` does not.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What it holds, in order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }
}

impl BitOr for PermissionSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, |set, one| set | Self::of(&[one]))
    }
}

impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::name))
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names
            .iter()
            .map(|name| name.parse::<Permission>())
            .collect::<Result<Self, _>>()
            .map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for PermissionSet {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
        let names = Permission::ALL.iter().map(|permission| permission.name());
        ArrayBuilder::new()
            .items(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)))
            .into()
    }
}

impl utoipa::ToSchema for PermissionSet {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_names_and_read_back() {
        let set = PermissionSet::of(&[Permission::AuditRead, Permission::ChatRead]);
        let text = serde_json::to_string(&set).expect("serialises");
        assert_eq!(text, r#"["chat:read","audit:read"]"#);
        assert_eq!(serde_json::from_str::<PermissionSet>(&text).expect("parses"), set);
        assert!(serde_json::from_str::<PermissionSet>(r#"["root"]"#).is_err());
        assert!(serde_json::from_str::<PermissionSet>(r#""chat:read""#).is_err());
    }

    #[test]
    fn to_be_named_twice_is_to_be_named_once() {
        let once = PermissionSet::of(&[Permission::ChatRead]);
        assert_eq!(PermissionSet::of(&[Permission::ChatRead, Permission::ChatRead]), once);
        let read = serde_json::from_str::<PermissionSet>(r#"["chat:read","chat:read"]"#);
        assert_eq!(read.expect("parses"), once);
        assert_eq!(once | once, once);
    }

    #[test]
    fn covering_is_being_a_superset() {
        let (some, more) = (
            PermissionSet::of(&[Permission::ChatRead]),
            PermissionSet::of(&[Permission::ChatRead, Permission::UsersRead]),
        );
        assert!(more.covers(some) && !some.covers(more));
        assert!(PermissionSet::ALL.covers(more) && some.covers(PermissionSet::NONE));
        assert_eq!(more.without(some), PermissionSet::of(&[Permission::UsersRead]));
        assert_eq!(more.and(some), some);
        assert_eq!(PermissionSet::ALL.iter().count(), Permission::ALL.len());
    }

    #[test]
    fn no_two_permissions_share_a_name() {
        for permission in Permission::ALL {
            assert_eq!(permission.name().parse(), Ok(*permission));
            assert_eq!(permission.to_string(), permission.name());
        }
    }

    #[test]
    fn the_description_of_a_set_names_all_that_can_be_in_it() {
        use utoipa::PartialSchema as _;
        let schema = serde_json::to_value(PermissionSet::schema()).expect("serialises");
        let names: Vec<_> = PermissionSet::ALL.iter().map(Permission::name).collect();
        assert_eq!(schema["type"], "array");
        assert_eq!(schema["items"], serde_json::json!({"type": "string", "enum": names}));
    }
}
