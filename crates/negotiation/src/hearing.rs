//! Recordings, as they are heard and understood.
//!
//! What was heard is read like anything written; what cannot be heard is said to be so.

use std::time::Duration;

use chrono::TimeDelta;
use parley::{Asked, Side};
use platform::db::repeat;
use platform::jobs::Failure;
use platform::meter::{self, Cause};
use platform::problem::{CREDIT_FROZEN, MEMBER_LIMIT, NO_CREDIT};
use platform::text::{self, TextError};
use platform::{Problem, ProblemType};
use types::{RecordingId, TenantId};
use voice::audio::CleanError;
use voice::stt::{self, Expecting, Hints};
use voice::{Errand, Prepared, Reach, audio};

use crate::Negotiation;
use crate::db::recordings::{self, Recording};
use crate::db::{messages, visits};
use crate::error::{Error, NO_RECOGNISER, RECOGNISER_AWAY, TOO_BUSY};
use crate::jobs::hear_recording::HearRecording;
use crate::listening::Heard;
use crate::message::{Message, MessageState, TEXT_CHARS_MAX};
use crate::recording::{BLOBS, place};
use crate::room::{Party, Room};

/// How long a speaker waits for a recogniser that is busy or away.
const PATIENCE: TimeDelta = TimeDelta::seconds(20);
/// How soon a recogniser that is away is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Whose stall a recording was made at, and what it sells, in the speaker's language.
struct Shelf<'a> {
    tenant: TenantId,
    names: &'a [String],
    /// How far the recording may go.
    reach: Reach,
}

/// How far the recogniser has come with a recording.
enum Outcome {
    Heard(stt::Heard),
    Refused(ProblemType),
}

impl Negotiation {
    /// Has a waiting recording recognised and does what was said in it; one that is done already stays as it is.
    ///
    /// # Errors
    /// What may pass is to be tried again; everything else ends as a refused message.
    pub(crate) async fn hear(&self, job: &HearRecording) -> Result<(), Failure> {
        let mut connection = self.db.acquire().await?;
        let found = recordings::find(&mut connection, job.tenant, job.recording).await?;
        let Some((recording, blob)) = found.and_then(|r| r.speech_blob.clone().map(|blob| (r, blob))) else {
            return Ok(());
        };
        let message = messages::find(&mut connection, job.tenant, recording.message).await?;
        let visit = visits::find(&mut connection, job.tenant, recording.visit, self.clock.now()).await?;
        let said = message.and_then(|m| m.author.side().map(|s| (m, s)));
        let Some(((message, side), visit)) = said.zip(visit) else {
            drop(connection);
            return Ok(self.give_up(job.tenant, recording.id).await?);
        };
        let products = self.catalog.products_on_sale(&mut connection, job.tenant).await?;
        let reach = self.reach_of_speaker(&mut connection, &visit, side, job.by).await?;
        drop(connection);
        let names: Vec<String> = products.iter().map(|p| p.name_in(message.language).to_owned()).collect();
        let shelf = Shelf { tenant: job.tenant, names: &names, reach };
        let party = Party { by: job.by, ..Party::side(job.tenant, job.visit, side) };
        let outcome = match self.speech_of(&recording, &blob).await? {
            Ok(speech) => self.recognise(&recording, &speech, (&message, party), &shelf).await?,
            Err(refused) => Outcome::Refused(refused),
        };
        self.conclude(party, &recording, outcome).await?;
        self.let_go(&recording, &blob).await;
        Ok(())
    }

    /// The speech of a recording, ready to be recognised, or why it cannot be.
    async fn speech_of(
        &self,
        recording: &Recording,
        blob: &str,
    ) -> Result<Result<Prepared, ProblemType>, Failure> {
        if let Some(ready) = self.ready.take(recording.id) {
            return Ok(Ok(ready));
        }
        let bytes = match self.blobs.get(BLOBS, blob).await {
            Ok(sealed) => self.sealer.open(&place(recording.id), &sealed)?,
            Err(platform::blob::Error::Missing) => return Ok(Err(RECOGNISER_AWAY)),
            Err(error) => return Err(error.into()),
        };
        match self.voice.prepare(bytes.into()).await {
            Ok(speech) => Ok(Ok(speech)),
            Err(error @ audio::Error::Busy { retry_after }) => {
                Err(Failure::RetryAfter(retry_after, error.into()))
            }
            Err(error @ audio::Error::BrokenOff) => Err(error.into()),
            Err(error) => Ok(Err(Problem::from(error).kind())),
        }
    }

    async fn recognise(
        &self,
        recording: &Recording,
        speech: &Prepared,
        (message, party): (&Message, Party),
        shelf: &Shelf<'_>,
    ) -> Result<Outcome, Failure> {
        let hints = Hints { expecting: recording.expecting, names: shelf.names };
        let cause =
            Cause { kind: "recording", id: recording.id.uuid(), visit: Some(message.visit), by: party.by };
        let errand = Errand { tenant: shelf.tenant, cause, reach: shelf.reach };
        let heard = self.voice.recognise(errand, speech, message.language, &hints).await;
        let waited = self.clock.now() - message.created_at;
        let again = |after: Duration, error: stt::Error, refused: ProblemType| {
            if waited < PATIENCE {
                Err(Failure::RetryAfter(after, error.into()))
            } else {
                Ok(Outcome::Refused(refused))
            }
        };
        match heard {
            Ok(heard) => Ok(Outcome::Heard(heard)),
            Err(stt::Error::NothingHeard) => Ok(Outcome::Refused(no_speech())),
            Err(stt::Error::Unsupported(_)) => Ok(Outcome::Refused(NO_RECOGNISER)),
            Err(error @ stt::Error::Busy { retry_after }) => again(retry_after, error, TOO_BUSY),
            // Whoever speaks waits for an answer now: they are told to write instead.
            Err(stt::Error::Meter(error)) if error.waits_for_payer() => {
                Ok(Outcome::Refused(unpaid(party.side, &error)))
            }
            Err(error @ (stt::Error::Unavailable(_) | stt::Error::Meter(_))) => {
                again(AGAIN_AFTER, error, RECOGNISER_AWAY)
            }
        }
    }

