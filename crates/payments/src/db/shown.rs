//! What is shown of the money that an order or a top-up waits for.

use platform::fields::Fields;
use sqlx::PgConnection;
use types::{GuestId, IntentId, OrderId, PaymentMethodId, TenantId, TopUpId, VisitId};
use uuid::Uuid;

use super::intents::Row;
use super::profiles::UPI_ID;
use crate::intent::{By, IntentState};
use crate::subject::SubjectId;
use crate::view::Shown;

/// The columns of the intent, of a row that has more.
macro_rules! intent {
    ($row:ident) => {
        Row {
            tenant: $row.tenant,
            id: $row.id,
            order: $row.order,
            order_number: $row.order_number,
            visit: $row.visit,
            guest: $row.guest,
            stall_name: $row.stall_name,
            top_up: $row.top_up,
            top_up_number: $row.top_up_number,
            payee: $row.payee,
            amount_minor: $row.amount_minor,
            state: $row.state,
            gateway: $row.gateway,
            charged: $row.charged,
            keep_method: $row.keep_method,
            asked_at: $row.asked_at,
            pending_payment: $row.pending_payment,
            method: $row.method,
            confirmed_by: $row.confirmed_by,
            received_client_id: $row.received_client_id,
            expires_at: $row.expires_at,
            created_at: $row.created_at,
        }
    };
}

/// The intent of a subject that counts, with what its ways to pay are made of: the paid one, else the one that waits, else
/// the newest.
pub(crate) async fn find(
    connection: &mut PgConnection,
    fields: &Fields,
    tenants: &[TenantId],
    subject: SubjectId,
) -> Result<Option<Shown>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let row = sqlx::query!(
        r#"select i.tenant_id as "tenant: TenantId", i.id as "id: IntentId", i.order_id as "order: OrderId", i.order_number,
             i.visit_id as "visit: VisitId", i.guest_id as "guest: GuestId", i.stall_name, i.top_up_id as "top_up: TopUpId",
             i.top_up_number, i.payee, i.amount_minor, i.state as "state: IntentState", i.gateway,
             i.method_id as "charged: PaymentMethodId", i.keep_method, i.asked_at,
             i.pending_payment, i.method, i.confirmed_by as "confirmed_by: By", i.received_client_id, i.expires_at,
             i.created_at, i.reference, i.paid_at,
             coalesce(m.refunded_minor, 0) as "refunded_minor!",
             coalesce(back.made, 0) + coalesce(lost.minor, 0) as "returned_minor!",
             coalesce(back.asked, 0) + coalesce(lost.minor, 0) as "asked_back_minor!",
             o.gateway_order_id as "gateway_order?", c.gateway_customer_id as "customer?", o.page_url as "gateway_page?", q.image_content as "qr_content?",
             q.closes_at as "qr_closes_at?", p.upi_id_sealed as "upi_id?", coalesce(p.cash, true) as "cash!"
         from payment_intents i
         left join gateway_orders o on o.tenant_id = i.tenant_id and o.intent_id = i.id
         left join gateway_customers c on c.tenant_id = i.tenant_id and c.gateway = i.gateway and i.keep_method
         left join gateway_qr_codes q on q.tenant_id = i.tenant_id and q.intent_id = i.id and q.closed_at is null
         left join payments m on m.tenant_id = i.tenant_id and m.intent_id = i.id and m.role = 'settles'
         left join lateral (
             select sum(amount_minor)::bigint as asked,
                 (sum(amount_minor) filter (where state in ('processed', 'by_vendor')))::bigint as made
             from refunds
             where tenant_id = m.tenant_id and payment_id = m.id
         ) back on true
         left join lateral (
             select sum(held_minor)::bigint as minor
             from disputes
             where tenant_id = m.tenant_id and payment_id = m.id and state in ('lost', 'accepted', 'expired')
         ) lost on true
         left join payment_profiles p on p.tenant_id = i.tenant_id
         where i.tenant_id = any($1) and (i.order_id = $2 or i.top_up_id = $3)
         order by case when i.state in ('paid', 'refunded') then 0 when i.state in ('replaced', 'expired') then 2 else 1 end,
             i.id desc
         limit 1"#,
        &tenants,
        subject.order().map(OrderId::uuid),
        subject.top_up().map(TopUpId::uuid),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Shown {
        intent: intent!(row).try_into()?,
        reference: row.reference,
        paid_at: row.paid_at,
        returned_minor: row.returned_minor,
        asked_back_minor: row.asked_back_minor,
        refunded_minor: row.refunded_minor,
        gateway_order: row.gateway_order,
        customer: row.customer,
        gateway_page: row.gateway_page,
        qr_content: row.qr_content,
        qr_closes_at: row.qr_closes_at,
        upi_id: fields.read(UPI_ID, row.tenant, row.upi_id.as_deref())?,
        cash: row.cash,
    }))
}
