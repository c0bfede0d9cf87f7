//! Money on its way back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, PaymentId, RefundId, TenantId};
use utoipa::ToSchema;

use super::payments::Payment;

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
}

/// A stored refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub tenant: TenantId,
    pub id: RefundId,
    pub payment: PaymentId,
    pub amount_minor: i64,
    pub state: RefundState,
    pub attempt: i16,
    /// What the gateway calls it, once it does.
    pub at_gateway: Option<String>,
}

impl RefundState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Pending => "pending",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::ByVendor => "by_vendor",
        }
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
                 state as "state: RefundState", attempt, gateway_refund_id as at_gateway
             from refunds "# + $tail,
            $($argument),*
        )
    };
}

/// Stores a refund of a whole payment; false where it is on its way already.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: RefundId,
    payment: &Payment,
    reason: &str,
    state: RefundState,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into refunds (tenant_id, id, payment_id, amount_minor, reason, state, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)
         on conflict on constraint refunds_one_a_payment do nothing",
        payment.tenant.uuid(),
        id.uuid(),
        payment.id.uuid(),
        payment.amount_minor,
        reason,
        state as RefundState,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    refund: RefundId,
) -> Result<Option<Refund>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2", tenant.uuid(), refund.uuid()).fetch_optional(connection).await
}

pub(crate) async fn of_payment(
    connection: &mut PgConnection,
    tenant: TenantId,
    payment: PaymentId,
) -> Result<Option<Refund>, sqlx::Error> {
    select!("where tenant_id = $1 and payment_id = $2", tenant.uuid(), payment.uuid())
        .fetch_optional(connection)
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
         set state = $3, attempt = $4, gateway_refund_id = $5, note = $6, updated_at = $7
         where tenant_id = $1 and id = $2",
        refund.tenant.uuid(),
        refund.id.uuid(),
        refund.state as RefundState,
        refund.attempt,
        refund.at_gateway,
        note,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
