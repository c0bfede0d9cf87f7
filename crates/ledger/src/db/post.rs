//! The statements of a posting: as many for a thousand postings as for one.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::book::{Book, Subject};
use crate::record::{After, Effect, Kind, Record};
use crate::{Account, Cause, Error, Limit, Posting, Side};

/// How many expired transfers, the longest overdue first, a posting looks at. More are left only where nobody runs
/// [`crate::Ledger::expire_due`]; until then they count as pending.
const OVERDUE_MAX: i64 = 1000;

/// What some postings need to know.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    accounts: Pairs,
    subjects: Pairs,
    key_tenants: Vec<Uuid>,
    keys: Vec<String>,
}

/// Ids with their tenants.
#[derive(Debug, Default)]
struct Pairs {
    tenants: Vec<Uuid>,
    ids: Vec<Uuid>,
}

impl Pairs {
    fn push(&mut self, tenant: TenantId, id: Uuid) {
        self.tenants.push(tenant.uuid());
        self.ids.push(id);
    }
}

impl Wanted {
    pub(crate) fn by<'a>(postings: impl IntoIterator<Item = &'a Posting>) -> Self {
        let mut wanted = Self::default();
        for Posting { tenant, key, transfers, .. } in postings {
            wanted.key_tenants.push(tenant.uuid());
            wanted.keys.push(key.clone());
            for action in transfers.iter().map(|transfer| &transfer.action) {
                for account in action.accounts().into_iter().flatten() {
                    wanted.accounts.push(*tenant, account.uuid());
                }
                if let Some(subject) = action.subject() {
                    wanted.subjects.push(*tenant, subject.uuid());
                }
            }
        }
        wanted
    }

    pub(crate) fn of_subjects(subjects: &[(TenantId, TransferId)]) -> Self {
        let mut wanted = Self::default();
        for (tenant, id) in subjects {
            wanted.subjects.push(*tenant, id.uuid());
        }
        wanted
    }
}

