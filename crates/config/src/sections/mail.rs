//! `[mail]`: where letters go out.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::reader::Reader;
use crate::sections::server::ServerConfig;

/// `[mail]`.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The mail server, with user and password.
    pub url: SecretString,
    /// The sender.
    pub from: String,
}

impl MailConfig {
    pub(crate) fn read(r: &mut Reader<'_>, server: &ServerConfig) -> Option<Self> {
        let from = r.optional_text("mail.from");
        let Some(url) = r.secret("mail.url") else {
            if from.is_some() {
                r.missing("mail.url", "mail.from alone sends nothing");
            }
            return None;
        };
        if !is_server(url.expose_secret()) {
            r.refuse("mail.url", "smtps:// or smtp:// and a host");
        }
        if server.public_url.is_none() {
            r.missing("server.public_url", "mail.url needs it, for the links in letters");
        }
        if from.is_none() {
            r.missing("mail.from", "letters need a sender");
        }
        Some(Self { url, from: from.unwrap_or_default() })
    }
}

fn is_server(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host())
}
