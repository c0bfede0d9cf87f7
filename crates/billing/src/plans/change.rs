//! What a vendor does about their plan: asks what another costs, chooses it, cancels, pays.

use chrono::{DateTime, TimeDelta, Utc};
use identity::VendorCaller;
use platform::db::repeat;
use sqlx::PgConnection;
use types::{Money, TenantId};

use crate::Error;
use crate::db::subscribing::{coupons, invoices, plans, subscriptions};
use crate::plans::quote::{Effect, Terms, Wanted, quote};
use crate::plans::view::{Cancellation, PlanChoice, PlanQuote, Subscription};
use crate::plans::{
    Applied, Asked, Coupon, InvoiceKind, InvoiceState, News, Plan, Plans, Running, Standing,
    SubscriptionState,
};

/// How long an invoice for a first period or a change waits for its money.
const WAITS: TimeDelta = TimeDelta::hours(24);

/// A choice that was looked up.
struct Chosen {
    plan: Plan,
    current: Option<Plan>,
    coupon: Option<Coupon>,
    effect: Effect,
}

impl Plans {
    /// What a choice would mean now.
    ///
    /// # Errors
    /// [`Error::PlanGone`], [`Error::PastDue`]; of the coupon [`Error::CouponUnknown`], [`Error::CouponOver`], [`Error::CouponUsed`].
    pub async fn quote(&self, vendor: VendorCaller, choice: &PlanChoice) -> Result<PlanQuote, Error> {
        let mut connection = self.credits.db.acquire().await?;
        let standing = subscriptions::find(&mut connection, vendor.tenant).await?;
        let now = self.credits.clock.now();
        let chosen = self.look_up(&mut connection, vendor.tenant, &standing, choice, now).await?;
        let paid_credit = self.credits.paid_available(&mut connection, vendor.tenant).await?;
        let wanted = Wanted { plan: &chosen.plan, term: choice.term, discount: None };
        PlanQuote::of(&chosen.effect, wanted, chosen.coupon.as_ref(), paid_credit)
    }

    /// Chooses a plan. What costs something is paid from the paid credit at once; where that is too little, an invoice stays open for a
    /// day and is paid as soon as credit comes. The same choice again changes nothing.
    ///
    /// # Errors
    /// As [`Plans::quote`]; [`Error::CostsMore`] where more is due than the vendor agreed to.
    pub async fn choose(&self, vendor: VendorCaller, choice: &PlanChoice) -> Result<Subscription, Error> {
        repeat(|| self.choose_once(vendor.tenant, choice)).await
    }

    async fn choose_once(&self, tenant: TenantId, choice: &PlanChoice) -> Result<Subscription, Error> {
        let mut transaction = self.credits.db.begin().await?;
        let connection = &mut *transaction;
        let now = self.credits.clock.now();
        let mut standing = subscriptions::lock(connection, tenant, now).await?;
        self.advance(connection, tenant, &mut standing, now).await?;
        match invoices::open(connection, tenant).await?.filter(|open| open.kind != InvoiceKind::Renewal) {
            Some(open) if self.is_asked_for(connection, &open, choice).await? => {
                self.settle(connection, tenant, &mut standing, open, now).await?;
            }
            waiting => {
                // Another wish takes the place of one that waits for its money.
                if let Some(open) = waiting {
                    self.void(connection, tenant, &open, now).await?;
                }
                self.take_up(connection, tenant, &mut standing, choice, now).await?;
            }
        }
        self.put(connection, tenant, &standing, Some(News::Chosen)).await?;
        let shown = self.shown(connection, tenant, &standing).await?;
        transaction.commit().await?;
        Ok(shown)
    }

    /// Whether an open invoice is for this very choice.
    async fn is_asked_for(
        &self,
        connection: &mut PgConnection,
        open: &Asked,
        choice: &PlanChoice,
    ) -> Result<bool, Error> {
        let named = choice.coupon.as_deref().filter(|code| !code.trim().is_empty());
        let coupon = match open.coupon {
            Some(coupon) => coupons::find(connection, coupon).await?,
            None => None,
        };
        let same_coupon = named.is_none_or(|code| coupon.is_some_and(|coupon| coupon.is_called(code)));
        Ok(open.plan == choice.plan_id && open.term == choice.term && same_coupon)
    }

    async fn take_up(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        choice: &PlanChoice,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let chosen = self.look_up(connection, tenant, standing, choice, now).await?;
        if let Effect::Now(terms) = &chosen.effect {
            let due = terms.total()?;
            if choice.due_max.is_some_and(|most| due.minor() > most.minor()) {
                return Err(Error::CostsMore);
            }
        }
        let runs = standing.running.is_some() || chosen.effect != Effect::Nothing;
        if let Some(coupon) = chosen.coupon.as_ref().filter(|_| runs) {
            self.redeem(connection, tenant, coupon).await?;
        }
        self.take_effect(connection, tenant, standing, &chosen, (choice, now)).await
    }

