//! What is said at a stall.

use chrono::{DateTime, Utc};
use parley::{Act, Side};
use serde::{Deserialize, Serialize};
use types::{Language, MessageId, OfferId, PersonId, RecordingId, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::notice::Notice;

/// The longest text anybody sends, in characters.
pub const TEXT_CHARS_MAX: usize = 500;

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Author {
    Buyer,
    Vendor,
    /// The product itself: news and announcements.
    App,
}

/// Who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Audience {
    Both,
    Buyer,
    Vendor,
}

/// How it was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Via {
    /// Written.
    Typed,
    /// Spoken, recognised by us.
    Spoken,
    /// Price keypad, unit buttons or chips: typed numbers that need no read-back.
    Keypad,
    /// Spoken, recognised by the speaker's browser.
    Browser,
    /// By the product itself.
    App,
}

impl Via {
    /// Whether a recogniser stands between the speaker and the text: numbers may be misheard.
    pub const fn is_spoken(self) -> bool {
        matches!(self, Self::Spoken | Self::Browser)
    }
}

/// How far its understanding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum MessageState {
    /// Recorded, not yet recognised.
    Hearing,
    /// Said.
    Heard,
    /// Its speaker is being asked what was meant; nobody else reads it.
    Unclear,
    /// It could not be recognised; its speaker sees why.
    Refused,
}

/// How the text that a reader sees was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MadeBy {
    /// The speaker's own words.
    Original,
    /// Rendered from the typed acts: the same numbers by construction.
    Exact,
    /// Being translated.
    Pending,
    /// Nobody could translate it: the speaker's own words, in the speaker's language.
    NotTranslated,
    /// Translated by this provider.
    #[serde(untagged)]
    Provider(String),
}

/// What is wrong with a translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "kebab-case")]
#[sqlx(type_name = "text", rename_all = "kebab-case")]
pub enum Warning {
    /// A number, a unit or a name did not come through.
    NumbersDiffer,
    /// It waits until the stall's credit is topped up; only the stall is told so.
    NoCredit,
    /// It waits until the member who said it may spend more; only the stall is told so.
    MemberLimit,
}

impl Warning {
    /// Whether the message waits for the stall: to pay, or to let its member spend more.
    pub const fn waits(self) -> bool {
        matches!(self, Self::NoCredit | Self::MemberLimit)
    }
}

/// One thing said.
#[derive(Debug, Clone)]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// Where it was said.
    pub visit: VisitId,
    /// Its place in the visit, from 1, without gaps.
    pub seq: i32,
    /// The sender's own id for it: a retry finds the first.
    pub client_id: Uuid,
    /// SHA-256 of what was sent under that id.
    pub content_hash: Vec<u8>,
    /// Who said it.
    pub author: Author,
    /// The member of the business who said it; none for a buyer, for the product itself, and where it was not kept.
    pub by: Option<PersonId>,
    /// Who may read it.
    pub audience: Audience,
    /// How it was entered.
    pub via: Via,
    /// How far its understanding has come.
    pub state: MessageState,
    /// Why it was refused: the slug of a problem.
    pub refused_because: Option<String>,
    /// The speaker's own words.
    pub text: String,
    /// The language of the words.
    pub language: Language,
    /// What it does; empty for talk.
    pub acts: Vec<Act>,
    /// What the product itself says, in any language.
    pub notice: Option<Notice>,
    /// The offer it makes.
    pub offer: Option<OfferId>,
    /// The speech it came from.
    pub recording: Option<RecordingId>,
    /// When it was said.
    pub created_at: DateTime<Utc>,
}

impl Author {
    /// The side that spoke; none for the product itself.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Buyer => Some(Side::Buyer),
            Self::Vendor => Some(Side::Vendor),
            Self::App => None,
        }
    }
}

impl From<Side> for Author {
    fn from(side: Side) -> Self {
        match side {
            Side::Buyer => Self::Buyer,
            Side::Vendor => Self::Vendor,
        }
    }
}

impl Audience {
    /// Only this side.
    pub const fn only(side: Side) -> Self {
        match side {
            Side::Buyer => Self::Buyer,
            Side::Vendor => Self::Vendor,
        }
    }

    /// Whether a side may read it.
    pub fn includes(self, side: Side) -> bool {
        self == Self::Both || self == Self::only(side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_text_was_made_reads_as_one_word() {
        let written = |made_by: MadeBy| serde_json::to_string(&made_by).unwrap();
        assert_eq!(written(MadeBy::Exact), r#""exact""#);
        assert_eq!(written(MadeBy::NotTranslated), r#""not-translated""#);
        assert_eq!(written(MadeBy::Provider("provider:bhashini".to_owned())), r#""provider:bhashini""#);
    }
}
