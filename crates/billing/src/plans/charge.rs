//! What a period costs beyond the credit is charged to what a gateway keeps for the vendor, before and while it is asked for in vain.
//!
//! The vendor has notice [`NOTICE`] before the period begins, and nothing is charged sooner than [`NOTICE_LEAST`] after that: whoever
//! keeps a way to pay too late for the notice has it now, and the next try of the dunning charges. One charge of an invoice is under
//! way at a time; what it brings is credit, and the invoice is paid from that as from any other.

use chrono::{DateTime, TimeDelta, Utc};
use payments::PaymentMethod;
use platform::db::repeat;
use serde::Serialize;
use sqlx::PgConnection;
use types::{Money, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Error;
use crate::credit::{Charge, TOP_UP_MIN};
use crate::db::credit::top_ups;
use crate::db::subscribing::subscriptions;
use crate::plans::{Asked, News, Plans, Running, Standing};

/// How long before a period begins the vendor has notice of its charge.
pub(crate) const NOTICE: TimeDelta = TimeDelta::hours(48);
/// How much of that there must have been.
const NOTICE_LEAST: TimeDelta = TimeDelta::hours(24);
/// How long a charge is waited for whose owner has no notice from the gateway.
const WAITS: TimeDelta = TimeDelta::days(1);
/// A charge is given up a while after that.
const OVERDUE: TimeDelta = TimeDelta::hours(1);
/// Subscriptions that one step looks at.
const BATCH: i64 = 200;

/// Where the charge of a period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanChargeState {
    /// It comes with the next period.
    Planned,
    /// It has begun; the bank has not answered.
    UnderWay,
    /// The bank said no. It is tried again while the grace lasts.
    Failed,
}

/// What is taken from a kept way to pay for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanCharge {
    /// Where it stands.
    pub state: PlanChargeState,
    /// What is charged, as its owner recognises it: `visa 4242`, `meena@okbank`.
    pub from: String,
    /// How much; the most, before it begins: credit is used first.
    pub amount: Money,
    /// When it begins, or when the money is taken, or when the bank said no.
    pub at: DateTime<Utc>,
}

impl Plans {
    /// Gives notice of the charges that come. Safe to be cut off anywhere and to run twice at once.
    pub(crate) async fn give_notices(&self) -> Result<(), Error> {
        let now = self.credits.clock.now();
        let mut after = (now, Uuid::nil().into());
        loop {
            let mut connection = self.credits.db.acquire().await?;
            let coming = subscriptions::to_notice(&mut connection, now + NOTICE, after, BATCH).await?;
            drop(connection);
            let Some(last) = coming.last() else { return Ok(()) };
            after = *last;
            for (_, tenant) in coming {
                if let Err(error) = self.give_notice(tenant).await {
                    tracing::error!(%tenant, error = &error as &dyn std::error::Error, "a vendor has no notice of a charge");
                }
            }
        }
    }

    async fn give_notice(&self, tenant: TenantId) -> Result<(), Error> {
        repeat(|| async {
            let mut transaction = self.credits.db.begin().await?;
            let kept = self.credits.payments.payment_methods(&mut transaction, tenant).await?;
            if kept.is_empty() {
                return Ok(());
            }
            let now = self.credits.clock.now();
            let standing = subscriptions::lock(&mut transaction, tenant, now).await?;
            let coming = standing.running.as_ref().filter(|running| {
                !running.is_past_due() && (now..=now + NOTICE).contains(&running.during.end)
            });
            let Some(next) = coming.and_then(Running::rolled) else { return Ok(()) };
            let asked = self.renewal(&mut transaction, &next, now).await?;
            if self.method_for(&mut transaction, tenant, asked.total).await?.is_none() {
                return Ok(());
            }
            subscriptions::set_noticed(&mut transaction, tenant, next.during.start, now).await?;
            self.put(&mut transaction, tenant, &standing, Some(News::Noticed)).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn method_for(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        amount: Money,
    ) -> Result<Option<PaymentMethod>, Error> {
        if amount.is_zero() {
            return Ok(None);
        }
        Ok(self.credits.payments.method_for(connection, tenant, amount).await?)
    }

    /// Charges what is missing for an open invoice of a period, where the vendor had notice; gives notice where not. The
    /// subscription is locked.
    pub(crate) async fn charge_missing(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        (invoice, missing): (&Asked, Money),
        now: DateTime<Utc>,
    ) -> Result<Option<News>, Error> {
        let id = invoice.id.uuid();
        top_ups::give_up(connection, tenant, id, now - OVERDUE, now).await?;
        let last = top_ups::for_invoice(connection, tenant, id).await?;
        if last.is_some_and(|last| last.paid_at.is_none() && last.failed_at.is_none()) {
            return Ok(None);
        }
        let amount = Money::inr(missing.minor().max(TOP_UP_MIN.minor()));
        let Some(method) = self.method_for(connection, tenant, amount).await? else { return Ok(None) };
        let noticed = subscriptions::noticed(connection, tenant).await?;
        let noticed = noticed.filter(|(period, _)| *period == invoice.during.start);
        let Some((_, noticed_at)) = noticed else {
            subscriptions::set_noticed(connection, tenant, invoice.during.start, now).await?;
            return Ok(Some(News::Noticed));
        };
        if now - noticed_at < NOTICE_LEAST {
            return Ok(None);
        }
        let charge = Charge { method, amount, invoice: Some(id), waits: WAITS };
        let top_up = self.credits.charge_method(connection, tenant, &charge, now).await?;
        tracing::info!(%tenant, %top_up, invoice = %invoice.id, "a plan is paid from what is kept");
        Ok(Some(News::Charged))
    }

    /// What is taken from a kept way to pay next, or was to be taken.
    pub(crate) async fn charge_shown(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        standing: &Standing,
        (open, next_charge): (Option<&Asked>, Option<Money>),
    ) -> Result<Option<PlanCharge>, Error> {
        let Some(running) = &standing.running else { return Ok(None) };
        if running.is_past_due() {
            let Some(open) = open else { return Ok(None) };
            let Some(last) = top_ups::for_invoice(connection, tenant, open.id.uuid()).await? else {
                return self.charge_ahead(connection, tenant, running.retry_at, Some(open.total)).await;
            };
            let (state, at) = if let Some(at) = last.failed_at {
                (PlanChargeState::Failed, at)
            } else {
                let payment = self.credits.payments.payment_of_top_up(connection, tenant, last.id).await?;
                (PlanChargeState::UnderWay, payment.taken_at.unwrap_or(last.created_at))
            };
            let from = last.charged.unwrap_or_default();
            return Ok(Some(PlanCharge { state, from, amount: Money::inr(last.amount_minor), at }));
        }
        self.charge_ahead(connection, tenant, Some(running.during.end), next_charge).await
    }

    async fn charge_ahead(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        at: Option<DateTime<Utc>>,
        amount: Option<Money>,
    ) -> Result<Option<PlanCharge>, Error> {
        let Some((at, amount)) = at.zip(amount) else { return Ok(None) };
        let method = self.method_for(connection, tenant, amount).await?;
        let state = PlanChargeState::Planned;
        Ok(method.map(|method| PlanCharge { state, from: method.label(), amount, at }))
    }
}
