//! The access token: who calls, from which session, in which workspace (after RFC 9068).

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vpaura_domain::{IdGen, SessionId, Timestamp, UserId, WorkspaceId};

use super::{ISSUER, Jwt, Times, TokenError, seconds, timestamp};

const TYPE: &str = "at+jwt";
const AUDIENCE: &str = "vpaura/access";

/// What an access token says. Times are whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who calls.
    pub user: UserId,
    /// The sign-in that the token came from.
    pub session: SessionId,
    /// Where the caller acts.
    pub workspace: WorkspaceId,
    /// The token's own id.
    pub id: Uuid,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From this moment on it is refused.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    wid: WorkspaceId,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Signs and verifies access tokens.
pub struct AccessTokens(Jwt);

impl AccessTokens {
    /// Signs with `secret`: at least 32 bytes, which the configuration sees to.
    pub fn new(secret: &SecretString) -> Self {
        Self(Jwt::new(secret, TYPE, AUDIENCE))
    }

    /// A new token that ends `lifetime` after `now`, and what it says.
    ///
    /// # Errors
    /// [`TokenError`] when signing fails.
    pub fn issue(
        &self,
        user: UserId,
        session: SessionId,
        workspace: WorkspaceId,
        ids: &dyn IdGen,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<(SecretString, AccessClaims), TokenError> {
        let (iat, exp) = (seconds(now), seconds(now.plus(lifetime)));
        let id = ids.uuid();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.0.audience.to_owned(),
            sub: user,
            sid: session,
            wid: workspace,
            jti: id,
            iat,
            nbf: iat,
            exp,
        };
        let token = self.0.sign(&claims)?;
        Ok((token.into(), claims.into()))
    }

    /// What the token says, if it is one of ours and holds at `now`.
    ///
    /// # Errors
    /// [`TokenError`], without a reason.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let times = |claims: &Claims| Times { iat: claims.iat, nbf: claims.nbf, exp: claims.exp };
        self.0.verify(token, now, times).map(AccessClaims::from)
    }
}

impl From<Claims> for AccessClaims {
    fn from(claims: Claims) -> Self {
        Self {
            user: claims.sub,
            session: claims.sid,
            workspace: claims.wid,
            id: claims.jti,
            issued_at: timestamp(claims.iat),
            expires_at: timestamp(claims.exp),
        }
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessTokens")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use proptest::prelude::*;
    use rstest::rstest;
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};
    use vpaura_domain::SequentialIds;

    use super::*;
    use crate::MfaTokens;

    const SECRET: &str = "an example of a secret of 32 bytes!";
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const QUARTER: Duration = Duration::from_secs(900);

    fn tokens() -> AccessTokens {
        AccessTokens::new(&SecretString::from(SECRET))
    }

    fn issue(tokens: &AccessTokens) -> (String, AccessClaims) {
        let ids = SequentialIds::default();
        let user = UserId::generate(&ids);
        let session = SessionId::generate(&ids);
        let issued = tokens.issue(user, session, WorkspaceId::DEFAULT, &ids, NOW, QUARTER);
        let (token, claims) = issued.expect("signs");
        (token.expose_secret().to_owned(), claims)
    }

    /// A token that differs from a good one in one claim, signed with the right key.
    fn with_claim(name: &str, value: Value) -> String {
        let (good, _) = issue(&tokens());
        let payload = good.split('.').nth(1).expect("a payload");
        let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64");
        let mut claims: Value = serde_json::from_slice(&payload).expect("JSON");
        claims[name] = value;
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        sign(&header, &claims)
    }

    fn sign(header: &Header, claims: &Value) -> String {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        jsonwebtoken::encode(header, claims, &key).expect("signs")
    }

    fn payload(token: &str) -> &str {
        token.split('.').nth(1).expect("a payload")
    }

