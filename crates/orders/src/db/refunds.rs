//! What went back of an order, refund by refund. Written only under the order's lock.

use sqlx::PgConnection;
use types::{Money, OrderId, Quantity, RefundId, TenantId};
use uuid::Uuid;

use super::unreadable;
use crate::order::Order;
use crate::parts::Part;
use crate::refund::{Kept, RefundBy};

/// Refunds of one order, at most; and the parts of its lines that they are of.
const OF_ORDER_MAX: i64 = 1_000;
const PARTS_MAX: i64 = 50_000;

pub(crate) async fn insert(
    connection: &mut PgConnection,
    order: &Order,
    kept: &Kept,
    parts: &[Part],
) -> Result<(), sqlx::Error> {
    let (tenant, id, refund) = (order.tenant.uuid(), order.id.uuid(), kept.refund.uuid());
    let asked = kept.asked.as_ref();
    sqlx::query!(
        "insert into order_refunds
             (tenant_id, order_id, refund_id, amount_minor, by, person_id, client_id, request, reason, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        id,
        refund,
        kept.amount.minor(),
        kept.by as RefundBy,
        asked.map(|asked| asked.person.uuid()),
        asked.map(|asked| asked.client_id),
        asked.map(|asked| &asked.request),
        kept.reason,
        kept.at,
    )
    .execute(&mut *connection)
    .await?;
    let lines: Vec<i32> = parts.iter().map(|part| part.line).collect();
    let minor = |of: fn(&Part) -> i64| parts.iter().map(of).collect::<Vec<i64>>();
    let restocked: Vec<bool> = parts.iter().map(|part| part.is_restocked).collect();
    sqlx::query!(
        "insert into order_refund_lines
             (tenant_id, order_id, refund_id, line, before_minor, amount_minor, quantity_milli, restocked)
         select $1, $2, $3, line, before_minor, amount_minor, quantity_milli, restocked
         from unnest($4::integer[], $5::bigint[], $6::bigint[], $7::bigint[], $8::boolean[])
             as part (line, before_minor, amount_minor, quantity_milli, restocked)",
        tenant,
        id,
        refund,
        &lines,
        &minor(|part| part.before.minor()),
        &minor(|part| part.amount.minor()),
        &minor(|part| part.quantity.milli()),
        &restocked,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was asked for before under a client id.
pub(crate) async fn said_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<serde_json::Value>, sqlx::Error> {
    let request = sqlx::query_scalar!(
        "select request from order_refunds where tenant_id = $1 and client_id = $2",
        tenant.uuid(),
        client_id,
    );
    Ok(request.fetch_optional(connection).await?.flatten())
}

/// The refunds of an order, oldest first.
pub(crate) async fn of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<Kept>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select refund_id as "refund: RefundId", amount_minor, by as "by: RefundBy", reason, created_at
         from order_refunds
         where tenant_id = $1 and order_id = $2
         order by refund_id
         limit $3"#,
        tenant.uuid(),
        order.uuid(),
        OF_ORDER_MAX,
    );
    let kept = rows.fetch_all(connection).await?.into_iter().map(|row| Kept {
        refund: row.refund,
        amount: Money::inr(row.amount_minor),
        by: row.by,
        reason: row.reason,
        asked: None,
        at: row.created_at,
    });
    Ok(kept.collect())
}

/// The parts of an order's lines that go back or went, each with its refund.
pub(crate) async fn parts_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<(RefundId, Part)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select refund_id as "refund: RefundId", line, before_minor, amount_minor, quantity_milli, restocked
         from order_refund_lines
         where tenant_id = $1 and order_id = $2
         order by refund_id, line
         limit $3"#,
        tenant.uuid(),
        order.uuid(),
        PARTS_MAX,
    );
    let rows = rows.fetch_all(connection).await?;
    rows.into_iter()
        .map(|row| {
            let part = Part {
                line: row.line,
                before: Money::inr(row.before_minor),
                amount: Money::inr(row.amount_minor),
                quantity: Quantity::from_milli(row.quantity_milli).map_err(unreadable)?,
                is_restocked: row.restocked,
            };
            Ok((row.refund, part))
        })
        .collect()
}

/// Whose order it is: the operator names it by its id alone.
pub(crate) async fn tenant_of(
    connection: &mut PgConnection,
    order: OrderId,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select tenant_id as "tenant: TenantId" from orders where id = $1"#, order.uuid())
        .fetch_optional(connection)
        .await
}
