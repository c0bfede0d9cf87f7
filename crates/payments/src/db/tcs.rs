//! Tax collected at source: its rates, what is taxable of what is asked for, and what was collected.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use types::{IntentId, Money, PersonId, TenantId};
use uuid::Uuid;

use super::Sent;
use crate::Percent;
use crate::ids::TcsRateId;
use crate::tcs::Supply;
use crate::tcs::book::TcsRate;
use crate::tcs::month::Moved;
use crate::tcs::pay::TcsPayment;

/// So many rates a list shows at most.
const ROWS_MAX: i64 = 500;

struct Row {
    id: TcsRateId,
    basis_points: i16,
    effective_from: DateTime<Utc>,
    reason: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for TcsRate {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.id,
            percent: percent(row.basis_points)?,
            effective_from: row.effective_from,
            reason: row.reason,
            created_at: row.created_at,
        })
    }
}

fn percent(basis_points: i16) -> Result<Percent, sqlx::Error> {
    Percent::from_basis_points(basis_points).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: TcsRateId", basis_points, effective_from, reason, created_at
             from tcs_rates "# + $tail,
            $($argument),*
        )
    };
}

/// The rate at a moment: the one that began last.
pub(crate) async fn in_force(
    connection: &mut PgConnection,
    at: DateTime<Utc>,
) -> Result<Option<(TcsRateId, Percent)>, sqlx::Error> {
    let row = select!("where effective_from <= $1 order by effective_from desc, id desc limit 1", at);
    let row = row.fetch_optional(connection).await?;
    row.map(|row| Ok((row.id, percent(row.basis_points)?))).transpose()
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    id: TcsRateId,
) -> Result<Option<TcsRate>, sqlx::Error> {
    let row = select!("where id = $1", id.uuid()).fetch_optional(connection).await?;
    row.map(TcsRate::try_from).transpose()
}

/// All rates, those that begin last first.
pub(crate) async fn list(connection: &mut PgConnection) -> Result<Vec<TcsRate>, sqlx::Error> {
    let rows = select!("order by effective_from desc, id desc limit $1", ROWS_MAX);
    rows.fetch_all(connection).await?.into_iter().map(TcsRate::try_from).collect()
}

/// The rate that was sent under this client id, with the hash of what was sent.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    client_id: Uuid,
) -> Result<Option<(TcsRateId, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: TcsRateId", content_hash from tcs_rates where client_id = $1"#,
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.content_hash)))
}

/// Writes a rate; false where it was sent before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    rate: &TcsRate,
    sent: &Sent,
) -> Result<bool, sqlx::Error> {
    let basis_points = i16::try_from(rate.percent.basis_points()).unwrap_or(i16::MAX);
    let inserted = sqlx::query!(
        "insert into tcs_rates (id, client_id, content_hash, basis_points, effective_from, reason, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict on constraint tcs_rates_client_id_once do nothing",
        rate.id.uuid(),
        sent.client_id,
        sent.content_hash,
        basis_points,
        rate.effective_from,
        rate.reason,
        sent.person.uuid(),
        rate.created_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes what is taxable of what an intent asks for, unless it is paid.
pub(crate) async fn set_supply(
    connection: &mut PgConnection,
    tenant: TenantId,
    intent: IntentId,
    supply: Option<&Supply>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_intents
         set supply_gstin = $3, supply_place = $4, supply_to_registered = $5, supply_taxable_minor = $6
         where tenant_id = $1 and id = $2 and state not in ('paid', 'refunded')",
        tenant.uuid(),
        intent.uuid(),
        supply.map(|supply| &supply.gstin),
        supply.map(|supply| &supply.place),
        supply.map(|supply| supply.to_registered),
        supply.map(|supply| supply.taxable.minor()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What of an intent's amount is taxable; none where no registered vendor asks for it.
pub(crate) async fn supply_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    intent: IntentId,
) -> Result<Option<Supply>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select supply_gstin as "gstin!", supply_place as "place!", supply_to_registered as "to_registered!",
             supply_taxable_minor as "taxable!"
         from payment_intents
         where tenant_id = $1 and id = $2 and supply_gstin is not null"#,
        tenant.uuid(),
        intent.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Supply {
        gstin: row.gstin,
        place: row.place,
        to_registered: row.to_registered,
        taxable: Money::inr(row.taxable),
    }))
}

