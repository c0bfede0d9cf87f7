//! What the platform's bank says of settlements and payouts.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

use crate::india;
use crate::payout::PayoutState;
use crate::reconcile::bank::{Moved, PaidOut, SettledSum};
use crate::reconcile::statement::BankLine;

/// The most settlements or payouts of a day, and lines of the bank to them, that are compared.
const ROWS_MAX: i64 = 100_000;

/// A file to be noted.
pub(crate) struct New<'a> {
    pub id: Uuid,
    pub sha256: &'a str,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub lines: i32,
    pub matched: i32,
    pub person: PersonId,
    pub reason: &'a str,
    pub at: DateTime<Utc>,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into bank_statements
             (id, sha256, first_day, last_day, lines, matched, person_id, reason, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        new.sha256,
        new.first_day,
        new.last_day,
        new.lines,
        new.matched,
        new.person.uuid(),
        new.reason,
        new.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps lines; those that are there stay as they are. Gives how many are new.
pub(crate) async fn insert_lines(
    connection: &mut PgConnection,
    statement: Uuid,
    lines: &[BankLine],
) -> Result<u64, sqlx::Error> {
    let utrs: Vec<String> = lines.iter().map(|line| line.utr.clone()).collect();
    let days: Vec<NaiveDate> = lines.iter().map(|line| line.day).collect();
    let debits: Vec<i64> = lines.iter().map(|line| line.debit_minor).collect();
    let credits: Vec<i64> = lines.iter().map(|line| line.credit_minor).collect();
    let inserted = sqlx::query!(
        "insert into bank_lines (utr, day, debit_minor, credit_minor, occurrence, statement_id)
         select utr, day, debit, credit,
             row_number() over (partition by utr, day, debit, credit)::integer, $5
         from unnest($1::text[], $2::date[], $3::bigint[], $4::bigint[]) as given (utr, day, debit, credit)
         on conflict do nothing",
        &utrs,
        &days,
        &debits,
        &credits,
        statement,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected())
}

/// Which of these are numbers of settlements or payouts, in capitals.
pub(crate) async fn known_utrs(
    connection: &mut PgConnection,
    utrs: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select upper(utr) as "utr!" from settlement_lines where upper(utr) = any($1)
         union
         select upper(utr) from payouts where upper(utr) = any($1)"#,
        utrs,
    )
    .fetch_all(connection)
    .await
}

/// The days from one to another on which something was settled or paid out that the bank must know.
pub(crate) async fn days_between(
    connection: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<NaiveDate>, sqlx::Error> {
    let (from, until) = (india::hours(first).start, india::hours(last).end);
    sqlx::query_scalar!(
        r#"select day as "day!" from settlement_lines where day between $1 and $2 and utr is not null
         union
         select (coalesce(sent_at, updated_at) at time zone 'Asia/Kolkata')::date from payouts
         where coalesce(sent_at, updated_at) >= $3 and coalesce(sent_at, updated_at) < $4 and utr is not null
             and state in ('paid', 'reversed')
         order by 1"#,
        first,
        last,
        from,
        until,
    )
    .fetch_all(connection)
    .await
}

/// What each settlement of a day comes to.
pub(crate) async fn settled_on(
    connection: &mut PgConnection,
    day: NaiveDate,
) -> Result<Vec<SettledSum>, sqlx::Error> {
    sqlx::query_as!(
        SettledSum,
        r#"select gateway, settlement_id as settlement, max(upper(utr)) as "utr!",
             sum(credit_minor - debit_minor)::bigint as "net_minor!", max(received_at) as "known_at!"
         from settlement_lines
         where day = $1 and currency = 'INR'
         group by gateway, settlement_id
         having count(utr) > 0 and count(distinct upper(utr)) = 1
         order by gateway, settlement_id
         limit $2"#,
        day,
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await
}

/// The payouts of a day that the bank made.
pub(crate) async fn paid_out_on(
    connection: &mut PgConnection,
    day: NaiveDate,
) -> Result<Vec<PaidOut>, sqlx::Error> {
    let hours = india::hours(day);
    sqlx::query_as!(
        PaidOut,
        r#"select tenant_id as "tenant: TenantId", id, upper(utr) as "utr!", state as "state: PayoutState", amount_minor,
             fee_minor, updated_at as known_at
         from payouts
         where coalesce(sent_at, updated_at) >= $1 and coalesce(sent_at, updated_at) < $2 and utr is not null
             and state in ('paid', 'reversed')
         order by tenant_id, id
         limit $3"#,
        hours.start,
        hours.end,
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await
}

/// What the bank moved under these numbers, by number.
pub(crate) async fn moved(connection: &mut PgConnection, utrs: &[String]) -> Result<Vec<Moved>, sqlx::Error> {
    sqlx::query_as!(
        Moved,
        r#"select utr, sum(debit_minor)::bigint as "debit_minor!", sum(credit_minor)::bigint as "credit_minor!"
         from bank_lines
         where utr = any($1)
         group by utr
         limit $2"#,
        utrs,
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Since when files cover each day from one to another without a gap; none where they do not.
pub(crate) async fn covered_since(
    connection: &mut PgConnection,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select case when count(since) = count(*) then min(since) end as since
         from generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') as days (day)
         left join lateral (
             select max(received_at) as since from bank_statements where days.day::date between first_day and last_day
         ) as given on true"#,
        first,
        last,
    )
    .fetch_one(connection)
    .await
}
