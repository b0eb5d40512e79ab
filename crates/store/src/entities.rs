//! The tables as SeaORM entities. Nothing outside this crate sees them: operations take and
//! return the domain's types.

pub(crate) mod api_key;
pub(crate) mod api_key_chatbot;
pub(crate) mod audit_entry;
pub(crate) mod budget;
pub(crate) mod budget_period;
pub(crate) mod budget_reservation;
pub(crate) mod chatbot;
pub(crate) mod chatbot_version;
pub(crate) mod conversation;
pub(crate) mod feedback;
pub(crate) mod file;
pub(crate) mod grant;
pub(crate) mod idempotency_key;
pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod message_file;
pub(crate) mod one_use_token;
pub(crate) mod profile;
pub(crate) mod prompt;
pub(crate) mod prompt_version;
pub(crate) mod recovery_code;
pub(crate) mod refresh_token;
pub(crate) mod revocation;
pub(crate) mod role;
pub(crate) mod run;
pub(crate) mod run_event;
pub(crate) mod search_text;
pub(crate) mod session;
pub(crate) mod share;
pub(crate) mod usage;
pub(crate) mod user;
pub(crate) mod user_identity;
pub(crate) mod workspace;
