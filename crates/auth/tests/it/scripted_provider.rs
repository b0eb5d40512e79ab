//! A provider that says what its test tells it, lies included.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use parking_lot::Mutex;
use serde_json::{Value, json};
use vpaura_auth::SignInStart;
use vpaura_auth::{Callback, OidcError, OidcIdentity, OidcProvider, OidcSettings, OsEntropy};
use vpaura_domain::{Clock, FixedClock, Timestamp};

use crate::real_provider::{REDIRECT, http_client};

pub(crate) const CLIENT: &str = "vpaura";
pub(crate) const NOW: i64 = 1_800_000_000;

/// A key pair on P-256 that was made for these tests: PKCS #8, and the public point.
pub(crate) struct Key {
    pub(crate) kid: &'static str,
    private: &'static str,
    x: &'static str,
    y: &'static str,
}

pub(crate) const FIRST: Key = Key {
    kid: "first",
    private: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgODkAEa5f+3EqNXQ/+waCi7sufogUGVFjvSoid2ouplahRANCAATzqJ7FFqFEJrYoXpYkX2LuP/ploGFuax5WER0KwswBMQNb/c7rTnhnXBdBj5BI10/kkho/YUGxa/1268uS9Bkr",
    x: "86iexRahRCa2KF6WJF9i7j_6ZaBhbmseVhEdCsLMATE",
    y: "A1v9zutOeGdcF0GPkEjXT-SSGj9hQbFr_Xbry5L0GSs",
};

pub(crate) const SECOND: Key = Key {
    kid: "second",
    private: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVVFhK92lt/RSktQodrnwQlJPg8zP9I+EdgdqYT8Mw8ihRANCAAQzf6QElryM1kZ3G4h8L40cvU5A6m1P3NZwIpbj0hI31lq+HqmR7oF1D5oYG7CgpmgCqbBVBBgbUis9jrPHhkTE",
    x: "M3-kBJa8jNZGdxuIfC-NHL1OQOptT9zWcCKW49ISN9Y",
    y: "Wr4eqZHugXUPmhgbsKCmaAKpsFUEGBtSKz2Os8eGRMQ",
};

impl Key {
    pub(crate) fn public(&self) -> Value {
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid, "x": self.x, "y": self.y})
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(self.kid, claims)
    }

    /// Signs under the name of a key.
    pub(crate) fn sign_as(&self, kid: &str, claims: &Value) -> String {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::ES256) };
        let key = EncodingKey::from_ec_der(&STANDARD.decode(self.private).expect("base64"));
        jsonwebtoken::encode(&header, claims, &key).expect("signs")
    }

    /// The public point, which everybody knows.
    pub(crate) fn point(&self) -> Vec<u8> {
        [self.x, self.y].iter().flat_map(|it| URL_SAFE_NO_PAD.decode(it).expect("base64")).collect()
    }
}

/// What one address answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Json(Value),
    Text(String),
    Redirect(&'static str),
    Broken,
    Never,
}

#[derive(Clone)]
pub(crate) struct Answers {
    pub(crate) description: Answer,
    pub(crate) keys: Answer,
    pub(crate) tokens: Answer,
    pub(crate) user_info: Answer,
    /// How often the description was asked for.
    pub(crate) descriptions: usize,
    /// Whether a code was exchanged with our secret in the header.
    pub(crate) has_basic: bool,
}

/// The running provider, and a client of ours for it. Both live by the same standing clock.
pub(crate) struct ScriptedProvider {
    pub(crate) issuer: String,
    pub(crate) answers: Arc<Mutex<Answers>>,
    pub(crate) client: OidcProvider,
}

impl ScriptedProvider {
    pub(crate) async fn start() -> Self {
        Self::start_with(false).await
    }

    /// Whose addresses are trusted where it does not say whether they are verified.
    pub(crate) async fn trusted() -> Self {
        Self::start_with(true).await
    }

    async fn start_with(trust_email: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = Arc::new(Mutex::new(Answers {
            description: Answer::Json(description(&issuer)),
            keys: Answer::Json(json!({"keys": [FIRST.public()]})),
            tokens: Answer::Broken,
            user_info: Answer::Broken,
            descriptions: 0,
            has_basic: false,
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(|State(all): Shared| respond(all.lock().keys.clone())))
            .route("/token", post(exchange))
            .route("/userinfo", get(|State(all): Shared| respond(all.lock().user_info.clone())))
            .with_state(Arc::clone(&answers));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let settings = OidcSettings {
            issuer: issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: Some("a secret of the client".into()),
            redirect_uri: REDIRECT.to_owned(),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            groups_claim: None,
            trust_email,
        };
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(Timestamp::from_millis(NOW * 1_000)));
        let client = OidcProvider::new(settings, http_client(), clock).expect("good settings");
        Self { issuer, answers, client }
    }

    /// Good claims for a sign-in with this nonce, all that is asked for included.
    pub(crate) fn claims(&self, nonce: &str) -> Value {
        json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "ada", "nonce": nonce,
            "iat": NOW, "exp": NOW + 300, "email": "ada@example.org", "email_verified": true,
            "name": "Ada",
        })
    }

    /// A whole sign-in; `tokens` makes the provider's answer from the nonce.
    pub(crate) async fn sign_in(
        &self,
        tokens: impl FnOnce(&str) -> Answer,
    ) -> Result<OidcIdentity, OidcError> {
        let SignInStart { url, pending } = self.client.start(&OsEntropy).await?;
        let of = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).expect("a parameter")
        };
        self.answers.lock().tokens = tokens(&of("nonce"));
        let callback = Callback {
            state: Some(of("state")),
            code: Some("a code".into()),
            ..Callback::default()
        };
        self.client.finish(pending, callback).await
    }

    /// A whole sign-in with this ID token.
    pub(crate) async fn with_token(
        &self,
        token: impl FnOnce(&str) -> String,
    ) -> Result<OidcIdentity, OidcError> {
        self.sign_in(|nonce| Answer::Json(tokens(&token(nonce)))).await
    }
}

pub(crate) fn tokens(id_token: &str) -> Value {
    json!({"access_token": "an access token", "token_type": "Bearer", "id_token": id_token})
}

pub(crate) fn description(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // Some providers announce what nobody should accept.
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    })
}

type Shared = State<Arc<Mutex<Answers>>>;

async fn describe(State(all): Shared) -> axum::response::Response {
    let answer = {
        let mut all = all.lock();
        all.descriptions += 1;
        all.description.clone()
    };
    respond(answer).await
}

async fn exchange(State(all): Shared, headers: HeaderMap) -> axum::response::Response {
    let answer = {
        let mut all = all.lock();
        all.has_basic = headers.contains_key(header::AUTHORIZATION);
        all.tokens.clone()
    };
    respond(answer).await
}

async fn respond(answer: Answer) -> axum::response::Response {
    match answer {
        Answer::Json(value) => axum::Json(value).into_response(),
        Answer::Text(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Answer::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Answer::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::Never => std::future::pending().await,
    }
}
