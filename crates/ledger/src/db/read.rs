//! Statements that only read: histories, checks, explanations.

use std::ops::Range;

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::explain::Found;
use crate::{Cause, Entry, Error, FAULTS_MAX, Fault, FaultKind, Move, Report, Side};

/// How many transfers an explanation reads.
const MOVES_MAX: i64 = 100 * 32;

pub(crate) async fn entries(
    connection: &mut PgConnection,
    tenant: TenantId,
    account: AccountId,
    query: PageQuery,
) -> Result<Vec<Entry>, Error> {
    // The version before which the page begins; an id that is not in this account's history begins nowhere.
    let rows = sqlx::query!(
        r#"with page_start as (
             select case when $3::uuid is null then 9223372036854775807 else (
                 select case when debit_account_id = $2 then debit_version when credit_account_id = $2 then credit_version end
                 from ledger_transfers
                 where tenant_id = $1 and id = $3
             ) end as version
         ), history as (
             (select id, debit_version as version, 'debit' as side, amount_minor, currency,
                  debit_balance_after_minor as balance_after_minor, credit_account_id as other_id, reason, cause_kind,
                  cause_id, key, posted_at
              from ledger_transfers
              where tenant_id = $1 and debit_account_id = $2 and debit_version < (select version from page_start)
              order by debit_version desc
              limit $4)
             union all
             (select id, credit_version, 'credit', amount_minor, currency, credit_balance_after_minor,
                  debit_account_id, reason, cause_kind, cause_id, key, posted_at
              from ledger_transfers
              where tenant_id = $1 and credit_account_id = $2 and credit_version < (select version from page_start)
              order by credit_version desc
              limit $4)
         )
         select history.id as "id!: TransferId", history.version as "version!", history.side as "side!: Side",
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
              where tenant_id = $1 and debit_account_id = $2 and posted_at >= $3 and posted_at < $4)::text as "debits!",
             (select coalesce(sum(amount_minor), 0) from ledger_transfers
              where tenant_id = $1 and credit_account_id = $2 and posted_at >= $3 and posted_at < $4)::text as "credits!""#,
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

pub(crate) async fn check(connection: &mut PgConnection) -> Result<Report, Error> {
    let totals = sqlx::query!(
        r#"select (select count(*) from ledger_accounts) as "accounts!",
             (select count(*) from ledger_transfers) as "transfers!",
             coalesce(sum(debits_posted_minor), 0)::text as "debits!",
             coalesce(sum(credits_posted_minor), 0)::text as "credits!"
         from ledger_accounts"#,
    )
    .fetch_one(&mut *connection)
    .await?;
    let mut faults = unbalanced(connection).await?;
    faults.extend(wrong_totals(connection).await?);
    faults.extend(wrong_transfers(connection).await?);
    let whole = |text: &str| text.parse().map_err(|e| Error::Database(sqlx::Error::Decode(Box::new(e))));
    Ok(Report {
        accounts: totals.accounts,
        transfers: totals.transfers,
        debits_minor: whole(&totals.debits)?,
        credits_minor: whole(&totals.credits)?,
        faults,
    })
}

