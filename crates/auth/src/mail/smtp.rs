//! The way to the mail server.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use super::MailError;
use crate::Email;
use crate::text::is_invisible;

/// The longest that one step of the dialogue may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// Encrypted from the beginning, usually on port 465 (RFC 8314).
    Tls,
    /// Encrypted after the greeting, usually on port 587; a server that does not offer it gets
    /// nothing (RFC 3207).
    StartTls,
    /// Not at all: only to this machine.
    None,
}

/// A mail server and how we are known there.
#[derive(Clone)]
pub struct MailSettings {
    /// The server's name or address. Its certificate must be for it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub tls: MailTls,
    /// The name and password to sign in with, if it wants one.
    pub credentials: Option<(String, SecretString)>,
    /// The address that letters are from.
    pub from: Email,
    /// What we call ourselves in letters, at most 100 characters.
    pub service: String,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// `Auto-Submitted: auto-generated`.
#[derive(Clone)]
pub(super) struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Whose the letters are.
pub(super) fn sender(settings: &MailSettings) -> Result<Mailbox, MailError> {
    let service = &settings.service;
    if service.trim().is_empty()
        || service.chars().count() > 100
        || service.chars().any(is_invisible)
    {
        return Err(MailError::Settings("the service's name has 1 to 100 characters".to_owned()));
    }
    let address = Address::new(settings.from.local(), settings.from.domain())
        .map_err(|error| MailError::Settings(format!("the sender's address: {error}")))?;
    Ok(Mailbox::new(Some(service.clone()), address))
}

pub(super) fn transport(
    settings: &MailSettings,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let parameters = || {
        TlsParameters::new(settings.host.clone())
            .map_err(|error| MailError::Settings(format!("TLS cannot start: {error}")))
    };
    let tls = match settings.tls {
        MailTls::Tls => Tls::Wrapper(parameters()?),
        MailTls::StartTls => Tls::Required(parameters()?),
        MailTls::None if is_here(&settings.host) => Tls::None,
        MailTls::None => {
            let why = "without encryption only to this machine".to_owned();
            return Err(MailError::Settings(why));
        }
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
        .port(settings.port)
        .tls(tls)
        .hello_name(ClientId::Domain(settings.from.domain().to_owned()))
        .timeout(Some(STEP_TIMEOUT));
    Ok(match &settings.credentials {
        Some((name, password)) => {
            let password = password.expose_secret().to_owned();
            builder.credentials(Credentials::new(name.clone(), password)).build()
        }
        None => builder.build(),
    })
}

/// The error without the server's words, which may repeat ours.
pub(super) fn mail_error(error: &lettre::transport::smtp::Error) -> MailError {
    if let Some(code) = error.status() {
        return MailError::Refused { code: code.into() };
    }
    let slow = error.is_timeout();
    MailError::Unreachable(if slow { "it took too long".to_owned() } else { error.to_string() })
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn settings(host: &str, tls: MailTls, service: &str) -> MailSettings {
        MailSettings {
            host: host.to_owned(),
            port: 25,
            tls,
            credentials: Some(("vpaura".to_owned(), "a secret of the mailer".into())),
            from: Email::parse("chat@example.org").expect("an address"),
            service: service.to_owned(),
        }
    }

    #[rstest]
    #[case("localhost", true)]
    #[case("127.0.0.1", true)]
    #[case("::1", true)]
    #[case("mail.example", false)]
    #[case("192.168.0.1", false)]
    #[case("localhost.example", false)]
    fn without_encryption_only_to_this_machine(#[case] host: &str, #[case] allowed: bool) {
        assert_eq!(transport(&settings(host, MailTls::None, "VPAura")).is_ok(), allowed);
        assert!(transport(&settings(host, MailTls::StartTls, "VPAura")).is_ok());
    }

    #[rstest]
    #[case("VPAura", true)]
    #[case("Käse & Co", true)]
    #[case(&"ä".repeat(100), true)]
    #[case(&"ä".repeat(101), false)]
    #[case(&"a".repeat(200), false)]
    #[case("", false)]
    #[case(" ", false)]
    #[case("VPAura\r\nBcc: all@example.org", false)]
    fn a_service_has_a_name_that_fits_a_header(#[case] service: &str, #[case] good: bool) {
        assert_eq!(sender(&settings("localhost", MailTls::None, service)).is_ok(), good);
    }

    #[test]
    fn no_password_is_printed() {
        let printed = format!("{:?}", settings("localhost", MailTls::None, "VPAura"));
        insta::assert_snapshot!(printed, @r#"MailSettings { host: "localhost", port: 25, tls: None, .. }"#);
    }
}
