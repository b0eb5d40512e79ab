//! Begins a session for a visitor and signs its token.

use vpaura_domain::{Metadata, Scope, Session, SessionId, SessionStatus, Subject, clean_title};

use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

const MAX_USER_AGENT_CHARS: usize = 512;
const MAX_USER_ID_CHARS: usize = 255;

/// What a new session is made of.
#[derive(Debug, Clone, Default)]
pub struct NewSession {
    /// The operator's own name for the visitor. Only the operator may give one.
    pub user_id: Option<String>,
    /// A title.
    pub title: Option<String>,
    /// Free JSON.
    pub metadata: Metadata,
    /// The client's User-Agent; cut to 512 characters.
    pub user_agent: Option<String>,
    /// The client's address; not kept where a key makes the session.
    pub ip_address: Option<String>,
}

/// A session and the token that proves it.
#[derive(Debug, Clone)]
pub struct SessionWithToken {
    /// The session.
    pub session: Session,
    /// Its token, valid until the session's `expires_at`.
    pub token: String,
}

impl Engine {
    /// Begins a session. `caller` is who asks, if anybody proved to be someone.
    pub async fn create_session(
        &self,
        caller: Option<&Scope>,
        new: NewSession,
        idempotency: Option<Idempotency>,
    ) -> Result<SessionWithToken> {
        if caller.is_none() && !self.settings.auth.anonymous {
            return Err(Error::Unauthorized);
        }
        let operator = caller.is_some_and(|scope| scope.subject == Subject::Operator);
        if new.user_id.is_some() && !operator {
            return Err(Error::Forbidden("only the operator's API key may set user_id"));
        }
        let mut session = self.session_record(new)?;
        // Whom a key makes a session for is elsewhere: the address is that of the key's holder.
        if caller.is_some_and(|it| it.subject == Subject::Operator || it.api_key_id().is_some()) {
            session.ip_address = None;
        }
        let scope = match caller {
            Some(scope) => *scope,
            None => Scope::session(session.id),
        };
        // An anonymous caller's key would be scoped to the session that is being made, so it
        // can only be honoured for a known caller.
        let key = caller.and(idempotency).map(Into::into);
        let session = self.store.create_session(&scope, &session, key.as_ref()).await?.into_inner();
        let token = self
            .tokens
            .sign(session.id, self.clock.now(), session.expires_at)
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(SessionWithToken { session, token })
    }

    fn session_record(&self, new: NewSession) -> Result<Session> {
        let now = self.clock.now();
        let user_id = new.user_id.map(check_user_id).transpose()?;
        Ok(Session {
            id: SessionId::generate(&*self.ids),
            user_id,
            owner_id: None,
            title: new.title.map(|t| clean_title(&t)).transpose().map_err(Error::text("title"))?,
            status: SessionStatus::Active,
            metadata: new.metadata,
            user_agent: new.user_agent.map(|agent| {
                agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_CHARS).collect()
            }),
            ip_address: new.ip_address,
            created_at: now,
            updated_at: now,
            last_accessed: now,
            expires_at: now.plus(self.settings.session_life),
        })
    }
}

fn check_user_id(user_id: String) -> Result<String> {
    let length = user_id.chars().count();
    if user_id.trim().is_empty() {
        Err(Error::invalid("user_id", "must not be empty"))
    } else if length > MAX_USER_ID_CHARS {
        Err(Error::invalid(
            "user_id",
            format!("must be at most {MAX_USER_ID_CHARS} characters, this is {length}"),
        ))
    } else if user_id.chars().any(char::is_control) {
        Err(Error::invalid("user_id", "must not contain control characters"))
    } else {
        Ok(user_id)
    }
}