    #[test]
    fn a_token_says_what_was_put_in() {
        let tokens = tokens();
        let (token, claims) = issue(&tokens);
        assert_eq!(tokens.verify(&token, NOW), Ok(claims));
        assert_eq!(claims.expires_at, NOW.plus(QUARTER));
        let decode = |part: usize| {
            let part = token.split('.').nth(part).expect("a part");
            String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("UTF-8")
        };
        insta::assert_snapshot!(decode(0), @r#"{"typ":"at+jwt","alg":"HS256"}"#);
        insta::assert_snapshot!(decode(1), @r#"{"iss":"vpaura","aud":"vpaura/access","sub":"01900000-0000-7000-8000-000000000001","sid":"01900000-0000-7000-8000-000000000002","wid":"00000000-0000-7000-8000-000000000001","jti":"01900000-0000-7000-8000-000000000003","iat":1800000000,"nbf":1800000000,"exp":1800000900}"#);
    }

    #[test]
    fn a_token_ends_to_the_second() {
        let (token, claims) = issue(&tokens());
        let last = Timestamp::from_millis(claims.expires_at.millis() - 1);
        assert!(tokens().verify(&token, last).is_ok());
        assert_eq!(tokens().verify(&token, claims.expires_at), Err(TokenError));
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        let (token, _) = issue(&tokens());
        let earlier = |seconds: i64| Timestamp::from_millis(NOW.millis() - seconds * 1_000);
        assert!(tokens().verify(&token, earlier(60)).is_ok());
        assert_eq!(tokens().verify(&token, earlier(61)), Err(TokenError));
    }

    #[rstest]
    #[case("iss", json!("other"))]
    #[case("iss", json!(null))]
    #[case("aud", json!("vpaura/session"))]
    #[case("aud", json!("vpaura/mfa"))]
    #[case("aud", json!(["vpaura/access", "other"]))]
    #[case("aud", json!(null))]
    #[case("sub", json!(null))]
    #[case("sub", json!("not an id"))]
    #[case("sid", json!(null))]
    #[case("wid", json!([]))]
    #[case("jti", json!(""))]
    #[case("exp", json!(1_800_000_000))]
    #[case("exp", json!(null))]
    #[case("exp", json!("1900000000"))]
    #[case("nbf", json!(1_800_000_061))]
    #[case("iat", json!(1_800_000_061))]
    fn one_wrong_claim_is_enough(#[case] name: &str, #[case] value: Value) {
        assert_eq!(tokens().verify(&with_claim(name, value), NOW), Err(TokenError));
    }

    #[test]
    fn the_tampering_of_these_tests_is_all_that_is_wrong() {
        assert!(tokens().verify(&with_claim("exp", json!(1_800_000_001)), NOW).is_ok());
        assert!(tokens().verify(&with_claim("nbf", json!(1_800_000_060)), NOW).is_ok());
    }

    #[rstest]
    #[case(json!({"alg": "none", "typ": TYPE}))]
    #[case(json!({"alg": "None", "typ": TYPE}))]
    #[case(json!({"alg": "", "typ": TYPE}))]
    #[case(json!({"typ": TYPE}))]
    #[case(json!({"alg": "RS256", "typ": TYPE}))]
    #[case(json!({"alg": ["HS256"], "typ": TYPE}))]
    fn an_unsigned_token_is_refused(#[case] header: Value) {
        let (token, _) = issue(&tokens());
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let signature = token.rsplit('.').next().expect("a signature");
        for signature in ["", signature] {
            let unsigned = format!("{header}.{}.{signature}", payload(&token));
            assert_eq!(tokens().verify(&unsigned, NOW), Err(TokenError));
        }
    }

    #[rstest]
    #[case(Algorithm::HS384, Some(TYPE))]
    #[case(Algorithm::HS512, Some(TYPE))]
    #[case(Algorithm::HS256, Some("JWT"))]
    #[case(Algorithm::HS256, Some("mfa+jwt"))]
    #[case(Algorithm::HS256, None)]
    fn another_algorithm_or_type_is_refused(#[case] alg: Algorithm, #[case] typ: Option<&str>) {
        let (good, _) = issue(&tokens());
        let claims = URL_SAFE_NO_PAD.decode(payload(&good)).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        let header = Header { typ: typ.map(str::to_owned), ..Header::new(alg) };
        assert_eq!(tokens().verify(&sign(&header, &claims), NOW), Err(TokenError));
    }

    #[test]
    fn another_key_or_kind_is_refused() {
        let (token, claims) = issue(&tokens());
        let other = AccessTokens::new(&SecretString::from("another secret that has 32 bytes too"));
        assert_eq!(other.verify(&token, NOW), Err(TokenError));
        let mfa = MfaTokens::new(&SecretString::from(SECRET));
        assert!(mfa.verify(&token, NOW).is_err());
        let (challenge, _) = mfa.issue(claims.user, &SequentialIds::default(), NOW).expect("signs");
        assert_eq!(tokens().verify(challenge.expose_secret(), NOW), Err(TokenError));
    }

    #[test]
    fn any_flipped_character_is_refused() {
        let (token, _) = issue(&tokens());
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            // Another character of the alphabet that differs in the high bits of its six.
            bytes[at] = if bytes[at] == b'A' { b'z' } else { b'A' };
            let flipped = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(tokens().verify(&flipped, NOW), Err(TokenError), "at {at}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}") {
            prop_assert_eq!(tokens().verify(&text, NOW), Err(TokenError));
        }
    }

    #[test]
    fn a_token_has_at_most_four_kilobytes() {
        let of = |bytes: usize| {
            let padded = |padding| with_claim("more", json!("m".repeat(padding)));
            (0..4_096).map(padded).find(|token| token.len() == bytes).expect("a length of Base64")
        };
        assert!(tokens().verify(&of(4_096), NOW).is_ok());
        assert_eq!(tokens().verify(&of(4_097), NOW), Err(TokenError));
    }

    #[test]
    fn debug_output_says_nothing() {
        let mfa = MfaTokens::new(&SecretString::from(SECRET));
        assert_eq!(format!("{:?} {mfa:?}", tokens()), "AccessTokens MfaTokens");
    }

    #[test]
    fn nothing_is_no_token() {
        for text in ["", " ", "null", "undefined", "..", "e30.e30.", "Bearer"] {
            assert_eq!(tokens().verify(text, NOW), Err(TokenError), "{text:?}");
        }
        assert_eq!(tokens().verify(&"a.".repeat(10_000_000), NOW), Err(TokenError));
    }
}
