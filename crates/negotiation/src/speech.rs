//! What can be listened to: messages and questions in the reader's language, and recordings that were kept.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use parley::{Side, Style};
use platform::meter::{self, Cause};
use types::{Language, MessageId, ReadBackId};
use uuid::Uuid;
use voice::{Errand, Reach, audio, tts};

use crate::Negotiation;
use crate::db::{messages, read_backs, recordings, visits};
use crate::error::Error;
use crate::message::{Message, MessageState};
use crate::recording::{BLOBS, place};
use crate::room::Party;
use crate::view::render;
use crate::visit::Visit;

/// Says how a sound came to be: `original`, `local` or `provider:<name>`. All but the original are synthetic.
const MADE_BY: HeaderName = HeaderName::from_static("vyapar-made-by");

/// A sound, as an answer.
#[derive(Debug)]
pub struct Sound {
    bytes: Bytes,
    content_type: String,
    made_by: String,
}

impl Negotiation {
    /// A message spoken in the caller's language, or as it was said where nobody could translate it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoVoice`], [`Error::TooMany`].
    pub(crate) async fn speak_message(&self, party: Party, message: MessageId) -> Result<Sound, Error> {
        self.limits.listen(party)?;
        let mut connection = self.db.acquire().await?;
        let (visit, message) = self.readable(&mut connection, party, message).await?;
        if message.state != MessageState::Heard {
            return Err(Error::NoVoice);
        }
        let translations = messages::translations(&mut connection, party.tenant, &[message.id]).await?;
        // Acts are put together here, in anybody's language; talk is its author's.
        let reach = if message.acts.is_empty() {
            self.reach_of(&mut connection, &visit, &message).await?
        } else {
            Reach::Anywhere
        };
        drop(connection);
        let said = render(&message, visit.language_of(party.side), &translations, Style::Speech);
        let errand = Self::errand(party, ("message", message.id.uuid()), reach);
        self.speak(party.side, errand, &said.text, said.language).await
    }

    /// A question to the caller, spoken in the caller's language.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoVoice`], [`Error::TooMany`].
    pub(crate) async fn speak_read_back(&self, party: Party, read_back: ReadBackId) -> Result<Sound, Error> {
        self.limits.listen(party)?;
        let mut connection = self.db.acquire().await?;
        let visit = self.visit_of(&mut connection, party).await?;
        let found = read_backs::find(&mut connection, party.tenant, read_back).await?;
        drop(connection);
        let mine = found.filter(|q| q.visit == visit.id && q.side == party.side).ok_or(Error::NotFound)?;
        let language = visit.language_of(party.side);
        let text = mine.question.say(language, Style::Speech);
        let errand = Self::errand(party, ("question", read_back.uuid()), Reach::Anywhere);
        self.speak(party.side, errand, &text, language).await
    }

    /// The kept original of a message, for both sides of its visit.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it was not kept or is deleted.
    pub(crate) async fn play_recording(&self, party: Party, message: MessageId) -> Result<Sound, Error> {
        self.limits.listen(party)?;
        let mut connection = self.db.acquire().await?;
        let (_, message) = self.readable(&mut connection, party, message).await?;
        let id = message.recording.ok_or(Error::NotFound)?;
        let recording = recordings::find(&mut connection, party.tenant, id).await?.ok_or(Error::NotFound)?;
        drop(connection);
        let now = self.clock.now();
        let kept = recording.original_blob.filter(|_| recording.keep_until.is_some_and(|until| now < until));
        let sealed = self.blobs.get(BLOBS, &kept.ok_or(Error::NotFound)?).await?;
        let bytes = self.sealer.open(&place(id), &sealed)?.into();
        Ok(Sound { bytes, content_type: recording.content_type, made_by: "original".to_owned() })
    }

    async fn visit_of(&self, connection: &mut sqlx::PgConnection, party: Party) -> Result<Visit, Error> {
        let found = visits::find(connection, party.tenant, party.visit, self.clock.now()).await?;
        found.ok_or(Error::NotFound)
    }

    /// A message of the party's visit that the party may read.
    async fn readable(
        &self,
        connection: &mut sqlx::PgConnection,
        party: Party,
        message: MessageId,
    ) -> Result<(Visit, Message), Error> {
        let visit = self.visit_of(&mut *connection, party).await?;
        let found = messages::find(connection, party.tenant, message).await?;
        let readable = found.filter(|m| m.visit == visit.id && m.audience.includes(party.side));
        Ok((visit, readable.ok_or(Error::NotFound)?))
    }

    const fn errand(party: Party, (kind, id): (&'static str, Uuid), reach: Reach) -> Errand {
        let cause = Cause { kind, id, visit: Some(party.visit), by: party.by };
        Errand { tenant: party.tenant, cause, reach }
    }

    async fn speak(
        &self,
        listener: Side,
        errand: Errand,
        text: &str,
        language: Language,
    ) -> Result<Sound, Error> {
        match self.voice.speak(errand, text, language).await {
            Ok(spoken) => Ok(Sound {
                bytes: spoken.ogg,
                content_type: audio::CONTENT_TYPE.to_owned(),
                made_by: spoken.made_by,
            }),
            Err(tts::Error::Busy { retry_after }) => Err(Error::wait(retry_after)),
            Err(tts::Error::Unsupported(_) | tts::Error::Empty | tts::Error::TooLong) => Err(Error::NoVoice),
            // To a buyer it is as if there was no voice: how the stall's credit stands is the stall's to know.
            Err(tts::Error::Meter(meter::Error::NoCredit)) if listener == Side::Vendor => {
                Err(Error::NoCredit)
            }
            Err(tts::Error::Meter(meter::Error::Frozen)) if listener == Side::Vendor => {
                Err(Error::CreditFrozen)
            }
            Err(tts::Error::Meter(meter::Error::MemberLimit)) if listener == Side::Vendor => {
                Err(Error::MemberLimit)
            }
            Err(error @ (tts::Error::Unavailable(_) | tts::Error::Meter(_))) => {
                tracing::warn!(%error, %language, "nothing could be spoken");
                Err(Error::NoVoice)
            }
        }
    }
}

impl IntoResponse for Sound {
    fn into_response(self) -> Response {
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        let headers = [
            (CONTENT_TYPE, value(&self.content_type)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (MADE_BY, value(&self.made_by)),
        ];
        (headers, self.bytes).into_response()
    }
}
