//! Short messages to people's telephones: what each is for, how they go out, and the codes in some of them.
//!
//! **Invariants.** A code has six digits, works once and for ten minutes, and takes five guesses; of it and of the ticket that names it to
//! whoever asked, hashes are kept, the code's under the installation's key. The code is made from the message's id and that key: a
//! message that is sent again is the same message, and no job and no row holds what would open an account. A job names a message by its
//! id alone.

mod words;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use platform::jobs::{Draft, Jobs};
use platform::keys::SigningKey;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use texts::Carrier;
use types::{Language, PersonId, TextId};
use utoipa::ToSchema;

use crate::jobs::send_text::SendText;
use crate::session::hash_token;
use crate::{CodeError, Error, Identity, PhoneNumber, db};

/// How long a code works.
pub const CODE_LASTS: TimeDelta = TimeDelta::minutes(10);
/// So often a code may be tried.
pub const GUESSES_MAX: i16 = 5;
/// How long it is tried to deliver a message without one.
const NEWS_LASTS: TimeDelta = TimeDelta::hours(4);
/// So many codes there are: six digits.
const CODES: u64 = 1_000_000;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Opens an account; a code.
    Open,
    /// Shows that the number is somebody's who is signed in; a code.
    Verify,
    /// Sets another password; a code.
    Reset,
    /// Says that the number has an account.
    Known,
    /// Says to the number before that the account has another one.
    Moved,
    /// Says that the password was replaced.
    PasswordReplaced,
    /// Is not sent: nobody has shown that the number is theirs.
    Nobody,
}

/// How a code comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = CodeChannel)]
pub enum Channel {
    /// By SMS.
    #[default]
    Sms,
    /// By WhatsApp, where the installation has that.
    #[serde(rename = "whatsapp")]
    #[sqlx(rename = "whatsapp")]
    WhatsApp,
}

impl Purpose {
    /// Whether a code that is typed can be right.
    const fn has_code(self) -> bool {
        matches!(self, Self::Open | Self::Verify | Self::Reset)
    }

    /// Whether somebody was told to type a code, right or not.
    const fn is_answered(self) -> bool {
        self.has_code() || matches!(self, Self::Known | Self::Nobody)
    }

    const fn lasts(self) -> TimeDelta {
        if self.is_answered() { CODE_LASTS } else { NEWS_LASTS }
    }
}

/// A message as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub id: TextId,
    pub purpose: Purpose,
    pub person: Option<PersonId>,
    pub phone: PhoneNumber,
    pub language: Language,
    pub channel: Channel,
    pub invitation: Option<Vec<u8>>,
    pub expires_at: DateTime<Utc>,
}

/// A message before it is kept.
pub(crate) struct NewText<'a> {
    pub purpose: Purpose,
    pub person: Option<PersonId>,
    pub phone: &'a PhoneNumber,
    pub language: Language,
    pub channel: Channel,
    pub invitation: Option<[u8; 32]>,
}

/// A code is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeAsked {
    /// What to send along with the code: it alone opens nothing.
    pub ticket: String,
    /// Until when the code works.
    pub expires_at: DateTime<Utc>,
}

/// What messages are sent by.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub carrier: Arc<dyn Carrier>,
    jobs: Jobs,
    key: SigningKey,
}

impl Wire {
    pub fn new(carrier: Arc<dyn Carrier>, jobs: Jobs, key: SigningKey) -> Self {
        Self { carrier, jobs, key }
    }

    /// The code in a message: the same each time, and known to nobody who has not the key.
    pub fn code(&self, text: TextId) -> String {
        let signed = self.key.sign(&[b"code:", text.uuid().as_bytes().as_slice()].concat());
        let head = signed.first_chunk().copied().unwrap_or_default();
        format!("{:06}", u64::from_be_bytes(head) % CODES)
    }

    /// What is kept of a code.
    fn hash(&self, text: TextId, code: &str) -> [u8; 32] {
        self.key.sign(&kept(text, code))
    }

    /// Whether this is the code whose hash was kept; in constant time, and as long where none was.
    pub fn is_right(&self, text: TextId, typed: &str, hash: Option<&[u8]>) -> bool {
        self.key.verifies(&kept(text, typed), hash.unwrap_or(&[0; 32])) && hash.is_some()
    }
}

fn kept(text: TextId, code: &str) -> Vec<u8> {
    [b"kept:", text.uuid().as_bytes().as_slice(), code.as_bytes()].concat()
}

impl Identity {
    /// What messages are sent by.
    ///
    /// # Errors
    /// [`CodeError::TextsOff`].
    pub(crate) fn wire(&self) -> Result<&Wire, Error> {
        self.wire.as_deref().ok_or_else(|| CodeError::TextsOff.into())
    }

    /// Has a message sent when the caller's transaction commits; gives what whoever asked for a code names it by.
    pub(crate) async fn write_text(
        &self,
        connection: &mut PgConnection,
        new: NewText<'_>,
    ) -> Result<CodeAsked, Error> {
        let wire = self.wire()?;
        let (now, ticket) = (self.clock.now(), self.entropy.token());
        let id = self.entropy.id(now);
        let text = Text {
            id,
            purpose: new.purpose,
            person: new.person,
            phone: new.phone.clone(),
            language: new.language,
            channel: new.channel,
            invitation: new.invitation.map(|hash| hash.to_vec()),
            expires_at: now + new.purpose.lasts(),
        };
        let hash = wire.hash(id, &wire.code(id));
        let secrets = db::texts::Secrets {
            ticket_hash: new.purpose.is_answered().then(|| hash_token(&ticket)),
            code_hash: new.purpose.has_code().then_some(hash),
        };
        db::texts::insert(connection, &text, &secrets, GUESSES_MAX).await?;
        wire.jobs.enqueue(connection, Draft::of_nobody(&SendText { text: id })).await?;
        Ok(CodeAsked { ticket, expires_at: text.expires_at })
    }

    /// What a message says in words.
    pub(crate) fn text_words(&self, text: &Text, code: &str) -> String {
        words::of(text.language).text(text.purpose, &self.config.public_url, code)
    }
}