    /// Does what was heard, or notes why nothing was.
    async fn conclude(&self, party: Party, recording: &Recording, outcome: Outcome) -> Result<(), Error> {
        let refused = match outcome {
            Outcome::Refused(refused) => refused,
            Outcome::Heard(heard) => match utterance(&heard.text) {
                None => no_speech(),
                Some(text) => match repeat(|| self.understand_heard(party, recording, &heard, &text)).await {
                    Ok(()) => return Ok(()),
                    // The visit or the database is away: nothing to say to anybody, or to be tried again.
                    Err(error @ (Error::Database(_) | Error::NotFound)) => return Err(error),
                    // What was said cannot be done: the stock is too low, the offer is gone.
                    Err(error) => Problem::from(error).kind(),
                },
            },
        };
        repeat(|| self.refuse_recording(party, recording, refused)).await
    }

    async fn understand_heard(
        &self,
        party: Party,
        recording: &Recording,
        heard: &stt::Heard,
        text: &str,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let message = room.message(recording.message).await?;
        if message.state != MessageState::Hearing {
            return Ok(());
        }
        room.must_be_open()?;
        let asked = room.asked(recording.expecting);
        let alternatives = heard.alternatives.iter().filter_map(|other| utterance(other)).collect();
        let message = Message { text: text.to_owned(), ..message };
        recordings::drop_speech(room.connection, party.tenant, recording.id, Some(&heard.made_by)).await?;
        room.understand(message, &Heard { asked, alternatives }).await?;
        room.close().await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Tells the speaker that nothing came of a recording, and why.
    async fn refuse_recording(
        &self,
        party: Party,
        recording: &Recording,
        why: ProblemType,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let message = room.message(recording.message).await?;
        recordings::drop_speech(room.connection, party.tenant, recording.id, None).await?;
        if message.state == MessageState::Hearing {
            let was = message.audience;
            let refused_because = Some(why.slug.to_owned());
            room.amend(Message { state: MessageState::Refused, refused_because, ..message }, was).await?;
            room.close().await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Gives up a recording that nobody will hear any more.
    pub(crate) async fn give_up(&self, tenant: TenantId, recording: RecordingId) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        let found = recordings::find(&mut connection, tenant, recording).await?;
        let Some((recording, blob)) = found.and_then(|r| r.speech_blob.clone().map(|blob| (r, blob))) else {
            return Ok(());
        };
        let message = messages::find(&mut connection, tenant, recording.message).await?;
        let alive = visits::find(&mut connection, tenant, recording.visit, self.clock.now()).await?.is_some();
        match message.and_then(|m| m.author.side()).filter(|_| alive) {
            Some(side) => {
                drop(connection);
                let party = Party::side(tenant, recording.visit, side);
                repeat(|| self.refuse_recording(party, &recording, RECOGNISER_AWAY)).await?;
            }
            None => recordings::drop_speech(&mut connection, tenant, recording.id, None).await?,
        }
        self.let_go(&recording, &blob).await;
        Ok(())
    }

    /// Deletes the sound that was recognised, unless its speaker keeps it.
    async fn let_go(&self, recording: &Recording, blob: &str) {
        if recording.original_blob.as_deref() != Some(blob) {
            self.forget_blob(blob).await;
        }
    }

    /// Deletes a sound; where that fails, the purge does it later.
    pub(crate) async fn forget_blob(&self, blob: &str) {
        if let Err(error) = self.blobs.delete(BLOBS, blob).await {
            tracing::warn!(%error, "a recording could not be deleted; it will be tried again");
        }
    }
}

impl Room<'_> {
    /// What the speaker's screen asked for, as parley knows it.
    fn asked(&self, expecting: Expecting) -> Option<Asked<'static>> {
        let in_focus = self.visit.focus.and_then(|p| self.product(p).ok());
        match expecting {
            Expecting::Anything => None,
            Expecting::Price => Some(Asked::Price),
            Expecting::YesNo => Some(Asked::YesNo),
            Expecting::Quantity => in_focus.map(|p| Asked::Quantity(p.price.unit())),
        }
    }
}

/// A recogniser's words as a message's text; nothing where they are none.
fn utterance(heard: &str) -> Option<String> {
    match text::line(heard, TEXT_CHARS_MAX) {
        Ok(line) => Some(line),
        Err(TextError::Empty) => None,
        Err(TextError::TooLong { chars_max }) => {
            text::line(&heard.chars().take(chars_max).collect::<String>(), chars_max).ok()
        }
    }
}

/// What a speaker is told where nobody listens without credit: how the stall's credit stands is the stall's to know.
const fn unpaid(side: Side, error: &meter::Error) -> ProblemType {
    match (side, error) {
        (Side::Vendor, meter::Error::NoCredit) => NO_CREDIT,
        (Side::Vendor, meter::Error::Frozen) => CREDIT_FROZEN,
        (Side::Vendor, meter::Error::MemberLimit) => MEMBER_LIMIT,
        _ => RECOGNISER_AWAY,
    }
}

fn no_speech() -> ProblemType {
    Problem::from(audio::Error::Clean(CleanError::NoSpeech)).kind()
}
