//! Takes the money of an invoice out of paid credit, and makes true what was paid for.

use chrono::{DateTime, Utc};
use ledger::{Cause, Limit, NewAccount, Side};
use platform::db::repeat;
use sqlx::PgConnection;
use types::{Currency, Money, TenantId};
use uuid::Uuid;

use crate::credit::{Lot, LotKind, NoCredit, Share, Spend};
use crate::db::credit::wallets;
use crate::db::subscribing::{coupons, invoices, plans, subscriptions};
use crate::document::Buyer;
use crate::plans::paper::from_credit;
use crate::plans::quote::{Effect, Wanted, quote, rest_of};
use crate::plans::{Applied, Asked, InvoiceKind, News, Plan, Plans, Running, Standing, SubscriptionState};
use crate::series::{FinancialYear, NUMBER_MAX};
use crate::{DocumentKind, Error, db};

/// What plans brought in, in a vendor's books.
pub(crate) const SUBSCRIPTIONS: &str = "platform:subscriptions";
/// The tax in it, which is the state's.
pub(crate) const TAX: &str = "tax:output";
/// Credit that came with plans.
const INCLUDED: &str = "credit:included";
const REASON: &str = "subscription";

/// How an invoice was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It is paid, and what it was for is so.
    Paid,
    /// There is too little credit: it stays open.
    Missing(Money),
    /// What it was for is gone: it is void.
    Gone,
}

impl Plans {
    /// Takes the money of a vendor's open invoice, where there is enough. Safe to be cut off anywhere and to run twice at once.
    pub(crate) async fn collect(&self, tenant: TenantId) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.credits.db.begin().await?;
            let now = self.credits.clock.now();
            let mut standing = subscriptions::lock(&mut transaction, tenant, now).await?;
            let news = self.advance(&mut transaction, tenant, &mut standing, now).await?;
            let paid = self.settle_open(&mut transaction, tenant, &mut standing, now).await?;
            let news = if paid { Some(News::Paid) } else { news };
            self.put(&mut transaction, tenant, &standing, news).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Takes the money of the open invoice, where there is one; says whether it is paid now. The subscription is locked.
    pub(crate) async fn settle_open(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let Some(open) = invoices::open(connection, tenant).await? else { return Ok(false) };
        Ok(self.settle(connection, tenant, standing, open, now).await? == Settled::Paid)
    }

    /// Takes the money of an open invoice. The subscription is locked.
    ///
    /// A first period begins with its payment, and a change costs what it costs at that moment: their terms are found anew. The
    /// operator's stop of all spending counts as too little credit.
    pub(crate) async fn settle(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Result<Settled, Error> {
        let plan = plans::find(connection, asked.plan).await?.ok_or(Error::NotFound)?;
        let Some(asked) = self.as_of(connection, standing, asked.clone(), &plan, now).await? else {
            self.void(connection, tenant, &asked, now).await?;
            return Ok(Settled::Gone);
        };
        invoices::set_terms(connection, tenant, &asked).await?;
        if let Err(NoCredit { missing }) = self.take(connection, tenant, &asked).await? {
            return Ok(Settled::Missing(missing));
        }
        let before = match &standing.running {
            Some(running) => plans::find(connection, running.plan).await?,
            None => None,
        };
        let included = included(&asked, &plan, before.as_ref(), standing)?;
        let coupon = match asked.coupon {
            Some(coupon) => coupons::find(connection, coupon).await?,
            None => None,
        };
        let fresh = coupon.map(|coupon| Applied {
            coupon: coupon.id,
            left: coupon.periods.map(|periods| u32::try_from(periods).unwrap_or_default()),
        });
        standing.running = Some(paid(standing.running.take(), &asked, fresh));
        self.include(connection, tenant, &asked, included).await?;
        self.number(connection, tenant, &asked, now).await?;
        Ok(Settled::Paid)
    }

    /// The invoice on the terms of this moment; none where what it was for is gone.
    pub(crate) async fn as_of(
        &self,
        connection: &mut PgConnection,
        standing: &Standing,
        asked: Asked,
        plan: &Plan,
        now: DateTime<Utc>,
    ) -> Result<Option<Asked>, Error> {
        if asked.kind == InvoiceKind::Renewal {
            return Ok(Some(asked));
        }
        let current = match &standing.running {
            Some(running) => plans::find(connection, running.plan).await?,
            None => None,
        };
        let discount = match asked.coupon {
            Some(coupon) => coupons::find(connection, coupon).await?.map(|coupon| coupon.discount),
            None => None,
        };
        let wanted = Wanted { plan, term: asked.term, discount };
        // Whoever was asked for money for a first period has no trial any more.
        let seen = Standing { trialed: true, ..standing.clone() };
        match quote(&seen, current.as_ref(), wanted, now)? {
            Effect::Now(terms) => asked.on(&terms).map(Some),
            Effect::Nothing | Effect::Trial(_) | Effect::AtPeriodEnd(_) => Ok(None),
        }
    }

    /// What of an amount the platform keeps, and the tax in it.
    pub(crate) async fn shares_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        total: Money,
    ) -> Result<(Money, Money), Error> {
        let profile = db::tax_profiles::find(connection, tenant).await?;
        let buyer = Buyer::of(String::new(), profile.as_ref());
        let tax = self.seller.tax(total, buyer.state)?;
        let net = tax.map_or(total, |tax| tax.split.taxable_value);
        Ok((net, total.minus(net)?))
    }

