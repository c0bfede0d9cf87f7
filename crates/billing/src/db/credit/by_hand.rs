//! Top-ups that are paid at the platform's own UPI id, and what its bank says of them.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Money, PersonId, TenantId, TopUpId};

use crate::credit::{BankSays, SaidTopUp, TopUpState};

/// A top-up that a vendor says is paid, as its row has it.
struct Row {
    tenant: TenantId,
    id: TopUpId,
    number: String,
    amount_minor: i64,
    utr: String,
    said_at: DateTime<Utc>,
    paid: bool,
    refused: bool,
    acts: String,
    bank_minor: Option<i64>,
}

impl From<Row> for SaidTopUp {
    fn from(row: Row) -> Self {
        let state = match row {
            Row { paid: true, .. } => TopUpState::Paid,
            Row { refused: true, .. } => TopUpState::Refused,
            Row { .. } => TopUpState::Checking,
        };
        let bank = match row.bank_minor {
            None => BankSays::Nothing,
            Some(minor) if minor == row.amount_minor => BankSays::Same,
            Some(_) => BankSays::OtherAmount,
        };
        Self {
            id: row.id,
            tenant_id: row.tenant,
            name: String::new(),
            phone: None,
            email: None,
            number: row.number,
            amount: Money::inr(row.amount_minor),
            state,
            utr: row.utr,
            said_at: row.said_at,
            bank,
            bank_amount: row.bank_minor.map(Money::inr),
            acts: row.acts,
        }
    }
}

/// `select` of [`Row`]s; what follows the tables is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select said.tenant_id as "tenant: TenantId", said.id as "id: TopUpId", said.number, said.amount_minor, said.utr as "utr!",
                 said.said_at as "said_at!", said.paid_at is not null as "paid!", said.refused_at is not null as "refused!",
                 coalesce(said.acts, '') as "acts!", bank.amount_minor as "bank_minor?"
             from credit_top_ups as said
             left join credit_bank_lines as bank on bank.utr = said.utr "# + $tail,
            $($argument),*
        )
    };
}

/// A page of them, newest first; only those that stand so where that is named.
pub(crate) async fn page(
    connection: &mut PgConnection,
    state: Option<TopUpState>,
    query: PageQuery,
) -> Result<Vec<SaidTopUp>, sqlx::Error> {
    let rows = select!(
        "where said.utr is not null and said.id < $1
           and ($2::boolean is null or (said.paid_at is not null) = $2)
           and ($3::boolean is null or (said.refused_at is not null) = $3)
         order by said.id desc
         limit $4",
        query.before(),
        state.map(|state| state == TopUpState::Paid),
        state.map(|state| state == TopUpState::Refused),
        query.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(SaidTopUp::from).collect())
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: TopUpId,
) -> Result<Option<SaidTopUp>, sqlx::Error> {
    let row = select!(
        "where said.tenant_id = $1 and said.id = $2 and said.utr is not null",
        tenant.uuid(),
        id.uuid(),
    );
    Ok(row.fetch_optional(connection).await?.map(SaidTopUp::from))
}

/// Notes the vendor's word; a refusal from before is over.
pub(crate) async fn set_said(
    connection: &mut PgConnection,
    (tenant, id): (TenantId, TopUpId),
    (utr, person): (&str, PersonId),
    act: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_top_ups
         set utr = $3, said_at = $4, said_by = $5, refused_at = null, refusal = null, acts = concat_ws(E'\\n', acts, $6::text)
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        utr,
        now,
        person.uuid(),
        act,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds what an operator did.
pub(crate) async fn note(
    connection: &mut PgConnection,
    (tenant, id): (TenantId, TopUpId),
    act: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_top_ups set acts = concat_ws(E'\\n', acts, $3::text) where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        act,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn set_refused(
    connection: &mut PgConnection,
    (tenant, id): (TenantId, TopUpId),
    refusal: &str,
    act: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_top_ups
         set refused_at = $3, refusal = $4, acts = concat_ws(E'\\n', acts, $5::text)
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        now,
        refusal,
        act,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How much the bank's file says came in under a number.
pub(crate) async fn bank_minor(connection: &mut PgConnection, utr: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!("select amount_minor from credit_bank_lines where utr = $1", utr)
        .fetch_optional(connection)
        .await
}

/// Writes what came in by a file; gives how much of it was not known.
pub(crate) async fn insert_bank_lines(
    connection: &mut PgConnection,
    lines: &[(String, i64)],
    (person, reason): (PersonId, &str),
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let (utrs, minors): (Vec<String>, Vec<i64>) = lines.iter().cloned().unzip();
    let inserted = sqlx::query!(
        "insert into credit_bank_lines (utr, amount_minor, given_by, reason, given_at)
         select line.utr, line.minor, $3, $4, $5
         from unnest($1::text[], $2::bigint[]) as line (utr, minor)
         on conflict (utr) do nothing",
        &utrs,
        &minors,
        person.uuid(),
        reason,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected())
}

/// What is known of these numbers.
pub(crate) async fn bank_lines(
    connection: &mut PgConnection,
    utrs: &[String],
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select utr, amount_minor from credit_bank_lines where utr = any($1) limit $2",
        utrs,
        i64::try_from(utrs.len()).unwrap_or(i64::MAX),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.utr, row.amount_minor)).collect())
}

/// How many top-ups that wait for the operator the bank has with their number and amount.
pub(crate) async fn matched(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let counted = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from credit_top_ups as said
         join credit_bank_lines as bank on bank.utr = said.utr and bank.amount_minor = said.amount_minor
         where said.paid_at is null and said.refused_at is null"#,
    );
    counted.fetch_one(connection).await
}
