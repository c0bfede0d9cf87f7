//! Recomputing the books.

use sqlx::PgConnection;
use types::TenantId;

use crate::{Error, FAULTS_MAX, Fault, FaultKind, Report};

pub(crate) async fn check(connection: &mut PgConnection) -> Result<Report, Error> {
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
    faults.extend(wrong_totals(connection).await?);
    faults.extend(wrong_transfers(connection).await?);
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

/// Accounts whose totals or number of transfers do not follow from the transfers.
async fn wrong_totals(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"with made as (
             select transfer.*, case when transfer.kind in ('immediate', 'post', 'reversal') then transfer.amount_minor else 0 end as posted,
                 case when transfer.kind = 'pending' and settling.id is null then transfer.amount_minor else 0 end as pending
             from ledger_transfers transfer
             left join ledger_transfers settling on transfer.kind = 'pending'
                 and settling.tenant_id = transfer.tenant_id and settling.subject_id = transfer.id
         ), sides as (
             select tenant_id, debit_account_id as account_id, posted as debit, 0::bigint as credit,
                 pending as debit_pending, 0::bigint as credit_pending, debit_version as version
             from made
             union all
             select tenant_id, credit_account_id, 0, posted, 0, pending, credit_version
             from made
         ), recomputed as (
             select tenant_id, account_id, sum(debit) as debits, sum(credit) as credits, sum(debit_pending) as debits_pending,
                 sum(credit_pending) as credits_pending, count(*) as transfers, max(version) as last_version
             from sides
             group by tenant_id, account_id
         ), compared as (
             select coalesce(account.tenant_id, recomputed.tenant_id) as tenant_id,
                 coalesce(account.code, recomputed.account_id::text) as code, coalesce(debits, 0) as debits,
                 coalesce(credits, 0) as credits, coalesce(debits_pending, 0) as debits_pending,
                 coalesce(credits_pending, 0) as credits_pending, coalesce(transfers, 0) as transfers,
                 coalesce(last_version, 0) as last_version, coalesce(debits_posted_minor, 0) as debits_posted_minor,
                 coalesce(credits_posted_minor, 0) as credits_posted_minor,
                 coalesce(debits_pending_minor, 0) as debits_pending_minor,
                 coalesce(credits_pending_minor, 0) as credits_pending_minor, coalesce(version, 0) as version
             from ledger_accounts account
             full join recomputed on recomputed.tenant_id = account.tenant_id and recomputed.account_id = account.id
         )
         select tenant_id as "tenant!: TenantId", kind as "kind!: FaultKind", code as "place!",
             expected::text as "expected!", found::text as "found!"
         from compared, lateral (values
             ('wrong_debits', debits, debits_posted_minor),
             ('wrong_credits', credits, credits_posted_minor),
             ('wrong_pending', debits_pending, debits_pending_minor),
             ('wrong_pending', credits_pending, credits_pending_minor),
             ('missing_transfers', transfers, version),
             ('missing_transfers', last_version, version)
         ) as fact (kind, expected, found)
         where expected <> found
         limit $1"#,
        FAULTS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(faults)
}

/// Transfers that say a wrong balance, posted or pending, or are in a wrong currency.
async fn wrong_transfers(connection: &mut PgConnection) -> Result<Vec<Fault>, Error> {
    let faults = sqlx::query_as!(
        Fault,
        r#"with made as (
             select transfer.*, case when transfer.kind in ('immediate', 'post', 'reversal') then transfer.amount_minor else 0 end as posted,
                 case when transfer.kind = 'pending' then transfer.amount_minor
                     when transfer.kind in ('post', 'void', 'expire') then -coalesce(subject.amount_minor, 0)
                     else 0 end as reserved
             from ledger_transfers transfer
             left join ledger_transfers subject
                 on subject.tenant_id = transfer.tenant_id and subject.id = transfer.subject_id
         ), sides as (
             select tenant_id, debit_account_id as account_id, posted, reserved as debit_reserved, 0::bigint as credit_reserved,
                 currency, debit_version as version, debit_balance_after_minor as balance_after,
                 debit_account_debits_pending_minor as debits_pending, debit_account_credits_pending_minor as credits_pending
             from made
             union all
             select tenant_id, credit_account_id, -posted, 0, reserved, currency, credit_version, credit_balance_after_minor,
                 credit_account_debits_pending_minor, credit_account_credits_pending_minor
             from made
         ), followed as (
             select side.*, account.code, account.currency as account_currency,
                 sum(case account.side when 'debit' then posted else -posted end) over history as running,
                 sum(debit_reserved) over history as running_debits, sum(credit_reserved) over history as running_credits
             from sides side
             join ledger_accounts account on account.tenant_id = side.tenant_id and account.id = side.account_id
             window history as (partition by side.tenant_id, side.account_id order by side.version)
         )
         select tenant_id as "tenant!: TenantId", kind as "kind!: FaultKind", code as "place!",
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