    async fn look_up(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &Standing,
        choice: &PlanChoice,
        now: DateTime<Utc>,
    ) -> Result<Chosen, Error> {
        let running = standing.running.as_ref();
        if running.is_some_and(Running::is_past_due) {
            return Err(Error::PastDue);
        }
        let plan = plans::find(connection, choice.plan_id).await?.ok_or(Error::PlanGone)?;
        let is_own = running.is_some_and(|running| running.plan == plan.id);
        if !is_own && !plans::offered(connection).await?.iter().any(|offered| offered.id == plan.id) {
            return Err(Error::PlanGone);
        }
        let current = match running {
            Some(running) => plans::find(connection, running.plan).await?,
            None => None,
        };
        let counts = match running.and_then(|running| running.coupon) {
            Some(applied) => coupons::find(connection, applied.coupon).await?,
            None => None,
        };
        // The one that counts already may be named again, as by a choice that is sent twice.
        let is_named =
            |code: &&str| !code.trim().is_empty() && !counts.as_ref().is_some_and(|c| c.is_called(code));
        let coupon = match choice.coupon.as_deref().filter(is_named) {
            Some(code) => Some(self.redeemable(connection, tenant, running, code).await?),
            None => None,
        };
        let discount = coupon.as_ref().or(counts.as_ref()).map(|coupon| coupon.discount);
        let effect =
            quote(standing, current.as_ref(), Wanted { plan: &plan, term: choice.term, discount }, now)?;
        Ok(Chosen { plan, current, coupon, effect })
    }

    async fn take_effect(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &mut Standing,
        chosen: &Chosen,
        (choice, now): (&PlanChoice, DateTime<Utc>),
    ) -> Result<(), Error> {
        match &chosen.effect {
            // What runs goes on as it is: another plan that was to follow, or the end, is taken back.
            Effect::Nothing => {
                let counted = chosen.coupon.as_ref().map(from_next_period);
                standing.running = standing.running.take().map(|before| Running {
                    next: None,
                    cancels_at_end: false,
                    coupon: before.coupon.or(counted),
                    ..before
                });
            }
            Effect::Trial(during) => {
                let counted = chosen.coupon.as_ref().map(from_next_period);
                let before = standing.running.take();
                let coupon = counted.or(before.and_then(|before| before.coupon));
                let begun =
                    Running::begun(chosen.plan.id, choice.term, during.start, during.clone(), Money::inr(0));
                standing.running = Some(Running { state: SubscriptionState::Trialing, coupon, ..begun });
                standing.trialed = true;
            }
            Effect::AtPeriodEnd(_) => {
                let counted = chosen.coupon.as_ref().map(from_next_period);
                standing.running = standing.running.take().map(|before| Running {
                    next: (!chosen.plan.is_free()).then_some((chosen.plan.id, choice.term)),
                    cancels_at_end: chosen.plan.is_free(),
                    coupon: before.coupon.or(counted),
                    ..before
                });
            }
            Effect::Now(terms) => {
                let asked = self.asked(standing, chosen, (choice, terms), now)?;
                invoices::insert(connection, tenant, &asked).await?;
                self.settle(connection, tenant, standing, asked, now).await?;
            }
        }
        Ok(())
    }

    fn asked(
        &self,
        standing: &Standing,
        chosen: &Chosen,
        (choice, terms): (&PlanChoice, &Terms),
        now: DateTime<Utc>,
    ) -> Result<Asked, Error> {
        let counts =
            standing.running.as_ref().and_then(|running| running.coupon).map(|applied| applied.coupon);
        let ends = standing.running.as_ref().map(|running| running.during.end);
        let asked = Asked {
            id: self.credits.entropy.id(now),
            kind: if chosen.current.is_some() { InvoiceKind::Change } else { InvoiceKind::Start },
            state: InvoiceState::Open,
            plan: chosen.plan.id,
            plan_name: chosen.plan.name.clone(),
            term: choice.term,
            during: terms.during.clone(),
            price: terms.price,
            discount: terms.discount,
            unused: terms.unused,
            total: terms.total()?,
            coupon: chosen.coupon.as_ref().map(|coupon| coupon.id).or(counts),
            expires_at: Some(ends.map_or(now + WAITS, |end| end.min(now + WAITS))),
            number: None,
            created_at: now,
            settled_at: None,
        };
        Ok(asked)
    }

    /// Has a plan end with its period, or takes that back. What waits for its money is dropped; a period that is not paid ends at once.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn cancel(&self, vendor: VendorCaller, wish: Cancellation) -> Result<Subscription, Error> {
        let tenant = vendor.tenant;
        repeat(|| async {
            let mut transaction = self.credits.db.begin().await?;
            let now = self.credits.clock.now();
            let mut standing = subscriptions::lock(&mut transaction, tenant, now).await?;
            self.advance(&mut transaction, tenant, &mut standing, now).await?;
            if wish.cancelled
                && let Some(open) = invoices::open(&mut transaction, tenant).await?
            {
                self.void(&mut transaction, tenant, &open, now).await?;
            }
            let running =
                standing.running.take().filter(|running| !(wish.cancelled && running.is_past_due()));
            standing.running = running.map(|before| Running {
                next: before.next.filter(|_| !wish.cancelled),
                cancels_at_end: wish.cancelled,
                ..before
            });
            self.put(&mut transaction, tenant, &standing, Some(News::Chosen)).await?;
            let shown = self.shown(&mut transaction, tenant, &standing).await?;
            transaction.commit().await?;
            Ok(shown)
        })
        .await
    }

    /// Tries to take the money of the open invoice now, where there is one; what is missing stands in the answer.
    ///
    /// # Errors
    /// [`Error::Frozen`] where something is open and the operator stopped all spending; whatever the database says.
    pub async fn pay(&self, vendor: VendorCaller) -> Result<Subscription, Error> {
        self.collect(vendor.tenant).await?;
        let now = self.subscription(vendor).await?;
        if now.open_invoice.is_some() && self.credits.is_frozen(vendor.tenant).await? {
            return Err(Error::Frozen);
        }
        Ok(now)
    }
}

/// A coupon that counts from the next period on: this one, which it does not change, is counted too.
fn from_next_period(coupon: &Coupon) -> Applied {
    let left = coupon.periods.and_then(|periods| u32::try_from(periods).ok()).map(|periods| periods + 1);
    Applied { coupon: coupon.id, left }
}
