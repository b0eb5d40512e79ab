//! Rate limits: how often a caller may do something.

use std::time::Duration;

use vpaura_domain::{ChatbotId, RateLimit, Scope, Subject};
use vpaura_kv::Limit;

use crate::{Engine, Error, Result};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Engine {
    /// Counts one request of the caller. `address` is the client's, for callers who have not
    /// proved to be anybody.
    pub async fn admit_request(&self, scope: Option<&Scope>, address: &str) -> Result<()> {
        let who = match scope {
            Some(scope) => scope.principal_key(),
            None => format!("address:{address}"),
        };
        let limits = &self.settings.limits;
        let limit = Limit { capacity: limits.requests, window: limits.window };
        self.take(&format!("rate:request:{who}"), limit).await
    }

    /// Counts one message of an anonymous visitor; others are not limited here.
    pub async fn admit_chat(&self, scope: &Scope) -> Result<()> {
        let Subject::Session(id) = scope.subject else { return Ok(()) };
        let limits = &self.settings.limits;
        let minute = Limit { capacity: limits.anonymous_chat_per_minute, window: MINUTE };
        let hour = Limit { capacity: limits.anonymous_chat_per_hour, window: HOUR };
        self.take(&format!("rate:chat-minute:{id}"), minute).await?;
        self.take(&format!("rate:chat-hour:{id}"), hour).await
    }

    /// Counts one message to the chatbot, whoever sends it.
    pub(crate) async fn admit_to_chatbot(&self, id: ChatbotId, limit: RateLimit) -> Result<()> {
        let window = Duration::from_secs(u64::from(limit.window_seconds));
        let limit = Limit { capacity: limit.requests, window };
        self.take(&format!("rate:chatbot:{id}"), limit).await
    }

    /// Takes one token out of the bucket under `key`.
    pub(crate) async fn take(&self, key: &str, limit: Limit) -> Result<()> {
        let decision = self.kv.take(key, limit, 1).await;
        if decision.allowed {
            Ok(())
        } else {
            Err(Error::RateLimited { retry_after: decision.retry_after })
        }
    }
}
