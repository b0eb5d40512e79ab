//! From where a request comes, for the audit log.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::USER_AGENT;
use http::request::Parts;
use vpaura_domain::Origin;

use crate::client_address::Client;
use crate::middleware::request_id::RequestId;

const MAX_USER_AGENT_CHARS: usize = 512;

/// From where.
#[derive(Debug, Clone)]
pub(crate) struct Whence(pub(crate) Origin);

/// What is known of it. It never fails: what is not known is absent.
pub(crate) fn of(parts: &Parts) -> Origin {
    let client = parts.extensions.get::<Client>();
    let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let visible = |agent: &str| {
        agent.chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT_CHARS).collect()
    };
    Origin {
        ip_address: client.map(|client| client.address.to_string()),
        user_agent: agent.map(visible),
        request_id: parts.extensions.get::<RequestId>().map(|id| id.0.to_string()),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Whence {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(of(parts)))
    }
}
