//! Statements that only read: histories, checks, explanations.

use std::ops::Range;

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::explain::Found;
use crate::{Balance, Cause, Entry, Error, Kind, Move, Related, Side};

/// How many transfers an explanation reads.
const MOVES_MAX: i64 = 100 * 32;

pub(crate) async fn entries(
    connection: &mut PgConnection,
    tenant: TenantId,
    account: AccountId,
    query: PageQuery,
) -> Result<Vec<Entry>, Error> {
    // Where in the history the page ends; an id that is not in this account's history ends nowhere. Times never go back within a history.
    let rows = sqlx::query!(
        r#"with page_end as (
             select 'infinity'::timestamptz as posted_at, 9223372036854775807 as version
             where $3::uuid is null
             union all
             select posted_at, case when debit_account_id = $2 then debit_version when credit_account_id = $2 then credit_version end
             from ledger_transfers
             where tenant_id = $1 and id = $3
         ), history as (
             (select id, kind, debit_version as version, 'debit' as side, amount_minor, currency,
                  debit_balance_after_minor as balance_after_minor, credit_account_id as other_id, reason, cause_kind,
                  cause_id, key, posted_at
              from ledger_transfers
              where tenant_id = $1 and debit_account_id = $2
                  and (posted_at, debit_version) < ((select posted_at from page_end), (select version from page_end))
              order by posted_at desc, debit_version desc
              limit $4)
             union all
             (select id, kind, credit_version, 'credit', amount_minor, currency, credit_balance_after_minor,
                  debit_account_id, reason, cause_kind, cause_id, key, posted_at
              from ledger_transfers
              where tenant_id = $1 and credit_account_id = $2
                  and (posted_at, credit_version) < ((select posted_at from page_end), (select version from page_end))
              order by posted_at desc, credit_version desc
              limit $4)
         )
         select history.id as "id!: TransferId", kind as "kind!: Kind", history.version as "version!", history.side as "side!: Side",
             amount_minor as "amount_minor!", history.currency as "currency!: Currency",
             balance_after_minor as "balance_after_minor!", other.code as other, reason as "reason!",
             cause_kind as "cause_kind!", cause_id as "cause_id!", key as "key!", posted_at as "posted_at!"
         from history
         join ledger_accounts other on other.tenant_id = $1 and other.id = history.other_id
         order by history.version desc
         limit $4"#,
        tenant.uuid(),
        account.uuid(),
        query.before,
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    let entries = rows.into_iter().map(|row| Entry {
        transfer: row.id,
        kind: row.kind,
        version: row.version,
        side: row.side,
        amount: Money::new(row.amount_minor, row.currency),
        balance_after: Money::new(row.balance_after_minor, row.currency),
        other: row.other,
        reason: row.reason,
        cause: Cause { kind: row.cause_kind.into(), id: row.cause_id },
        key: row.key,
        posted_at: row.posted_at,
    });
    Ok(entries.collect())
}

/// The sums posted to an account's debit and credit side.
pub(crate) async fn turnover(
    connection: &mut PgConnection,
    tenant: TenantId,
    account: AccountId,
    during: Range<DateTime<Utc>>,
) -> Result<(i64, i64), Error> {
    let sums = sqlx::query!(
        r#"select
             (select coalesce(sum(amount_minor), 0) from ledger_transfers
              where tenant_id = $1 and debit_account_id = $2 and posted_at >= $3 and posted_at < $4
                  and kind in ('immediate', 'post', 'reversal'))::text as "debits!",
             (select coalesce(sum(amount_minor), 0) from ledger_transfers
              where tenant_id = $1 and credit_account_id = $2 and posted_at >= $3 and posted_at < $4
                  and kind in ('immediate', 'post', 'reversal'))::text as "credits!""#,
        tenant.uuid(),
        account.uuid(),
        during.start,
        during.end,
    )
    .fetch_one(connection)
    .await?;
    let fits = |sum: &str| sum.parse().map_err(|_| Error::Overflow);
    Ok((fits(&sums.debits)?, fits(&sums.credits)?))
}

/// What an account held when all up to and including `at` was posted: two index look-ups.
pub(crate) async fn balance_at(
    connection: &mut PgConnection,
    tenant: TenantId,
    account: AccountId,
    at: DateTime<Utc>,
) -> Result<Option<Balance>, Error> {
    let row = sqlx::query!(
        r#"select side as "side: Side", currency as "currency: Currency", coalesce(last.version, 0) as "version!",
             coalesce(last.balance, 0) as "balance!", coalesce(last.debits_pending, 0) as "debits_pending!",
             coalesce(last.credits_pending, 0) as "credits_pending!"
         from ledger_accounts account
         left join lateral (
             (select debit_version as version, debit_balance_after_minor as balance,
                  debit_account_debits_pending_minor as debits_pending,
                  debit_account_credits_pending_minor as credits_pending
              from ledger_transfers
              where tenant_id = $1 and debit_account_id = $2 and posted_at <= $3
              order by posted_at desc, debit_version desc
              limit 1)
             union all
             (select credit_version, credit_balance_after_minor, credit_account_debits_pending_minor,
                  credit_account_credits_pending_minor
              from ledger_transfers
              where tenant_id = $1 and credit_account_id = $2 and posted_at <= $3
              order by posted_at desc, credit_version desc
              limit 1)
             order by version desc
             limit 1
         ) last on true
         where account.tenant_id = $1 and account.id = $2"#,
        tenant.uuid(),
        account.uuid(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Balance {
        side: row.side,
        posted: Money::new(row.balance, row.currency),
        debits_pending: Money::new(row.debits_pending, row.currency),
        credits_pending: Money::new(row.credits_pending, row.currency),
        version: row.version,
    }))
}

