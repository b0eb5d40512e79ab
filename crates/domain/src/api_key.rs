//! API keys: credentials of machines, never above their maker.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ApiKeyId, ChatbotId, PermissionSet, Timestamp, UserId};

/// An API key without its secret, which is shown once and stored hashed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name, at most 200 characters.
    pub name: String,
    /// The beginning of the secret, by which its holder recognises it.
    pub prefix: String,
    /// Its maker. It never may more than they do.
    pub user_id: UserId,
    /// What it may do, as far as its maker may at the time of use.
    pub permissions: PermissionSet,
    /// The chatbots that it may use; none means all that its maker may.
    pub chatbot_ids: Option<Vec<ChatbotId>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used (kept to the minute).
    pub last_used_at: Option<Timestamp>,
}
