//! Work that waits for credit: it is tried again when there is credit for what the least of it wanted.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use platform::jobs::Draft;
use platform::meter;
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

use crate::Error;
use crate::credit::lot::allot;
use crate::credit::{Credits, Holding};
use crate::db::credit::wants::Want;
use crate::db::credit::{lots, prices, recharges, wallets, wants};
use crate::jobs::tell_credit::TellCredit;

/// Tenants that one step looks at.
const BATCH: u16 = 200;
/// What work wanted is not believed longer: its price may have changed.
pub(crate) const WANTS_LAST: TimeDelta = TimeDelta::hours(1);

impl Credits {
    /// Notes that work was refused, and has the vendor told once it waits.
    pub(crate) async fn note_refused(&self, work: &meter::Work, frozen: bool) {
        let noted = async {
            let mut connection = self.db.acquire().await?;
            let now = self.clock.now();
            let price = prices::in_force(&mut connection, work, now).await?;
            let wanted = price.map(|price| price.paise_at_most(work.amount_max)).transpose()?;
            if let Some(wanted_minor) = wanted.filter(|minor| *minor > 0 && !frozen) {
                let want = Want { tenant: work.tenant, measure: work.measure, wanted_minor };
                wants::note(&mut connection, &want, now, now - WANTS_LAST).await?;
                if recharges::find(&mut connection, work.tenant).await?.is_some_and(|rule| rule.is_on) {
                    self.recharge_soon(&mut connection, work.tenant).await?;
                }
            }
            self.tell_soon(&mut connection, work.tenant).await
        };
        if let Err(error) = noted.await {
            let tenant = work.tenant;
            tracing::warn!(%error, %tenant, "a vendor was not told that work waits for credit");
        }
    }

    /// Has the vendor told of the credit in a moment: once, whatever happens until then.
    pub(crate) async fn tell_soon(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<(), Error> {
        let draft = Draft::new(tenant, &TellCredit { tenant }).once(tenant.to_string());
        Ok(self.jobs.enqueue(connection, draft.at(self.clock.now() + TellCredit::AFTER)).await?)
    }

    /// Sets a tenant's waiting work going, where it may be paid.
    pub(crate) async fn resume(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<(), Error> {
        if wallets::frozen(connection, &[tenant]).await?.contains(&tenant) {
            return Ok(());
        }
        let now = self.clock.now();
        let holdings = self.holdings(connection, tenant).await?;
        let wanted = wants::of(connection, &[tenant], now - WANTS_LAST).await?;
        if is_covered(&holdings, &wanted, tenant, now) {
            self.let_go(connection, tenant).await
        } else {
            Ok(())
        }
    }

    /// Sets work going that came to wait at the very moment of a top-up.
    pub(crate) async fn resume_where_credit_is(&self) -> Result<(), Error> {
        let mut after: TenantId = Uuid::nil().into();
        loop {
            let mut connection = self.db.acquire().await?;
            let now = self.clock.now();
            let waiting = self.jobs.tenants_paused(&mut connection, after, i64::from(BATCH)).await?;
            let Some(last) = waiting.last() else { return Ok(()) };
            after = *last;
            let frozen: HashSet<TenantId> = wallets::frozen(&mut connection, &waiting).await?;
            let open = lots::open(&mut connection, &waiting).await?;
            let holdings = self.holdings_of(&mut connection, open).await?;
            let wanted = wants::of(&mut connection, &waiting, now - WANTS_LAST).await?;
            for tenant in waiting.into_iter().filter(|tenant| !frozen.contains(tenant)) {
                let own: Vec<Holding> = holdings.iter().filter(|h| h.lot.tenant == tenant).cloned().collect();
                if is_covered(&own, &wanted, tenant, now) {
                    self.let_go(&mut connection, tenant).await?;
                }
            }
        }
    }

    async fn let_go(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<(), Error> {
        wants::forget(connection, tenant).await?;
        self.jobs.resume(connection, tenant).await?;
        Ok(())
    }
}

/// Whether a tenant's lots pay for the least that its work wanted; where nothing is known of that, any credit will do.
fn is_covered(holdings: &[Holding], wanted: &[Want], tenant: TenantId, now: DateTime<Utc>) -> bool {
    let mut own = wanted.iter().filter(|want| want.tenant == tenant).peekable();
    match own.peek() {
        None => holdings.iter().any(|holding| holding.available_minor() > 0),
        Some(_) => own.any(|want| allot(holdings, want.measure, want.wanted_minor, now).is_some()),
    }
}
