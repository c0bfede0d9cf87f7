//! Every SQL statement of the books.
//!
//! **Lock order**: the accounts of all postings of one transaction's step, in the order of their ids, all before the first
//! transfer is written. Nothing else is locked.

mod check;
mod days;
mod post;
mod read;
mod write;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{AccountId, Currency, TenantId};
use uuid::Uuid;

pub(crate) use check::check;
pub(crate) use days::turnover_by_day;
pub(crate) use post::{Wanted, due, open};
pub(crate) use read::{balance_at, entries, moved, moves_of, transfers_of, turnover};
pub(crate) use write::{Unless, go_by_indexes, write};

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

/// Which accounts are asked for: by code, by id, or both. Those that are not there are left out.
#[derive(Debug, Default)]
pub(crate) struct Asked<'a> {
    code_tenants: Vec<Uuid>,
    codes: Vec<&'a str>,
    id_tenants: Vec<Uuid>,
    ids: Vec<Uuid>,
}

impl<'a> Asked<'a> {
    pub(crate) fn codes(tenant: TenantId, codes: &[&'a str]) -> Self {
        Self { code_tenants: vec![tenant.uuid(); codes.len()], codes: codes.to_vec(), ..Self::default() }
    }

    /// The accounts of one code of several tenants.
    pub(crate) fn named(tenants: &[TenantId], code: &'a str) -> Self {
        let code_tenants = tenants.iter().map(|tenant| tenant.uuid()).collect();
        Self { code_tenants, codes: vec![code; tenants.len()], ..Self::default() }
    }

    pub(crate) fn ids(ids: impl IntoIterator<Item = (TenantId, AccountId)>) -> Self {
        let (id_tenants, ids) = ids.into_iter().map(|(tenant, id)| (tenant.uuid(), id.uuid())).unzip();
        Self { id_tenants, ids, ..Self::default() }
    }
}

/// Each of these accounts once, in no order. What has expired at `now` is no longer pending, noted or not.
///
/// The times are sub-selects, and bounded on both sides, so that the planner sees a narrow range of unknown place: it then looks the
/// overdue up by their index however many time-outs there are, and plans once for all calls instead of anew for each.
pub(crate) async fn accounts(
    connection: &mut PgConnection,
    asked: &Asked<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Account>, Error> {
    let accounts = sqlx::query_as!(
        Account,
        r#"with asked as (
             select tenant_id, id from unnest((select $1::uuid[]), $2::uuid[]) as by_id (tenant_id, id)
             union
             select by_code.tenant_id, named.id
             from unnest((select $3::uuid[]), $4::text[]) as by_code (tenant_id, code)
             cross join lateral (
                 select id from ledger_accounts
                 where tenant_id = by_code.tenant_id and code = by_code.code
                 limit 1
             ) named
         )
         select account.tenant_id as "tenant: TenantId", account.id as "id: AccountId", code, side as "side: Side",
             balance_limit as "limit: Limit", currency as "currency: Currency", debits_posted_minor,
             credits_posted_minor, version, last_posted_at,
             debits_pending_minor - coalesce((
                 select sum(amount_minor) from ledger_timeouts overdue
                 where overdue.expires_at > (select '-infinity'::timestamptz) and overdue.expires_at <= (select $5::timestamptz) and overdue.tenant_id = account.tenant_id
                   and overdue.debit_account_id = account.id
             ), 0)::bigint as "debits_pending_minor!",
             credits_pending_minor - coalesce((
                 select sum(amount_minor) from ledger_timeouts overdue
                 where overdue.expires_at > (select '-infinity'::timestamptz) and overdue.expires_at <= (select $5::timestamptz) and overdue.tenant_id = account.tenant_id
                   and overdue.credit_account_id = account.id
             ), 0)::bigint as "credits_pending_minor!"
         from asked
         cross join lateral (
             select * from ledger_accounts
             where tenant_id = asked.tenant_id and id = asked.id
             limit 1
         ) account"#,
        &asked.id_tenants,
        &asked.ids,
        &asked.code_tenants,
        &asked.codes as &[&str],
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}
