//! What postings lock and read: by as many statements for a thousand postings as for one.
//!
//! The first of arrays that are read together comes as `(select $1)`, of which the planner never knows the size, and so does whatever else
//! would cost less for being known: so it does not plan anew each time, which would take longer than the statement itself.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{AccountId, Currency, Money, TenantId, TransferId};
use uuid::Uuid;

use crate::book::{Book, Subject};
use crate::record::{Kind, Record};
use crate::{Account, Cause, Error, Limit, Posting, Side};

/// How many expired transfers, the longest overdue first, a posting looks at. More are left only where nobody runs
/// [`crate::Ledger::expire_due`]; until then they count as pending.
pub(super) const OVERDUE_MAX: i64 = 1000;

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
             from unnest((select $3::uuid[]), $4::uuid[]) as named (tenant_id, id)
             cross join lateral (
                 select * from ledger_transfers
                 where tenant_id = named.tenant_id and id = named.id
                 limit 1
             ) transfer
         ), touched as (
             select tenant_id, id from unnest((select $1::uuid[]), $2::uuid[]) as named (tenant_id, id)
             union select tenant_id, debit_account_id from subject
             union select tenant_id, credit_account_id from subject
         ), due as materialized (
             select tenant_id, debit_account_id, credit_account_id
             from ledger_timeouts
             where expires_at <= (select $5::timestamptz)
             order by expires_at, pending_id
             limit (select $6::bigint)
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
             from unnest((select $1::uuid[]), $2::text[]) as asked (tenant_id, key)
             cross join lateral (
                 select tenant_id, id from ledger_transfers
                 where tenant_id = asked.tenant_id and key = asked.key
                 limit 100
             ) transfer
             union
             select tenant_id, id, 'by_id' from unnest((select $3::uuid[]), $4::uuid[]) as named (tenant_id, id)
             union all
             (select tenant_id, pending_id, 'overdue'
              from (select * from ledger_timeouts where expires_at <= (select $5::timestamptz)
                   order by expires_at, pending_id limit (select $6::bigint)) due where array[debit_account_id, credit_account_id] <@ (select $7::uuid[]))
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
