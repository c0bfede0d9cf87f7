//! What a provider's work costs.

use chrono::{DateTime, Utc};
use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use platform::meter::Measure;
use platform::sent::content_hash;
use platform::text;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use types::PriceId;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::{Credits, reason, within};
use crate::db::credit::prices;

/// Millionths of a rupee in a paisa.
pub(crate) const MICROS_A_PAISA: i64 = 10_000;
/// The longest name of a provider, in characters.
const PROVIDER_CHARS_MAX: usize = 40;
/// The longest name of a provider's model, in characters.
const MODEL_CHARS_MAX: usize = 80;
/// The most that `per` units may cost: ten thousand rupees.
const PRICE_MICROS_MAX: i64 = 10_000_000_000;
/// The most units a price may be for.
const PER_MAX: i64 = 1_000_000_000;

/// A price in the book. It is never changed: a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkPrice {
    /// The price.
    pub id: PriceId,
    /// Whose work: `bhashini` …
    pub provider: String,
    /// Which of the provider's models; absent where it is the price of every model that has none of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// What is counted.
    pub measure: Measure,
    /// So many of the measure's unit …
    pub per: i64,
    /// … cost so many millionths of a rupee.
    pub price_micros: i64,
    /// From when on.
    pub effective_from: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A price to be written into the book.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewPrice {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// Whose work: `bhashini` …
    #[schema(max_length = 40)]
    pub provider: String,
    /// Which of the provider's models; every one that has no price of its own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 80)]
    pub model: Option<String>,
    /// What is counted.
    pub measure: Measure,
    /// So many of the measure's unit …
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub per: i64,
    /// … cost so many millionths of a rupee.
    #[schema(minimum = 0, maximum = 10_000_000_000_i64)]
    pub price_micros: i64,
    /// From when on: now where nothing is said, never earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub effective_from: Option<DateTime<Utc>>,
    /// Why: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

impl WorkPrice {
    /// What `amount` of the measure costs, in millionths of a rupee, a begun one counted whole.
    ///
    /// # Errors
    /// [`Error::TooMuch`].
    pub(crate) fn cost_micros(&self, amount: u64) -> Result<i64, Error> {
        let product = i128::from(amount) * i128::from(self.price_micros);
        let per = i128::from(self.per);
        i64::try_from((product + per - 1).div_euclid(per)).map_err(|_| Error::TooMuch)
    }

    /// What is set aside for `amount`, in paise: whatever part of a paisa was used before, it is enough.
    ///
    /// # Errors
    /// [`Error::TooMuch`].
    pub(crate) fn paise_at_most(&self, amount: u64) -> Result<i64, Error> {
        let micros = self.cost_micros(amount)?;
        Ok(micros / MICROS_A_PAISA + i64::from(micros % MICROS_A_PAISA > 0))
    }
}

/// Charges whole paise; what is below one is carried on to the next charge. Gives the paise and the new carry.
///
/// # Errors
/// [`Error::TooMuch`].
pub(crate) fn whole_paise(carry_micros: i64, cost_micros: i64) -> Result<(i64, i64), Error> {
    let total = carry_micros.checked_add(cost_micros).ok_or(Error::TooMuch)?;
    Ok((total / MICROS_A_PAISA, total % MICROS_A_PAISA))
}

impl NewPrice {
    /// The price that this is at the moment `now`.
    ///
    /// # Errors
    /// [`Error::Field`], [`Error::OutOfRange`], [`Error::PriceNotInFuture`].
    pub(crate) fn checked(&self, id: PriceId, now: DateTime<Utc>) -> Result<WorkPrice, Error> {
        let effective_from = self.effective_from.unwrap_or(now);
        if effective_from < now {
            return Err(Error::PriceNotInFuture);
        }
        let provider = text::line(&self.provider, PROVIDER_CHARS_MAX)
            .map_err(|error| Error::Field { name: "provider", error })?;
        let model = self.model.as_deref().map(|model| text::line(model, MODEL_CHARS_MAX)).transpose();
        Ok(WorkPrice {
            id,
            provider: provider.to_lowercase(),
            model: model.map_err(|error| Error::Field { name: "model", error })?,
            measure: self.measure,
            per: within("per", self.per, 1, PER_MAX)?,
            price_micros: within("price_micros", self.price_micros, 0, PRICE_MICROS_MAX)?,
            effective_from,
            reason: reason(&self.reason)?,
            created_at: now,
        })
    }
}

impl Credits {
    /// Every price, past and coming ones too: those that begin last first, at most 500.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn prices(&self, caller: &Caller) -> Result<Vec<WorkPrice>, Error> {
        caller.operator()?;
        Ok(prices::list(&mut *self.db.acquire().await?).await?)
    }

    /// Puts a price on a provider's work: once for each `client_id`.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Field`], [`Error::OutOfRange`], [`Error::PriceNotInFuture`],
    /// [`Error::ClientIdReused`].
    pub async fn add_price(&self, caller: &Caller, new: &NewPrice) -> Result<WorkPrice, Error> {
        let person = caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let now = self.clock.now();
        let sent = prices::Sent {
            client_id: new.client_id,
            content_hash: content_hash(new).map_err(Error::Stored)?,
            person,
        };
        if let Some((id, hash)) = prices::sent_before(&mut connection, new.client_id).await? {
            let same = (hash == sent.content_hash).then_some(id).ok_or(Error::ClientIdReused)?;
            return prices::find(&mut connection, same).await?.ok_or(Error::NotFound);
        }
        let price = new.checked(self.entropy.id(now), now)?;
        let mut transaction = connection.begin().await?;
        if !prices::insert(&mut transaction, &price, &sent).await? {
            return Err(Error::ClientIdReused);
        }
        let act = Act::by(person, Area::Prices, Deed::Added, now).about(price.id.uuid());
        audit::keep(&mut transaction, act.because(&price.reason)).await?;
        transaction.commit().await?;
        tracing::info!(price = %price.id, %person, provider = price.provider, "a price was written");
        Ok(price)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn price(per: i64, price_micros: i64) -> WorkPrice {
        WorkPrice {
            id: Uuid::nil().into(),
            provider: "bhashini".to_owned(),
            model: None,
            measure: Measure::AudioMs,
            per,
            price_micros,
            effective_from: DateTime::UNIX_EPOCH,
            reason: "first".to_owned(),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn forty_two_seconds_at_thirty_paise_a_minute_are_twenty_one_paise() {
        let minute = price(60_000, 300_000);
        assert_eq!(minute.cost_micros(42_000).unwrap(), 210_000);
        assert_eq!(minute.paise_at_most(42_000).unwrap(), 21);
        assert_eq!(minute.paise_at_most(42_001).unwrap(), 22);
        assert_eq!(minute.paise_at_most(0).unwrap(), 0);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(matches!(price(1, i64::MAX).cost_micros(u64::MAX), Err(Error::TooMuch)));
    }

    #[test]
    fn a_price_begins_now_or_later_and_is_not_below_nothing() {
        let new = NewPrice {
            client_id: Uuid::nil(),
            provider: " Bhashini ".to_owned(),
            model: None,
            measure: Measure::AudioMs,
            per: 1000,
            price_micros: 5,
            effective_from: None,
            reason: "first".to_owned(),
        };
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(new.checked(Uuid::nil().into(), now).unwrap().provider, "bhashini");
        let earlier = Some(now - chrono::TimeDelta::seconds(1));
        let refused = |new: NewPrice| new.checked(Uuid::nil().into(), now).unwrap_err();
        assert!(matches!(
            refused(NewPrice { effective_from: earlier, ..new.clone() }),
            Error::PriceNotInFuture
        ));
        assert!(matches!(refused(NewPrice { per: 0, ..new.clone() }), Error::OutOfRange { name: "per", .. }));
        assert!(matches!(refused(NewPrice { price_micros: -1, ..new.clone() }), Error::OutOfRange { .. }));
        assert!(matches!(refused(NewPrice { reason: " ".to_owned(), ..new }), Error::Field { .. }));
    }

    proptest! {
        #[test]
        fn the_charges_sum_to_the_exact_cost_but_for_less_than_a_paisa(costs in prop::collection::vec(0i64..100_000, 1..60)) {
            let (mut carry, mut charged) = (0, 0);
            for cost in &costs {
                let (paise, left) = whole_paise(carry, *cost).unwrap();
                // What was reserved is always enough.
                prop_assert!(paise <= cost / MICROS_A_PAISA + i64::from(cost % MICROS_A_PAISA > 0));
                (carry, charged) = (left, charged + paise);
            }
            prop_assert_eq!(charged * MICROS_A_PAISA + carry, costs.iter().sum::<i64>());
        }
    }
}
