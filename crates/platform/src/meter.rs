//! What paid work costs: reserved before it starts, captured when it is done.
//!
//! Every call to a vendor that charges by use goes through a [`Meter`]. The trait stands here because several contexts
//! need it; `billing` implements it and `app` wires it.
//!
//! Every measure here is one that something is counted in today: sound that is recognised (`voice::stt`), characters that are
//! spoken (`voice::tts`) and translated (`voice::translate`), and bytes that were kept over the end of a day ([`crate::kept`]). A
//! recording and a text to be translated are one step, which reserves all that it can cost. A text is spoken sentence by sentence: the
//! first is reserved, [`Meter::extend`] sets aside each next one, and what was spoken until then is captured.
//!
//! The business pays; which of its members caused the work is said with it ([`Cause::by`]), so that each may have a limit. A member
//! causes it by speaking (recognition), by writing to a buyer of another language (translation), by changing the language a visit is
//! read in (translation of what was said before) and by listening (speech). What a buyer says and hears is caused by no member, and
//! counts against nobody's limit.
//!
//! **Deliberately absent**: measures that nothing counts (messages, tokens).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use types::{PersonId, TenantId, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Measure {
    /// Milliseconds of audio recognised.
    AudioMs,
    /// Characters spoken.
    SpeechCharacters,
    /// Characters translated.
    TranslationCharacters,
    /// Bytes kept over the end of a day, each day counted anew.
    StoredByteDays,
}

impl Measure {
    /// The name it has in the API and in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AudioMs => "audio_ms",
            Self::SpeechCharacters => "speech_characters",
            Self::TranslationCharacters => "translation_characters",
            Self::StoredByteDays => "stored_byte_days",
        }
    }
}

/// Work that is about to be done for somebody at a vendor's price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Who pays.
    pub tenant: TenantId,
    /// The vendor, such as `bhashini`.
    pub provider: &'static str,
    /// What of the vendor's does it, where the vendor names it: it may have a price of its own.
    pub model: Option<String>,
    /// What is counted.
    pub measure: Measure,
    /// How much at most, in the measure's unit.
    pub amount_max: u64,
    /// What caused it, for the bill.
    pub cause: Cause,
}

/// What paid work was done for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// What it is: `message`, `recording` …
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// The visit it belongs to, where it belongs to one.
    pub visit: Option<VisitId>,
    /// The member of the payer's business whose act it was; none where a buyer's was.
    pub by: Option<PersonId>,
}

/// A reserved cost. Capture or release it; one that is forgotten (a crash) expires by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a reservation is captured or released"]
pub struct Reservation {
    /// Who pays.
    pub tenant: TenantId,
    /// The reservation.
    pub id: Uuid,
}

/// Why work may not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The payer's balance is out; the work waits until it is topped up.
    #[error("the balance is used up")]
    NoCredit,
    /// The operator stopped the payer's spending; the work waits until it goes on.
    #[error("the payer's spending is stopped")]
    Frozen,
    /// The member whose act it is has spent what they may this month; the work waits until the limit is raised or the month ends.
    #[error("the member has spent what they may")]
    MemberLimit,
    /// The meter itself failed; unmetered work must not start either.
    #[error("the meter failed")]
    Failed(#[source] anyhow::Error),
}

impl Error {
    /// Whether the work waits for its payer, who can be told why.
    pub const fn waits_for_payer(&self) -> bool {
        matches!(self, Self::NoCredit | Self::Frozen | Self::MemberLimit)
    }
}

/// Reserves, captures and releases the cost of work.
#[async_trait]
pub trait Meter: Send + Sync + std::fmt::Debug {
    /// Sets aside the most that the work can cost.
    async fn reserve(&self, work: &Work) -> Result<Reservation, Error>;

    /// Sets aside more for work that goes on, in the measure's unit. Where it is refused, the work stops.
    async fn extend(&self, reservation: Reservation, amount: u64) -> Result<(), Error>;

    /// Charges what was used, in the measure's unit, and gives the rest back. Again for the same reservation it has no further
    /// effect.
    async fn capture(&self, reservation: Reservation, amount: u64) -> Result<(), Error>;

    /// Gives everything back: the work did not happen.
    async fn release(&self, reservation: Reservation) -> Result<(), Error>;
}
