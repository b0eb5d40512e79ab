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
        self.take_chat(&id.to_string()).await
    }

    /// Counts one message of a visitor who has no session yet, by the client's `address`: who gets
    /// a new session for each message has no other bucket to empty. Call it before the session is
    /// made.
    pub async fn admit_first_chat(&self, address: &str) -> Result<()> {
        self.take_chat(&format!("address:{address}")).await
    }

    async fn take_chat(&self, who: &str) -> Result<()> {
        let limits = &self.settings.limits;
        let minute = Limit { capacity: limits.anonymous_chat_per_minute, window: MINUTE };
        let hour = Limit { capacity: limits.anonymous_chat_per_hour, window: HOUR };
        self.take(&format!("rate:chat-minute:{who}"), minute).await?;
        self.take(&format!("rate:chat-hour:{who}"), hour).await
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
