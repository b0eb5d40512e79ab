//! Sign-in by providers that lie, break and hang.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rstest::rstest;
use serde_json::{Value, json};
use vpaura_auth::{Callback, OidcError, OsEntropy};

use crate::scripted_provider::{
    Answer, CLIENT, FIRST, NOW, SECOND, ScriptedProvider, description, tokens,
};

const SIGNATURE: OidcError = OidcError::IdToken("its signature does not hold");

#[tokio::test]
async fn a_good_token_passes() {
    let provider = ScriptedProvider::start().await;
    let identity = provider.with_token(|nonce| FIRST.sign(&provider.claims(nonce))).await;
    assert_eq!(identity.map(|it| it.subject).as_deref(), Ok("ada"));
}

#[rstest]
#[case("iss", json!("https://other.example"), "it is from somebody else")]
#[case("aud", json!("other"), "it is for somebody else")]
#[case("aud", json!([]), "it is for somebody else")]
#[case("aud", json!([CLIENT, "other"]), "it is for somebody else")]
#[case("nonce", json!("another"), "it is for another sign-in")]
#[case("nonce", json!(""), "it is for another sign-in")]
#[case("nonce", json!(null), "it is for another sign-in")]
#[case("exp", json!(NOW), "it has expired")]
#[case("exp", json!(NOW - 300), "it has expired")]
#[case("iat", json!(NOW - 601), "it has expired")]
#[case("iat", json!(NOW + 61), "it has expired")]
#[case("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), "the access token is another's")]
#[tokio::test]
async fn one_wrong_claim_is_enough(#[case] name: &str, #[case] value: Value, #[case] why: &str) {
    let provider = ScriptedProvider::start().await;
    let refused = provider.with_token(|nonce| {
        let mut claims = provider.claims(nonce);
        claims[name] = value;
        FIRST.sign(&claims)
    });
    assert_eq!(
        refused.await.err().map(|error| error.to_string()),
        Some(format!("the provider's ID token is not valid: {why}"))
    );
}

