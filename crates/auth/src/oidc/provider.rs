//! A provider, and the two steps of a sign-in.

use std::sync::Arc;

use openidconnect::core::{CoreAuthenticationFlow, CoreClientAuthMethod};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SubjectIdentifier,
};
use secrecy::ExposeSecret;
use vpaura_domain::Clock;

use super::discovery::Discovery;
use super::http::fetch;
use super::id_token::{self, Rejection};
use super::identity::Details;
use super::protocol::{IdClaims, InfoClaims, Metadata, Relation, Tokens};
use super::{Callback, OidcError, OidcIdentity, OidcSettings, PendingSignIn, SignInStart};
use crate::Entropy;

/// An OpenID Connect provider. Its description and keys are fetched when they are first needed,
/// kept for an hour, and fetched again when a token is signed with an unknown key.
pub struct OidcProvider {
    settings: OidcSettings,
    redirect: RedirectUrl,
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    discovery: Discovery,
}

impl OidcProvider {
    /// A provider that is asked over `client`, which should not follow redirects. Each answer may
    /// take ten seconds and have 512 KiB. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`OidcError::Settings`].
    pub fn new(
        settings: OidcSettings,
        client: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OidcError> {
        settings.check()?;
        let wrong = |error| OidcError::Settings(format!("an address is wrong: {error}"));
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(wrong)?;
        let redirect = RedirectUrl::new(settings.redirect_uri.clone()).map_err(wrong)?;
        let discovery = Discovery::new(issuer, client.clone());
        Ok(Self { settings, redirect, client, clock, discovery })
    }

    /// The issuer, as configured.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins a sign-in: where to send the browser, and what to keep for its return.
    ///
    /// # Errors
    /// [`OidcError::Unreachable`] or [`OidcError::Answer`] when the provider does not describe
    /// itself.
    pub async fn start(&self, entropy: &dyn Entropy) -> Result<SignInStart, OidcError> {
        let metadata = self.discovery.metadata().await?;
        let pending = PendingSignIn::generate(entropy);
        let verifier = PkceCodeVerifier::new(pending.verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
        let relation = self.relation(&metadata);
        // The library adds `openid` itself.
        let scopes = self.settings.scopes.iter().filter(|scope| *scope != "openid");
        let (url, _, _) = relation
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        Ok(SignInStart { url, pending })
    }

    /// Ends a sign-in: who the browser's user is, verified.
    ///
    /// # Errors
    /// [`OidcError::NotOurs`] before the provider is asked anything, when the answer belongs to
    /// another sign-in; [`OidcError::Refused`] when the provider says no; [`OidcError::IdToken`]
    /// when its token proves nothing; and those of [`start`](Self::start).
    pub async fn finish(
        &self,
        pending: PendingSignIn,
        callback: Callback,
    ) -> Result<OidcIdentity, OidcError> {
        if !pending.is_of_state(callback.state.as_deref().unwrap_or_default()) {
            return Err(OidcError::NotOurs);
        }
        let metadata = self.discovery.metadata().await?;
        check_issuer(&metadata, callback.iss.as_deref())?;
        if let Some(error) = callback.error {
            return Err(OidcError::refused(&error));
        }
        let code = callback.code.filter(|code| !code.expose_secret().is_empty());
        let code =
            AuthorizationCode::new(code.ok_or(OidcError::NotOurs)?.expose_secret().to_owned());
        let tokens = self.exchange(&metadata, code, pending.verifier).await?;
        let nonce = Nonce::new(pending.nonce);
        match self.verify(&tokens, &nonce, &metadata) {
            Ok(claims) => self.identity(&metadata, &tokens, claims).await,
            Err(Rejection::Invalid(error)) => Err(error),
            Err(Rejection::UnknownKey) => {
                let metadata = self.discovery.renewed().await?;
                match self.verify(&tokens, &nonce, &metadata) {
                    Ok(claims) => self.identity(&metadata, &tokens, claims).await,
                    Err(Rejection::Invalid(error)) => Err(error),
                    Err(Rejection::UnknownKey) => {
                        Err(OidcError::IdToken("it is signed with an unknown key"))
                    }
                }
            }
        }
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        code: AuthorizationCode,
        verifier: String,
    ) -> Result<Tokens, OidcError> {
        let relation = self.relation(metadata);
        let request = relation
            .exchange_code(code)
            .map_err(|_| OidcError::answer("description", "it has no address for tokens"))?;
        let client = self.client.clone();
        let http = move |request| fetch(client.clone(), request);
        request
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&http)
            .await
            .map_err(|error| OidcError::of_exchange(&error))
    }

    fn verify<'a>(
        &self,
        tokens: &'a Tokens,
        nonce: &Nonce,
        metadata: &Metadata,
    ) -> Result<&'a IdClaims, Rejection> {
        id_token::verify(tokens, nonce, metadata, &self.settings.client_id, self.clock.now())
    }

    /// The identity in the claims; what is missing there is asked of the user information endpoint,
    /// whether the address is verified among it.
    async fn identity(
        &self,
        metadata: &Metadata,
        tokens: &Tokens,
        claims: &IdClaims,
    ) -> Result<OidcIdentity, OidcError> {
        let groups_claim = self.settings.groups_claim.as_deref();
        let mut details = Details::of_id_token(claims, groups_claim);
        if !details.is_complete(groups_claim.is_some()) && metadata.userinfo_endpoint().is_some() {
            let token = tokens.access_token().clone();
            let info = self.user_info(metadata, token, claims.subject().clone()).await?;
            details = details.or(Details::of_user_info(&info, groups_claim));
        }
        let issuer = metadata.issuer().as_str().to_owned();
        let subject = claims.subject().as_str().to_owned();
        Ok(details.into_identity(issuer, subject, self.settings.trust_email))
    }

    async fn user_info(
        &self,
        metadata: &Metadata,
        token: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<InfoClaims, OidcError> {
        let relation = self.relation(metadata);
        let request = relation.user_info(token, Some(subject)).map_err(|_| {
            OidcError::answer("description", "it has no address for user information")
        })?;
        let client = self.client.clone();
        let http = move |request| fetch(client.clone(), request);
        request.request_async(&http).await.map_err(|error| OidcError::of_user_info(&error))
    }

    fn relation(&self, metadata: &Metadata) -> Relation {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        // Basic is the default of the standard; a provider that does not take it says so.
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |one| methods.is_none_or(|methods| methods.contains(&one));
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic)
            && takes(CoreClientAuthMethod::ClientSecretPost);
        Relation::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
    }
}

impl std::fmt::Debug for OidcProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OidcProvider").field(&self.settings).finish()
    }
}

/// RFC 9207: an answer that names its issuer names the right one, and does name it when the
/// provider says that it would. Else another provider's answer could be mixed in.
fn check_issuer(metadata: &Metadata, named: Option<&str>) -> Result<(), OidcError> {
    let promised = metadata.additional_metadata().authorization_response_iss_parameter_supported;
    match named {
        Some(named) if named == metadata.issuer().as_str() => Ok(()),
        None if !promised => Ok(()),
        _ => Err(OidcError::NotOurs),
    }
}
