//! What was settled.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use types::TenantId;

use crate::db::payments::Payment;
use crate::india;
use crate::reconcile::compare::StoredLine;
use crate::reconcile::line::{Line, LineKind, Source};

/// The most lines that one day's comparison takes.
const LINES_MAX: i64 = 200_000;

struct Row {
    entity: String,
    kind: LineKind,
    settlement: String,
    utr: Option<String>,
    debit_minor: i64,
    credit_minor: i64,
    amount_minor: i64,
    fee_minor: i64,
    tax_minor: i64,
    currency: String,
    payment: Option<String>,
    created_at: DateTime<Utc>,
    settled_at: DateTime<Utc>,
    fee_accepted: bool,
    booked_for: Option<TenantId>,
    booked_elsewhere: bool,
}

impl From<Row> for StoredLine {
    fn from(row: Row) -> Self {
        Self {
            line: Line {
                entity: row.entity,
                kind: row.kind,
                settlement: row.settlement,
                utr: row.utr,
                debit_minor: row.debit_minor,
                credit_minor: row.credit_minor,
                amount_minor: row.amount_minor,
                fee_minor: row.fee_minor,
                tax_minor: row.tax_minor,
                currency: row.currency,
                payment: row.payment,
                created_at: row.created_at,
                settled_at: row.settled_at,
            },
            fee_accepted: row.fee_accepted,
            booked_for: row.booked_for,
            booked_elsewhere: row.booked_elsewhere,
        }
    }
}

/// `select` of [`Row`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select entity_id as entity, kind as "kind: LineKind", settlement_id as settlement, utr, debit_minor,
                 credit_minor, amount_minor, fee_minor, tax_minor, currency, gateway_payment_id as payment, created_at,
                 settled_at, fee_accepted, tenant_id as "booked_for: TenantId",
                 booked_at is null and exists (
                     select from settlement_lines as other
                     where other.gateway = l.gateway and other.entity_id = l.entity_id and other.booked_at is not null
                 ) as "booked_elsewhere!"
             from settlement_lines as l "# + $tail,
            $($argument),*
        )
    };
}

/// Keeps lines, by one statement; those that are there stay as they are. Gives how many are new.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    gateway: &str,
    lines: &[Line],
    source: Source,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let text = |field: fn(&Line) -> &str| lines.iter().map(|line| field(line).to_owned()).collect::<Vec<_>>();
    let minor = |field: fn(&Line) -> i64| lines.iter().map(field).collect::<Vec<_>>();
    let at = |field: fn(&Line) -> DateTime<Utc>| lines.iter().map(field).collect::<Vec<_>>();
    let kinds: Vec<LineKind> = lines.iter().map(|line| line.kind).collect();
    let payments: Vec<Option<String>> = lines.iter().map(|line| line.payment.clone()).collect();
    let utrs: Vec<Option<String>> = lines.iter().map(|line| line.utr.clone()).collect();
    let days: Vec<NaiveDate> = lines.iter().map(|line| india::date(line.settled_at)).collect();
    let inserted = sqlx::query!(
        "insert into settlement_lines
             (gateway, entity_id, settlement_id, kind, debit_minor, credit_minor, amount_minor, fee_minor, tax_minor,
              currency, gateway_payment_id, utr, created_at, settled_at, day, source, received_at)
         select $1, entity_id, settlement_id, kind, debit_minor, credit_minor, amount_minor, fee_minor, tax_minor,
              currency, gateway_payment_id, utr, created_at, settled_at, day, $2, $3
         from unnest($4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
              $11::bigint[], $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[], $17::date[])
             as given (entity_id, settlement_id, kind, debit_minor, credit_minor, amount_minor, fee_minor, tax_minor,
              currency, gateway_payment_id, utr, created_at, settled_at, day)
         on conflict (gateway, entity_id, settlement_id) do nothing",
        gateway,
        source as Source,
        now,
        &text(|line| &line.entity),
        &text(|line| &line.settlement),
        &kinds as &[LineKind],
        &minor(|line| line.debit_minor),
        &minor(|line| line.credit_minor),
        &minor(|line| line.amount_minor),
        &minor(|line| line.fee_minor),
        &minor(|line| line.tax_minor),
        &text(|line| &line.currency),
        &payments as &[Option<String>],
        &utrs as &[Option<String>],
        &at(|line| line.created_at),
        &at(|line| line.settled_at),
        &days,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected())
}

/// The lines that were settled on a day in India.
pub(crate) async fn of_day(
    connection: &mut PgConnection,
    gateway: &str,
    day: NaiveDate,
) -> Result<Vec<StoredLine>, sqlx::Error> {
    let rows = select!(
        "where gateway = $1 and day = $2
         order by entity_id, settlement_id
         limit $3",
        gateway,
        day,
        LINES_MAX,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(StoredLine::from).collect())
}

/// The lines of these things that are kept already.
pub(crate) async fn of_entities(
    connection: &mut PgConnection,
    gateway: &str,
    entities: &[String],
) -> Result<Vec<StoredLine>, sqlx::Error> {
    let rows = select!(
        "where gateway = $1 and entity_id = any($2)
         limit $3",
        gateway,
        entities,
        LINES_MAX,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(StoredLine::from).collect())
}

/// Which of these payments have a line, in whatever settlement.
pub(crate) async fn settled(
    connection: &mut PgConnection,
    gateway: &str,
    payments: &[String],
) -> Result<HashSet<String>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select distinct entity_id
         from settlement_lines
         where gateway = $1 and entity_id = any($2)
         limit $3",
        gateway,
        payments,
        LINES_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().collect())
}

/// Notes in whose books a line is; false where it was noted before. The row is locked until the transaction ends.
pub(crate) async fn set_booked(
    connection: &mut PgConnection,
    gateway: &str,
    line: &Line,
    payment: &Payment,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let updated = sqlx::query!(
        "update settlement_lines
         set tenant_id = $4, payment_id = $5, booked_at = $6
         where gateway = $1 and entity_id = $2 and settlement_id = $3 and booked_at is null",
        gateway,
        line.entity,
        line.settlement,
        payment.tenant.uuid(),
        payment.id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Takes the fee of a line as it is; gives the line.
pub(crate) async fn accept_fee(
    connection: &mut PgConnection,
    gateway: &str,
    entity: &str,
    settlement: &str,
) -> Result<Option<StoredLine>, sqlx::Error> {
    sqlx::query!(
        "update settlement_lines
         set fee_accepted = true
         where gateway = $1 and entity_id = $2 and settlement_id = $3",
        gateway,
        entity,
        settlement,
    )
    .execute(&mut *connection)
    .await?;
    let row =
        select!("where gateway = $1 and entity_id = $2 and settlement_id = $3", gateway, entity, settlement);
    Ok(row.fetch_optional(connection).await?.map(StoredLine::from))
}