#[tokio::test]
async fn no_claim_may_be_missing() {
    let provider = ScriptedProvider::start().await;
    for name in ["iss", "aud", "sub", "exp", "iat", "nonce"] {
        let refused = provider.with_token(|nonce| {
            let mut claims = provider.claims(nonce);
            claims.as_object_mut().expect("an object").remove(name);
            FIRST.sign(&claims)
        });
        assert!(refused.await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn clocks_may_differ_a_little() {
    let provider = ScriptedProvider::start().await;
    for issued in [NOW - 600, NOW + 60] {
        let identity = provider.with_token(|nonce| {
            let mut claims = provider.claims(nonce);
            claims["iat"] = json!(issued);
            FIRST.sign(&claims)
        });
        assert!(identity.await.is_ok(), "{issued}");
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let provider = ScriptedProvider::start().await;
    for alg in ["none", "None", "HS256"] {
        let refused = provider.with_token(|nonce| {
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": "first"}).to_string());
            format!("{header}.{}.", URL_SAFE_NO_PAD.encode(provider.claims(nonce).to_string()))
        });
        let refused = refused.await;
        assert!(
            matches!(refused, Err(OidcError::IdToken(_) | OidcError::Answer { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn what_everybody_knows_is_no_secret_to_sign_with() {
    let provider = ScriptedProvider::start().await;
    let public = FIRST.public().to_string();
    for known in [FIRST.point(), public.into_bytes(), b"a secret of the client".to_vec()] {
        let refused = provider.with_token(|nonce| {
            let header = Header { kid: Some("first".to_owned()), ..Header::new(Algorithm::HS256) };
            let key = EncodingKey::from_secret(&known);
            jsonwebtoken::encode(&header, &provider.claims(nonce), &key).expect("signs")
        });
        assert_eq!(refused.await, Err(SIGNATURE));
    }
}

#[tokio::test]
async fn another_key_under_the_same_name_is_refused() {
    let provider = ScriptedProvider::start().await;
    let refused = provider.with_token(|nonce| SECOND.sign_as("first", &provider.claims(nonce)));
    assert_eq!(refused.await, Err(SIGNATURE));
}

#[tokio::test]
async fn new_keys_are_fetched_when_a_token_needs_them_but_not_all_the_time() {
    let provider = ScriptedProvider::start().await;
    let sign_in = || provider.with_token(|nonce| SECOND.sign(&provider.claims(nonce)));
    let unknown = OidcError::IdToken("it is signed with an unknown key");
    assert_eq!(sign_in().await, Err(unknown.clone()));
    provider.answers.lock().keys = Answer::Json(json!({"keys": [SECOND.public()]}));
    assert_eq!(sign_in().await, Err(unknown), "too soon to ask again");
    assert_eq!(provider.answers.lock().descriptions, 1);
    advance(60).await;
    assert!(sign_in().await.is_ok());
    assert!(sign_in().await.is_ok());
    assert_eq!(provider.answers.lock().descriptions, 2);
}

#[tokio::test]
async fn a_description_is_kept_and_outlives_an_outage() {
    let provider = ScriptedProvider::start().await;
    let sign_in = || provider.with_token(|nonce| FIRST.sign(&provider.claims(nonce)));
    assert!(sign_in().await.is_ok());
    advance(3_590).await;
    assert!(sign_in().await.is_ok());
    assert_eq!(provider.answers.lock().descriptions, 1);
    provider.answers.lock().description = Answer::Broken;
    advance(20).await;
    assert!(sign_in().await.is_ok(), "the older one is still good");
    assert_eq!(provider.answers.lock().descriptions, 2, "and the failure is remembered");
}

#[tokio::test]
async fn a_provider_that_is_down_is_not_asked_by_everybody() {
    let provider = ScriptedProvider::start().await;
    provider.answers.lock().description = Answer::Broken;
    for _ in 0..3 {
        let failed = provider.client.start(&OsEntropy).await.err();
        assert!(
            matches!(failed, Some(OidcError::Answer { what: "description", .. })),
            "{failed:?}"
        );
    }
    assert_eq!(provider.answers.lock().descriptions, 1);
    provider.answers.lock().description = Answer::Json(description(&provider.issuer));
    advance(5).await;
    assert!(provider.client.start(&OsEntropy).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_is_left_after_ten_seconds() {
    let provider = ScriptedProvider::start().await;
    provider.answers.lock().keys = Answer::Never;
    let before = tokio::time::Instant::now();
    let why = "it took more than 10 seconds".to_owned();
    let failed = provider.client.start(&OsEntropy).await.err();
    assert_eq!(failed, Some(OidcError::Unreachable { what: "description", why }));
    assert!(before.elapsed() < Duration::from_secs(21), "{:?}", before.elapsed());
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let provider = ScriptedProvider::start().await;
    let padded = format!("{}{}", " ".repeat(600 * 1024), json!({"keys": []}));
    provider.answers.lock().keys = Answer::Text(padded);
    let why = "the answer has more than 524288 bytes".to_owned();
    let failed = provider.client.start(&OsEntropy).await.err();
    assert_eq!(failed, Some(OidcError::Unreachable { what: "description", why }));
}

#[tokio::test]
async fn a_long_answer_is_read_to_its_last_allowed_byte() {
    let provider = ScriptedProvider::start().await;
    let keys = json!({"keys": [FIRST.public()]}).to_string();
    let padded = |bytes: usize| Answer::Text(" ".repeat(bytes - keys.len()) + &keys);
    provider.answers.lock().keys = padded(512 * 1_024 + 1);
    assert!(provider.client.start(&OsEntropy).await.is_err());
    advance(5).await;
    provider.answers.lock().keys = padded(512 * 1_024);
    assert!(provider.client.start(&OsEntropy).await.is_ok());
}

#[tokio::test]
async fn it_is_asked_for_what_the_settings_say() {
    let provider = ScriptedProvider::start().await;
    assert_eq!(provider.client.issuer(), provider.issuer);
    let printed = format!("{:?}", provider.client);
    assert!(printed.contains(CLIENT) && !printed.contains("a secret"), "{printed}");
    let url = provider.client.start(&OsEntropy).await.expect("describes itself").url;
    let scope = url.query_pairs().find(|(key, _)| key == "scope");
    assert_eq!(scope.map(|(_, value)| value).as_deref(), Some("openid email"));
}

#[rstest]
#[case(json!(null), true)]
#[case(json!(["client_secret_basic"]), true)]
#[case(json!(["client_secret_post", "client_secret_basic"]), true)]
#[case(json!(["client_secret_post"]), false)]
#[case(json!(["private_key_jwt"]), true)]
#[tokio::test]
async fn our_secret_is_in_the_header_unless_the_provider_takes_it_in_the_body_alone(
    #[case] methods: Value,
    #[case] basic: bool,
) {
    let provider = ScriptedProvider::start().await;
    let mut description = description(&provider.issuer);
    if !methods.is_null() {
        description["token_endpoint_auth_methods_supported"] = methods;
    }
    provider.answers.lock().description = Answer::Json(description);
    assert!(provider.with_token(|nonce| FIRST.sign(&provider.claims(nonce))).await.is_ok());
    assert_eq!(provider.answers.lock().has_basic, basic);
}

#[tokio::test]
async fn an_answer_is_from_the_provider_that_was_asked() {
    for promised in [false, true] {
        let provider = ScriptedProvider::start().await;
        let mut description = description(&provider.issuer);
        description["authorization_response_iss_parameter_supported"] = json!(promised);
        provider.answers.lock().description = Answer::Json(description);
        let issuer = provider.issuer.as_str();
        // What an answer names as its issuer, and whether it is heard at all.
        for (named, heard) in
            [(Some(issuer), true), (None, !promised), (Some("https://other.example"), false)]
        {
            let start = provider.client.start(&OsEntropy).await.expect("describes itself");
            let state = start.url.query_pairs().find(|(key, _)| key == "state");
            let callback = Callback {
                state: state.map(|(_, value)| value.into_owned()),
                iss: named.map(str::to_owned),
                error: Some("access_denied".to_owned()),
                ..Callback::default()
            };
            let denied = OidcError::Refused { code: "access_denied".to_owned() };
            let expected = if heard { denied } else { OidcError::NotOurs };
            let answer = provider.client.finish(start.pending, callback).await;
            assert_eq!(answer, Err(expected), "{promised} {named:?}");
        }
    }
}

#[tokio::test]
async fn a_description_does_not_lead_elsewhere() {
    let provider = ScriptedProvider::start().await;
    provider.answers.lock().description = Answer::Redirect("http://192.0.2.1/");
    assert!(provider.client.start(&OsEntropy).await.is_err());

    let provider = ScriptedProvider::start().await;
    let mut description = description(&provider.issuer);
    description["token_endpoint"] = json!("http://192.0.2.1/token");
    provider.answers.lock().description = Answer::Json(description);
    let refused = provider.with_token(|nonce| FIRST.sign(&provider.claims(nonce))).await;
    let why = "the address is not encrypted".to_owned();
    assert_eq!(refused, Err(OidcError::Unreachable { what: "tokens", why }));
}

#[tokio::test]
async fn what_a_provider_says_does_not_fill_the_log() {
    let provider = ScriptedProvider::start().await;
    let mut description = description(&provider.issuer);
    description["issuer"] = json!(format!("https://other.example/\u{202e}{}", "x".repeat(100_000)));
    provider.answers.lock().description = Answer::Json(description);
    let said = provider.client.start(&OsEntropy).await.expect_err("another issuer").to_string();
    assert!(said.contains("https://other.example/"), "{said}");
    assert!(said.chars().count() < 300 && !said.contains('\u{202e}'), "{said}");
}

#[tokio::test]
async fn user_information_about_somebody_else_is_refused() {
    let provider = ScriptedProvider::start().await;
    let sign_in = || {
        provider.with_token(|nonce| {
            let mut claims = provider.claims(nonce);
            claims.as_object_mut().expect("an object").remove("email");
            FIRST.sign(&claims)
        })
    };
    let info =
        |sub| Answer::Json(json!({"sub": sub, "email": "a@example.org", "email_verified": "true"}));
    provider.answers.lock().user_info = info("mallory");
    let why = "it is about somebody else".to_owned();
    assert_eq!(sign_in().await, Err(OidcError::Answer { what: "user information", why }));
    provider.answers.lock().user_info = info("ada");
    let identity = sign_in().await.expect("signs in");
    assert_eq!(identity.name.as_deref(), Some("Ada"), "from the token");
    assert!(identity.email_verified, "from the endpoint, written as text");
}

#[rstest]
#[case(json!({}), false, false)]
#[case(json!({}), true, true)]
#[case(json!({"email": "ada@example.org"}), false, false)]
#[case(json!({"email": "ada@example.org"}), true, true)]
#[case(json!({"email": "ada@example.org", "email_verified": true}), false, true)]
#[case(json!({"email": "ada@example.org", "email_verified": false}), false, false)]
#[case(json!({"email": "ada@example.org", "email_verified": false}), true, false)]
#[tokio::test]
async fn who_does_not_say_in_the_token_whether_the_address_is_verified_is_asked(
    #[case] info: Value,
    #[case] trusted: bool,
    #[case] expected: bool,
) {
    let provider = match trusted {
        true => ScriptedProvider::trusted().await,
        false => ScriptedProvider::start().await,
    };
    let mut info = info;
    info["sub"] = json!("ada");
    provider.answers.lock().user_info = Answer::Json(info);
    let identity = provider.with_token(|nonce| {
        let mut claims = provider.claims(nonce);
        claims.as_object_mut().expect("an object").remove("email_verified");
        FIRST.sign(&claims)
    });
    let identity = identity.await.expect("signs in");
    assert_eq!(identity.email.map(|it| it.key().to_owned()).as_deref(), Some("ada@example.org"));
    assert_eq!(identity.email_verified, expected);
}

#[tokio::test]
async fn an_address_that_is_said_not_to_be_verified_is_not_trusted() {
    let provider = ScriptedProvider::trusted().await;
    let identity = provider.with_token(|nonce| {
        let mut claims = provider.claims(nonce);
        claims["email_verified"] = json!(false);
        FIRST.sign(&claims)
    });
    assert!(!identity.await.expect("signs in").email_verified);
}

#[tokio::test]
async fn user_information_that_cannot_be_used_is_told_why() {
    let provider = ScriptedProvider::start().await;
    let nobody = Answer::Json(json!({"email": "a@example.org"}));
    for (answer, expected) in [(Answer::Broken, "it answered 500"), (nobody, "is missing or wrong")]
    {
        provider.answers.lock().user_info = answer;
        let refused = provider.with_token(|nonce| {
            let mut claims = provider.claims(nonce);
            claims.as_object_mut().expect("an object").remove("email");
            FIRST.sign(&claims)
        });
        let said = refused.await.expect_err("no identity").to_string();
        assert!(said.contains("user information cannot be used: "), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
async fn an_endless_answer_about_the_user_is_not_read() {
    let provider = ScriptedProvider::start().await;
    provider.answers.lock().user_info = Answer::Text(" ".repeat(600 * 1_024));
    let refused = provider.with_token(|nonce| {
        let mut claims = provider.claims(nonce);
        claims.as_object_mut().expect("an object").remove("email");
        FIRST.sign(&claims)
    });
    let why = "the answer has more than 524288 bytes".to_owned();
    assert_eq!(refused.await, Err(OidcError::Unreachable { what: "user information", why }));
}

#[rstest]
#[case(Answer::Text("<html>".to_owned()))]
#[case(Answer::Json(json!({})))]
#[case(Answer::Json(json!({"access_token": "hush-hush", "token_type": "Bearer"})))]
#[case(Answer::Json(json!({"access_token": ["hush-hush"], "token_type": "Bearer"})))]
#[case(Answer::Json(json!({"access_token": "hush-hush", "token_type": "Bearer", "id_token": null})))]
#[case(Answer::Json(tokens("hush-hush")))]
#[case(Answer::Json(json!({"error": "hush-hush: the token was abc"})))]
#[case(Answer::Json(json!({"error": "invalid_grant", "error_description": "hush-hush"})))]
#[case(Answer::Broken)]
#[tokio::test]
async fn nonsense_is_an_error_that_says_no_secret(#[case] answer: Answer) {
    let provider = ScriptedProvider::start().await;
    let error = provider.sign_in(|_| answer).await.expect_err("no identity");
    let said = format!("{error} {error:?}");
    assert!(!said.contains("hush-hush"), "{said}");
}

#[tokio::test]
async fn an_error_from_outside_is_kept_only_when_it_looks_like_one() {
    let provider = ScriptedProvider::start().await;
    for (error, code) in [
        ("access_denied", "access_denied"),
        ("<script>", "unknown"),
        ("", "unknown"),
        (&*"a".repeat(41), "unknown"),
    ] {
        let start = provider.client.start(&OsEntropy).await.expect("describes itself");
        let state = start.url.query_pairs().find(|(key, _)| key == "state");
        let callback = Callback {
            state: state.map(|(_, value)| value.into_owned()),
            error: Some(error.to_owned()),
            ..Callback::default()
        };
        let refused = provider.client.finish(start.pending, callback).await;
        assert_eq!(refused, Err(OidcError::Refused { code: code.to_owned() }));
    }
}

/// Moves the timers on; the network needs a clock that runs.
async fn advance(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}
