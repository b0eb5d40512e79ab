//! What an operator says about a provider.

use std::fmt;

use secrecy::SecretString;
use url::{Host, Url};

use super::OidcError;

/// A provider and our registration with it.
#[derive(Clone)]
pub struct OidcSettings {
    /// The provider's issuer, exactly as it calls itself: an `https` address, or `http` to this
    /// machine.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our secret at the provider; nothing for a public client.
    pub client_secret: Option<SecretString>,
    /// Where the provider sends the browser back to, as registered there.
    pub redirect_uri: String,
    /// What to ask for besides `openid`: usually `profile`, `email` and sometimes `groups`.
    pub scopes: Vec<String>,
    /// The claim that holds the user's groups, for example `groups`; dots lead into objects, as in
    /// `realm_access.roles`. Nothing when groups do not matter.
    pub groups_claim: Option<String>,
    /// Whether an address counts as verified where the provider does not say. Only for one at
    /// which nobody can choose an address that is not theirs: whoever has another's address here
    /// is that user.
    pub trust_email: bool,
}

impl OidcSettings {
    pub(super) fn check(&self) -> Result<(), OidcError> {
        let address = |name: &str, text: &str| {
            let url = Url::parse(text)
                .map_err(|error| OidcError::Settings(format!("{name} is no address: {error}")))?;
            if is_protected(&url) {
                Ok(url)
            } else {
                Err(OidcError::Settings(format!("{name} has to begin with https://")))
            }
        };
        let issuer = address("the issuer", &self.issuer)?;
        if issuer.query().is_some() || issuer.fragment().is_some() {
            return Err(OidcError::Settings("the issuer has a query or fragment".to_owned()));
        }
        address("the redirect address", &self.redirect_uri)?;
        if self.client_id.is_empty() {
            return Err(OidcError::Settings("the client id is empty".to_owned()));
        }
        Ok(())
    }
}

impl fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcSettings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Whether nobody can listen on the way there: it is encrypted, or never leaves this machine.
pub(super) fn is_protected(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn settings(issuer: &str) -> OidcSettings {
        OidcSettings {
            issuer: issuer.to_owned(),
            client_id: "vpaura".to_owned(),
            client_secret: Some("a secret of the client".into()),
            redirect_uri: "https://chat.example/api/v1/auth/oidc/callback".to_owned(),
            scopes: Vec::new(),
            groups_claim: None,
            trust_email: false,
        }
    }

    #[rstest]
    #[case("https://id.example")]
    #[case("https://id.example/realms/a")]
    #[case("http://localhost:8080")]
    #[case("http://127.0.0.1:8080")]
    #[case("http://[::1]:8080")]
    fn good_issuers_pass(#[case] issuer: &str) {
        assert_eq!(settings(issuer).check(), Ok(()));
    }

    #[rstest]
    #[case("")]
    #[case("id.example")]
    #[case("http://id.example")]
    #[case("http://localhost.example")]
    #[case("http://192.168.0.1")]
    #[case("ftp://localhost")]
    #[case("file:///etc/passwd")]
    #[case("https://id.example?a=b")]
    #[case("https://id.example#a")]
    fn bad_issuers_are_refused(#[case] issuer: &str) {
        assert!(matches!(settings(issuer).check(), Err(OidcError::Settings(_))), "{issuer}");
    }

    #[test]
    fn no_secret_is_printed() {
        let printed = format!("{:?}", settings("https://id.example"));
        insta::assert_snapshot!(printed, @r#"OidcSettings { issuer: "https://id.example", client_id: "vpaura", .. }"#);
    }
}
