//! Top-ups.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{LotId, TenantId, TopUpId};
use uuid::Uuid;

use crate::credit::Asked;

/// `select` of [`Asked`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Asked,
            r#"select id as "id: TopUpId", client_id, number, amount_minor, lot_id as "lot: LotId", by_itself, invoice_id as invoice, charged,
                 created_at, coalesce(expires_at, created_at + interval '30 minutes') as "expires_at!", paid_at, failed_at, upi_id,
                 utr, refusal
             from credit_top_ups "# + $tail,
            $($argument),*
        )
    };
}

/// Writes a top-up; false where it was sent before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    asked: &Asked,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into credit_top_ups
             (tenant_id, id, client_id, number, amount_minor, by_itself, created_at, expires_at, invoice_id, charged, upi_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint credit_top_ups_client_id_once do nothing",
        tenant.uuid(),
        asked.id.uuid(),
        asked.client_id,
        asked.number,
        asked.amount_minor,
        asked.by_itself,
        asked.created_at,
        asked.expires_at,
        asked.invoice,
        asked.charged,
        asked.upi_id,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn of_client(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<Asked>, sqlx::Error> {
    select!("where tenant_id = $1 and client_id = $2", tenant.uuid(), client_id)
        .fetch_optional(connection)
        .await
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: TopUpId,
) -> Result<Option<Asked>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2", tenant.uuid(), id.uuid()).fetch_optional(connection).await
}

pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: TopUpId,
) -> Result<Option<Asked>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2 for update", tenant.uuid(), id.uuid())
        .fetch_optional(connection)
        .await
}

/// The latest charge for a plan's invoice.
pub(crate) async fn for_invoice(
    connection: &mut PgConnection,
    tenant: TenantId,
    invoice: Uuid,
) -> Result<Option<Asked>, sqlx::Error> {
    select!("where tenant_id = $1 and invoice_id = $2 order by id desc limit 1", tenant.uuid(), invoice)
        .fetch_optional(connection)
        .await
}

/// Gives charges for a plan's invoice up that came to no end until `stale`.
pub(crate) async fn give_up(
    connection: &mut PgConnection,
    tenant: TenantId,
    invoice: Uuid,
    stale: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_top_ups
         set failed_at = $4
         where tenant_id = $1 and invoice_id = $2 and paid_at is null and failed_at is null and expires_at < $3",
        tenant.uuid(),
        invoice,
        stale,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of a tenant's top-ups, newest first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<Asked>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and id < $2 order by id desc limit $3",
        tenant.uuid(),
        query.before(),
        query.rows(),
    );
    rows.fetch_all(connection).await
}

/// Notes that a top-up was paid, which lot it became, and what of it filled what was owed.
pub(crate) async fn set_paid(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: TopUpId,
    (lot, owed_minor): (Option<LotId>, i64),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_top_ups set lot_id = $3, owed_minor = $4, paid_at = $5 where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        lot.map(LotId::uuid),
        owed_minor,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
