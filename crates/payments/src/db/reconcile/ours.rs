//! Our side: payments through the gateway with their refunds, of every stall.

use std::ops::Range;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{IntentId, OrderId, PaymentId, TenantId, TopUpId};
use uuid::Uuid;

use crate::db::payments::{Payment, Role};
use crate::db::refunds::RefundState;
use crate::db::subjects;
use crate::subject::SubjectId;
use crate::tcs::Collected;

/// The most rows that one day's comparison takes.
const ROWS_MAX: usize = 200_000;

/// A payment through the gateway, with its refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ours {
    pub payment: Payment,
    pub refunds: Vec<OurRefund>,
    /// Whether it was taken in on the day.
    pub is_of_day: bool,
}

/// A refund of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OurRefund {
    pub amount_minor: i64,
    pub state: RefundState,
    pub at_gateway: Option<String>,
    /// Under which id the books have it.
    pub booked_as: Uuid,
    /// How often it came back.
    pub came_back: i16,
    /// Whether it was done on the day.
    pub is_of_day: bool,
}

impl Ours {
    /// The refunds that were done at the gateway on the day, with its ids.
    pub(crate) fn refunds_of_day(&self) -> impl Iterator<Item = (&OurRefund, &str)> {
        let of_day = self.refunds.iter().filter(|refund| refund.is_of_day);
        of_day.filter_map(|refund| Some((refund, refund.at_gateway.as_deref()?)))
    }
}

/// Which payments are asked for: those of the day, and those that the gateway names.
pub(crate) struct Asked<'a> {
    pub gateway: &'a str,
    pub hours: &'a Range<DateTime<Utc>>,
    pub payments: &'a [String],
    pub refunds: &'a [String],
}

struct Row {
    tenant: TenantId,
    id: PaymentId,
    intent: IntentId,
    order: Option<OrderId>,
    top_up: Option<TopUpId>,
    gateway: Option<String>,
    at_gateway: Option<String>,
    role: Role,
    amount_minor: i64,
    commission_minor: i64,
    refunded_minor: i64,
    commission_back_minor: i64,
    is_inter_state: bool,
    taxable_minor: i64,
    tcs_minor: i64,
    tcs_back_minor: i64,
    returned_minor: i64,
    created_at: DateTime<Utc>,
    refund_minor: Option<i64>,
    refund_state: Option<RefundState>,
    refund_at_gateway: Option<String>,
    refund_booked_as: Option<Uuid>,
    refund_came_back: Option<i16>,
    refunded_at: Option<DateTime<Utc>>,
}

impl Row {
    fn refund(&self, hours: &Range<DateTime<Utc>>) -> Option<OurRefund> {
        let (state, at_gateway) = (self.refund_state?, self.refund_at_gateway.clone());
        let is_done = state == RefundState::Processed && at_gateway.is_some();
        Some(OurRefund {
            amount_minor: self.refund_minor?,
            state,
            at_gateway,
            booked_as: self.refund_booked_as?,
            came_back: self.refund_came_back?,
            is_of_day: is_done && self.refunded_at.is_some_and(|at| hours.contains(&at)),
        })
    }

    fn ours(self, hours: &Range<DateTime<Utc>>) -> Result<Ours, sqlx::Error> {
        Ok(Ours {
            refunds: self.refund(hours).into_iter().collect(),
            payment: Payment {
                tenant: self.tenant,
                id: self.id,
                intent: self.intent,
                subject: subjects::id_of(self.order, self.top_up)?,
                gateway: self.gateway,
                at_gateway: self.at_gateway,
                role: self.role,
                amount_minor: self.amount_minor,
                commission_minor: self.commission_minor,
                refunded_minor: self.refunded_minor,
                commission_back_minor: self.commission_back_minor,
                tcs: Collected {
                    is_inter_state: self.is_inter_state,
                    taxable_minor: self.taxable_minor,
                    minor: self.tcs_minor,
                    back_minor: self.tcs_back_minor,
                    returned_minor: self.returned_minor,
                },
            },
            is_of_day: hours.contains(&self.created_at),
        })
    }
}

/// A payment stands in as many rows as it has refunds, one after the other.
fn together(rows: Vec<Row>, hours: &Range<DateTime<Utc>>) -> Result<Vec<Ours>, sqlx::Error> {
    let mut all: Vec<Ours> = Vec::new();
    for row in rows {
        match all.last_mut().filter(|last| last.payment.id == row.id) {
            Some(last) => last.refunds.extend(row.refund(hours)),
            None => all.push(row.ours(hours)?),
        }
    }
    Ok(all)
}

/// The payments that are asked for, each once; none where there are too many.
pub(crate) async fn find(
    connection: &mut PgConnection,
    asked: &Asked<'_>,
) -> Result<Option<Vec<Ours>>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"with wanted as (
             select tenant_id, id from payments
             where gateway is not null and created_at >= $2 and created_at < $3
             union
             select tenant_id, id from payments
             where gateway_payment_id = any($4)
             union
             select tenant_id, payment_id from refunds
             where gateway_refund_id = any($5)
             union
             select tenant_id, payment_id from refunds
             where updated_at >= $2 and updated_at < $3 and state = 'processed'
         )
         select p.tenant_id as "tenant: TenantId", p.id as "id: PaymentId", p.intent_id as "intent: IntentId",
             p.order_id as "order: OrderId", p.top_up_id as "top_up: TopUpId", p.gateway, p.gateway_payment_id as at_gateway,
             p.role as "role: Role", p.amount_minor, p.commission_minor, p.refunded_minor, p.commission_back_minor,
             p.tcs_inter_state as is_inter_state, p.tcs_taxable_minor as taxable_minor, p.tcs_minor, p.tcs_back_minor,
             p.returned_minor, p.created_at, r.amount_minor as "refund_minor?", r.state as "refund_state?: RefundState",
             r.gateway_refund_id as refund_at_gateway, coalesce(r.booked_as, r.id) as refund_booked_as,
             r.came_back as "refund_came_back?",
             r.updated_at as "refunded_at?"
         from wanted
         join payments p on p.tenant_id = wanted.tenant_id and p.id = wanted.id and p.gateway = $1
         left join refunds r on r.tenant_id = p.tenant_id and r.payment_id = p.id
         order by p.id, r.id
         limit $6"#,
        asked.gateway,
        asked.hours.start,
        asked.hours.end,
        asked.payments,
        asked.refunds,
        i64::try_from(ROWS_MAX).unwrap_or(i64::MAX),
    )
    .fetch_all(connection)
    .await?;
    if rows.len() >= ROWS_MAX { Ok(None) } else { together(rows, asked.hours).map(Some) }
}

/// Whether something is paid, even if the money went back.
pub(crate) async fn is_paid(
    connection: &mut PgConnection,
    tenant: TenantId,
    subject: SubjectId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select from payment_intents
             where tenant_id = $1 and (order_id = $2 or top_up_id = $3) and state in ('paid', 'refunded')
         ) as "is_paid!""#,
        tenant.uuid(),
        subject.order().map(OrderId::uuid),
        subject.top_up().map(TopUpId::uuid),
    )
    .fetch_one(connection)
    .await
}
