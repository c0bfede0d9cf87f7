//! Secrets of second factors under another master key: sealed again while people sign in.

use platform::keys::KeyId;
use platform::seal::{SealedAgain, named};

use crate::second_factor::place;
use crate::{Error, Identity, db};

/// Secrets of one transaction.
const BATCH: i64 = 100;

impl Identity {
    /// Seals every secret with the newest key, where it is not. Called again after it was broken off, it goes on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn seal_again(&self) -> Result<SealedAgain, Error> {
        let mut done = SealedAgain::default();
        let mut after = None;
        loop {
            let mut transaction = self.db.begin().await?;
            let newest = self.sealer.newest();
            let batch = db::factors::sealed_otherwise(&mut transaction, &newest, after, BATCH).await?;
            let Some((person, _)) = batch.last() else { return Ok(done) };
            after = Some(*person);
            for (person, sealed) in &batch {
                if let Some(again) = done.count(self.sealer.seal_again(&place(*person), sealed)) {
                    db::factors::set_sealed(&mut transaction, *person, &again).await?;
                }
            }
            transaction.commit().await?;
        }
    }

    /// With which keys the secrets are sealed, and how many with each.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn sealed_with(&self) -> Result<Vec<(Option<KeyId>, i64)>, Error> {
        let heads = db::factors::heads_of_sealed(&mut *self.db.acquire().await?).await?;
        Ok(heads.into_iter().map(|(head, count)| (named(&head), count)).collect())
    }
}
