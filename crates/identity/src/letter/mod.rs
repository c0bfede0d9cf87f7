//! Letters to people by e-mail: what each is for, how they go out, and the links in some of them.
//!
//! **Invariants.** A link's secret stands behind `#`, works once and for an hour, and is kept as its hash; its host is the configured
//! address, never what a caller said. The secret is made from the letter's id and the installation's key: a letter that is sent again
//! is the same letter, and no job and no row holds what would open an account. A job names a letter by its id alone.

mod words;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use mail::Mailer;
use platform::jobs::{Draft, Jobs};
use platform::keys::SigningKey;
use sqlx::PgConnection;
use types::{Language, LetterId, PersonId};

use crate::jobs::send_letter::SendLetter;
use crate::session::hash_token;
use crate::{EmailAddress, Error, Identity, Person, TimeZone, db};

/// How long a link works.
pub const LINK_LASTS: TimeDelta = TimeDelta::hours(1);
/// How long it is tried to deliver a letter without one.
const NEWS_LASTS: TimeDelta = TimeDelta::days(1);

/// What a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Opens an account; a link.
    Open,
    /// Adds the address to an account; a link.
    Add,
    /// Sets another password; a link.
    Reset,
    /// Says that the address has an account.
    Known,
    /// Says to the address before that the account has another one.
    Moved,
    /// Says that the password was replaced.
    PasswordReplaced,
    /// Says that a complaint was answered.
    Answered,
    /// Is not sent: nobody has the address.
    Nobody,
}

impl Purpose {
    const fn has_link(self) -> bool {
        matches!(self, Self::Open | Self::Add | Self::Reset)
    }

    const fn lasts(self) -> TimeDelta {
        if self.has_link() { LINK_LASTS } else { NEWS_LASTS }
    }
}

/// A letter as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub id: LetterId,
    pub purpose: Purpose,
    pub person: Option<PersonId>,
    pub address: EmailAddress,
    pub language: Language,
    /// The hash of the invitation that whoever asked came with.
    pub invitation: Option<Vec<u8>>,
    pub expires_at: DateTime<Utc>,
}

/// A letter before it is kept.
pub(crate) struct NewLetter<'a> {
    pub purpose: Purpose,
    pub person: Option<PersonId>,
    pub address: &'a EmailAddress,
    pub language: Language,
    pub invitation: Option<[u8; 32]>,
}

impl<'a> NewLetter<'a> {
    /// To somebody who has an account, in their language.
    pub const fn to(person: &Person, purpose: Purpose, address: &'a EmailAddress) -> Self {
        Self { purpose, person: Some(person.id), address, language: person.language, invitation: None }
    }
}

/// What letters are sent by.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub mailer: Mailer,
    jobs: Jobs,
    key: SigningKey,
}

impl Post {
    pub fn new(mailer: Mailer, jobs: Jobs, key: SigningKey) -> Self {
        Self { mailer, jobs, key }
    }

    /// The secret in a letter's link: the same each time, and known to nobody who has not the key.
    fn secret(&self, letter: LetterId) -> String {
        BASE64URL_NOPAD.encode(&self.key.sign(letter.uuid().as_bytes()))
    }
}

impl Identity {
    /// What letters are sent by.
    ///
    /// # Errors
    /// [`Error::MailOff`].
    pub(crate) fn post(&self) -> Result<&Post, Error> {
        self.post.as_deref().ok_or(Error::MailOff)
    }

    /// Has a letter sent when the caller's transaction commits.
    pub(crate) async fn write_letter(
        &self,
        connection: &mut PgConnection,
        new: NewLetter<'_>,
    ) -> Result<(), Error> {
        let post = self.post()?;
        let now = self.clock.now();
        let id = self.entropy.id(now);
        let letter = Letter {
            id,
            purpose: new.purpose,
            person: new.person,
            address: new.address.clone(),
            language: new.language,
            invitation: new.invitation.map(|hash| hash.to_vec()),
            expires_at: now + new.purpose.lasts(),
        };
        let hash = new.purpose.has_link().then(|| hash_token(&post.secret(id)));
        db::letters::insert(connection, &self.fields, &letter, hash.as_ref()).await?;
        Ok(post.jobs.enqueue(connection, Draft::of_nobody(&SendLetter { letter: id })).await?)
    }

    /// What a letter is about and says to somebody in this zone.
    pub(crate) fn worded(&self, post: &Post, letter: &Letter, zone: TimeZone) -> (String, String) {
        let public = self.config.public_url.as_str();
        let link = letter.purpose.has_link().then(|| format!("{public}/v/link#{}", post.secret(letter.id)));
        let written_at = letter.expires_at - letter.purpose.lasts();
        words::of(letter.language).letter(letter.purpose, public, link.as_deref(), &zone.told(written_at))
    }
}
