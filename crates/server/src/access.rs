//! Who is calling: the extractors that every route of the API takes one of. Each proves the
//! credential, counts the request against its rate limit, and yields the scope without which no
//! operation of the engine can be called.

use axum::extract::{FromRequestParts, RawPathParams};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::HeaderMap;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::request::Parts;
use vpaura_domain::{Scope, Session, WorkspaceId};
use vpaura_engine::{Error, NewSession, SessionWithToken};

use crate::client_address::Client;
use crate::problem::Problem;
use crate::state::AppState;

/// The cookie that carries a session's token.
pub(crate) const SESSION_COOKIE: &str = "session_token";

/// The cookie that carries a user's access token.
pub(crate) const ACCESS_COOKIE: &str = "access_token";

const API_KEY: &str = "x-api-key";

/// Someone who has proved to be somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    /// What they may see.
    pub(crate) scope: Scope,
}

/// Someone who has proved to be somebody, at the door of the workspace that the path's `{id}`
/// names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InWorkspace {
    caller: Scope,
    id: WorkspaceId,
}

/// Anyone: proved to be somebody, or without any credential. A credential that is not valid is
/// refused here too.
#[derive(Debug, Clone)]
pub(crate) struct Anyone {
    /// What they may see, if they are somebody.
    pub(crate) scope: Option<Scope>,
    user_agent: Option<String>,
    client: Option<Client>,
}

/// As [`Anyone`], but a cookie that is not valid counts as no credential: whoever holds one must
/// be able to begin a new session, and no script can remove it.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer(pub(crate) Anyone);

/// Somebody whose credential, if any, is not looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stranger;

/// A caller who may have just been given a session.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// What they may see.
    pub(crate) scope: Scope,
    /// The cookie to hand out, when the session is new.
    pub(crate) cookies: CookieJar,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let anyone = Anyone::from_request_parts(parts, state).await?;
        anyone.scope.map(|scope| Self { scope }).ok_or_else(|| Error::Unauthorized.into())
    }
}

impl FromRequestParts<AppState> for InWorkspace {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let path = RawPathParams::from_request_parts(parts, state).await;
        let path = path.map_err(|error| Problem::internal(&error))?;
        let id = path.iter().find(|(name, _)| *name == "id").map_or("", |(_, value)| value);
        let id: WorkspaceId =
            id.parse().map_err(|error| Problem::validation("id", &format!("{error}")))?;
        Ok(Self { caller: caller.scope, id })
    }
}

impl InWorkspace {
    /// What they may see and do there. Asked for when the rest of the request is known to be good.
    pub(crate) async fn scope(&self, state: &AppState) -> Result<Scope, Problem> {
        Ok(state.engine.scope_in(&self.caller, self.id).await?)
    }
}

impl FromRequestParts<AppState> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let proved = authenticate(&parts.headers, state).await;
        admitted(parts, state, proved).await
    }
}

impl FromRequestParts<AppState> for Newcomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let by_cookie = !is_explicit(&parts.headers);
        let proved = match authenticate(&parts.headers, state).await {
            Err(Error::Unauthorized) if by_cookie => Ok(None),
            proved => proved,
        };
        admitted(parts, state, proved).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        admitted(parts, state, Ok(None)).await.map(|_| Self)
    }
}

/// Counts the request against the rate limit of who makes it: the proved caller, else the
/// address. Guessing credentials is counted too.
async fn admitted(
    parts: &Parts,
    state: &AppState,
    proved: Result<Option<Scope>, Error>,
) -> Result<Anyone, Problem> {
    let client = parts.extensions.get::<Client>().copied();
    let known = proved.as_ref().ok().and_then(Option::as_ref);
    state.engine.admit_request(known, &address(client)).await?;
    let scope = proved?;
    if let Some(session) = scope.and_then(|scope| scope.session_id()) {
        state.metrics.session_seen(session);
    }
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Ok(Anyone { scope, user_agent: user_agent.map(str::to_owned), client })
}

/// What a client without a credential is counted by.
fn address(client: Option<Client>) -> String {
    client.map(|client| client.address.to_string()).unwrap_or_default()
}

/// Whether the request carries a credential that its maker chose to send. A cookie is sent by
/// the browser, which may hold on to one that is of no use any more.
fn is_explicit(headers: &HeaderMap) -> bool {
    headers.contains_key(API_KEY) || headers.contains_key(AUTHORIZATION)
}

/// The scope of the request's credential. When several are sent, all must be valid and the
/// strongest acts: the API key, else the bearer token, else a user's cookie, else a visitor's. A
/// visitor's is not looked at beside a user's: it is what is left of before they signed in.
async fn authenticate(headers: &HeaderMap, state: &AppState) -> Result<Option<Scope>, Error> {
    let mut scope = None;
    let cookies = CookieJar::from_headers(headers);
    if let Some(cookie) = cookies.get(ACCESS_COOKIE) {
        scope = Some(state.engine.authenticate_access_token(cookie.value()).await?);
    } else if let Some(cookie) = cookies.get(SESSION_COOKIE) {
        scope = Some(state.engine.authenticate_session(cookie.value()).await?);
    }
    if let Some(value) = headers.get(AUTHORIZATION) {
        let value = value.to_str().map_err(|_| Error::Unauthorized)?;
        let (scheme, credential) = value.split_once(' ').ok_or(Error::Unauthorized)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Error::Unauthorized);
        }
        scope = Some(state.engine.authenticate_bearer(credential.trim()).await?);
    }
    if let Some(key) = headers.get(API_KEY) {
        let key = key.to_str().map_err(|_| Error::Unauthorized)?;
        scope = Some(state.engine.authenticate_api_key(key).await?);
    }
    Ok(scope)
}

impl Anyone {
    /// The client's address, to count it by while it has no session.
    pub(crate) fn address(&self) -> String {
        address(self.client)
    }

    /// What a new session of this client is made of.
    pub(crate) fn new_session(&self) -> NewSession {
        NewSession {
            user_agent: self.user_agent.clone(),
            ip_address: self.client.map(|client| client.address.to_string()),
            ..NewSession::default()
        }
    }

    /// The cookie for a session's token.
    pub(crate) fn cookie(&self, session: &Session, token: &str) -> Cookie<'static> {
        let life = session.expires_at.since(session.created_at);
        Cookie::build((SESSION_COOKIE, token.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.client.is_some_and(|client| client.is_secure))
            .max_age(time::Duration::seconds(i64::try_from(life.as_secs()).unwrap_or(i64::MAX)))
            .build()
    }

    /// The caller, given a session if they have none. Call it when the rest of the request is
    /// known to be good, so that bad requests leave no sessions behind.
    pub(crate) async fn or_new_session(self, state: &AppState) -> Result<Visitor, Problem> {
        if let Some(scope) = self.scope {
            return Ok(Visitor { scope, cookies: CookieJar::new() });
        }
        let created = state.engine.create_session(None, self.new_session(), None).await?;
        let SessionWithToken { session, token } = created;
        let cookies = CookieJar::new().add(self.cookie(&session, &token));
        Ok(Visitor { scope: Scope::session(session.id), cookies })
    }
}
