//! Makes an API key.

use secrecy::SecretString;
use serde_json::json;
use vpaura_domain::{
    ApiKey, ApiKeyId, ChatbotId, Origin, Permission, PermissionSet, Scope, Subject, Timestamp,
    clean_name,
};
use vpaura_store::Created;

use crate::audit::Deed;
use crate::idempotency::Idempotency;
use crate::roles::checked_permissions;
use crate::{Engine, Error, Result};

const MAX_NAME_CHARS: usize = 200;
const MAX_CHATBOTS: usize = 100;

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its name.
    pub name: String,
    /// What it may do; the maker holds all of it.
    pub permissions: PermissionSet,
    /// The chatbots that it may use; none means all that its maker may.
    pub chatbot_ids: Option<Vec<ChatbotId>>,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A key that was made.
#[derive(Debug, Clone)]
pub struct CreatedApiKey {
    /// The key.
    pub api_key: ApiKey,
    /// Its text; shown once, so none when an idempotency key repeats the request.
    pub key: Option<SecretString>,
}

impl Engine {
    /// Makes an API key of the signed-in user. Keys make no keys: whoever got hold of one could
    /// otherwise outlast its revocation.
    pub async fn create_api_key(
        &self,
        scope: &Scope,
        origin: &Origin,
        new: NewApiKey,
        idempotency: Option<Idempotency>,
    ) -> Result<CreatedApiKey> {
        scope.require(Permission::KeysWrite)?;
        let Subject::User { id: user_id, .. } = scope.subject else {
            return Err(Error::Forbidden("only a signed-in user can make API keys"));
        };
        let now = self.clock.now();
        let chatbot_ids = new.chatbot_ids.map(checked_chatbots).transpose()?;
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::invalid("expires_at", "must be in the future"));
        }
        let secret = vpaura_auth::ApiKey::generate(&*self.entropy);
        let key = ApiKey {
            id: ApiKeyId::generate(&*self.ids),
            name: clean_name(&new.name, MAX_NAME_CHARS).map_err(Error::text("name"))?,
            prefix: format!("vpk_{}", secret.id()),
            user_id,
            permissions: checked_permissions(new.permissions)?,
            chatbot_ids,
            created_at: now,
            expires_at: new.expires_at,
            last_used_at: None,
        };
        let details = json!({
            "name": key.name,
            "prefix": key.prefix,
            "permissions": key.permissions,
            "expires_at": key.expires_at,
        });
        let entry =
            self.entry(scope, origin, Deed::to("api_key.created", "api_key", key.id, details));
        let new = vpaura_store::NewApiKey { key, hash: secret.hash().as_str().to_owned(), entry };
        let idempotency = idempotency.map(Into::into);
        Ok(match self.store.create_api_key(scope, new, idempotency.as_ref()).await? {
            Created::New(api_key) => CreatedApiKey { api_key, key: Some(secret.text().clone()) },
            Created::Replayed(api_key) => CreatedApiKey { api_key, key: None },
        })
    }
}

fn checked_chatbots(mut ids: Vec<ChatbotId>) -> Result<Vec<ChatbotId>> {
    if ids.is_empty() || ids.len() > MAX_CHATBOTS {
        let reason = format!("must name 1 to {MAX_CHATBOTS} chatbots, or be absent");
        return Err(Error::invalid("chatbot_ids", reason));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
