//! Numbers of bank accounts under another master key: sealed again while payouts go on.

use platform::keys::KeyId;
use platform::seal::{SealedAgain, named};

use super::account::place;
use crate::db::paying_out::accounts;
use crate::{Error, Payments};

/// Accounts of one transaction.
const BATCH: i64 = 100;

impl Payments {
    /// Seals every account's number with the newest key, where it is not. Called again after it was broken off, it goes on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn seal_again(&self) -> Result<SealedAgain, Error> {
        let mut done = SealedAgain::default();
        let mut after = None;
        loop {
            let mut transaction = self.db.begin().await?;
            let newest = self.sealer.newest();
            let batch = accounts::sealed_otherwise(&mut transaction, &newest, after, BATCH).await?;
            let Some((tenant, id, _)) = batch.last() else { return Ok(done) };
            after = Some((*tenant, *id));
            for (tenant, id, sealed) in &batch {
                if let Some(again) = done.count(self.sealer.seal_again(&place(*tenant, *id), sealed)) {
                    accounts::set_sealed(&mut transaction, *tenant, *id, &again).await?;
                }
            }
            transaction.commit().await?;
        }
    }

    /// With which keys the numbers are sealed, and how many with each; none is the first key, from before keys had names.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn sealed_with(&self) -> Result<Vec<(Option<KeyId>, i64)>, Error> {
        let heads = accounts::heads_of_sealed(&mut *self.db.acquire().await?).await?;
        Ok(heads.into_iter().map(|(head, count)| (named(&head), count)).collect())
    }
}
