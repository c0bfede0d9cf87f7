//! What is taken next for a plan: found by the code that takes it, so that it is what will be taken.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use types::{Money, TenantId};
use utoipa::ToSchema;

use crate::Error;
use crate::db::subscribing::plans;
use crate::plans::{Asked, Plans, Standing, SubscriptionState, Term};

/// Why it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeCause {
    /// A paid period ends and the next one begins.
    Renewal,
    /// A trial ends and the first period begins.
    TrialEnd,
    /// A period that was not paid is asked for again.
    Retry,
    /// A first period or a change waits for its money: it is taken as soon as there is enough.
    Waiting,
}

/// What is taken next for a plan, from the paid credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextCharge {
    /// Why.
    pub cause: ChargeCause,
    /// What the plan is called.
    pub plan_name: String,
    /// By month or by year.
    pub term: Term,
    /// When; absent where it waits for credit alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub at: Option<DateTime<Utc>>,
    /// Until when it is asked for, where that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<DateTime<Utc>>,
    /// The price of the time.
    pub price: Money,
    /// What a coupon takes off.
    pub discount: Money,
    /// What was paid before for time that is not used.
    pub unused: Money,
    /// What is taken, tax included.
    pub amount: Money,
    /// The tax in it; absent where the platform collects none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tax: Option<Money>,
    /// How much of it the paid credit does not cover now.
    pub missing: Money,
}

impl Plans {
    /// What is taken next, as things stand now. `open` is the invoice that waits for its money.
    pub(crate) async fn next_charge(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &Standing,
        open: Option<&Asked>,
    ) -> Result<Option<NextCharge>, Error> {
        let now = self.credits.clock.now();
        let running = standing.running.as_ref();
        let found = match (open, running) {
            (Some(open), _) => {
                let plan = plans::find(connection, open.plan).await?.ok_or(Error::NotFound)?;
                let asked = self.as_of(connection, standing, open.clone(), &plan, now).await?;
                let retry = running.filter(|running| running.is_past_due());
                let cause = if retry.is_some() { ChargeCause::Retry } else { ChargeCause::Waiting };
                asked.map(|asked| (cause, retry.and_then(|running| running.retry_at), asked))
            }
            (None, Some(running)) => match running.rolled() {
                Some(ahead) => {
                    let ends = running.during.end;
                    let asked = self.renewal(connection, &ahead, ends).await?;
                    let is_trial = running.state == SubscriptionState::Trialing;
                    let cause = if is_trial { ChargeCause::TrialEnd } else { ChargeCause::Renewal };
                    Some((cause, Some(ends), asked))
                }
                None => None,
            },
            (None, None) => None,
        };
        let Some((cause, at, asked)) = found.filter(|(.., asked)| !asked.total.is_zero()) else {
            return Ok(None);
        };
        let (_, tax) = self.shares_of(connection, tenant, asked.total).await?;
        let paid_credit = self.credits.paid_available(connection, tenant).await?;
        Ok(Some(NextCharge {
            cause,
            plan_name: asked.plan_name,
            term: asked.term,
            at,
            until: asked.expires_at,
            price: asked.price,
            discount: asked.discount,
            unused: asked.unused,
            amount: asked.total,
            tax: Some(tax).filter(|tax| !tax.is_zero()),
            missing: Money::inr((asked.total.minor() - paid_credit.minor()).max(0)),
        }))
    }
}
