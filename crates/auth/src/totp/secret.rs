//! What the server and the user's telephone share.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{DIGITS, STEP_SECONDS, TotpError};
use crate::Entropy;

/// 160 bits, as RFC 4226 §4 recommends.
const BYTES: usize = 20;

/// The shared secret of one user: 160 bits. Never printed.
#[derive(Clone)]
pub struct TotpSecret(SecretSlice<u8>);

impl TotpSecret {
    /// A new secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = vec![0; BYTES];
        entropy.fill(&mut bytes);
        Self(bytes.into())
    }

    /// Reads a stored secret: 32 characters of Base32.
    ///
    /// # Errors
    /// [`TotpError::Malformed`] when it is anything else.
    pub fn from_base32(text: &str) -> Result<Self, TotpError> {
        let bytes = BASE32_NOPAD.decode(text.as_bytes()).map_err(|_| TotpError::Malformed)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }

    /// The secret as it is stored and as a user can type it: 32 characters of Base32.
    pub fn to_base32(&self) -> SecretString {
        BASE32_NOPAD.encode(self.bytes()).into()
    }

    /// The address that authenticator apps read from a picture:
    /// `otpauth://totp/<issuer>:<user>?secret=…`.
    pub fn otpauth_uri(&self, issuer: &str, user: &str) -> SecretString {
        // A colon stands between the two and cannot be in either.
        let [issuer, user] = [issuer, user].map(|text| text.replace(':', " "));
        let secret = self.to_base32();
        let (digits, period) = (DIGITS.to_string(), STEP_SECONDS.to_string());
        let parameters = [
            ("secret", secret.expose_secret()),
            ("issuer", &issuer),
            ("algorithm", "SHA1"),
            ("digits", &digits),
            ("period", &period),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish()
            // Some apps show a plus where a form has a space.
            .replace('+', "%20");
        format!("otpauth://totp/{}:{}?{query}", segment(&issuer), segment(&user)).into()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, TotpError> {
        if bytes.len() != BYTES {
            return Err(TotpError::Malformed);
        }
        Ok(Self(bytes.to_vec().into()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// One segment of a path, percent-encoded.
fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{OsEntropy, SeededEntropy};

    #[test]
    fn a_secret_is_stored_as_base32_and_read_again() {
        let secret = TotpSecret::generate(&OsEntropy);
        let text = secret.to_base32();
        assert_eq!(text.expose_secret().len(), 32);
        let read = TotpSecret::from_base32(text.expose_secret()).expect("a secret");
        assert_eq!(read.bytes(), secret.bytes());
        assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let lower = TotpSecret::generate(&OsEntropy).to_base32().expose_secret().to_lowercase();
        for text in ["", "null", "AAAA", "é", &lower, &"A".repeat(40), &"1".repeat(32)] {
            assert!(TotpSecret::from_base32(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_uri_is_what_apps_read() {
        let secret = TotpSecret::generate(&SeededEntropy::new(3));
        let uri = secret.otpauth_uri("VPAura: Zürich & Co", "ada+x@example.org");
        insta::assert_snapshot!(uri.expose_secret(), @"otpauth://totp/VPAura%20%20Z%C3%BCrich%20%26%20Co:ada%2Bx%40example.org?secret=FN7L43BGHHOBQGXEFPSCH4PBGJ4OICGE&issuer=VPAura%20%20Z%C3%BCrich%20%26%20Co&algorithm=SHA1&digits=6&period=30");
        let uri = Url::parse(uri.expose_secret()).expect("a URI");
        let of =
            |name: &str| uri.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
        assert_eq!(of("secret").as_deref(), Some(secret.to_base32().expose_secret()));
        assert_eq!(of("issuer").as_deref(), Some("VPAura  Zürich & Co"));
    }
}