/// What was collected in a time and what went back in it, by registration, place and kind of buyer.
pub(crate) async fn moved(
    connection: &mut PgConnection,
    hours: &Range<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<Moved>, sqlx::Error> {
    sqlx::query_as!(
        Moved,
        r#"select moved.tenant_id as "tenant!: TenantId",
             (select i.stall_name from payment_intents i
              where i.tenant_id = moved.tenant_id and i.stall_name is not null
              order by i.id desc limit 1) as stall_name,
             gstin as "gstin!", place as "place!", to_registered as "to_registered!", inter_state as "inter_state!",
             sum(supplied)::bigint as "supplied_minor!", sum(returned)::bigint as "returned_minor!",
             sum(tax)::bigint as "tax_minor!"
         from (
             select p.tenant_id, p.tcs_gstin as gstin, p.tcs_place as place, p.tcs_to_registered as to_registered,
               p.tcs_inter_state as inter_state, p.tcs_taxable_minor as supplied, 0::bigint as returned, p.tcs_minor as tax
             from payments p
             where p.tcs_rate_id is not null and p.created_at >= $1 and p.created_at < $2
             union all
             select p.tenant_id, p.tcs_gstin, p.tcs_place, p.tcs_to_registered, p.tcs_inter_state, 0, r.taxable_minor, -r.tcs_minor
             from refunds r
             join payments p on p.tenant_id = r.tenant_id and p.id = r.payment_id
             where r.taxable_minor > 0 and p.tcs_rate_id is not null and r.created_at >= $1 and r.created_at < $2
             union all
             select p.tenant_id, p.tcs_gstin, p.tcs_place, p.tcs_to_registered, p.tcs_inter_state, 0, d.taxable_minor, -d.tcs_minor
             from disputes d
             join payments p on p.tenant_id = d.tenant_id and p.id = d.payment_id
             where d.taxable_minor > 0 and p.tcs_rate_id is not null and d.lost_at >= $1 and d.lost_at < $2
         ) as moved
         group by moved.tenant_id, gstin, place, to_registered, inter_state
         order by gstin, place, to_registered desc, moved.tenant_id
         limit $3"#,
        hours.start,
        hours.end,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// What all that was collected in a time and went back in it comes to: net value and tax, in paise.
pub(crate) async fn sums(
    connection: &mut PgConnection,
    hours: &Range<DateTime<Utc>>,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce(sum(net), 0)::bigint as "net!", coalesce(sum(tax), 0)::bigint as "tax!"
         from (
             select tcs_taxable_minor as net, tcs_minor as tax
             from payments
             where tcs_rate_id is not null and created_at >= $1 and created_at < $2
             union all
             select -taxable_minor, -tcs_minor
             from refunds
             where taxable_minor > 0 and created_at >= $1 and created_at < $2
             union all
             select -taxable_minor, -tcs_minor
             from disputes
             where taxable_minor > 0 and lost_at >= $1 and lost_at < $2
         ) as moved"#,
        hours.start,
        hours.end,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.net, row.tax))
}

/// The months in which something was collected or went back, the newest first: its tax in paise, and how it was paid.
pub(crate) async fn months(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<(String, i64, Option<TcsPayment>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select moved.month as "month!", moved.tax as "tax!", paid.challan as "challan?", paid.paid_on as "paid_on?: NaiveDate",
             paid.amount_minor as "amount_minor?", paid.reason as "reason?", paid.paid_by as "paid_by?: PersonId",
             paid.created_at as "recorded_at?", paid.booked_at as "booked_at?"
         from (
             select to_char(at at time zone 'Asia/Kolkata', 'YYYY-MM') as month, sum(tax)::bigint as tax
             from (
                 select created_at as at, tcs_minor as tax
                 from payments
                 where tcs_rate_id is not null
                 union all
                 select created_at, -tcs_minor
                 from refunds
                 where taxable_minor > 0
                 union all
                 select lost_at, -tcs_minor
                 from disputes
                 where taxable_minor > 0
             ) as each
             group by 1
             order by 1 desc
             limit $1
         ) as moved
         left join tcs_payments as paid on paid.month = moved.month
         order by moved.month desc"#,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let months = rows.into_iter().map(|row| {
        let payment = (|| {
            Some(TcsPayment {
                challan: row.challan?,
                paid_on: row.paid_on?,
                amount: Money::inr(row.amount_minor?),
                reason: row.reason?,
                paid_by: row.paid_by?,
                recorded_at: row.recorded_at?,
                booked: row.booked_at.is_some(),
            })
        })();
        (row.month, row.tax, payment)
    });
    Ok(months.collect())
}

/// How a month was paid to the state, and the record's id.
pub(crate) async fn payment_of(
    connection: &mut PgConnection,
    month: &str,
) -> Result<Option<(Uuid, TcsPayment)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id, challan, paid_on as "paid_on: NaiveDate", amount_minor, reason, paid_by as "paid_by: PersonId",
             created_at, booked_at is not null as "booked!"
         from tcs_payments
         where month = $1"#,
        month,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let payment = TcsPayment {
            challan: row.challan,
            paid_on: row.paid_on,
            amount: Money::inr(row.amount_minor),
            reason: row.reason,
            paid_by: row.paid_by,
            recorded_at: row.created_at,
            booked: row.booked,
        };
        (row.id, payment)
    }))
}

/// Records how a month was paid; false where it was before.
pub(crate) async fn insert_payment(
    connection: &mut PgConnection,
    month: &str,
    id: Uuid,
    payment: &TcsPayment,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into tcs_payments (month, id, challan, paid_on, amount_minor, reason, paid_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict do nothing",
        month,
        id,
        payment.challan,
        payment.paid_on,
        payment.amount.minor(),
        payment.reason,
        payment.paid_by.uuid(),
        payment.recorded_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Notes that a month's payment is in every vendor's books.
pub(crate) async fn set_booked(
    connection: &mut PgConnection,
    month: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update tcs_payments set booked_at = $2 where month = $1 and booked_at is null", month, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// What was collected in a time less what went back in it, vendor by vendor behind `after`, where it is not nothing.
pub(crate) async fn due_by_vendor(
    connection: &mut PgConnection,
    hours: &Range<DateTime<Utc>>,
    after: TenantId,
    limit: i64,
) -> Result<Vec<(TenantId, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", sum(tax)::bigint as "tax!"
         from (
             select tenant_id, tcs_minor as tax
             from payments
             where tcs_rate_id is not null and created_at >= $1 and created_at < $2 and tenant_id > $3
             union all
             select tenant_id, -tcs_minor
             from refunds
             where taxable_minor > 0 and created_at >= $1 and created_at < $2 and tenant_id > $3
             union all
             select tenant_id, -tcs_minor
             from disputes
             where taxable_minor > 0 and lost_at >= $1 and lost_at < $2 and tenant_id > $3
         ) as moved
         group by tenant_id
         having sum(tax) <> 0
         order by tenant_id
         limit $4"#,
        hours.start,
        hours.end,
        after.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.tax)).collect())
}