/// The transfers of one posting, in its order.
pub(crate) async fn transfers_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    key: &str,
) -> Result<Vec<TransferId>, Error> {
    let transfers = sqlx::query_scalar!(
        r#"select id as "id: TransferId"
         from ledger_transfers
         where tenant_id = $1 and key = $2
         order by position
         limit 1000"#,
        tenant.uuid(),
        key,
    )
    .fetch_all(connection)
    .await?;
    Ok(transfers)
}

pub(crate) async fn moves_of(connection: &mut PgConnection, id: Uuid) -> Result<Vec<Found>, Error> {
    // Keys begin with the tenant, and nobody knows whose id it is: each tenant's books are asked.
    let rows = sqlx::query!(
        r#"with tenants as (
             select distinct tenant_id from ledger_accounts
         ), named as (
             select tenants.tenant_id, transfer.key
             from tenants
             join ledger_transfers transfer on transfer.tenant_id = tenants.tenant_id
                 and (transfer.id = $1 or transfer.cause_id = $1 or transfer.subject_id = $1)
             group by tenants.tenant_id, transfer.key
         )
         select transfer.tenant_id as "tenant: TenantId", transfer.key, transfer.cause_kind, transfer.cause_id, transfer.posted_at,
             transfer.id as "id: TransferId", transfer.kind as "kind: Kind", transfer.amount_minor,
             transfer.currency as "currency: Currency", transfer.reason, transfer.expires_at, debit.code as debit_code,
             transfer.debit_balance_after_minor, credit.code as credit_code, transfer.credit_balance_after_minor,
             subject.kind as "subject_kind?: Kind", subject.key as "subject_key?", subject.amount_minor as "subject_minor?",
             subject.posted_at as "subject_at?", settling.kind as "settling_kind?: Kind", settling.key as "settling_key?",
             settling.amount_minor as "settling_minor?", settling.posted_at as "settling_at?"
         from named
         join ledger_transfers transfer on transfer.tenant_id = named.tenant_id and transfer.key = named.key
         join ledger_accounts debit on debit.tenant_id = transfer.tenant_id and debit.id = transfer.debit_account_id
         join ledger_accounts credit on credit.tenant_id = transfer.tenant_id and credit.id = transfer.credit_account_id
         left join ledger_transfers subject on subject.tenant_id = transfer.tenant_id and subject.id = transfer.subject_id
         left join ledger_transfers settling on settling.tenant_id = transfer.tenant_id and settling.subject_id = transfer.id
         order by transfer.tenant_id, transfer.posted_at, transfer.key, transfer.position
         limit $2"#,
        id,
        MOVES_MAX,
    )
    .fetch_all(connection)
    .await?;
    let found = rows.into_iter().map(|row| {
        let money = |minor| Money::new(minor, row.currency);
        let related =
            |kind: Option<Kind>, key: Option<String>, minor: Option<i64>, at: Option<DateTime<Utc>>| {
                Some(Related { kind: kind?, key: key?, amount: money(minor?), at: at? })
            };
        Found {
            tenant: row.tenant,
            key: row.key,
            cause: Cause { kind: row.cause_kind.into(), id: row.cause_id },
            posted_at: row.posted_at,
            moved: Move {
                transfer: row.id,
                kind: row.kind,
                amount: money(row.amount_minor),
                reason: row.reason,
                debit: (row.debit_code, money(row.debit_balance_after_minor)),
                credit: (row.credit_code, money(row.credit_balance_after_minor)),
                expires_at: row.expires_at,
                subject: related(row.subject_kind, row.subject_key, row.subject_minor, row.subject_at),
                settled: related(row.settling_kind, row.settling_key, row.settling_minor, row.settling_at),
            },
        }
    });
    Ok(found.collect())
}

/// What each posting added to its tenant's account of a code, as a debit account counts.
pub(crate) async fn moved(
    connection: &mut PgConnection,
    code: &str,
    postings: &[(TenantId, String)],
) -> Result<Vec<(TenantId, String, Money)>, Error> {
    let (tenants, keys): (Vec<Uuid>, Vec<&str>) =
        postings.iter().map(|(tenant, key)| (tenant.uuid(), key.as_str())).unzip();
    let rows = sqlx::query!(
        r#"select t.tenant_id as "tenant: TenantId", t.key, t.currency as "currency: Currency",
             sum(case when t.debit_account_id = account.id then t.amount_minor else -t.amount_minor end)::text as "moved!"
         from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, key)
         join ledger_accounts account on account.tenant_id = wanted.tenant_id and account.code = $3
         join ledger_transfers t on t.tenant_id = wanted.tenant_id and t.key = wanted.key
           and account.id in (t.debit_account_id, t.credit_account_id)
         where t.kind in ('immediate', 'post', 'reversal')
         group by t.tenant_id, t.key, t.currency"#,
        &tenants,
        &keys as &[&str],
        code,
    )
    .fetch_all(connection)
    .await?;
    let moved = rows.into_iter().map(|row| {
        let minor = row.moved.parse().map_err(|_| Error::Overflow)?;
        Ok((row.tenant, row.key, Money::new(minor, row.currency)))
    });
    moved.collect()
}
