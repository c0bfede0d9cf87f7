//! Work that waits for credit: it is tried again when there is credit for what the least of it wanted, and its member may spend so much.

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
use crate::db::credit::members::{self, MemberWant};
use crate::db::credit::wants::Want;
use crate::db::credit::{lots, prices, recharges, wallets, wants};
use crate::jobs::tell_credit::TellCredit;

/// Tenants that one step looks at.
const BATCH: u16 = 200;
/// What work wanted is not believed longer: its price may have changed.
pub(crate) const WANTS_LAST: TimeDelta = TimeDelta::hours(1);

impl Credits {
    /// Notes that work was refused, and why, and has the vendor told once it waits.
    pub(crate) async fn note_refused(&self, work: &meter::Work, refused: &Error) {
        let noted = async {
            let mut connection = self.db.acquire().await?;
            let now = self.clock.now();
            let price = prices::in_force(&mut connection, work, now).await?;
            let wanted = price.map(|price| price.paise_at_most(work.amount_max)).transpose()?;
            let (tenant, measure) = (work.tenant, work.measure);
            let wanted = wanted.filter(|minor| *minor > 0 && !matches!(refused, Error::Frozen));
            if let (Some(wanted_minor), Some(person), Error::MemberLimit) = (wanted, work.cause.by, refused) {
                let want = MemberWant { tenant, person, measure, wanted_minor };
                members::note_want(&mut connection, &want, now, now - WANTS_LAST).await?;
            } else if let Some(wanted_minor) = wanted {
                let want = Want { tenant, measure, wanted_minor };
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

    /// Notes that work under way came to its end for want of credit: nothing waits for more, but a card may bring it.
    pub(crate) async fn note_stopped(&self, tenant: TenantId, refused: &Error) {
        let noted = async {
            let mut connection = self.db.acquire().await?;
            let is_out = matches!(refused, Error::NoCredit);
            if is_out && recharges::find(&mut connection, tenant).await?.is_some_and(|rule| rule.is_on) {
                self.recharge_soon(&mut connection, tenant).await?;
            }
            self.tell_soon(&mut connection, tenant).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, %tenant, "a vendor was not told that work stopped for want of credit");
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
        let wanted = self.wanted(connection, &[tenant], now).await?;
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
            let wanted = self.wanted(&mut connection, &waiting, now).await?;
            for tenant in waiting.into_iter().filter(|tenant| !frozen.contains(tenant)) {
                let own: Vec<Holding> = holdings.iter().filter(|h| h.lot.tenant == tenant).cloned().collect();
                if is_covered(&own, &wanted, tenant, now) {
                    self.let_go(&mut connection, tenant).await?;
                }
            }
        }
    }

    /// What these tenants' waiting work wants at least: what a member wanted who may not spend so much now is *held*.
    async fn wanted(
        &self,
        connection: &mut PgConnection,
        tenants: &[TenantId],
        now: DateTime<Utc>,
    ) -> Result<Vec<(Want, Held)>, Error> {
        let wants = wants::of(connection, tenants, now - WANTS_LAST).await?;
        let mut wanted: Vec<(Want, Held)> = wants.into_iter().map(|want| (want, Held::No)).collect();
        for MemberWant { tenant, person, measure, wanted_minor } in
            members::wants(connection, tenants, now - WANTS_LAST).await?
        {
            let may = self.may_spend(connection, (tenant, person), wanted_minor, now).await?;
            let held = if may { Held::No } else { Held::ByLimit };
            wanted.push((Want { tenant, measure, wanted_minor }, held));
        }
        Ok(wanted)
    }

    async fn let_go(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<(), Error> {
        wants::forget(connection, tenant).await?;
        members::forget_wants(connection, tenant).await?;
        self.jobs.resume(connection, tenant).await?;
        Ok(())
    }
}

/// Whether work waits for more than credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    No,
    /// Its member has spent what they may this month.
    ByLimit,
}

/// Whether a tenant's lots pay for the least that its work wanted; where nothing is known of that, any credit will do.
fn is_covered(holdings: &[Holding], wanted: &[(Want, Held)], tenant: TenantId, now: DateTime<Utc>) -> bool {
    let mut own = wanted.iter().filter(|(want, _)| want.tenant == tenant).peekable();
    match own.peek() {
        None => holdings.iter().any(|holding| holding.available_minor() > 0),
        Some(_) => own.any(|(want, held)| {
            *held == Held::No && allot(holdings, want.measure, want.wanted_minor, now).is_some()
        }),
    }
}
