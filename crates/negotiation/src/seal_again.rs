//! Recordings under another master key: sealed again while people talk.

use std::collections::HashMap;

use platform::blob;
use platform::keys::KeyId;
use platform::seal::{SealedAgain, named};
use types::{RecordingId, TenantId};

use crate::db::recordings;
use crate::recording::{BLOBS, place};
use crate::{Error, Negotiation};

/// Recordings that are looked for at a time.
const BATCH: i64 = 100;

impl Negotiation {
    /// Seals every recording that is still there with the newest key, where it is not. Called again after it was broken off, it goes on.
    ///
    /// # Errors
    /// Whatever the database or the store says.
    pub async fn seal_again(&self) -> Result<SealedAgain, Error> {
        let mut done = SealedAgain::default();
        let mut after = None;
        loop {
            let batch = recordings::with_sound(&mut *self.db.acquire().await?, after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(done) };
            after = Some(*last);
            for (tenant, recording) in batch {
                done += self.seal_recording_again(tenant, recording).await?;
            }
        }
    }

    /// The row is locked meanwhile: whoever drops the sound comes before or after. What was deleted a moment ago and is written once
    /// more belongs to no recording, and goes with those.
    async fn seal_recording_again(
        &self,
        tenant: TenantId,
        recording: RecordingId,
    ) -> Result<SealedAgain, Error> {
        let mut done = SealedAgain::default();
        let mut transaction = self.db.begin().await?;
        for blob in recordings::lock_sound(&mut transaction, tenant, recording).await? {
            let sealed = match self.blobs.get(BLOBS, &blob).await {
                Err(blob::Error::Missing) => continue,
                other => other?,
            };
            if let Some(again) = done.count(self.sealer.seal_again(&place(recording), &sealed)) {
                self.blobs.put(BLOBS, &blob, again.into()).await?;
            }
        }
        transaction.commit().await?;
        Ok(done)
    }

    /// With which keys the recordings are sealed, and how many with each; none is the first key, from before keys had names.
    ///
    /// # Errors
    /// Whatever the database or the store says.
    pub async fn sealed_with(&self) -> Result<Vec<(Option<KeyId>, i64)>, Error> {
        let mut counted: HashMap<Option<KeyId>, i64> = HashMap::new();
        for (blob, ..) in self.blobs.list(BLOBS).await? {
            match self.blobs.get(BLOBS, &blob).await {
                Err(blob::Error::Missing) => {}
                sealed => *counted.entry(named(&sealed?)).or_default() += 1,
            }
        }
        Ok(counted.into_iter().collect())
    }
}
