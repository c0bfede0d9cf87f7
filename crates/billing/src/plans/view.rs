//! A vendor's plan, as the vendor sees it, and what another one would cost.

use chrono::{DateTime, Utc};
use identity::VendorCaller;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, PlanId, TenantId};
use utoipa::ToSchema;

use crate::Error;
use crate::db::subscribing::{coupons, invoices, plans, subscriptions};
use crate::plans::charge::{PlanCharge, PlanChargeState};
use crate::plans::discount::Discount;
use crate::plans::next::NextCharge;
use crate::plans::plan::FREE;
use crate::plans::quote::{Effect, Terms, Wanted};
use crate::plans::{Coupon, Plan, PlanInvoice, Plans, Running, Standing, SubscriptionState, Term, dunning};

/// A vendor's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subscription {
    /// Where it stands.
    pub state: SubscriptionState,
    /// The plan that counts.
    pub plan: Plan,
    /// Paid by month or by year; absent on the free plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub term: Option<Term>,
    /// When this period began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub period_start: Option<DateTime<Utc>>,
    /// When it ends, and the next one is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub period_end: Option<DateTime<Utc>>,
    /// What is taken next from the paid credit, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_charge: Option<NextCharge>,
    /// The plan that begins with the next period, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_plan: Option<Plan>,
    /// How that is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_term: Option<Term>,
    /// Whether it ends with this period.
    pub cancels_at_end: bool,
    /// The coupon that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub coupon: Option<CheckedCoupon>,
    /// What waits for its money.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub open_invoice: Option<PlanInvoice>,
    /// How much paid credit is missing for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub missing: Option<Money>,
    /// What is taken from a kept way to pay next, or could not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub charge: Option<PlanCharge>,
    /// Until when a period that is not paid keeps what the plan gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub grace_ends_at: Option<DateTime<Utc>>,
    /// The paid credit that plans are paid from.
    pub paid_credit: Money,
    /// Whether a trial can still be had.
    pub can_try: bool,
}

/// A coupon, as a vendor sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckedCoupon {
    /// What was typed.
    pub code: String,
    /// What it takes off.
    pub discount: Discount,
    /// For how many periods, this one among them; absent: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub periods_left: Option<u32>,
}

/// A plan that a vendor wants.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PlanChoice {
    /// The version that the vendor was shown.
    pub plan_id: PlanId,
    /// By month or by year.
    pub term: Term,
    /// A coupon's code.
    #[serde(default)]
    #[schema(nullable = false, max_length = 64)]
    pub coupon: Option<String>,
    /// The most that the vendor agreed to pay now; a change that costs more by now is refused.
    #[serde(default)]
    #[schema(nullable = false)]
    pub due_max: Option<Money>,
}

/// Whether a plan ends with its period.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct Cancellation {
    /// Whether it ends; false takes the end back.
    pub cancelled: bool,
}

/// When a choice counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanEffect {
    /// It is so already.
    Nothing,
    /// Now, for nothing, as long as a trial lasts.
    Trial,
    /// Now, for money.
    Now,
    /// With the next period.
    AtPeriodEnd,
}

/// What a choice of a plan means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanQuote {
    /// When it counts.
    pub effect: PlanEffect,
    /// When the plan begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<DateTime<Utc>>,
    /// When a period is paid next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<DateTime<Utc>>,
    /// The price of the time that is paid now.
    pub price: Money,
    /// What a coupon takes off that.
    pub discount: Money,
    /// What was paid before for time that is not used.
    pub unused: Money,
    /// What is paid now.
    pub due: Money,
    /// What each period costs from then on, without a coupon.
    pub then: Money,
    /// How much paid credit is missing now.
    pub missing: Money,
    /// The coupon that was named, where it can be redeemed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub coupon: Option<CheckedCoupon>,
}

impl From<&Coupon> for CheckedCoupon {
    fn from(coupon: &Coupon) -> Self {
        let periods_left = coupon.periods.and_then(|periods| u32::try_from(periods).ok());
        Self { code: coupon.code.clone(), discount: coupon.discount, periods_left }
    }
}

