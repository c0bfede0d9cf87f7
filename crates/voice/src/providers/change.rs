//! What operators do with keys: add, turn on and off, order, try, end.
//!
//! **Invariants.** Each says why, and the act is kept with it, in the transaction of the change. Whoever changes something locks all
//! living keys first, in the order of their ids.

use std::sync::Arc;

use identity::audit::{Act, Area, Deed, keep};
use identity::{Caller, OperatorReason, Permission};
use platform::db::repeat;
use platform::text;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use types::{PersonId, ProviderKeyId};
use utoipa::ToSchema;

use super::credentials::Credentials;
use super::{Error, KEYS_MAX, ProviderName, Providers};
use crate::Voice;
use crate::bhashini::Bhashini;
use crate::db::provider_keys::{self, New};
use crate::engines::OF_SETTINGS;

/// The longest name of a key, in characters.
const NAME_CHARS_MAX: usize = 60;

/// One try at a time.
pub(crate) type Probing = tokio::sync::Semaphore;

/// A key that is to be used from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewProviderKey {
    /// Whose.
    provider: ProviderName,
    /// What operators call it, in one line of 1 to 60 characters.
    name: String,
    /// Of BHASHINI: the id of the user whose ULCA key it is; absent for an inference key.
    #[schema(nullable = false)]
    user_id: Option<String>,
    /// The key: 8 to 200 letters, digits and signs. Nobody is shown it again.
    #[schema(value_type = String)]
    key: SecretString,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// Whether a key is on from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ProviderChange {
    /// Whether it is.
    enabled: bool,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// In which order keys are tried from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ProviderOrder {
    /// All of them but that of the settings, each once; the first is tried first.
    keys: Vec<ProviderKeyId>,
    /// Why.
    #[serde(flatten)]
    why: OperatorReason,
}

/// What came of trying a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tried {
    /// Whether the provider answered.
    pub works: bool,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub took_ms: Option<i64>,
    /// What was wrong, in one English sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

