//! The database: the only crate that contains SQL. One code base serves SQLite and PostgreSQL.
//!
//! Every operation that a principal causes takes a [`Scope`](vpaura_domain::Scope) and sees only
//! that workspace's rows, and only that session's where the scope has an owner. What is softly
//! deleted is invisible. An operation that writes is one transaction, durable when it answers,
//! and safe to repeat with the same ids. The server's own work (leases, recovery, migrations)
//! takes no scope and says so.
//!
//! It must not know: HTTP, model providers, the engine, or where the bytes of files lie.

mod api_keys;
mod audit;
mod budgets;
mod chatbots;
mod checkpoints;
mod chunks;
mod codec;
mod collections;
mod connect;
mod contents;
mod conversations;
mod db;
mod documents;
mod entities;
mod error;
mod feedback;
mod files;
mod grants;
mod idempotency;
mod index;
mod ingestion;
mod invitations;
mod keyset;
mod members;
mod messages;
mod migrate;
mod migrations;
mod moment;
mod postgres;
mod principals;
mod prompts;
mod purge;
mod quoted;
mod retry;
mod revocations;
mod roles;
mod row_security;
mod runs;
mod search;
mod sessions;
mod settings;
mod sign_ins;
mod store;
mod usage;
mod users;
mod visible;
mod within;
mod workspaces;
mod writer;
mod writes;

pub use api_keys::NewApiKey;
pub use audit::AuditFilter;
pub use budgets::{Reserve, Spend};
pub use chatbots::ChatbotChanges;
pub use chunks::ReplaceChunk;
pub use collections::CollectionChanges;
pub use conversations::Shared;
pub use documents::{Content, DocumentChanges, DocumentFilter, NewDocument};
pub use error::{Result, StoreError};
pub use idempotency::{Created, IdempotencyKey};
pub use index::{
    ChunkToEmbed, ChunkVectors, DocumentMatch, EmbeddingClaim, FoundChunk, Merge, MergedSegment,
    MetadataCondition, MetadataTest, MetadataValue, NewSegment, NewVectors, SearchSpace,
    SearchedCollection, SegmentHead,
};
pub use ingestion::{
    ClaimTurns, ClaimedDocument, CommitDocuments, DocumentClaim, Fetched, IndexedDocument,
    NewChunk, Rename,
};
pub use invitations::{Acceptance, NewInvitation, OpenInvitation};
pub use migrate::MigrationState;
pub use principals::{KeyIdentity, KeyPrincipal, UserPrincipal};
pub use prompts::PromptChanges;
pub use revocations::{Revocation, RevocationKind};
pub use roles::RoleChanges;
pub use runs::{Claimed, FinishRun, Lease, NewRun, RunLease, Started, SuspendRun};
pub use sessions::SessionFilter;
pub use settings::{Backend, StoreSettings};
pub use sign_ins::{
    BeginSignIn, MappedRole, NewOneUseToken, OneUsePurpose, RefreshSignIn, Refreshed,
};
pub use store::Store;
pub use usage::{UsageBy, UsageFilter, UsageGroup};
pub use users::{
    CreatedUser, HeldCollection, HeldDocument, HeldKey, Holdings, Join, KnownUser, NewUser,
    Standing, UserChanges, UserFilter,
};
pub use workspaces::{NewWorkspace, Removed};