impl PlanQuote {
    pub(crate) fn of(
        effect: &Effect,
        wanted: Wanted<'_>,
        coupon: Option<&Coupon>,
        paid_credit: Money,
    ) -> Result<Self, Error> {
        let none = Money::inr(0);
        let nothing = Self {
            effect: PlanEffect::Nothing,
            from: None,
            until: None,
            price: none,
            discount: none,
            unused: none,
            due: none,
            then: wanted.plan.price(wanted.term),
            missing: none,
            coupon: coupon.map(CheckedCoupon::from),
        };
        Ok(match effect {
            Effect::Nothing => nothing,
            Effect::Trial(during) => Self {
                effect: PlanEffect::Trial,
                from: Some(during.start),
                until: Some(during.end),
                ..nothing
            },
            Effect::AtPeriodEnd(at) => Self { effect: PlanEffect::AtPeriodEnd, from: Some(*at), ..nothing },
            Effect::Now(terms) => {
                let due = terms.total()?;
                let missing = Money::inr((due.minor() - paid_credit.minor()).max(0));
                let Terms { during, price, discount, unused, .. } = terms.clone();
                let (from, until) = (Some(during.start), Some(during.end));
                Self {
                    effect: PlanEffect::Now,
                    from,
                    until,
                    price,
                    discount,
                    unused,
                    due,
                    missing,
                    ..nothing
                }
            }
        })
    }
}

impl Plans {
    /// The caller's plan.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn subscription(&self, vendor: VendorCaller) -> Result<Subscription, Error> {
        let mut connection = self.credits.db.acquire().await?;
        let standing = subscriptions::find(&mut connection, vendor.tenant).await?;
        self.shown(&mut connection, vendor.tenant, &standing).await
    }

    pub(crate) async fn shown(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &Standing,
    ) -> Result<Subscription, Error> {
        let running = standing.running.as_ref();
        let plan = self.plan_of(connection, running).await?;
        let next = running.and_then(|running| running.next);
        let next_plan = match next {
            Some((id, _)) => plans::find(connection, id).await?,
            None => None,
        };
        let open = invoices::open(connection, tenant).await?;
        let paid_credit = self.credits.paid_available(connection, tenant).await?;
        let missing = open.as_ref().map(|open| Money::inr((open.total.minor() - paid_credit.minor()).max(0)));
        let past_due = running.is_some_and(Running::is_past_due);
        let since = open.as_ref().filter(|_| past_due).map(|open| open.created_at);
        let coupon = match running.and_then(|running| running.coupon) {
            Some(applied) => {
                let coupon = coupons::find(connection, applied.coupon).await?.ok_or(Error::NotFound)?;
                Some(CheckedCoupon { periods_left: applied.left, ..CheckedCoupon::from(&coupon) })
            }
            None => None,
        };
        let next_charge = self.next_charge(connection, tenant, standing, open.as_ref()).await?;
        let amount = next_charge.as_ref().map(|next| next.amount);
        let charge = self.charge_shown(connection, tenant, standing, (open.as_ref(), amount)).await?;
        let under_way = charge.as_ref().is_some_and(|charge| charge.state == PlanChargeState::UnderWay);
        Ok(Subscription {
            state: if past_due && under_way { SubscriptionState::Charging } else { standing.state() },
            charge,
            term: running.map(|running| running.term),
            period_start: running.map(|running| running.during.start),
            period_end: running.map(|running| running.during.end),
            next_charge,
            next_plan,
            next_term: next.map(|(_, term)| term),
            cancels_at_end: running.is_some_and(|running| running.cancels_at_end),
            coupon,
            open_invoice: open.map(PlanInvoice::from),
            missing,
            grace_ends_at: since.map(dunning::grace_ends),
            paid_credit,
            can_try: !standing.trialed,
            plan,
        })
    }

    /// The plan of what runs, else the newest free one.
    pub(crate) async fn plan_of(
        &self,
        connection: &mut PgConnection,
        running: Option<&Running>,
    ) -> Result<Plan, Error> {
        let plan = match running {
            Some(running) => plans::find(connection, running.plan).await?,
            None => plans::newest(connection, FREE).await?,
        };
        plan.ok_or(Error::NotFound)
    }
}