    async fn take(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: &Asked,
    ) -> Result<Result<(), NoCredit>, Error> {
        if asked.total.is_zero() {
            return Ok(Ok(()));
        }
        let (net, tax) = self.shares_of(connection, tenant, asked.total).await?;
        let share = |account, amount| Share { account, amount, reason: REASON };
        let spend = Spend {
            tenant,
            key: format!("plan:invoice:{}", asked.id),
            cause: Cause::new("plan-invoice", asked.id.uuid()),
            shares: vec![share(SUBSCRIPTIONS, net), share(TAX, tax)],
        };
        match self.credits.spend(connection, &spend).await {
            Err(Error::Frozen) => Ok(Err(NoCredit { missing: asked.total })),
            done => done,
        }
    }

    /// Gives the credit that comes with what was paid; it is lost with the period.
    async fn include(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: &Asked,
        included: Money,
    ) -> Result<(), Error> {
        let now = self.credits.clock.now();
        if included.minor() <= 0 || asked.during.end <= now {
            return Ok(());
        }
        wallets::lock(connection, tenant, now).await?;
        let account =
            NewAccount { code: INCLUDED, side: Side::Debit, limit: Limit::None, currency: Currency::Inr };
        let from = self.credits.ledger.open_account(connection, tenant, &account).await?;
        let lot = Lot {
            tenant,
            id: self.credits.entropy.id(now),
            account: Uuid::nil().into(),
            kind: LotKind::Included,
            given_minor: included.minor(),
            priority: 0,
            scope: None,
            expires_at: Some(asked.during.end),
            created_at: now,
        };
        self.credits.open_lot(connection, lot, from, None).await?;
        self.credits.resume(connection, tenant).await?;
        Ok(())
    }

    /// Gives a paid invoice the next number of the platform's series; nothing that cost nothing has one.
    async fn number(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        if asked.total.is_zero() {
            return Ok(invoices::set_paid(connection, tenant, asked.id, None, now).await?);
        }
        let vendor = self.credits.identity.vendors_of(connection, &[tenant]).await?.pop();
        let profile = db::tax_profiles::find(connection, tenant).await?;
        let buyer = Buyer::of(vendor.map_or_else(String::new, |vendor| vendor.name), profile.as_ref());
        let snapshot = self.seller.snapshot(asked, buyer, from_credit(now))?;
        let (series, kind, year) = (platform(), DocumentKind::SubscriptionInvoice, FinancialYear::of(now));
        let next = db::documents::lock_series(connection, series, kind, year).await?;
        if next > NUMBER_MAX {
            return Err(Error::SeriesFull);
        }
        db::documents::advance_series(connection, series, kind, year).await?;
        let snapshot = serde_json::to_value(&snapshot).map_err(Error::Stored)?;
        let printed = invoices::Printed { year, number: year.number(kind, next), snapshot };
        Ok(invoices::set_paid(connection, tenant, asked.id, Some(&printed), now).await?)
    }

    /// Asks for nothing any more; a coupon that it had redeemed is there again.
    pub(crate) async fn void(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        invoices::set_void(connection, tenant, asked.id, now).await?;
        if let (Some(coupon), true) = (asked.coupon, asked.kind != InvoiceKind::Renewal) {
            let standing = subscriptions::find(connection, tenant).await?;
            let counts =
                standing.running.and_then(|running| running.coupon).is_some_and(|c| c.coupon == coupon);
            if !counts {
                coupons::give_back(connection, tenant, coupon).await?;
            }
        }
        Ok(())
    }
}

/// Whose series the platform's own documents are numbered in: no tenant's.
fn platform() -> TenantId {
    Uuid::nil().into()
}

/// The credit that comes with what was paid: of a larger plan for the rest of a period, its share of what is more.
fn included(asked: &Asked, plan: &Plan, before: Option<&Plan>, standing: &Standing) -> Result<Money, Error> {
    let whole = plan.included_in(asked.term);
    let Some((running, before)) = standing.running.as_ref().zip(before) else { return Ok(whole) };
    if asked.kind != InvoiceKind::Change || asked.term != running.term {
        return Ok(whole);
    }
    let more = whole.minus(before.included_in(running.term))?;
    Ok(rest_of(more, &running.during, asked.during.start)?)
}

/// What runs once an invoice is paid.
fn paid(before: Option<Running>, asked: &Asked, fresh: Option<Applied>) -> Running {
    let net = Money::inr(asked.price.minor() - asked.discount.minor());
    let begun = Running::begun(asked.plan, asked.term, asked.during.start, asked.during.clone(), net);
    let Some(before) = before else { return Running { coupon: fresh, ..begun } };
    match asked.kind {
        InvoiceKind::Start => Running { coupon: fresh, ..begun },
        InvoiceKind::Renewal => {
            Running { state: SubscriptionState::Active, attempts: 0, retry_at: None, paid: net, ..before }
        }
        InvoiceKind::Change => {
            let known = before.coupon.filter(|known| fresh.is_none_or(|fresh| fresh.coupon == known.coupon));
            let coupon = known.or(fresh);
            if asked.term != before.term {
                return Running { coupon, ..begun };
            }
            let (plan, paid_from) = (asked.plan, asked.during.start);
            Running { plan, paid: net, paid_from, next: None, cancels_at_end: false, coupon, ..before }
        }
    }
}
