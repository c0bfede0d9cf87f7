//! Plans that vendors subscribe to: their prices, what they give, and the money for them.
//!
//! Our own engine on the injected clock. A *plan* is a versioned entry of a catalogue that the operator writes. A vendor has the
//! free one, or a *subscription*: a trial, then periods of a month or a year. For each period an *invoice* is made and its money
//! taken from the vendor's paid credit; so one path serves every gateway that credit can be topped up through. Too little credit
//! leaves the invoice open: what is missing is charged to what a gateway keeps for the vendor, where it keeps something; it is
//! collected as soon as credit comes, asked for again on a schedule, and after a grace the vendor is
//! back on the free plan. Nothing is ever deleted for want of money.
//!
//! **Invariants.** A period is invoiced once, however often a job runs, is killed or meets another, and whichever way the clock
//! goes. What is paid is exactly what was said; a change in the middle of a period takes off what was paid for the rest of it, and
//! used and unused are together what was paid. A paid invoice has a number of the platform's series, without gaps, taken in the
//! transaction that takes the money; it is never changed. A coupon is redeemed at most as often as it may be, once by each vendor.
//!
//! **Deliberately absent**: money back for a period that has begun (a plan that is cancelled runs to its end); several subscriptions
//! of a vendor; subscriptions kept at a gateway (ADR 0009: a mandate that one keeps is charged as our engine says); credit included in a trial.

mod change;
mod charge;
mod collect;
mod coupon;
mod discount;
mod dunning;
mod entitle;
mod invoice;
mod next;
mod paper;
mod period;
mod plan;
mod quote;
mod renew;
mod revenue;
mod subscription;
mod view;

use std::sync::Arc;

use platform::jobs::{Handlers, Schedule};
use platform::limit::Limiter;
use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::TenantId;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

pub use charge::{PlanCharge, PlanChargeState};
pub use coupon::{Coupon, Ended, NewCoupon};
pub use discount::Discount;
pub use invoice::{InvoiceKind, InvoiceState, PlanInvoice, PlanPdf, PlanPdfQuery};
pub use next::{ChargeCause, NextCharge};
pub use paper::Platform;
pub use period::Term;
pub use plan::{NewPlan, Offered, Plan};
pub use revenue::{Revenue, RevenueQuery};
pub use subscription::SubscriptionState;
pub use view::{Cancellation, PlanChoice, PlanQuote, Subscription};

pub(crate) use invoice::Asked;
pub(crate) use subscription::{Applied, Running, Standing};

use crate::credit::Credits;
use crate::db::subscribing::subscriptions;
use crate::jobs::collect_plan::{self, CollectPlan};
use crate::jobs::renew_plans::{self, RenewPlans};
use crate::pdf::Press;
use crate::{Billing, Error};

/// The context of plans. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Plans {
    pub(crate) credits: Credits,
    press: Press,
    prints: Arc<Limiter<Uuid>>,
    seller: Arc<Platform>,
}

/// What happened to a subscription, as the vendor's devices hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// The vendor chose something.
    Chosen,
    /// A period was paid.
    Paid,
    /// The vendor has notice of what is taken for the next period.
    Noticed,
    /// It is being taken.
    Charged,
    /// The money of a period is not there.
    Unpaid,
    /// The vendor is on the free plan again.
    Ended,
}

impl News {
    const fn name(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Paid => "paid",
            Self::Noticed => "noticed",
            Self::Charged => "charged",
            Self::Unpaid => "unpaid",
            Self::Ended => "ended",
        }
    }
}

impl Plans {
    /// The context, paid from this credit, printing as documents do; the platform sells as the configuration says.
    pub fn new(credits: Credits, billing: &Billing, seller: Platform) -> Self {
        let (press, prints) = (billing.press.clone(), Arc::clone(&billing.prints));
        Self { credits, press, prints, seller: Arc::new(seller) }
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        crate::http::plans::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let [collect, renew] = std::array::from_fn(|_| self.clone());
        Handlers::default()
            .on(move |job: CollectPlan| collect_plan::run(collect.clone(), job))
            .on(move |_: RenewPlans| renew_plans::run(renew.clone()))
            .schedule(Schedule::every(renew_plans::EVERY, &RenewPlans {}))
    }

    /// Writes a locked subscription and tells the vendor, as the last thing of a transaction.
    pub(crate) async fn put(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &Standing,
        news: Option<News>,
    ) -> Result<(), Error> {
        let open = crate::db::subscribing::invoices::open(connection, tenant).await?;
        let period = standing.running.as_ref().map(Running::due_at);
        let due_at = period.into_iter().chain(open.and_then(|open| open.expires_at)).min();
        subscriptions::put(connection, tenant, standing, due_at, self.credits.clock.now()).await?;
        let Some(news) = news else { return Ok(()) };
        self.credits.announce(connection, tenant).await?;
        let data = json!({ "state": standing.state(), "news": news.name() });
        let event = Event { kind: "plan", visit_id: None, data };
        Ok(self.credits.sync.publish(connection, Subscriber::vendor(tenant), event).await?)
    }
}
