//! What is kept for businesses in files, charged by the day.
//!
//! Once a day is over in India, what each business had kept at its end is counted, where the price book had a price for it then, and
//! charged through the meter as any other work, in one transaction: a day is charged once, whoever counts it, however late and however
//! often. Without credit nothing is deleted; the days wait, at most thirty of them, and are charged after a top-up.

use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use payments::india;
use platform::db::repeat;
use platform::jobs::Draft;
use platform::kept::{Keeper, Kept};
use platform::meter::{self, Cause, Measure};
use serde::Serialize;
use sqlx::PgConnection;
use types::{TenantId, UsageId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::Credits;
use crate::db::credit::{prices, storage, wallets};
use crate::jobs::charge_storage::ChargeStorage;

/// Under which name the price book has what is kept here.
pub(crate) const STORAGE: &str = "storage";
/// Days that are counted later than on the next, where nothing ran: what was kept longer ago nobody knows any more.
const LATE_DAYS_MAX: u64 = 6;
/// Days without credit for which a charge is asked for later; older ones are waived.
const WAITS_FOR: TimeDelta = TimeDelta::days(30);
/// Businesses that one step counts.
const BATCH: i64 = 500;

/// What was kept over the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptOn {
    /// The day, in India.
    pub day: NaiveDate,
    /// Bytes of recordings that their speakers keep.
    pub recordings_bytes: i64,
    /// Bytes of papers and photographs that answer disputes.
    pub papers_bytes: i64,
}

/// A day that is not charged yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored {
    pub id: Uuid,
    pub kept: KeptOn,
}

impl Stored {
    /// What is charged. Nobody's act caused it: it counts against no member's limit.
    fn work(self, tenant: TenantId) -> meter::Work {
        let bytes = self.kept.recordings_bytes.saturating_add(self.kept.papers_bytes);
        let cause = Cause { kind: "storage", id: self.id, visit: None, by: None };
        let amount_max = bytes.unsigned_abs();
        meter::Work {
            tenant,
            provider: STORAGE,
            model: None,
            measure: Measure::StoredByteDays,
            amount_max,
            cause,
        }
    }
}

impl Credits {
    /// Counts the days that are over, and has them charged. Cut off anywhere and called again, it goes on.
    pub(crate) async fn count_storage(&self, keepers: &[Arc<dyn Keeper>]) -> Result<(), Error> {
        let today = india::date(self.clock.now());
        let last = storage::last_counted(&mut *self.db.acquire().await?).await?;
        let first = last.map_or(today - Days::new(1), |day| day + Days::new(1));
        let mut day = first.max(today - Days::new(LATE_DAYS_MAX + 1));
        while day < today {
            self.count_day(day, keepers).await?;
            day = day + Days::new(1);
        }
        Ok(())
    }

    async fn count_day(&self, day: NaiveDate, keepers: &[Arc<dyn Keeper>]) -> Result<(), Error> {
        let end = india::hours(day).end;
        let has_price = {
            let mut connection = self.db.acquire().await?;
            prices::is_priced(&mut connection, STORAGE, Measure::StoredByteDays, end).await?
        };
        if has_price {
            for keeper in keepers {
                self.count_keeper(day, keeper.as_ref()).await?;
            }
            self.have_charged(day).await?;
        }
        let mut connection = self.db.acquire().await?;
        Ok(storage::set_counted(&mut connection, day, self.clock.now()).await?)
    }

    async fn count_keeper(&self, day: NaiveDate, keeper: &dyn Keeper) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = keeper.kept_at(india::hours(day).end, after, BATCH).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.tenant);
            let now = self.clock.now();
            let with_ids: Vec<(Uuid, Kept)> = page.iter().map(|kept| (self.entropy.id(now), *kept)).collect();
            let mut connection = self.db.acquire().await?;
            storage::note(&mut connection, (day, keeper.kind()), &with_ids, now).await?;
        }
    }

    /// One job a business charges all its days that wait; where one waits for credit, it takes this day along.
    async fn have_charged(&self, day: NaiveDate) -> Result<(), Error> {
        let mut after = None;
        loop {
            let mut connection = self.db.acquire().await?;
            let page = storage::waiting_of_day(&mut connection, day, after, BATCH).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            let tenants: Vec<TenantId> = page.iter().map(|(tenant, _)| *tenant).collect();
            let paused = self.jobs.paused(&mut connection, &tenants).await?;
            let waits = |tenant: &TenantId| paused.iter().any(|(id, jobs)| id == tenant && *jobs > 0);
            let to_charge = page.iter().filter(|(tenant, older)| !(*older && waits(tenant)));
            let drafts = to_charge.map(|(tenant, _)| {
                Draft::new(*tenant, &ChargeStorage { tenant: *tenant }).once(tenant.to_string())
            });
            self.jobs.enqueue_drafts(&mut connection, drafts.collect()).await?;
        }
    }

    /// Charges the days of a business that wait, the oldest first.
    ///
    /// # Errors
    /// [`Error::NoCredit`], [`Error::Frozen`]: the days that are left wait on.
    pub(crate) async fn charge_storage(&self, tenant: TenantId) -> Result<(), Error> {
        loop {
            let oldest = storage::oldest_waiting(&mut *self.db.acquire().await?, tenant).await?;
            let Some(stored) = oldest else { return Ok(()) };
            let charged = repeat(|| self.charge_day(tenant, stored.kept.day)).await;
            if let Err(refused @ (Error::NoCredit | Error::Frozen)) = &charged {
                self.note_refused(&stored.work(tenant), refused).await;
            }
            charged?;
        }
    }

    /// Charges a day, or waives it where it has waited too long; one that is settled stays as it is.
    async fn charge_day(&self, tenant: TenantId, day: NaiveDate) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let now = self.clock.now();
        wallets::lock(&mut transaction, tenant, now).await?;
        let Some(stored) = storage::lock_waiting(&mut transaction, tenant, day).await? else { return Ok(()) };
        if now - india::hours(day).end > WAITS_FOR {
            storage::waive(&mut transaction, tenant, day, now).await?;
            tracing::info!(%tenant, %day, "what was kept is not charged: there was no credit for too long");
        } else {
            let usage = self.charge_stored(&mut transaction, tenant, stored).await?;
            storage::set_charged(&mut transaction, (tenant, day), usage, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn charge_stored(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        stored: Stored,
    ) -> Result<UsageId, Error> {
        let work = stored.work(tenant);
        let end = india::hours(stored.kept.day).end;
        let reservation = self.reserve_at(connection, &work, end).await?;
        self.capture_in(connection, reservation, work.amount_max).await?;
        Ok(reservation.id.into())
    }
}
