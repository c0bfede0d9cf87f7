//! Money on its way back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, OrderId, PaymentId, RefundId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::payments::Payment;
use crate::tcs::Share;

/// Refunds of one payment, at most: the gateway's dashboard may make more than we ask for.
const OF_PAYMENT_MAX: i64 = 1_000;

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RefundState {
    /// To be made at the gateway.
    Asked,
    /// The gateway is at it.
    Pending,
    /// The buyer has it.
    Processed,
    /// The gateway gave up; the operator decides.
    Failed,
    /// The vendor gives it back by hand.
    ByVendor,
    /// The gateway gave up, and it is the credit again that it was.
    Withdrawn,
}

/// A stored refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub tenant: TenantId,
    pub id: RefundId,
    pub payment: PaymentId,
    pub amount_minor: i64,
    /// The commission that goes back with it.
    pub commission_minor: i64,
    /// The tax collected at source that goes back with it.
    pub tcs_minor: i64,
    pub state: RefundState,
    pub attempt: i16,
    /// What the gateway calls it, once it does.
    pub at_gateway: Option<String>,
    /// Under which id the books have it.
    pub booked_as: Uuid,
    /// How often it was made and the payer's bank sent it back.
    pub came_back: i16,
    pub created_at: DateTime<Utc>,
}

/// A refund to be stored.
pub(crate) struct New<'a> {
    pub id: RefundId,
    pub amount_minor: i64,
    pub commission_minor: i64,
    pub tcs: Share,
    pub reason: &'a str,
    pub state: RefundState,
    pub at: DateTime<Utc>,
}

impl RefundState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Pending => "pending",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::ByVendor => "by_vendor",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether the money is no longer ours to send.
    pub const fn is_made(self) -> bool {
        matches!(self, Self::Processed | Self::ByVendor)
    }

    /// Whether nothing the gateway says changes it any more.
    pub(crate) const fn is_over(self) -> bool {
        self.is_made() || matches!(self, Self::Withdrawn)
    }

    /// Whether the gateway was not brought to it yet, or gave it up.
    pub(crate) const fn is_still_to_make(self) -> bool {
        matches!(self, Self::Asked | Self::Failed)
    }
}

impl Refund {
    pub(crate) const fn amount(&self) -> Money {
        Money::inr(self.amount_minor)
    }

    /// One that failed at the gateway, to be asked for again: another attempt, which the gateway does not know yet.
    pub(crate) fn asked_again(self) -> Self {
        Self { state: RefundState::Asked, attempt: self.attempt.saturating_add(1), at_gateway: None, ..self }
    }

    /// Under which key this attempt is asked for: the same at every repetition of it.
    pub(crate) fn key(&self) -> String {
        // The receipt holds 40 characters.
        format!("{}-{}", self.id.uuid().simple(), self.attempt)
    }
}

/// `select` of [`Refund`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Refund,
            r#"select tenant_id as "tenant: TenantId", id as "id: RefundId", payment_id as "payment: PaymentId", amount_minor,
                 commission_minor, tcs_minor, state as "state: RefundState", attempt, gateway_refund_id as at_gateway,
                 coalesce(booked_as, id) as "booked_as!", came_back, created_at
             from refunds "# + $tail,
            $($argument),*
        )
    };
}

/// Stores a refund and counts it with its payment: the database refuses what would give back more than came.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    payment: &Payment,
    new: &New<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with counted as (
             update payments
             set refunded_minor = refunded_minor + $4, commission_back_minor = commission_back_minor + $5,
                 returned_minor = returned_minor + $4, tcs_back_minor = tcs_back_minor + $9
             where tenant_id = $1 and id = $3
             returning id
         )
         insert into refunds
             (tenant_id, id, payment_id, amount_minor, commission_minor, reason, state, created_at, updated_at,
              tcs_minor, taxable_minor)
         select $1, $2, counted.id, $4, $5, $6, $7, $8, $8, $9, $10 from counted",
        payment.tenant.uuid(),
        new.id.uuid(),
        payment.id.uuid(),
        new.amount_minor,
        new.commission_minor,
        new.reason,
        new.state as RefundState,
        new.at,
        new.tcs.minor,
        new.tcs.taxable_minor,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a refund that will not be made with its payment no more.
pub(crate) async fn uncount(connection: &mut PgConnection, refund: &Refund) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments
         set refunded_minor = refunded_minor - $3, commission_back_minor = commission_back_minor - $4,
             returned_minor = returned_minor - $3, tcs_back_minor = tcs_back_minor - $5
         where tenant_id = $1 and id = $2",
        refund.tenant.uuid(),
        refund.payment.uuid(),
        refund.amount_minor,
        refund.commission_minor,
        refund.tcs_minor,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    refund: RefundId,
) -> Result<Option<Refund>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2", tenant.uuid(), refund.uuid()).fetch_optional(connection).await
}

/// The refunds of a payment, oldest first.
pub(crate) async fn of_payment(
    connection: &mut PgConnection,
    tenant: TenantId,
    payment: PaymentId,
) -> Result<Vec<Refund>, sqlx::Error> {
    select!(
        "where tenant_id = $1 and payment_id = $2
         order by id
         limit $3",
        tenant.uuid(),
        payment.uuid(),
        OF_PAYMENT_MAX,
    )
    .fetch_all(connection)
    .await
}

/// The refunds of what settled an order, oldest first.
pub(crate) async fn of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<Refund>, sqlx::Error> {
    select!(
        "where tenant_id = $1 and payment_id in (
             select id from payments
             where tenant_id = $1 and order_id = $2 and role = 'settles'
         )
         order by id
         limit $3",
        tenant.uuid(),
        order.uuid(),
        OF_PAYMENT_MAX,
    )
    .fetch_all(connection)
    .await
}

/// What has gone back of a payment, in paise.
pub(crate) async fn made_minor(connection: &mut PgConnection, payment: &Payment) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(amount_minor), 0)::bigint as "made!"
         from refunds
         where tenant_id = $1 and payment_id = $2 and state in ('processed', 'by_vendor')"#,
        payment.tenant.uuid(),
        payment.id.uuid(),
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    refund: RefundId,
) -> Result<Option<Refund>, sqlx::Error> {
    select!(
        "where tenant_id = $1 and id = $2
         for update",
        tenant.uuid(),
        refund.uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Writes where a refund stands.
pub(crate) async fn update(
    connection: &mut PgConnection,
    refund: &Refund,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update refunds
         set state = $3, attempt = $4, gateway_refund_id = $5, note = $6, updated_at = $7, came_back = $8
         where tenant_id = $1 and id = $2",
        refund.tenant.uuid(),
        refund.id.uuid(),
        refund.state as RefundState,
        refund.attempt,
        refund.at_gateway,
        note,
        now,
        refund.came_back,
    )
    .execute(connection)
    .await?;
    Ok(())
}
