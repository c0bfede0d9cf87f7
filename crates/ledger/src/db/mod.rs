//! Every SQL statement of the books.
//!
//! **Lock order**: the accounts of a posting, in the order of their ids, all before the first write. Nothing else is locked.

mod read;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, TenantId, TransferId};
use uuid::Uuid;

pub(crate) use read::{check, entries, moves_of, turnover};

use crate::posting::Effect;
use crate::{Account, Cause, Error, Limit, NewAccount, Posted, Posting, Side, Transfer};

/// A transfer as it stands under its key.
pub(crate) struct Stored {
    id: TransferId,
    transfer: Transfer,
    cause: Cause,
    posted_at: DateTime<Utc>,
}

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

pub(crate) async fn accounts_by_code(
    connection: &mut PgConnection,
    tenant: TenantId,
    codes: &[&str],
) -> Result<Vec<Account>, Error> {
    let accounts = sqlx::query_as!(
        Account,
        r#"select id as "id: AccountId", code, side as "side: Side", balance_limit as "limit: Limit",
             currency as "currency: Currency", debits_posted_minor as debits_minor,
             credits_posted_minor as credits_minor, version
         from ledger_accounts
         where tenant_id = $1 and code = any($2)"#,
        tenant.uuid(),
        codes as &[&str],
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}

pub(crate) async fn account(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: AccountId,
) -> Result<Option<Account>, Error> {
    let account = sqlx::query_as!(
        Account,
        r#"select id as "id: AccountId", code, side as "side: Side", balance_limit as "limit: Limit",
             currency as "currency: Currency", debits_posted_minor as debits_minor,
             credits_posted_minor as credits_minor, version
         from ledger_accounts
         where tenant_id = $1 and id = $2"#,
        tenant.uuid(),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(account)
}

pub(crate) async fn lock_accounts(
    connection: &mut PgConnection,
    tenant: TenantId,
    ids: &[AccountId],
) -> Result<Vec<Account>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let accounts = sqlx::query_as!(
        Account,
        r#"select id as "id: AccountId", code, side as "side: Side", balance_limit as "limit: Limit",
             currency as "currency: Currency", debits_posted_minor as debits_minor,
             credits_posted_minor as credits_minor, version
         from ledger_accounts
         where tenant_id = $1 and id = any($2)
         order by id
         for no key update"#,
        tenant.uuid(),
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}

pub(crate) async fn transfers_of_key(
    connection: &mut PgConnection,
    tenant: TenantId,
    key: &str,
) -> Result<Vec<Stored>, Error> {
    let rows = sqlx::query!(
        r#"select id as "id: TransferId", debit_account_id as "debit: AccountId",
             credit_account_id as "credit: AccountId", amount_minor, currency as "currency: Currency", reason,
             cause_kind, cause_id, posted_at
         from ledger_transfers
         where tenant_id = $1 and key = $2
         order by position
         limit 1000"#,
        tenant.uuid(),
        key,
    )
    .fetch_all(connection)
    .await?;
    let stored = rows.into_iter().map(|row| Stored {
        id: row.id,
        transfer: Transfer {
            debit: row.debit,
            credit: row.credit,
            amount: Money::new(row.amount_minor, row.currency),
            reason: row.reason.into(),
        },
        cause: Cause { kind: row.cause_kind.into(), id: row.cause_id },
        posted_at: row.posted_at,
    });
    Ok(stored.collect())
}

/// The answer of the first time, where what is posted again is the same.
pub(crate) fn answer_again(posting: &Posting, stored: Vec<Stored>) -> Result<Posted, Error> {
    let same = stored.len() == posting.transfers.len()
        && stored
            .iter()
            .zip(&posting.transfers)
            .all(|(stored, asked)| stored.transfer == *asked && stored.cause == posting.cause);
    match stored.first() {
        Some(first) if same => {
            Ok(Posted { at: first.posted_at, transfers: stored.into_iter().map(|s| s.id).collect() })
        }
        _ => Err(Error::KeyReused(posting.key.clone())),
    }
}

pub(crate) async fn insert_transfers(
    connection: &mut PgConnection,
    posting: &Posting,
    ids: &[TransferId],
    effects: &[Effect],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let transfers = &posting.transfers;
    let each_id =
        |id: fn(&Transfer) -> AccountId| -> Vec<Uuid> { transfers.iter().map(|t| id(t).uuid()).collect() };
    let each_number = |number: fn(&Effect) -> i64| -> Vec<i64> { effects.iter().map(number).collect() };
    let reasons: Vec<String> = transfers.iter().map(|t| t.reason.to_string()).collect();
    let currencies: Vec<Currency> = transfers.iter().map(|t| t.amount.currency()).collect();
    sqlx::query!(
        "insert into ledger_transfers
             (tenant_id, id, key, position, debit_account_id, credit_account_id, amount_minor, currency, reason,
              cause_kind, cause_id, debit_version, credit_version, debit_balance_after_minor,
              credit_balance_after_minor, posted_at)
         select $1, new.id, $2, new.position::smallint, new.debit, new.credit, new.amount, new.currency, new.reason,
             $3, $4, new.debit_version, new.credit_version, new.debit_after, new.credit_after, $5
         from unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::bigint[], $10::text[], $11::text[], $12::bigint[],
                 $13::bigint[], $14::bigint[], $15::bigint[])
             with ordinality as new (id, debit, credit, amount, currency, reason, debit_version, credit_version,
                 debit_after, credit_after, position)",
        posting.tenant.uuid(),
        posting.key,
        posting.cause.kind.as_ref(),
        posting.cause.id,
        at,
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>(),
        &each_id(|t| t.debit),
        &each_id(|t| t.credit),
        &transfers.iter().map(|t| t.amount.minor()).collect::<Vec<_>>(),
        &currencies as &[Currency],
        &reasons,
        &each_number(|e| e.debit_version),
        &each_number(|e| e.credit_version),
        &each_number(|e| e.debit_balance_after_minor),
        &each_number(|e| e.credit_balance_after_minor),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the totals of accounts that this transaction has locked.
pub(crate) async fn update_accounts(
    connection: &mut PgConnection,
    tenant: TenantId,
    accounts: impl Iterator<Item = Account>,
) -> Result<(), Error> {
    let (mut ids, mut debits, mut credits, mut versions) = (vec![], vec![], vec![], vec![]);
    for account in accounts {
        ids.push(account.id.uuid());
        debits.push(account.debits_minor);
        credits.push(account.credits_minor);
        versions.push(account.version);
    }
    sqlx::query!(
        "update ledger_accounts as account
         set debits_posted_minor = posted.debits, credits_posted_minor = posted.credits, version = posted.version
         from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
             as posted (id, debits, credits, version)
         where account.tenant_id = $1 and account.id = posted.id",
        tenant.uuid(),
        &ids,
        &debits,
        &credits,
        &versions,
    )
    .execute(connection)
    .await?;
    Ok(())
}
