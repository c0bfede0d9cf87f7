//! Hands letters to the server.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::config::checked;
use crate::{Config, ConfigError};

/// How long the server may take for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// A letter to one person.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Names the letter among all: the same where it is sent again. Letters, digits and hyphens.
    pub id: &'a str,
    /// Whom it goes to: an e-mail address.
    pub to: &'a str,
    /// What it is about: one line.
    pub subject: &'a str,
    /// What it says: plain text.
    pub text: &'a str,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The server refuses it for good, with this code; or it is no letter.
    #[error("the mail server refuses the letter for good ({0})")]
    Refused(u16),
    /// The server asks to try again, with this code.
    #[error("the mail server cannot take the letter now ({0})")]
    Later(u16),
    /// The server cannot be reached, or does not prove who it is.
    #[error("the mail server cannot be reached: {0}")]
    Unreachable(&'static str),
    /// The address is none.
    #[error("the address is none that a letter can go to")]
    Address,
}

/// Sends letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from.email.to_string()).finish_non_exhaustive()
    }
}

impl Mailer {
    /// One for the configured server; none where there is none.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(server) = &config.server else { return Ok(None) };
        let url = checked(server.expose_secret())?;
        // A process has one provider of its cryptography; who comes first sets it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()).map_err(|_| ConfigError::Server)?;
        let transport = builder.timeout(Some(ANSWER_MAX)).build();
        Ok(Some(Self { transport, from: config.sender()? }))
    }

    /// Hands a letter to the server. Whoever calls tries again, by a job.
    ///
    /// # Errors
    /// See [`NotSent`].
    pub async fn send(&self, letter: Letter<'_>) -> Result<(), NotSent> {
        let message = self.written(letter)?;
        self.transport.send(message).await.map_err(|error| not_sent(&error))?;
        Ok(())
    }

    fn written(&self, letter: Letter<'_>) -> Result<Message, NotSent> {
        let to: Address = letter.to.parse().map_err(|_| NotSent::Address)?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .date(letter.at.into())
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.to_owned())
            .map_err(|_| NotSent::Address)
    }
}

fn not_sent(error: &lettre::transport::smtp::Error) -> NotSent {
    match error.status() {
        Some(code) if error.is_permanent() => NotSent::Refused(code.into()),
        Some(code) => NotSent::Later(code.into()),
        None if error.is_tls() => NotSent::Unreachable("it does not prove who it is"),
        None if error.is_timeout() => NotSent::Unreachable("it does not answer"),
        None => NotSent::Unreachable("no connection, or not the TLS that is asked for"),
    }
}
