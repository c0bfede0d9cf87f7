//! The keys that are kept in the database, as this process knows them: looked for every few seconds, and at once after a change of its
//! own. What was measured is written down on the way.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use identity::{Identity, Outside};
use platform::keys::KeyId;
use platform::seal::{SealedAgain, Sealer, named};
use platform::{Db, Entropy};
use tokio_util::sync::CancellationToken;
use types::ProviderKeyId;

use super::credentials::{Credentials, place};
use super::{Error, KEYS_MAX};
use crate::Voice;
use crate::bhashini::{Bhashini, Desk};
use crate::db::{provider_keys, provider_minutes};
use crate::engines::Engines;

/// How soon a change that another node made is known here, at the latest.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);

/// Where keys are kept, and what was made of them.
#[derive(Debug)]
pub(crate) struct Kept {
    pub db: Db,
    pub entropy: Entropy,
    pub sealer: Sealer,
    pub identity: Identity,
    /// One look at a time, with what the last one found: a key that does not open has no provider.
    known: tokio::sync::Mutex<HashMap<ProviderKeyId, Option<Arc<Bhashini>>>>,
}

impl Kept {
    pub fn new(db: Db, entropy: Entropy, sealer: Sealer, identity: Identity) -> Self {
        Self { db, entropy, sealer, identity, known: tokio::sync::Mutex::default() }
    }
}

impl Voice {
    pub(crate) fn kept(&self) -> Result<&Arc<Kept>, Error> {
        self.kept.as_ref().ok_or(Error::NotKept)
    }

    /// Looks which keys there are, and calls providers by those from now on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn look_at_keys(&self) -> Result<(), Error> {
        let kept = self.kept()?;
        let mut known = kept.known.lock().await;
        let rows = provider_keys::living(&mut *kept.db.acquire().await?, KEYS_MAX).await?;
        let mut found = HashMap::new();
        let mut in_order = Vec::new();
        for row in rows {
            let before = known.remove(&row.id);
            let is_new = before.is_none();
            let engine = before.flatten().or_else(|| self.engine_of(kept, row.id, &row.sealed));
            if is_new && engine.is_none() {
                tracing::error!(id = %row.id, "a provider's key does not open");
            }
            in_order.extend(engine.clone().filter(|_| row.enabled));
            found.insert(row.id, engine);
        }
        *known = found;
        self.use_engines(Engines::of(&self.inner.fixed, in_order));
        kept.identity.tell_outside(self.outside());
        Ok(())
    }

    /// The provider that is called by this key now.
    pub(crate) fn engine_in_use(&self, id: ProviderKeyId) -> Option<Arc<Bhashini>> {
        self.engines().providers.iter().find(|provider| provider.id() == id).cloned()
    }

    /// A provider called by this key, as the settings say it is called; none where the key does not open.
    pub(crate) fn engine_of(&self, kept: &Kept, id: ProviderKeyId, sealed: &[u8]) -> Option<Arc<Bhashini>> {
        let credentials = Credentials::open(&kept.sealer, id, sealed).ok()?;
        let config = credentials.in_place_of(&self.inner.settings);
        Bhashini::of(&config, id, Desk::Page, &self.inner.ground).map(Arc::new)
    }

    /// Who elsewhere gets words now.
    fn outside(&self) -> Outside {
        let engines = self.engines();
        let inside: Vec<_> = engines.providers.iter().filter(|provider| provider.is_inside()).collect();
        let names = inside.first().map(|_| crate::bhashini::CALLED.to_owned());
        let mut regions: Vec<String> = inside.iter().flat_map(|p| p.works_in()).map(String::from).collect();
        regions.sort_unstable();
        regions.dedup();
        Outside { names: names.into_iter().collect(), regions }
    }

    /// Writes down what was measured since the last time.
    pub(crate) async fn write_calls_down(&self) -> Result<(), sqlx::Error> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let counted = &self.inner.ground.calls;
        if counted.is_empty() {
            return Ok(());
        }
        let mut connection = kept.db.acquire().await?;
        let mut waiting = counted.take().into_iter();
        while let Some((key, minute, calls)) = waiting.next() {
            if let Err(error) = provider_minutes::add(&mut connection, key, minute, &calls).await {
                for (key, minute, calls) in std::iter::once((key, minute, calls)).chain(waiting) {
                    counted.add(key, minute, calls);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Keeps looking until `stop`, and writes down what is measured.
    pub async fn keep_looking(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look_at_keys().await {
                tracing::warn!(%error, "the keys of providers could not be looked at");
            }
            if let Err(error) = self.write_calls_down().await {
                tracing::warn!(%error, "calls to providers could not be written down");
            }
            if stop.is_cancelled() {
                return;
            }
            stop.run_until_cancelled(tokio::time::sleep(LOOKED_EVERY)).await;
        }
    }

    /// Seals every key with the newest master key, where it is not. Called again after it was broken off, it goes on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn seal_again(&self) -> Result<SealedAgain, Error> {
        let kept = self.kept()?;
        let mut done = SealedAgain::default();
        let mut transaction = kept.db.begin().await?;
        for (id, sealed) in provider_keys::lock_sealed(&mut transaction, KEYS_MAX).await? {
            if let Some(again) = done.count(kept.sealer.seal_again(&place(id), &sealed)) {
                provider_keys::set_sealed(&mut transaction, id, &again).await?;
            }
        }
        transaction.commit().await?;
        Ok(done)
    }

    /// With which master keys the keys are sealed, and how many with each.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn sealed_with(&self) -> Result<Vec<(Option<KeyId>, i64)>, Error> {
        let kept = self.kept()?;
        let heads = provider_keys::heads_of_sealed(&mut *kept.db.acquire().await?).await?;
        Ok(heads.into_iter().map(|(head, count)| (named(&head), count)).collect())
    }
}
