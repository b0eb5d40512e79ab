//! The use cases of VPAura: one file per operation, plain function calls on [`Engine`]. Every
//! front end (HTTP, command line, jobs) calls these and adds nothing to them.
//!
//! A message goes in through [`Engine::start_run`]; the ready [graphs](graphs) run; what happens
//! becomes a durable log that [`Engine::follow_run`] reads from anywhere.
//!
//! It must not know: HTTP, status codes, SQL, or any provider's wire format.
//!
//! # Adding an operation
//!
//! Put it in `src/<resource>/<verb>.rs` as an `impl Engine` block with one public method that
//! takes a [`Scope`](vpaura_domain::Scope) first, and let the front end call it.

mod api_keys;
mod assemble;
mod assemble_identity;
mod assemble_knowledge;
mod audit;
mod auth;
mod authenticate;
mod budgets;
mod chatbots;
mod chunks;
mod citations;
mod cleaning;
mod collections;
mod compose;
mod conversations;
mod documents;
mod error;
mod feedback;
mod files;
mod graphs;
mod health;
mod history;
mod idempotency;
mod ingestion;
mod invitations;
mod limits;
mod members;
mod models;
mod passages;
mod prompt_library;
mod prompts;
mod retrieval;
mod revocations;
mod roles;
mod runs;
mod sessions;
mod settings;
mod stop;
mod system_prompt;
mod tools;
mod usage;
mod users;
mod workspaces;

pub use api_keys::{CreatedApiKey, NewApiKey};
pub use assemble::{model_router, store_settings};
pub use assemble_identity::{identity_providers, mailer};
pub use assemble_knowledge::{
    check_file_storage, check_knowledge_models, check_scanner, extract_limits,
};
pub use audit::{AuditExport, AuditLog};
pub use auth::{
    Arrival, AuthStatus, IdentityProvider, Me, MyWorkspace, OidcReturn, OidcStart, ProviderName,
    Registration, RegistrationPolicy, ResetLink, SignInStep, SignedIn,
};
pub use budgets::NewBudget;
pub use chatbots::{ChatbotUpdate, NewChatbot};
pub use chunks::ChunkUpdate;
pub use citations::{CitedOriginal, CitedPassage};
pub use collections::{CollectionUpdate, NewCollection};
pub use compose::{Engine, Parts};
pub use conversations::{
    ConversationDetail, CreatedShare, ExportedConversation, ExportedMessage, MessagePage,
    MessageView, NewConversation, SharedConversation,
};
pub use documents::{
    AddedDocument, DocumentUpdate, Labels, NewDocument, NewSource, ReceivedDocument,
};
pub use error::{Error, Result, Thing};
pub use files::{FileContent, Upload};
pub use graphs::{graph_names, graph_topology};
pub use idempotency::Idempotency;
pub use invitations::{CreatedInvitation, NewInvitation, OpenInvitation};
pub use prompt_library::{NewPrompt, PromptListing, PromptUpdate};
pub use prompts::{PromptError, Prompts};
pub use retrieval::{Found, MAX_HITS, MakeEmbedder, RankedDocuments, SearchBy, SearchQuery};
pub use runs::{RunDetail, RunInput, RunReader, StartRun, StartedRun, Target};
pub use sessions::{NewSession, SessionTokens, SessionWithToken, TokenError};
pub use settings::EngineSettings;
pub use tools::ToolInfo;
pub use usage::{UsageQuery, UsageReport};
pub use users::{CreateUser, RecoveryCodes, SecondFactorSecret, UpdateUser, UserExport};
pub use vpaura_auth::Callback;
pub use vpaura_graph::view::{Topology, Verdict};
pub use vpaura_knowledge::extract::{Extracted, TextFormat};
pub use vpaura_llm::{InvalidModelRef, ModelInfo, ModelRef};
pub use vpaura_store::{
    AuditFilter, DocumentFilter, DocumentMatch, MetadataCondition, MetadataTest, MetadataValue,
    SessionFilter, UsageBy, UsageGroup, UserFilter,
};