/// Locks the accounts and reads, under the locks, what else the postings need: whoever posts the same waits here.
pub(crate) async fn open(
    connection: &mut PgConnection,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Book, Error> {
    let mut book = Book::of(lock_accounts(connection, wanted, now).await?);
    read_transfers(connection, wanted, &mut book, now).await?;
    Ok(book)
}

/// Locks the accounts that are named, those of the transfers that are named, and those of overdue transfers on either.
///
/// One after the other by id: what is lateral is looked up for each row of what stands before it, whatever the planner thinks
/// of the sizes. It cannot know those of arrays and would rather read whole tables.
async fn lock_accounts(
    connection: &mut PgConnection,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Vec<Account>, Error> {
    let accounts = sqlx::query_as!(
        Account,
        r#"with subject as (
             select transfer.tenant_id, debit_account_id, credit_account_id
             from unnest($3::uuid[], $4::uuid[]) as named (tenant_id, id)
             cross join lateral (
                 select * from ledger_transfers
                 where tenant_id = named.tenant_id and id = named.id
                 limit 1
             ) transfer
         ), touched as (
             select tenant_id, id from unnest($1::uuid[], $2::uuid[]) as named (tenant_id, id)
             union select tenant_id, debit_account_id from subject
             union select tenant_id, credit_account_id from subject
         ), due as materialized (
             select tenant_id, debit_account_id, credit_account_id
             from ledger_timeouts
             where expires_at <= $5
             order by expires_at, pending_id
             limit $6
         ), overdue as (
             select due.tenant_id, debit_account_id, credit_account_id
             from due
             join touched on touched.tenant_id = due.tenant_id and touched.id in (debit_account_id, credit_account_id)
         ), wanted as (
             select tenant_id, id from touched
             union select tenant_id, debit_account_id from overdue
             union select tenant_id, credit_account_id from overdue
         )
         select account.tenant_id as "tenant: TenantId", account.id as "id: AccountId", code, side as "side: Side",
             balance_limit as "limit: Limit", currency as "currency: Currency", debits_posted_minor,
             credits_posted_minor, debits_pending_minor, credits_pending_minor, version, last_posted_at
         from (select tenant_id, id from wanted order by id) wanted
         cross join lateral (
             select * from ledger_accounts
             where tenant_id = wanted.tenant_id and id = wanted.id
             for no key update
         ) account"#,
        &wanted.accounts.tenants,
        &wanted.accounts.ids,
        &wanted.subjects.tenants,
        &wanted.subjects.ids,
        now,
        OVERDUE_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(accounts)
}

/// Why a transfer was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
enum Found {
    ByKey,
    ById,
    Overdue,
}

impl Found {
    fn add(self, subject: Subject, book: &mut Book) {
        match self {
            Self::ByKey => book.add_stored(subject.record),
            Self::ById => book.add_subject(subject),
            Self::Overdue => book.add_overdue(subject),
        }
    }
}

async fn read_transfers(
    connection: &mut PgConnection,
    wanted: &Wanted,
    book: &mut Book,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let rows = sqlx::query!(
        r#"with found as (
             select transfer.tenant_id, transfer.id, 'by_key' as found
             from unnest($1::uuid[], $2::text[]) as asked (tenant_id, key)
             cross join lateral (
                 select tenant_id, id from ledger_transfers
                 where tenant_id = asked.tenant_id and key = asked.key
                 limit 100
             ) transfer
             union
             select tenant_id, id, 'by_id' from unnest($3::uuid[], $4::uuid[]) as named (tenant_id, id)
             union all
             (select tenant_id, pending_id, 'overdue'
              from (select * from ledger_timeouts where expires_at <= $5 order by expires_at, pending_id limit $6) due
              where debit_account_id = any($7) and credit_account_id = any($7))
         )
         select found.found as "found!: Found", transfer.tenant_id as "tenant: TenantId",
             transfer.id as "id: TransferId", transfer.key, transfer.kind as "kind: Kind",
             transfer.subject_id as "subject: TransferId", transfer.debit_account_id as "debit: AccountId",
             transfer.credit_account_id as "credit: AccountId", transfer.amount_minor,
             transfer.currency as "currency: Currency", transfer.reason, transfer.cause_kind, transfer.cause_id,
             transfer.posted_at, transfer.expires_at, settling.kind as "settled?: Kind"
         from found
         cross join lateral (
             select * from ledger_transfers
             where tenant_id = found.tenant_id and id = found.id
             limit 1
         ) transfer
         left join lateral (
             select kind from ledger_transfers
             where tenant_id = transfer.tenant_id and subject_id = transfer.id
             limit 1
         ) settling on true
         order by case found.found when 'overdue' then transfer.expires_at end, transfer.tenant_id, transfer.key,
             transfer.position"#,
        &wanted.key_tenants,
        &wanted.keys,
        &wanted.subjects.tenants,
        &wanted.subjects.ids,
        now,
        OVERDUE_MAX,
        &book.with_pending(),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let record = Record {
            tenant: row.tenant,
            id: row.id,
            key: row.key,
            kind: row.kind,
            subject: row.subject,
            debit: row.debit,
            credit: row.credit,
            amount: Money::new(row.amount_minor, row.currency),
            reason: row.reason.into(),
            cause: Cause { kind: row.cause_kind.into(), id: row.cause_id },
            at: row.posted_at,
            expires_at: row.expires_at,
        };
        row.found.add(Subject { record, settled: row.settled }, book);
    }
    Ok(())
}

/// Pending transfers whose time is over, the longest overdue first.
pub(crate) async fn due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TenantId, TransferId)>, Error> {
    let due = sqlx::query!(
        r#"select tenant_id as "tenant: TenantId", pending_id as "pending: TransferId"
         from ledger_timeouts
         where expires_at <= $1
         order by expires_at, pending_id
         limit $2"#,
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(due.into_iter().map(|row| (row.tenant, row.pending)).collect())
}

/// Writes what the postings did to a book.
pub(crate) async fn write(connection: &mut PgConnection, book: Book) -> Result<(), Error> {
    let (effects, accounts) = book.finish();
    if effects.is_empty() {
        return Ok(());
    }
    insert_transfers(connection, &effects).await?;
    update_accounts(connection, &accounts).await
}

async fn insert_transfers(connection: &mut PgConnection, effects: &[Effect]) -> Result<(), Error> {
    let ids = |of: fn(&Record) -> Uuid| -> Vec<Uuid> { effects.iter().map(|e| of(&e.record)).collect() };
    let texts = |of: fn(&Record) -> &str| -> Vec<&str> { effects.iter().map(|e| of(&e.record)).collect() };
    let debits = |of: fn(&After) -> i64| -> Vec<i64> { effects.iter().map(|e| of(&e.debit_after)).collect() };
    let credits =
        |of: fn(&After) -> i64| -> Vec<i64> { effects.iter().map(|e| of(&e.credit_after)).collect() };
    sqlx::query!(
        r#"with written as (
             insert into ledger_transfers
                 (tenant_id, id, key, position, kind, subject_id, debit_account_id, credit_account_id, amount_minor,
                  currency, reason, cause_kind, cause_id, posted_at, expires_at, debit_version, credit_version,
                  debit_balance_after_minor, credit_balance_after_minor, debit_account_debits_pending_minor,
                  debit_account_credits_pending_minor, credit_account_debits_pending_minor,
                  credit_account_credits_pending_minor)
             select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::uuid[],
                 $7::uuid[], $8::uuid[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::uuid[],
                 $14::timestamptz[], $15::timestamptz[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[],
                 $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[])
             returning tenant_id, id, subject_id, debit_account_id, credit_account_id, amount_minor, expires_at
         ), timed as (
             insert into ledger_timeouts
                 (tenant_id, pending_id, debit_account_id, credit_account_id, amount_minor, expires_at)
             select tenant_id, id, debit_account_id, credit_account_id, amount_minor, expires_at
             from written
             where expires_at is not null
         )
         delete from ledger_timeouts timeout
         using written
         where timeout.tenant_id = written.tenant_id and timeout.pending_id = written.subject_id"#,
        &ids(|r| r.tenant.uuid()),
        &ids(|r| r.id.uuid()),
        &texts(|r| &r.key) as &[&str],
        &effects.iter().map(|e| e.position).collect::<Vec<_>>(),
        &effects.iter().map(|e| e.record.kind).collect::<Vec<_>>() as &[Kind],
        &effects.iter().map(|e| e.record.subject.map(TransferId::uuid)).collect::<Vec<_>>() as &[Option<Uuid>],
        &ids(|r| r.debit.uuid()),
        &ids(|r| r.credit.uuid()),
        &effects.iter().map(|e| e.record.amount.minor()).collect::<Vec<_>>(),
        &effects.iter().map(|e| e.record.amount.currency()).collect::<Vec<_>>() as &[Currency],
        &texts(|r| &r.reason) as &[&str],
        &texts(|r| &r.cause.kind) as &[&str],
        &ids(|r| r.cause.id),
        &effects.iter().map(|e| e.record.at).collect::<Vec<_>>(),
        &effects.iter().map(|e| e.record.expires_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &debits(|a| a.version),
        &credits(|a| a.version),
        &debits(|a| a.balance_minor),
        &credits(|a| a.balance_minor),
        &debits(|a| a.debits_pending_minor),
        &debits(|a| a.credits_pending_minor),
        &credits(|a| a.debits_pending_minor),
        &credits(|a| a.credits_pending_minor),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the totals of accounts that this transaction has locked.
async fn update_accounts(connection: &mut PgConnection, accounts: &[Account]) -> Result<(), Error> {
    let ids = |of: fn(&Account) -> Uuid| -> Vec<Uuid> { accounts.iter().map(of).collect() };
    let numbers = |of: fn(&Account) -> i64| -> Vec<i64> { accounts.iter().map(of).collect() };
    sqlx::query!(
        "update ledger_accounts as account
         set debits_posted_minor = posted.debits, credits_posted_minor = posted.credits,
             debits_pending_minor = posted.debits_pending, credits_pending_minor = posted.credits_pending,
             version = posted.version, last_posted_at = posted.at
         from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                 $8::timestamptz[])
             as posted (tenant_id, id, debits, credits, debits_pending, credits_pending, version, at)
         where account.tenant_id = posted.tenant_id and account.id = posted.id",
        &ids(|a| a.tenant.uuid()),
        &ids(|a| a.id.uuid()),
        &numbers(|a| a.debits_posted_minor),
        &numbers(|a| a.credits_posted_minor),
        &numbers(|a| a.debits_pending_minor),
        &numbers(|a| a.credits_pending_minor),
        &numbers(|a| a.version),
        &accounts.iter().map(|a| a.last_posted_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
    )
    .execute(connection)
    .await?;
    Ok(())
}
