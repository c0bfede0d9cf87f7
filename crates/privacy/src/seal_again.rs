//! Complaints and answers under another master key: sealed again while people write.

use platform::keys::KeyId;
use platform::seal::{SealedAgain, named};

use crate::db::grievances;
use crate::grievance::{answer_place, words_place};
use crate::{Error, Privacy};

/// Complaints of one transaction.
const BATCH: i64 = 100;

impl Privacy {
    /// Seals every complaint with the newest key, where it is not. Called again after it was broken off, it goes on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn seal_again(&self) -> Result<SealedAgain, Error> {
        let mut done = SealedAgain::default();
        let mut after = None;
        loop {
            let mut transaction = self.db.begin().await?;
            let newest = self.grievances.newest();
            let batch = grievances::sealed_otherwise(&mut transaction, &newest, after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(done) };
            after = Some(last.id);
            for row in &batch {
                let again = |place: String, sealed: &[u8]| self.grievances.seal_again(&place, sealed);
                let words = done.count(again(words_place(row.id), &row.words));
                let answer = row.answer.as_deref();
                let newer = answer.and_then(|sealed| done.count(again(answer_place(row.id), sealed)));
                let words = words.as_deref().unwrap_or(&row.words);
                grievances::set_sealed(&mut transaction, row.id, words, newer.as_deref().or(answer)).await?;
            }
            transaction.commit().await?;
        }
    }

    /// With which keys complaints and answers are sealed, and how many with each.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn sealed_with(&self) -> Result<Vec<(Option<KeyId>, i64)>, Error> {
        let heads = grievances::heads_of_sealed(&mut *self.db.acquire().await?).await?;
        Ok(heads.into_iter().map(|(head, count)| (named(&head), count)).collect())
    }
}
