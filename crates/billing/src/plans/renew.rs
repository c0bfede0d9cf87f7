//! What time does to subscriptions: periods begin, money is asked for again, and what was not paid ends.

use chrono::{DateTime, Utc};
use platform::db::repeat;
use sqlx::PgConnection;
use types::{Money, TenantId};
use uuid::Uuid;

use crate::Error;
use crate::db::subscribing::{coupons, invoices, plans, subscriptions};
use crate::plans::collect::Settled;
use crate::plans::quote::{Terms, Wanted};
use crate::plans::{
    Asked, InvoiceKind, InvoiceState, News, Plans, Running, Standing, SubscriptionState, dunning,
};

/// Subscriptions that one step looks at.
const BATCH: i64 = 200;
/// So many steps one subscription makes at once at most: ten years of months.
const STEPS_MAX: usize = 120;

impl Plans {
    /// Does what is due. Safe to be cut off anywhere and to run twice at once: each subscription is a transaction of its own that
    /// looks again under its lock. One that fails holds up no other.
    pub(crate) async fn renew(&self) -> Result<(), Error> {
        let now = self.credits.clock.now();
        let mut after = (DateTime::UNIX_EPOCH, Uuid::nil().into());
        loop {
            let mut connection = self.credits.db.acquire().await?;
            let due = subscriptions::due(&mut connection, now, after, BATCH).await?;
            drop(connection);
            let Some(last) = due.last() else { return Ok(()) };
            after = *last;
            for (_, tenant) in due {
                if let Err(error) = self.renew_one(tenant).await {
                    tracing::error!(%tenant, error = &error as &dyn std::error::Error, "a subscription was not renewed");
                }
            }
        }
    }

    async fn renew_one(&self, tenant: TenantId) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.credits.db.begin().await?;
            let now = self.credits.clock.now();
            let mut standing = subscriptions::lock(&mut transaction, tenant, now).await?;
            let news = self.advance(&mut transaction, tenant, &mut standing, now).await?;
            self.put(&mut transaction, tenant, &standing, news).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Brings a locked subscription to this moment; says what came of it.
    pub(crate) async fn advance(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        now: DateTime<Utc>,
    ) -> Result<Option<News>, Error> {
        let mut heard = None;
        for _ in 0..STEPS_MAX {
            self.drop_overdue(connection, tenant, now).await?;
            let Some(running) = standing.running.clone().filter(|running| running.due_at() <= now) else {
                break;
            };
            let news = if running.is_past_due() {
                self.try_again(connection, tenant, standing, &running, now).await?
            } else {
                self.roll(connection, tenant, standing, &running, now).await?
            };
            heard = Some(news);
        }
        Ok(heard)
    }

    /// An invoice for a first period or a change waits only so long.
    async fn drop_overdue(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        match invoices::open(connection, tenant).await? {
            Some(open) if open.expires_at.is_some_and(|end| end <= now) => {
                self.void(connection, tenant, &open, now).await
            }
            _ => Ok(()),
        }
    }

    /// A period is over: the next one is invoiced, or the subscription ends.
    async fn roll(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        running: &Running,
        now: DateTime<Utc>,
    ) -> Result<News, Error> {
        if let Some(open) = invoices::open(connection, tenant).await? {
            self.void(connection, tenant, &open, now).await?;
        }
        let Some(next) = running.rolled() else {
            standing.running = None;
            return Ok(News::Ended);
        };
        let asked = self.renewal(connection, &next, now).await?;
        invoices::insert(connection, tenant, &asked).await?;
        standing.running = Some(Running { retry_at: dunning::next_try(now, 0), ..next });
        match self.settle(connection, tenant, standing, asked.clone(), now).await? {
            Settled::Paid => Ok(News::Paid),
            Settled::Gone => Ok(News::Unpaid),
            Settled::Missing(missing) => {
                let charged = self.charge_missing(connection, tenant, (&asked, missing), now).await?;
                Ok(charged.unwrap_or(News::Unpaid))
            }
        }
    }

    pub(crate) async fn renewal(
        &self,
        connection: &mut PgConnection,
        next: &Running,
        now: DateTime<Utc>,
    ) -> Result<Asked, Error> {
        let plan = plans::find(connection, next.plan).await?.ok_or(Error::NotFound)?;
        let coupon = match next.coupon {
            Some(applied) => coupons::find(connection, applied.coupon).await?,
            None => None,
        };
        let discount = coupon.as_ref().map(|coupon| coupon.discount);
        let terms = Terms::whole(Wanted { plan: &plan, term: next.term, discount }, next.during.clone())?;
        let asked = Asked {
            id: self.credits.entropy.id(now),
            kind: InvoiceKind::Renewal,
            state: InvoiceState::Open,
            plan: plan.id,
            plan_name: plan.name,
            term: next.term,
            during: next.during.clone(),
            price: Money::inr(0),
            discount: Money::inr(0),
            unused: Money::inr(0),
            total: Money::inr(0),
            coupon: coupon.map(|coupon| coupon.id),
            expires_at: None,
            number: None,
            created_at: now,
            settled_at: None,
        };
        asked.on(&terms)
    }

    /// The money of a period is asked for once more; after the last time the vendor is on the free plan.
    async fn try_again(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        running: &Running,
        now: DateTime<Utc>,
    ) -> Result<News, Error> {
        let Some(open) = invoices::open(connection, tenant).await? else {
            // Nothing is asked for this period: nothing is due.
            standing.running =
                Some(Running { state: SubscriptionState::Active, retry_at: None, ..running.clone() });
            return Ok(News::Paid);
        };
        let since = open.created_at;
        let settled = self.settle(connection, tenant, standing, open.clone(), now).await?;
        if settled == Settled::Paid {
            return Ok(News::Paid);
        }
        standing.running = running.unpaid_again(since);
        if standing.running.is_some() {
            let Settled::Missing(missing) = settled else { return Ok(News::Unpaid) };
            let charged = self.charge_missing(connection, tenant, (&open, missing), now).await?;
            return Ok(charged.unwrap_or(News::Unpaid));
        }
        self.void(connection, tenant, &open, now).await?;
        Ok(News::Ended)
    }
}
