//! Recordings, as they come in.
//!
//! Each is checked at the door: whoever is silent hears of it at once. The bytes are sealed in the blob store until a job has had
//! them recognised; then they go, unless their speaker agreed to their being kept for some days. The hash stays.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use identity::{Consenter, Purpose};
use platform::db::repeat;
use platform::jobs::Draft;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sync::{Signal, SignalKind};
use types::{Language, ProductId, RecordingId};
use utoipa::IntoParams;
use uuid::Uuid;
use voice::audio::{Container, recognise_container};
use voice::stt::Expecting;
use voice::{Prepared, audio};

use crate::Negotiation;
use crate::db::recordings::{self, Recording};
use crate::db::visits;
use crate::error::Error;
use crate::jobs::hear_recording::HearRecording;
use crate::message::{Audience, Message, MessageState, Via};
use crate::news::subscriber;
use crate::presence::sender;
use crate::room::{Party, Room};
use crate::view::MessageView;

/// Where the sealed recordings lie in the blob store.
pub const BLOBS: &str = "recordings";
/// So many recordings wait at most, of a stall and of one visit.
const WAITING_MAX: (i64, i64) = (40, 6);
/// Recordings that lie ready in memory from their check at the door; the others are made ready again.
const READY_MAX: usize = 8;

/// What is said about a recording beside its bytes.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NewRecording {
    /// The sender's own id for it: the same id with the same bytes answers as the first time.
    client_id: Uuid,
    /// The product on the speaker's screen.
    #[serde(rename = "product_id")]
    product: Option<ProductId>,
    /// What the speaker was asked for.
    #[serde(default)]
    expecting: Expecting,
}

/// Speech that has been checked at the door and waits for its job.
#[derive(Debug, Default)]
pub struct Ready(Mutex<Vec<(RecordingId, Prepared)>>);

impl Ready {
    fn put(&self, recording: RecordingId, speech: Prepared) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= READY_MAX {
            waiting.remove(0);
        }
        waiting.push((recording, speech));
    }

    pub fn take(&self, recording: RecordingId) -> Option<Prepared> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().position(|(id, _)| *id == recording)?;
        Some(waiting.remove(at).1)
    }
}

impl Negotiation {
    /// Takes a recording in, to be heard by a job. The same client id with the same bytes answers as the first time.
    ///
    /// # Errors
    /// [`Error::Audio`] where nobody can be heard in it, [`Error::Scan`], [`Error::TooBusy`], [`Error::TooMany`], [`Error::VisitOver`],
    /// [`Error::ClientIdReused`].
    pub(crate) async fn take_recording(
        &self,
        party: Party,
        new: NewRecording,
        bytes: Bytes,
    ) -> Result<MessageView, Error> {
        let sha256 = Sha256::digest(&bytes).to_vec();
        if let Some(before) = self.taken_before(party, new.client_id, &sha256).await? {
            return Ok(before);
        }
        self.limits.recording(party)?;
        self.scanner.check(&bytes).await?;
        let speech = self.voice.prepare(bytes.clone()).await?;
        let container = recognise_container(&bytes).map_err(audio::Error::from)?;
        let keep = self.is_kept(party).await?;
        let now = self.clock.now();
        let id: RecordingId = self.entropy.id(now);
        let blob = self.entropy.token();
        let sealed = self.sealer.seal(&place(id), &bytes);
        let recording = Recording {
            id,
            visit: party.visit,
            message: self.entropy.id(now),
            sha256,
            content_type: content_type(container).to_owned(),
            duration_ms: i32::try_from(speech.duration_ms).unwrap_or(i32::MAX),
            quality: serde_json::to_value(speech.quality)?,
            expecting: new.expecting,
            heard_by: None,
            original_blob: keep.then(|| blob.clone()),
            keep_until: keep.then(|| now + self.retention.recordings()),
            original_bytes: keep.then(|| i64::try_from(sealed.len()).unwrap_or(i64::MAX)),
            speech_blob: Some(blob.clone()),
        };
        self.blobs.put(BLOBS, &blob, sealed.into()).await?;
        self.ready.put(id, speech);
        let taken = repeat(|| self.take_recording_once(party, &new, &recording)).await;
        if !matches!(&taken, Ok((_, true))) {
            drop(self.ready.take(id));
            self.forget_blob(&blob).await;
        }
        Ok(taken?.0)
    }

