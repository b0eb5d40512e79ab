//! The words of VPAura as types: ids, entities, message parts, run events, scopes, and the two
//! sources of non-determinism (time and ids) as traits.
//!
//! It must not know: databases, HTTP, providers, the graph engine, or any I/O at all. Everything
//! here is plain data that every other crate may name.

mod api_key;
mod audit;
mod budget;
mod chatbot;
mod citation;
mod clock;
mod collection;
mod conversation;
mod document;
mod feedback;
mod file;
mod hit;
mod ids;
mod listing;
mod message;
mod metadata;
mod permission;
mod prompt;
mod role;
mod run;
mod run_event;
mod scope;
mod session;
mod text;
mod usage;
mod user;
mod workspace;

pub use api_key::ApiKey;
pub use audit::{Actor, AuditEntry, Origin};
pub use budget::{Budget, BudgetPeriod, BudgetState, BudgetUnit, Spender};
pub use chatbot::{
    Access, Chatbot, ChatbotSettings, ChatbotVersion, Grant, Grantee, RateLimit, ReasoningEffort,
    RetrievalSettings, SystemPrompt, Visibility,
};
pub use citation::{Citation, Quoted};
pub use clock::{Clock, FixedClock, SystemClock, Timestamp};
pub use collection::{Chunking, Collection, CollectionCounts, EmbedderStamp, EmbeddingState};
pub use conversation::{Conversation, ConversationChanges, ConversationFilter, ConversationStatus};
pub use document::{Chunk, Document, DocumentSource, DocumentStatus, Span};
pub use feedback::{Feedback, FeedbackRating};
pub use file::{FileRecord, FileStatus};
pub use hit::{Hit, HitDocument, Scores};
pub use ids::{
    ApiKeyId, AuditEntryId, BudgetId, ChatbotId, ChunkId, CollectionId, ConversationId, DocumentId,
    EmbeddingId, FeedbackId, FileId, IdGen, InvalidId, InvitationId, MessageId, PromptId,
    RandomIds, RoleId, RunId, SegmentId, SequentialIds, SessionId, UserId, WorkspaceId,
};
pub use listing::{Listing, MAX_LIMIT, Page};
pub use message::{CutOff, EXTRACTIVE_MODEL, Message, MessageStatus, Part, Role, RunFailure};
pub use metadata::{MAX_METADATA_BYTES, MAX_METADATA_DEPTH, Metadata, MetadataError};
pub use permission::{Permission, PermissionSet, UnknownPermission};
pub use prompt::{Prompt, PromptVersion};
pub use role::{BuiltinRole, CustomRole, RoleRef};
pub use run::{Ask, MultitaskStrategy, Run, RunStatus};
pub use run_event::{Cursor, InvalidCursor, RunEvent, RunEventKind};
pub use scope::{Denied, Owner, Scope, Subject};
pub use session::{Session, SessionChanges, SessionStatus};
pub use text::{MAX_TITLE_CHARS, TextError, clean_name, clean_title};
pub use usage::Usage;
pub use user::{Profile, User, UserStatus};
pub use workspace::{Invitation, InvitationStatus, Member, Membership, Workspace, WorkspaceStatus};
