//! Identifiers: one newtype per entity so that a run id can never be passed for a message id.
//!
//! All are UUIDv7: they sort by creation time, which list queries and branch order rely on.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: expected a UUID")]
pub struct InvalidId;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
            /// The UUID inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
            /// A new id from the injected generator.
            pub fn generate(ids: &dyn IdGen) -> Self {
                Self(ids.uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(s: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(s).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id_type!(
    /// A tenant. Every stored row belongs to one.
    WorkspaceId
);
id_type!(
    /// One client's stay.
    SessionId
);
id_type!(
    /// A conversation.
    ConversationId
);
id_type!(
    /// A message in a conversation.
    MessageId
);
id_type!(
    /// One execution that answers one message.
    RunId
);
id_type!(
    /// An upload.
    FileId
);
id_type!(
    /// A verdict on a message.
    FeedbackId
);
id_type!(
    /// A person who can sign in.
    UserId
);
id_type!(
    /// A workspace's own role.
    RoleId
);
id_type!(
    /// An invitation into a workspace.
    InvitationId
);
id_type!(
    /// A machine's credential.
    ApiKeyId
);
id_type!(
    /// A configured model with its prompt, tools and knowledge.
    ChatbotId
);
id_type!(
    /// A prompt of the library.
    PromptId
);
id_type!(
    /// A set of documents that is searched as one.
    CollectionId
);
id_type!(
    /// A document of a collection.
    DocumentId
);
id_type!(
    /// A retrievable passage of a document.
    ChunkId
);
id_type!(
    /// A part of a collection's index.
    SegmentId
);
id_type!(
    /// A collection's vectors by one embedder.
    EmbeddingId
);
id_type!(
    /// A limit on what may be spent.
    BudgetId
);
id_type!(
    /// What somebody did, as the audit log keeps it.
    AuditEntryId
);

impl WorkspaceId {
    /// The workspace that exists on every installation: anonymous visitors and the operator's key
    /// act in it, and who registers without an invitation joins it.
    pub const DEFAULT: Self = Self(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));
}

/// Where new ids come from. Injected, so that tests are repeatable.
pub trait IdGen: Send + Sync {
    /// A new UUIDv7, greater than every earlier one of this generator.
    fn uuid(&self) -> Uuid;
}

/// The generator of production: time-ordered and random.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdGen for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The generator of tests: 1, 2, 3, … in the shape of a UUIDv7.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdGen for SequentialIds {
    fn uuid(&self) -> Uuid {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_parse_only_from_uuids() {
        assert_eq!("x".parse::<RunId>(), Err(InvalidId));
        let id = RunId::generate(&RandomIds);
        assert_eq!(id.to_string().parse::<RunId>(), Ok(id));
    }

    #[test]
    fn sequential_ids_rise_and_are_version_7() {
        let ids = SequentialIds::default();
        let (a, b) = (ids.uuid(), ids.uuid());
        assert!(a < b);
        assert_eq!(a.get_version_num(), 7);
    }
}
