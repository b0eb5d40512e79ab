//! What a provider says about itself (OpenID Connect Discovery 1.0), fetched when it is needed.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::IssuerUrl;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::OidcError;
use super::http::fetch;
use super::protocol::Metadata;

/// How long a description and its keys are kept.
const FRESH: Duration = Duration::from_secs(3_600);
/// How long they are not fetched again, whatever a token says.
const RESTING: Duration = Duration::from_secs(60);
/// How long a failure is repeated without asking again.
const FAILED: Duration = Duration::from_secs(5);

/// The description of one provider. Callers at the same time wait for one fetch.
pub(super) struct Discovery {
    issuer: IssuerUrl,
    client: reqwest::Client,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Instant, Arc<Metadata>)>,
    failure: Option<(Instant, OidcError)>,
}

impl Discovery {
    pub(super) fn new(issuer: IssuerUrl, client: reqwest::Client) -> Self {
        Self { issuer, client, known: Mutex::default() }
    }

    /// The description, at most an hour old; an older one when the provider cannot be reached.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        self.not_older_than(FRESH).await
    }

    /// The description after a token was signed with a key that it does not have.
    pub(super) async fn renewed(&self) -> Result<Arc<Metadata>, OidcError> {
        self.not_older_than(RESTING).await
    }

    async fn not_older_than(&self, age: Duration) -> Result<Arc<Metadata>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((at, metadata)) = &known.metadata
            && at.elapsed() < age
        {
            return Ok(Arc::clone(metadata));
        }
        let older = known.metadata.as_ref().map(|(_, metadata)| Arc::clone(metadata));
        if let Some((at, error)) = &known.failure
            && at.elapsed() < FAILED
        {
            return older.ok_or_else(|| error.clone());
        }
        let client = self.client.clone();
        let http = move |request| fetch(client.clone(), request);
        match Metadata::discover_async(self.issuer.clone(), &http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known {
                    metadata: Some((Instant::now(), Arc::clone(&metadata))),
                    failure: None,
                };
                Ok(metadata)
            }
            Err(error) => {
                let error = OidcError::of_discovery(&error);
                known.failure = Some((Instant::now(), error.clone()));
                older.ok_or(error)
            }
        }
    }
}
