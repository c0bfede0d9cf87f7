//! The rates of the tax that is collected at source, in versions, which operators write.

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use platform::sent::content_hash;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};
use types::{IntentId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Due, Supply};
use crate::db::{Sent, tcs};
use crate::ids::TcsRateId;
use crate::{Error, Payments, Percent};

/// The highest rate that the law allows, in hundredths of a per cent: one per cent each for centre and state.
const BASIS_POINTS_MAX: i64 = 2_00;

/// A rate at which tax is collected at source. It is never changed: a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TcsRate {
    /// The rate.
    pub id: TcsRateId,
    /// Per cent of the value before tax; within a state half of it is the centre's and half the state's. `0` collects nothing.
    #[schema(value_type = String)]
    pub percent: Percent,
    /// From when on.
    pub effective_from: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A rate to be written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewTcsRate {
    /// The sender's own id for it: sent again it answers as the first time.
    pub client_id: Uuid,
    /// From 0 to 2 per cent of the value before tax, each half of it with at most two decimals: `0.5`. `0` collects nothing.
    #[schema(value_type = String)]
    pub percent: Percent,
    /// From when on: now where nothing is said, never earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub effective_from: Option<DateTime<Utc>>,
    /// Why: one line.
    #[schema(max_length = 200)]
    pub reason: String,
}

/// The rates as the operator sees them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TcsBook {
    /// What is collected now; absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub percent: Option<Percent>,
    /// Every rate, those that begin last first, at most 500.
    pub rates: Vec<TcsRate>,
}

impl NewTcsRate {
    fn checked(&self, id: TcsRateId, now: DateTime<Utc>) -> Result<TcsRate, Error> {
        let effective_from = self.effective_from.unwrap_or(now);
        if effective_from < now {
            return Err(Error::RuleNotInFuture);
        }
        let basis_points = self.percent.basis_points();
        if basis_points > BASIS_POINTS_MAX || basis_points % 2 != 0 {
            return Err(Error::TcsRate);
        }
        let reason = OperatorReason { reason: self.reason.clone() }.line().map_err(Error::Reason)?;
        Ok(TcsRate { id, percent: self.percent, effective_from, reason, created_at: now })
    }
}

impl Payments {
    /// The rates, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn tcs_book(&self, caller: &Caller) -> Result<TcsBook, Error> {
        caller.operator()?;
        let mut connection = self.db.acquire().await?;
        let rates = tcs::list(&mut connection).await?;
        let now = tcs::in_force(&mut connection, self.clock.now()).await?;
        let percent = now.map(|(_, percent)| percent).filter(|percent| percent.basis_points() > 0);
        Ok(TcsBook { percent, rates })
    }

    /// Writes a rate: once for each `client_id`. Of what was sold before, what was collected stays.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::TcsRate`], [`Error::RuleNotInFuture`], [`Error::Reason`], [`Error::ClientIdReused`].
    pub async fn add_tcs_rate(&self, caller: &Caller, new: &NewTcsRate) -> Result<TcsRate, Error> {
        let person = caller.operator()?;
        let now = self.clock.now();
        let content_hash = content_hash(new).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let sent = Sent { client_id: new.client_id, content_hash, person };
        let mut connection = self.db.acquire().await?;
        if tcs::sent_before(&mut connection, new.client_id).await?.is_none() {
            let rate = new.checked(self.entropy.id(now), now)?;
            let mut transaction = connection.begin().await?;
            if tcs::insert(&mut transaction, &rate, &sent).await? {
                let act = Act::by(person, Area::Tcs, Deed::Added, now).about(rate.id.uuid());
                audit::keep(&mut transaction, act.because(&rate.reason)).await?;
                transaction.commit().await?;
                tracing::info!(rate = %rate.id, percent = %rate.percent, %person, reason = rate.reason, "a rate of TCS was written");
            }
        }
        // This one, or what was sent before or at the same moment.
        let (id, hash) = tcs::sent_before(&mut connection, new.client_id).await?.ok_or(Error::NotFound)?;
        if hash != sent.content_hash {
            return Err(Error::ClientIdReused);
        }
        tcs::find(&mut connection, id).await?.ok_or(Error::NotFound)
    }

    /// Says what of the money that an intent asks for is a registered vendor's taxable supply, whenever it is asked for, or the goods go
    /// elsewhere or to somebody else; none where the vendor is not registered. What is paid stays as it was. The caller holds the
    /// order's intents.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn state_supply(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        intent: IntentId,
        supply: Option<&Supply>,
    ) -> Result<(), Error> {
        Ok(tcs::set_supply(connection, tenant, intent, supply).await?)
    }

    /// What is to be collected of a sale that the gateway took for an intent; none where nothing is collected, or of no registered vendor.
    pub(crate) async fn tcs_due(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        intent: IntentId,
    ) -> Result<Option<Due>, Error> {
        let Some((rate, percent)) = tcs::in_force(connection, self.clock.now()).await? else {
            return Ok(None);
        };
        if percent.basis_points() == 0 {
            return Ok(None);
        }
        let supply = tcs::supply_of(connection, tenant, intent).await?;
        Ok(supply.map(|supply| Due { rate, minor: supply.tcs_minor(percent.basis_points()), supply }))
    }
}