async fn unbalanced(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"select tenant_id as "tenant: TenantId", 'unbalanced' as "kind!: FaultKind", currency as place,
             sum(debits_posted_minor)::text as "expected!", sum(credits_posted_minor)::text as "found!"
         from ledger_accounts
         group by tenant_id, currency
         having sum(debits_posted_minor) <> sum(credits_posted_minor)
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

/// Accounts whose totals or number of transfers do not follow from the transfers.
async fn wrong_totals(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"with sides as (
             select tenant_id, debit_account_id as account_id, amount_minor as debit, 0::bigint as credit, debit_version as version
             from ledger_transfers
             union all
             select tenant_id, credit_account_id, 0, amount_minor, credit_version
             from ledger_transfers
         ), recomputed as (
             select tenant_id, account_id, sum(debit) as debits, sum(credit) as credits,
                 count(*) as transfers, max(version) as last_version
             from sides
             group by tenant_id, account_id
         ), compared as (
             select account.tenant_id, account.code, coalesce(debits, 0) as debits, coalesce(credits, 0) as credits,
                 coalesce(transfers, 0) as transfers, coalesce(last_version, 0) as last_version,
                 debits_posted_minor, credits_posted_minor, version
             from ledger_accounts account
             left join recomputed on recomputed.tenant_id = account.tenant_id and recomputed.account_id = account.id
         )
         select tenant_id as "tenant!: TenantId", kind as "kind!: FaultKind", code as "place!",
             expected as "expected!", found as "found!"
         from compared, lateral (values
             ('wrong_debits', debits::text, debits_posted_minor::text),
             ('wrong_credits', credits::text, credits_posted_minor::text),
             ('missing_transfers', transfers::text, version::text),
             ('missing_transfers', last_version::text, version::text)
         ) as fact (kind, expected, found)
         where expected <> found
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

/// Transfers that say a wrong balance or are in a wrong currency.
async fn wrong_transfers(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"with sides as (
             select tenant_id, debit_account_id as account_id, amount_minor as debit_minor, currency,
                 debit_version as version, debit_balance_after_minor as balance_after
             from ledger_transfers
             union all
             select tenant_id, credit_account_id, -amount_minor, currency, credit_version, credit_balance_after_minor
             from ledger_transfers
         ), followed as (
             select side.tenant_id, account.code, side.balance_after, side.currency, account.currency as account_currency,
                 sum(case account.side when 'debit' then debit_minor else -debit_minor end)
                     over (partition by side.tenant_id, side.account_id order by side.version) as running
             from sides side
             join ledger_accounts account on account.tenant_id = side.tenant_id and account.id = side.account_id
         )
         select tenant_id as "tenant!: TenantId", kind as "kind!: FaultKind", code as "place!",
             expected as "expected!", found as "found!"
         from followed, lateral (values
             ('wrong_balance_after', running::text, balance_after::text),
             ('wrong_currency', account_currency, currency)
         ) as fact (kind, expected, found)
         where expected <> found
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

pub(crate) async fn moves_of(connection: &mut PgConnection, id: Uuid) -> Result<Vec<Found>, Error> {
    // Keys begin with the tenant, and nobody knows whose id it is: each tenant's books are asked.
    let rows = sqlx::query!(
        r#"with tenants as (
             select distinct tenant_id from ledger_accounts
         ), named as (
             select tenants.tenant_id, transfer.key
             from tenants
             join ledger_transfers transfer
                 on transfer.tenant_id = tenants.tenant_id and (transfer.id = $1 or transfer.cause_id = $1)
             group by tenants.tenant_id, transfer.key
         )
         select transfer.tenant_id as "tenant: TenantId", transfer.key, transfer.cause_kind, transfer.cause_id, transfer.posted_at,
             transfer.id as "id: TransferId", transfer.amount_minor, transfer.currency as "currency: Currency",
             transfer.reason, debit.code as debit_code, transfer.debit_balance_after_minor, credit.code as credit_code,
             transfer.credit_balance_after_minor
         from named
         join ledger_transfers transfer on transfer.tenant_id = named.tenant_id and transfer.key = named.key
         join ledger_accounts debit on debit.tenant_id = transfer.tenant_id and debit.id = transfer.debit_account_id
         join ledger_accounts credit on credit.tenant_id = transfer.tenant_id and credit.id = transfer.credit_account_id
         order by transfer.tenant_id, transfer.posted_at, transfer.key, transfer.position
         limit $2"#,
        id,
        MOVES_MAX,
    )
    .fetch_all(connection)
    .await?;
    let found = rows.into_iter().map(|row| Found {
        tenant: row.tenant,
        key: row.key,
        cause: Cause { kind: row.cause_kind.into(), id: row.cause_id },
        posted_at: row.posted_at,
        moved: Move {
            transfer: row.id,
            amount: Money::new(row.amount_minor, row.currency),
            reason: row.reason,
            debit: (row.debit_code, Money::new(row.debit_balance_after_minor, row.currency)),
            credit: (row.credit_code, Money::new(row.credit_balance_after_minor, row.currency)),
        },
    });
    Ok(found.collect())
}
