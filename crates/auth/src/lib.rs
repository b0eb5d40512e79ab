//! Proofs of identity: passwords, tokens, the second factor, other people's sign-in pages, and the
//! letters that lead back in.
//!
//! | module | promises | by |
//! |---|---|---|
//! | [`Password`], [`PasswordPolicy`] | length and a blocklist, any Unicode, nothing cut | NIST SP 800-63B-4 §3.1.1, RFC 8265 |
//! | [`Hasher`] | Argon2id; bcrypt read and replaced; unknown users cost the same | RFC 9106, OWASP Password Storage |
//! | [`AccessTokens`], [`MfaTokens`] | one algorithm, one audience, one type each; no reason given | RFC 7519, 8725, 9068 |
//! | [`OpaqueToken`], [`ApiKey`] | 256 random bits, known by their prefix, stored as a hash | NIST SP 800-63B-4 §5.1, §3.1.2 |
//! | [`TotpSecret`], [`RecoveryCode`] | six digits, one step of drift, no code twice | RFC 4226, 6238 |
//! | [`Email`], [`Username`] | one key for all spellings; fit for headers | RFC 5321, 6531, UTS 46 |
//! | [`OidcProvider`] | code flow with PKCE; signature, issuer, audience, nonce and state checked | OpenID Connect Core 1.0, RFC 7636, 9207, 9700 |
//! | [`Mailer`] | letters over SMTP, encrypted or to this machine; no injected header | RFC 5321, 3207, 8314 |
//!
//! Time, ids and chance are arguments. The only I/O is the HTTP client that is handed to
//! [`OidcProvider`] and the connection that [`Mailer`] opens.
//!
//! This crate must not know: the HTTP server and its status codes, the database, who may do what.
//! It never logs, and no secret is in the `Debug` output of its types or in its errors.

mod email;
mod entropy;
mod jwt;
mod mail;
mod oidc;
mod opaque;
mod password;
mod text;
mod totp;
mod username;

pub use email::{Email, EmailError};
pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use jwt::{AccessClaims, AccessTokens, MfaClaims, MfaTokens, TokenError};
pub use mail::{Invitation, MailError, MailSettings, MailTls, Mailer, PasswordReset};
pub use oidc::{
    Callback, OidcError, OidcIdentity, OidcProvider, OidcSettings, PendingSignIn, RoleMapping,
    SignInStart,
};
pub use opaque::{ApiKey, OpaqueToken, OpaqueTokenError, TokenHash, TokenKind};
pub use password::{
    HashError, Hasher, Password, PasswordContext, PasswordError, PasswordPolicy, Verified, Weakness,
};
pub use totp::{RecoveryCode, RecoveryCodeError, TotpError, TotpSecret, TotpStep};
pub use username::{Username, UsernameError};
