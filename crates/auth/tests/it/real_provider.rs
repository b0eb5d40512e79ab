//! The real provider, as our settings and clients for it.

use std::sync::Arc;

use vpaura_auth::{OidcProvider, OidcSettings};
use vpaura_domain::SystemClock;
use vpaura_test_support::OidcServer;

/// Where the provider sends browsers back to. Nothing listens there.
pub(crate) const REDIRECT: &str = "https://chat.example/api/v1/auth/oidc/callback";

/// The running provider. It ends with this value.
pub(crate) struct RealProvider {
    pub(crate) issuer: String,
    _server: OidcServer,
}

impl RealProvider {
    /// Starts one, unless the caller chose to do without.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let server = OidcServer::start(REDIRECT, arguments).expect("a provider")?;
        Some(Self { issuer: server.issuer().to_owned(), _server: server })
    }

    /// Our settings for one of its clients.
    pub(crate) fn settings(&self, client_id: &str) -> OidcSettings {
        OidcSettings {
            issuer: self.issuer.clone(),
            client_id: client_id.to_owned(),
            client_secret: Some(OidcServer::SECRET.into()),
            redirect_uri: REDIRECT.to_owned(),
            scopes: ["openid", "profile", "email", "groups"].map(str::to_owned).to_vec(),
            groups_claim: Some("groups".to_owned()),
            trust_email: false,
        }
    }

    /// The provider as we see it, by the real time.
    pub(crate) fn client(&self, settings: OidcSettings) -> OidcProvider {
        OidcProvider::new(settings, http_client(), Arc::new(SystemClock)).expect("good settings")
    }
}

pub(crate) fn http_client() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}
