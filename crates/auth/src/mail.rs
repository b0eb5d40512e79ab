//! Letters: the two that identity needs, over SMTP.
//!
//! A letter is plain text and HTML, loads nothing from anywhere, and names no one but its reader
//! and who invites. A failure is the caller's to handle: nothing is queued here.

mod letter;
mod smtp;

use std::sync::Arc;
use std::time::Duration;

use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::Url;
use vpaura_domain::{Clock, IdGen};

use crate::Email;

pub use smtp::{MailSettings, MailTls};

/// The longest that sending one letter may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a letter was not sent. Holds neither its text nor a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// No mail server is configured.
    #[error("no mail server is configured")]
    Disabled,
    /// The settings cannot work.
    #[error("the mail settings are wrong: {0}")]
    Settings(String),
    /// The address cannot be written into a letter.
    #[error("the address cannot get a letter")]
    Address,
    /// The server cannot be reached, or not in time, or not with the encryption that is asked for.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(String),
    /// The server said no.
    #[error("the mail server refused the letter with code {code}")]
    Refused {
        /// Its code (RFC 5321 §4.2): from 400 on it may take the letter later, from 500 on never.
        code: u16,
    },
}

/// A letter to somebody who forgot their password.
#[derive(Debug, Clone, Copy)]
pub struct PasswordReset<'a> {
    /// Where a new password is set; holds the one-use token.
    pub link: &'a Url,
    /// How long the link works.
    pub works_for: Duration,
}

/// A letter to somebody who may come in.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    /// Where the invitation is accepted; holds the one-use token.
    pub link: &'a Url,
    /// How long the link works.
    pub works_for: Duration,
    /// The workspace.
    pub workspace: &'a str,
    /// Who invites.
    pub inviter: &'a str,
}

/// Sends letters, or says that it cannot.
#[derive(Clone)]
pub struct Mailer {
    office: Option<Office>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
}

/// Where letters are handed in, and whose they are.
#[derive(Clone)]
struct Office {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    service: String,
}

impl Mailer {
    /// Sends over SMTP. Nothing is connected yet.
    ///
    /// # Errors
    /// [`MailError::Settings`].
    pub fn smtp(
        settings: &MailSettings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
    ) -> Result<Self, MailError> {
        let from = smtp::sender(settings)?;
        let office = Office {
            transport: smtp::transport(settings)?,
            from,
            service: settings.service.clone(),
        };
        Ok(Self { office: Some(office), clock, ids })
    }

    /// Sends nothing: every letter is [`MailError::Disabled`].
    pub fn disabled(clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> Self {
        Self { office: None, clock, ids }
    }

    /// Whether there is a server to send over.
    pub fn is_enabled(&self) -> bool {
        self.office.is_some()
    }

    /// Sends the link with which a new password is set.
    ///
    /// # Errors
    /// What went wrong, as a [`MailError`].
    pub async fn send_password_reset(
        &self,
        to: &Email,
        reset: PasswordReset<'_>,
    ) -> Result<(), MailError> {
        let office = self.office.as_ref().ok_or(MailError::Disabled)?;
        let letter = letter::password_reset(&office.service, reset);
        self.send(office, to, letter).await
    }

    /// Sends the link with which an invitation is accepted.
    ///
    /// # Errors
    /// What went wrong, as a [`MailError`].
    pub async fn send_invitation(
        &self,
        to: &Email,
        invitation: Invitation<'_>,
    ) -> Result<(), MailError> {
        let office = self.office.as_ref().ok_or(MailError::Disabled)?;
        let letter = letter::invitation(&office.service, invitation);
        self.send(office, to, letter).await
    }

    async fn send(
        &self,
        office: &Office,
        to: &Email,
        letter: letter::Letter,
    ) -> Result<(), MailError> {
        let message = self.message(office, to, letter)?;
        tokio::time::timeout(TIMEOUT, office.transport.send(message))
            .await
            .map_err(|_| MailError::Unreachable("it took too long".to_owned()))?
            .map(drop)
            .map_err(|error| smtp::mail_error(&error))
    }

    fn message(
        &self,
        office: &Office,
        to: &Email,
        letter: letter::Letter,
    ) -> Result<Message, MailError> {
        let address = lettre::Address::new(to.local(), to.domain());
        let to = Mailbox::new(None, address.map_err(|_| MailError::Address)?);
        let millis = u64::try_from(self.clock.now().millis()).unwrap_or_default();
        let id = self.ids.uuid();
        Message::builder()
            .from(office.from.clone())
            .to(to)
            .subject(letter.subject)
            .date(std::time::UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{id}@{}>", office.from.email.domain())))
            // Out-of-office programs do not answer machines (RFC 3834 §5).
            .header(smtp::AutoSubmitted)
            .multipart(letter::multipart(letter.text, letter.html, id))
            .map_err(|_| MailError::Address)
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailer(enabled: {})", self.is_enabled())
    }
}
