//! Sign-in by a real provider.

use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use vpaura_auth::{
    Callback, OidcError, OidcIdentity, OidcProvider, OsEntropy, PendingSignIn, SignInStart,
};

use crate::browser::{decline, sign_in};
use crate::real_provider::{REDIRECT, RealProvider};

async fn start(provider: &OidcProvider) -> SignInStart {
    provider.start(&OsEntropy).await.expect("the provider describes itself")
}

async fn identity(provider: &OidcProvider, user: &str) -> Result<OidcIdentity, OidcError> {
    let SignInStart { url, pending } = start(provider).await;
    provider.finish(pending, sign_in(url, user).await).await
}

/// A pending sign-in that differs in one part, as if another one had been kept.
fn with(pending: &PendingSignIn, part: &str, value: &str) -> PendingSignIn {
    let mut kept = serde_json::to_value(pending).expect("serialises");
    assert!(kept.get(part).is_some(), "{part}");
    kept[part] = json!(value);
    serde_json::from_value(kept).expect("parses")
}

fn with_code(callback: &Callback, code: &str) -> Callback {
    Callback { code: Some(SecretString::from(code)), ..callback.clone() }
}

#[tokio::test]
async fn every_kind_of_client_and_signature_gives_the_same_identity() {
    let Some(real) = RealProvider::start(&[]) else { return };
    for client in ["RS256", "PS256", "ES256", "EdDSA", "post", "public"] {
        let mut settings = real.settings(&format!("vpaura-{client}"));
        settings.client_secret = settings.client_secret.filter(|_| client != "public");
        let provider = real.client(settings);
        let identity = identity(&provider, "ada").await.expect(client);
        assert_eq!(identity.issuer, real.issuer);
        assert_eq!(identity.subject, "ada");
        assert_eq!(identity.email.as_ref().map(|email| email.key()), Some("ada@example.org"));
        assert!(identity.email_verified);
        assert_eq!(identity.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(identity.groups, ["staff", "mathematicians"]);
    }
}

#[tokio::test]
async fn claims_in_the_id_token_are_as_good() {
    let Some(real) = RealProvider::start(&["claims-in-id-token"]) else { return };
    let provider = real.client(real.settings("vpaura-RS256"));
    let bob = identity(&provider, "bob").await.expect("signs in");
    assert_eq!(bob.email.as_ref().map(|email| email.key()), Some("bob@example.org"));
    assert!(!bob.email_verified, "the provider has not verified it");
    assert!(bob.groups.is_empty());
    let nobody = identity(&provider, "a stranger").await.expect("signs in");
    assert_eq!((nobody.subject.as_str(), nobody.email), ("a stranger", None));
    assert!(!nobody.email_verified);
}

#[tokio::test]
async fn the_address_asks_for_all_that_protects() {
    let Some(real) = RealProvider::start(&[]) else { return };
    let SignInStart { url, .. } = start(&real.client(real.settings("vpaura-RS256"))).await;
    let of = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
    assert_eq!(of("response_type").as_deref(), Some("code"));
    assert_eq!(of("redirect_uri").as_deref(), Some(REDIRECT));
    assert_eq!(of("scope").as_deref(), Some("openid profile email groups"));
    assert_eq!(of("code_challenge_method").as_deref(), Some("S256"));
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(of(random).map(|value| value.len()), Some(43), "{random}");
    }
    assert_eq!(of("client_secret"), None);
}

#[rstest]
#[case("state", OidcError::NotOurs)]
#[case("verifier", OidcError::Refused { code: "invalid_grant".to_owned() })]
#[case("nonce", OidcError::IdToken("it is for another sign-in"))]
#[tokio::test]
async fn an_answer_to_another_sign_in_is_refused(#[case] part: &str, #[case] error: OidcError) {
    let Some(real) = RealProvider::start(&[]) else { return };
    let provider = real.client(real.settings("vpaura-RS256"));
    let SignInStart { url, pending } = start(&provider).await;
    let other = with(&pending, part, "0123456789012345678901234567890123456789012");
    assert_eq!(provider.finish(other, sign_in(url, "ada").await).await, Err(error));
}

#[tokio::test]
async fn a_code_is_good_once_and_no_other_is() {
    let Some(real) = RealProvider::start(&[]) else { return };
    let provider = real.client(real.settings("vpaura-RS256"));
    let SignInStart { url, pending } = start(&provider).await;
    let callback = sign_in(url, "ada").await;
    let invalid = Err(OidcError::Refused { code: "invalid_grant".to_owned() });
    let finish = async |callback| provider.finish(pending.clone(), callback).await;

    assert_eq!(finish(with_code(&callback, "made up")).await, invalid);
    assert_eq!(finish(with_code(&callback, "")).await, Err(OidcError::NotOurs));
    assert_eq!(finish(Callback { code: None, ..callback.clone() }).await, Err(OidcError::NotOurs));
    for state in [None, Some(String::new()), Some("null".to_owned())] {
        let callback = Callback { state, ..callback.clone() };
        assert_eq!(finish(callback).await, Err(OidcError::NotOurs));
    }
    // This provider promises to name itself (RFC 9207).
    for iss in [None, Some(String::new()), Some("https://other.example".to_owned())] {
        let callback = Callback { iss, ..callback.clone() };
        assert_eq!(finish(callback).await, Err(OidcError::NotOurs));
    }
    assert_eq!(finish(callback.clone()).await.map(|it| it.subject).as_deref(), Ok("ada"));
    assert_eq!(finish(callback).await, invalid, "used");
}

#[tokio::test]
async fn a_no_is_told_as_one() {
    let Some(real) = RealProvider::start(&[]) else { return };
    let provider = real.client(real.settings("vpaura-RS256"));
    let SignInStart { url, pending } = start(&provider).await;
    let declined = provider.finish(pending, decline(url).await).await;
    assert_eq!(declined, Err(OidcError::Refused { code: "access_denied".to_owned() }));

    let mut settings = real.settings("vpaura-RS256");
    settings.client_secret = Some("another secret".into());
    let refused = identity(&real.client(settings), "ada").await;
    assert_eq!(refused, Err(OidcError::Refused { code: "invalid_client".to_owned() }));
}

#[tokio::test]
async fn a_signature_by_the_shared_secret_is_refused() {
    let Some(real) = RealProvider::start(&[]) else { return };
    let refused = identity(&real.client(real.settings("vpaura-HS256")), "ada").await;
    assert_eq!(refused, Err(OidcError::IdToken("its signature does not hold")));
}

#[tokio::test]
async fn another_issuer_at_the_same_address_is_refused() {
    let Some(real) = RealProvider::start(&[]) else { return };
    let mut settings = real.settings("vpaura-RS256");
    settings.issuer = settings.issuer.replace("127.0.0.1", "localhost");
    let refused = real.client(settings).start(&OsEntropy).await.err();
    assert!(matches!(refused, Some(OidcError::Answer { what: "description", .. })), "{refused:?}");
}
