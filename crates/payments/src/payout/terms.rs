//! How long one stall's money is held back, where it is not as long as everybody's.

use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use types::TenantId;

use super::hold::DAYS_MAX;
use super::oversight::NewHold;
use crate::db::paying_out::terms;
use crate::{Error, Payments};

impl Payments {
    /// Sets how long the money of a stall's sales is held back from now on; who and why is kept. What is held already stays so.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::HoldDays`], [`Error::Reason`].
    pub async fn set_hold(&self, caller: &Caller, tenant: TenantId, new: &NewHold) -> Result<(), Error> {
        let person = caller.operator()?;
        let reason = new.why().line().map_err(Error::Reason)?;
        if new.hold_days.is_some_and(|days| !(0..=DAYS_MAX).contains(&days)) {
            return Err(Error::HoldDays);
        }
        let now = self.clock.now();
        let id = self.entropy.id(now);
        let row = terms::New { tenant, id, hold_days: new.hold_days, reason: &reason, person, now };
        let mut transaction = self.db.begin().await?;
        terms::insert(&mut transaction, &row).await?;
        let act = Act::by(person, Area::Payouts, Deed::Changed, now).in_business(tenant);
        audit::keep(&mut transaction, act.because(&reason)).await?;
        transaction.commit().await?;
        tracing::info!(%tenant, %person, days = new.hold_days, reason, "a stall's money is held otherwise");
        Ok(())
    }
}
