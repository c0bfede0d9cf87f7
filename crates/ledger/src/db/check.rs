//! Recomputing the books.
//!
//! The transfers are read as a heap a few times over and never sorted. That each follows from the one before is seen from sums of
//! fingerprints: every transfer adds that of what its account came to, and takes off that of what the account must have been before, so
//! that an unbroken history leaves the account as it stands now less an empty one. A fingerprint has 64 bits and begins anywhere, so
//! nobody can make two that agree. Where sums differ the account's history is gone through transfer by transfer.

use sqlx::{Connection, PgConnection};
use types::{AccountId, TenantId};
use uuid::Uuid;

use crate::{Error, FAULTS_MAX, Fault, FaultKind, Report};

/// An account that does not follow from its transfers, and in what.
struct Differing {
    tenant: TenantId,
    account: AccountId,
    /// None where only its history is to be gone through.
    kind: Option<FaultKind>,
    place: String,
    expected: String,
    found: String,
}

/// `seed` is drawn anew for each check.
pub(crate) async fn check(connection: &mut PgConnection, seed: i64) -> Result<Report, Error> {
    // What is set for the check alone ends with this transaction, or part of one, which writes nothing.
    let mut checking = connection.begin().await?;
    give_room(&mut checking).await?;
    let report = report(&mut checking, seed).await?;
    checking.rollback().await?;
    Ok(report)
}

