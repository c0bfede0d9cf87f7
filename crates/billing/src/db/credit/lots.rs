//! Lots of credit.

use chrono::{DateTime, Utc};
use platform::meter::Measure;
use sqlx::PgConnection;
use types::{AccountId, LotId, TenantId, TopUpId};
use uuid::Uuid;

use crate::credit::{Giver, Lot, LotKind};

/// The most lots that are read at once: a vendor has a hundred granted ones and few paid ones, an operator's page a hundred
/// vendors.
const ROWS_MAX: i64 = 10_000;

/// Lots of these tenants that something may be left of.
pub(crate) async fn open(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<Lot>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_as!(
        Lot,
        r#"select tenant_id as "tenant: TenantId", id as "id: LotId", account_id as "account: AccountId",
             kind as "kind: LotKind", given_minor, priority, scope as "scope: Measure", expires_at, created_at
         from credit_lots
         where tenant_id = any($1) and closed_at is null
         limit $2"#,
        &tenants,
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    lot: &Lot,
    giver: Option<&Giver>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_lots
             (tenant_id, id, account_id, kind, given_minor, priority, scope, expires_at, client_id, content_hash, reason,
              created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        lot.tenant.uuid(),
        lot.id.uuid(),
        lot.account.uuid(),
        lot.kind as LotKind,
        lot.given_minor,
        lot.priority,
        lot.scope as Option<Measure>,
        lot.expires_at,
        giver.map(|giver| giver.client_id),
        giver.map(|giver| &giver.content_hash),
        giver.map(|giver| &giver.reason),
        giver.map(|giver| giver.person.uuid()),
        lot.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The lot that was given under this client id, with the hash of what was sent.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<(Lot, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: LotId", account_id as "account: AccountId", kind as "kind: LotKind", given_minor, priority,
             scope as "scope: Measure", expires_at, created_at, content_hash as "content_hash!"
         from credit_lots
         where tenant_id = $1 and client_id = $2"#,
        tenant.uuid(),
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let lot = Lot {
            tenant,
            id: row.id,
            account: row.account,
            kind: row.kind,
            given_minor: row.given_minor,
            priority: row.priority,
            scope: row.scope,
            expires_at: row.expires_at,
            created_at: row.created_at,
        };
        (lot, row.content_hash)
    }))
}

/// Notes that nothing is left of these lots.
pub(crate) async fn close(
    connection: &mut PgConnection,
    tenant: TenantId,
    lots: &[LotId],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let lots: Vec<Uuid> = lots.iter().map(|lot| lot.uuid()).collect();
    sqlx::query!(
        "update credit_lots set closed_at = $3 where tenant_id = $1 and id = any($2) and closed_at is null",
        tenant.uuid(),
        &lots,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The lot that a top-up became, open again, with its account.
pub(crate) async fn reopen_of_top_up(
    connection: &mut PgConnection,
    tenant: TenantId,
    top_up: TopUpId,
) -> Result<Option<(LotId, AccountId)>, sqlx::Error> {
    let lot = sqlx::query!(
        r#"update credit_lots as lot
         set closed_at = null
         from credit_top_ups as paid
         where paid.tenant_id = $1 and paid.id = $2 and lot.tenant_id = paid.tenant_id and lot.id = paid.lot_id
         returning lot.id as "id: LotId", lot.account_id as "account: AccountId""#,
        tenant.uuid(),
        top_up.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(lot.map(|lot| (lot.id, lot.account)))
}

/// Tenants with open lots whose time is over, at most `limit`.
pub(crate) async fn tenants_of_expired(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct tenant_id as "tenant: TenantId"
         from credit_lots
         where closed_at is null and expires_at <= $1
         limit $2"#,
        now,
        limit,
    )
    .fetch_all(connection)
    .await
}