impl Voice {
    /// Keeps a key, which is tried after those that are there.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::Name`], [`Error::Key`], [`Error::Reason`], [`Error::Full`].
    pub async fn add_provider_key(&self, caller: &Caller, new: &NewProviderKey) -> Result<Providers, Error> {
        let by = caller.operate(Permission::ManageProviders)?;
        let ProviderName::Bhashini = new.provider;
        let reason = new.why.line().map_err(Error::Reason)?;
        let name = text::line(&new.name, NAME_CHARS_MAX).map_err(Error::Name)?;
        let credentials = Credentials::given(new.user_id.as_deref(), &new.key)?;
        let kept = self.kept()?;
        let now = self.inner.ground.clock.now();
        let id: ProviderKeyId = kept.entropy.id(now);
        let (sealed, tail) = (credentials.seal(&kept.sealer, id), credentials.tail());
        let row = New { id, name: &name, sealed: &sealed, tail: &tail, by };
        repeat(|| async {
            let mut transaction = kept.db.begin().await?;
            provider_keys::lock(&mut transaction, KEYS_MAX).await?;
            // Counted once the locks are had: what was added meanwhile is not among the locked.
            let (there, _) = provider_keys::count(&mut transaction).await?;
            if there >= KEYS_MAX {
                return Err(Error::Full);
            }
            provider_keys::add(&mut transaction, &row, now).await?;
            let act = Act::by(by, Area::Providers, Deed::Added, now).about(id.uuid());
            keep(&mut transaction, act.because(&reason)).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%id, %by, "a provider's key was added");
        self.told_after_change(caller).await
    }

    /// Turns a key on or off.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NotFound`], [`Error::Reason`].
    pub async fn change_provider_key(
        &self,
        caller: &Caller,
        id: ProviderKeyId,
        change: &ProviderChange,
    ) -> Result<Providers, Error> {
        let by = caller.operate(Permission::ManageProviders)?;
        let reason = change.why.line().map_err(Error::Reason)?;
        let kept = self.kept()?;
        repeat(|| async {
            let now = self.inner.ground.clock.now();
            let mut transaction = kept.db.begin().await?;
            provider_keys::lock(&mut transaction, KEYS_MAX).await?;
            if !provider_keys::set_enabled(&mut transaction, id, change.enabled).await? {
                return Err(Error::NotFound);
            }
            let deed = if change.enabled { Deed::Allowed } else { Deed::Stopped };
            let act = Act::by(by, Area::Providers, deed, now).about(id.uuid());
            keep(&mut transaction, act.because(&reason)).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%id, %by, enabled = change.enabled, "a provider's key was turned on or off");
        self.told_after_change(caller).await
    }

    /// Says in which order keys are tried.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::Changed`] where these are not the keys there are; [`Error::Reason`].
    pub async fn order_provider_keys(
        &self,
        caller: &Caller,
        order: &ProviderOrder,
    ) -> Result<Providers, Error> {
        let by = caller.operate(Permission::ManageProviders)?;
        let reason = order.why.line().map_err(Error::Reason)?;
        let kept = self.kept()?;
        repeat(|| async {
            let now = self.inner.ground.clock.now();
            let mut transaction = kept.db.begin().await?;
            let there = provider_keys::lock(&mut transaction, KEYS_MAX).await?;
            let mut sorted = order.keys.clone();
            sorted.sort_unstable();
            if sorted != there {
                return Err(Error::Changed);
            }
            provider_keys::order(&mut transaction, &order.keys).await?;
            keep(&mut transaction, Act::by(by, Area::Providers, Deed::Changed, now).because(&reason)).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%by, "the keys of providers were put in another order");
        self.told_after_change(caller).await
    }

    /// Ends a key: what was sealed is gone.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NotFound`], [`Error::Reason`].
    pub async fn end_provider_key(
        &self,
        caller: &Caller,
        id: ProviderKeyId,
        why: &OperatorReason,
    ) -> Result<Providers, Error> {
        let by = caller.operate(Permission::ManageProviders)?;
        let reason = why.line().map_err(Error::Reason)?;
        let kept = self.kept()?;
        repeat(|| async {
            let now = self.inner.ground.clock.now();
            let mut transaction = kept.db.begin().await?;
            provider_keys::lock(&mut transaction, KEYS_MAX).await?;
            if !provider_keys::end(&mut transaction, id, now).await? {
                return Err(Error::NotFound);
            }
            let act = Act::by(by, Area::Providers, Deed::Ended, now).about(id.uuid());
            keep(&mut transaction, act.because(&reason)).await?;
            Ok(transaction.commit().await?)
        })
        .await?;
        tracing::info!(%id, %by, "a provider's key was ended");
        self.told_after_change(caller).await
    }

    /// Calls the provider by a key, also one that is off, with one word: at nobody's cost but the installation's.
    ///
    /// # Errors
    /// As [`Caller::operate`]; [`Error::NotFound`]; [`Error::Outside`]; [`Error::Busy`] while another is tried.
    pub async fn try_provider_key(&self, caller: &Caller, id: ProviderKeyId) -> Result<Tried, Error> {
        let by = caller.operate(Permission::ManageProviders)?;
        let _turn = self.inner.probing.try_acquire().map_err(|_| Error::Busy)?;
        let engine = match self.engine_in_use(id) {
            Some(engine) => engine,
            None if id == OF_SETTINGS => return Err(Error::NotFound),
            None => self.engine_that_is_off(id).await?,
        };
        if !engine.is_inside() {
            return Err(Error::Outside);
        }
        self.keep_try(by, id).await?;
        let tried = match engine.probe().await {
            Ok(took) => Tried { works: true, took_ms: i64::try_from(took.as_millis()).ok(), error: None },
            Err(error) => Tried { works: false, took_ms: None, error: Some(error) },
        };
        self.write_calls_down().await?;
        Ok(tried)
    }

    async fn engine_that_is_off(&self, id: ProviderKeyId) -> Result<Arc<Bhashini>, Error> {
        let kept = self.kept()?;
        let rows = provider_keys::living(&mut *kept.db.acquire().await?, KEYS_MAX).await?;
        let row = rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)?;
        self.engine_of(kept, id, &row.sealed).ok_or(Error::NotFound)
    }

    async fn keep_try(&self, by: PersonId, id: ProviderKeyId) -> Result<(), Error> {
        let kept = self.kept()?;
        repeat(|| async {
            let mut transaction = kept.db.begin().await?;
            let act = Act::by(by, Area::Providers, Deed::Started, self.inner.ground.clock.now());
            keep(&mut transaction, act.about(id.uuid())).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// This node takes a change at once; where it cannot, it does so with the next look.
    async fn told_after_change(&self, caller: &Caller) -> Result<Providers, Error> {
        if let Err(error) = self.look_at_keys().await {
            tracing::warn!(%error, "the keys of providers could not be looked at");
        }
        self.providers(caller).await
    }
}