    /// Whether whoever speaks agrees to the sound being kept for days; otherwise it is deleted once it is understood.
    async fn is_kept(&self, party: Party) -> Result<bool, Error> {
        let mut connection = self.db.acquire().await?;
        let speaker = if let Some(person) = party.by {
            Consenter::Person(person)
        } else {
            let visit = visits::find(&mut connection, party.tenant, party.visit, self.clock.now()).await?;
            Consenter::Guest(visit.ok_or(Error::NotFound)?.guest)
        };
        Ok(self.identity.agrees(&mut connection, speaker, Purpose::KeptRecordings).await?)
    }

    /// Gets the recogniser ready for a side that begins to speak. Nothing waits for it and nothing fails with it.
    pub(crate) fn expect_speech(&self, party: Party) {
        let Some(warm_up) = self.voice.warm_up() else { return };
        let negotiation = self.clone();
        tokio::spawn(async move {
            match negotiation.spoken_there(party).await {
                Ok(Some((language, names))) => warm_up.before(language, &names).await,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "what will be spoken about could not be read"),
            }
        });
    }

    /// What a side speaks, and what the stall sells in that language.
    async fn spoken_there(&self, party: Party) -> Result<Option<(Language, Vec<String>)>, Error> {
        let mut connection = self.db.acquire().await?;
        let found = visits::find(&mut connection, party.tenant, party.visit, self.clock.now()).await?;
        let Some(visit) = found else { return Ok(None) };
        let language = visit.language_of(party.side);
        let products = self.catalog.products_on_sale(&mut connection, party.tenant).await?;
        Ok(Some((language, products.iter().map(|p| p.name_in(language).to_owned()).collect())))
    }

    async fn taken_before(
        &self,
        party: Party,
        client_id: Uuid,
        sha256: &[u8],
    ) -> Result<Option<MessageView>, Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        let Some(before) = room.sent_before(client_id, sha256).await? else {
            room.must_be_open()?;
            return Ok(None);
        };
        let recording = match before.recording {
            Some(recording) => recordings::find(room.connection, party.tenant, recording).await?,
            None => None,
        };
        Ok(Some(room.view().message(&before, &[], recording.as_ref())))
    }

    /// Writes the recording with its message and its job; false where a retry was faster.
    async fn take_recording_once(
        &self,
        party: Party,
        new: &NewRecording,
        recording: &Recording,
    ) -> Result<(MessageView, bool), Error> {
        let mut transaction = self.db.begin().await?;
        let mut room = Room::enter(self, &mut transaction, party).await?;
        if let Some(before) = room.sent_before(new.client_id, &recording.sha256).await? {
            return Ok((room.view().message(&before, &[], Some(recording)), false));
        }
        room.must_be_open()?;
        let (of_stall, of_visit) = recordings::waiting(room.connection, party.tenant, party.visit).await?;
        if of_stall >= WAITING_MAX.0 || of_visit >= WAITING_MAX.1 {
            return Err(Error::TooBusy);
        }
        room.turn_to(new.product);
        recordings::insert(room.connection, party.tenant, recording, room.now).await?;
        let draft = room.draft(new.client_id, recording.sha256.clone(), Via::Spoken, String::new());
        let message = Message {
            id: recording.message,
            state: MessageState::Hearing,
            // Until it is clear what was said, it is nobody else's to read.
            audience: Audience::only(party.side),
            recording: Some(recording.id),
            ..draft
        };
        let message = room.post(message).await?;
        let Party { tenant, visit, by, .. } = party;
        let job = HearRecording { tenant, visit, recording: recording.id, by };
        self.jobs.enqueue(room.connection, Draft::new(party.tenant, &job)).await?;
        let view = room.view().message(&message, &[], Some(recording));
        room.close().await?;
        let other = subscriber(&room.visit, party.side.other());
        transaction.commit().await?;
        let by = sender(party.side);
        self.sync.send_signal(
            other,
            Signal { kind: SignalKind::Recording, visit_id: party.visit, by, message_id: None },
        );
        Ok((view, true))
    }
}

/// What a sealed recording belongs to.
pub fn place(recording: RecordingId) -> String {
    format!("recordings/{recording}")
}

/// The type a recording is played back as: what its bytes are, whatever its sender called them.
const fn content_type(container: Container) -> &'static str {
    match container {
        Container::Wav => "audio/wav",
        Container::Ogg => "audio/ogg",
        Container::WebM => "audio/webm",
        Container::Mp4 => "audio/mp4",
        Container::Flac => "audio/flac",
        Container::Mp3 => "audio/mpeg",
        Container::Aac => "audio/aac",
    }
}