/// Millions of transfers take longer than other statements may, and more memory. Memory that processes share is scarce in containers.
async fn give_room(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "select set_config(name, value, true)
         from (values ('statement_timeout', '0'), ('work_mem', '96MB'), ('enable_parallel_hash', 'off')) as wanted (name, value)"
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

async fn report(connection: &mut PgConnection, seed: i64) -> Result<Report, Error> {
    let totals = sqlx::query!(
        r#"select (select count(*) from ledger_accounts) as "accounts!",
             (select count(*) from ledger_transfers) as "transfers!",
             coalesce(sum(debits_posted_minor), 0)::text as "debits!",
             coalesce(sum(credits_posted_minor), 0)::text as "credits!",
             coalesce(sum(debits_pending_minor), 0)::text as "debits_pending!",
             coalesce(sum(credits_pending_minor), 0)::text as "credits_pending!"
         from ledger_accounts"#,
    )
    .fetch_one(&mut *connection)
    .await?;
    let mut faults = unbalanced(connection).await?;
    let (differing, suspects) = differing(connection, seed).await?;
    faults.extend(differing);
    faults.extend(wrong_transfers(connection, &suspects).await?);
    faults.extend(wrong_subjects(connection).await?);
    faults.extend(wrong_timeouts(connection).await?);
    let whole = |text: &str| text.parse().map_err(|e| Error::Database(sqlx::Error::Decode(Box::new(e))));
    Ok(Report {
        accounts: totals.accounts,
        transfers: totals.transfers,
        debits_minor: whole(&totals.debits)?,
        credits_minor: whole(&totals.credits)?,
        debits_pending_minor: whole(&totals.debits_pending)?,
        credits_pending_minor: whole(&totals.credits_pending)?,
        faults,
    })
}

async fn unbalanced(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"with book as (
             select tenant_id, currency, sum(debits_posted_minor) as debits, sum(credits_posted_minor) as credits,
                 sum(debits_pending_minor) as debits_pending, sum(credits_pending_minor) as credits_pending
             from ledger_accounts
             group by tenant_id, currency
         )
         select tenant_id as "tenant: TenantId", 'unbalanced' as "kind!: FaultKind", currency as place,
             expected::text as "expected!", found::text as "found!"
         from book, lateral (values (debits, credits), (debits_pending, credits_pending)) as fact (expected, found)
         where expected <> found
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

/// Accounts whose totals or number of transfers do not follow from the transfers, and those whose history must be gone through.
async fn differing(
    connection: &mut PgConnection,
    seed: i64,
) -> Result<(Vec<Fault>, Vec<(TenantId, AccountId)>), Error> {
    let rows = sqlx::query_file_as!(Differing, "src/db/differing.sql", FAULTS_MAX, seed,)
        .fetch_all(connection)
        .await?;
    let mut suspects: Vec<_> = rows.iter().map(|row| (row.tenant, row.account)).collect();
    suspects.dedup();
    let fault = |Differing { tenant, kind, place, expected, found, .. }| {
        Some(Fault { tenant, kind: kind?, place, expected, found })
    };
    Ok((rows.into_iter().filter_map(fault).collect(), suspects))
}

/// Transfers of these accounts that say a wrong balance, posted or pending, or are in a wrong currency.
async fn wrong_transfers(
    connection: &mut PgConnection,
    suspects: &[(TenantId, AccountId)],
) -> Result<Vec<Fault>, Error> {
    let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) =
        suspects.iter().map(|(tenant, id)| (tenant.uuid(), id.uuid())).unzip();
    let faults = sqlx::query_as!(
        Fault,
        r#"with suspect as (
             select account.*
             from unnest($2::uuid[], $3::uuid[]) as suspect (tenant_id, id)
             join ledger_accounts account on account.tenant_id = suspect.tenant_id and account.id = suspect.id
         ), sides as (
             select suspect.tenant_id, suspect.id as account_id, side.*
             from suspect
             cross join lateral (
                 select id as transfer_id, kind, subject_id, amount_minor, currency, true as debited, debit_version as version,
                     debit_balance_after_minor as balance_after, debit_account_debits_pending_minor as debits_pending,
                     debit_account_credits_pending_minor as credits_pending
                 from ledger_transfers
                 where tenant_id = suspect.tenant_id and debit_account_id = suspect.id
                 union all
                 select id, kind, subject_id, amount_minor, currency, false, credit_version, credit_balance_after_minor,
                     credit_account_debits_pending_minor, credit_account_credits_pending_minor
                 from ledger_transfers
                 where tenant_id = suspect.tenant_id and credit_account_id = suspect.id
             ) side
         ), made as (
             select side.*, case when side.kind in ('immediate', 'post', 'reversal') then side.amount_minor else 0 end as posted,
                 case when side.kind = 'pending' then side.amount_minor
                     when side.kind in ('post', 'void', 'expire') then -coalesce(subject.amount_minor, 0)
                     else 0 end as reserved
             from sides side
             left join ledger_transfers subject on subject.kind = 'pending'
                 and subject.tenant_id = side.tenant_id and subject.id = side.subject_id
         ), followed as (
             select made.*, suspect.code, suspect.currency as account_currency,
                 sum(case when debited = (suspect.side = 'debit') then posted else -posted end) over history as running,
                 sum(case when debited then reserved else 0 end) over history as running_debits,
                 sum(case when debited then 0 else reserved end) over history as running_credits
             from made
             join suspect on suspect.tenant_id = made.tenant_id and suspect.id = made.account_id
             window history as (partition by made.tenant_id, made.account_id order by made.version)
         )
         select tenant_id as "tenant!: TenantId", fact.kind as "kind!: FaultKind", code as "place!",
             expected as "expected!", found as "found!"
         from followed, lateral (values
             ('wrong_balance_after', running::text, balance_after::text),
             ('wrong_pending_after', running_debits::text, debits_pending::text),
             ('wrong_pending_after', running_credits::text, credits_pending::text),
             ('wrong_currency', account_currency, currency)
         ) as fact (kind, expected, found)
         where (running <> balance_after or running_debits <> debits_pending or running_credits <> credits_pending
                 or account_currency <> currency)
             and expected <> found
         limit $1"#,
        FAULTS_MAX,
        &tenants,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

/// Transfers that do not fit what they resolve or reverse.
async fn wrong_subjects(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"select transfer.tenant_id as "tenant: TenantId", 'wrong_subject' as "kind!: FaultKind",
             transfer.id::text as "place!", transfer.kind as "expected!",
             coalesce(subject.kind || ' of ' || subject.amount_minor, 'nothing') as "found!"
         from ledger_transfers transfer
         left join ledger_transfers subject
             on subject.tenant_id = transfer.tenant_id and subject.id = transfer.subject_id
         where transfer.subject_id is not null and not coalesce(case
             when transfer.kind = 'reversal' then subject.kind in ('immediate', 'post')
                 and subject.debit_account_id = transfer.credit_account_id
                 and subject.credit_account_id = transfer.debit_account_id and subject.amount_minor = transfer.amount_minor
             else subject.kind = 'pending' and subject.debit_account_id = transfer.debit_account_id
                 and subject.credit_account_id = transfer.credit_account_id
                 and (subject.amount_minor = transfer.amount_minor
                     or transfer.kind = 'post' and transfer.amount_minor < subject.amount_minor)
             end, false)
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

/// Time-outs that nothing waits for, and pending transfers whose time-out is lost.
async fn wrong_timeouts(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"with waiting as (
             select transfer.tenant_id, transfer.id, transfer.expires_at, transfer.amount_minor
             from ledger_transfers transfer
             left join ledger_transfers settling
                 on settling.tenant_id = transfer.tenant_id and settling.subject_id = transfer.id
             where transfer.kind = 'pending' and transfer.expires_at is not null and settling.id is null
         )
         select coalesce(waiting.tenant_id, timeout.tenant_id) as "tenant!: TenantId",
             'wrong_timeout' as "kind!: FaultKind", coalesce(waiting.id, timeout.pending_id)::text as "place!",
             coalesce(waiting.expires_at::text, 'none') as "expected!",
             coalesce(timeout.expires_at::text, 'none') as "found!"
         from waiting
         full join ledger_timeouts timeout on timeout.tenant_id = waiting.tenant_id and timeout.pending_id = waiting.id
         where (waiting.expires_at = timeout.expires_at and waiting.amount_minor = timeout.amount_minor) is not true
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}
