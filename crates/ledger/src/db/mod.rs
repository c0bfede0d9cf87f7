//! Every SQL statement of the books.
//!
//! **Lock order**: the accounts of all postings of one transaction's step, in the order of their ids, all before the first
//! write. Nothing else is locked.

mod check;
mod post;
mod read;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{AccountId, Currency, TenantId};
use uuid::Uuid;

pub(crate) use check::check;
pub(crate) use post::{Wanted, due, open, write};
pub(crate) use read::{balance_at, entries, moved, moves_of, transfers_of, turnover};

use crate::{Account, Error, Limit, NewAccount, Side};

pub(crate) async fn insert_account(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: AccountId,
    account: &NewAccount<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into ledger_accounts (tenant_id, id, code, side, balance_limit, currency, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, code) do nothing",
        tenant.uuid(),
        id.uuid(),
        account.code,
        account.side as Side,
        account.limit as Limit,
        account.currency as Currency,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The accounts of these codes or ids. What has expired at `now` is no longer pending, noted or not.
pub(crate) async fn accounts(
    connection: &mut PgConnection,
    tenant: TenantId,
    codes: &[&str],
    ids: &[AccountId],
    now: DateTime<Utc>,
) -> Result<Vec<Account>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let accounts = sqlx::query_as!(
        Account,
        r#"select tenant_id as "tenant: TenantId", id as "id: AccountId", code, side as "side: Side",
             balance_limit as "limit: Limit", currency as "currency: Currency", debits_posted_minor,
             credits_posted_minor, version, last_posted_at,
             debits_pending_minor - coalesce((
                 select sum(amount_minor) from ledger_timeouts overdue
                 where overdue.expires_at <= $4 and overdue.tenant_id = $1 and overdue.debit_account_id = account.id
             ), 0)::bigint as "debits_pending_minor!",
             credits_pending_minor - coalesce((
                 select sum(amount_minor) from ledger_timeouts overdue
                 where overdue.expires_at <= $4 and overdue.tenant_id = $1 and overdue.credit_account_id = account.id
             ), 0)::bigint as "credits_pending_minor!"
         from ledger_accounts account
         where tenant_id = $1 and (code = any($2) or id = any($3))"#,
        tenant.uuid(),
        codes as &[&str],
        &ids,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}

/// Accounts of several tenants, in no order. What has expired at `now` is no longer pending, noted or not.
pub(crate) async fn accounts_across(
    connection: &mut PgConnection,
    accounts: &[(TenantId, AccountId)],
    now: DateTime<Utc>,
) -> Result<Vec<Account>, Error> {
    let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) =
        accounts.iter().map(|(tenant, id)| (tenant.uuid(), id.uuid())).unzip();
    let accounts = sqlx::query_as!(
        Account,
        r#"select account.tenant_id as "tenant: TenantId", id as "id: AccountId", code, side as "side: Side",
             balance_limit as "limit: Limit", currency as "currency: Currency", debits_posted_minor,
             credits_posted_minor, version, last_posted_at,
             debits_pending_minor - coalesce((
                 select sum(amount_minor) from ledger_timeouts overdue
                 where overdue.expires_at <= $3 and overdue.tenant_id = account.tenant_id
                   and overdue.debit_account_id = account.id
             ), 0)::bigint as "debits_pending_minor!",
             credits_pending_minor - coalesce((
                 select sum(amount_minor) from ledger_timeouts overdue
                 where overdue.expires_at <= $3 and overdue.tenant_id = account.tenant_id
                   and overdue.credit_account_id = account.id
             ), 0)::bigint as "credits_pending_minor!"
         from ledger_accounts account
         join unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, account_id)
           on wanted.tenant_id = account.tenant_id and wanted.account_id = account.id"#,
        &tenants,
        &ids,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}
