//! The one statement that writes what postings came to.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Currency, TransferId};
use uuid::Uuid;

use super::post::OVERDUE_MAX;
use crate::Error;
use crate::book::{Changed, Outcome};
use crate::record::{After, Kind, Record};

/// What the books must not hold for an outcome to stand that was worked out without locks.
#[derive(Debug)]
pub(crate) struct Unless {
    /// A time-out that is over at this time …
    pub now: DateTime<Utc>,
    /// … on any of these accounts.
    pub overdue_on: Vec<Uuid>,
}

/// The statement's own word for "nothing of this was written".
const NOT_AS_REMEMBERED: &str = "VL001";

/// Makes the planner look rows up one after the other, in the order in which they are named, on this connection for good: what is written
/// without locks is locked in that order then. Nor does it plan again for each size of a batch.
pub(crate) async fn go_by_indexes(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!(
        "select set_config(name, value, false)
         from (values ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'), ('plan_cache_mode', 'force_generic_plan'))
             as wanted (name, value)"
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// Writes an outcome, all of it or nothing: nothing, and false, where an account is no longer at the version that the outcome begins
/// with, or a time-out forbids it. Without a transaction around it, it is committed when this returns; a transaction around it that gets
/// false can only be rolled back.
///
/// The accounts must be locked before, or else be locked here in the order of their ids: [`go_by_indexes`].
pub(crate) async fn write(
    connection: &mut PgConnection,
    outcome: &Outcome,
    unless: &Unless,
) -> Result<bool, Error> {
    let (effects, changed) = (&*outcome.effects, &*outcome.changed);
    if effects.is_empty() {
        return Ok(true);
    }
    let ids = |of: fn(&Record) -> Uuid| -> Vec<Uuid> { effects.iter().map(|e| of(&e.record)).collect() };
    let texts = |of: fn(&Record) -> &str| -> Vec<&str> { effects.iter().map(|e| of(&e.record)).collect() };
    let debits = |of: fn(&After) -> i64| -> Vec<i64> { effects.iter().map(|e| of(&e.debit_after)).collect() };
    let credits =
        |of: fn(&After) -> i64| -> Vec<i64> { effects.iter().map(|e| of(&e.credit_after)).collect() };
    let accounts = |of: fn(&Changed) -> Uuid| -> Vec<Uuid> { changed.iter().map(of).collect() };
    let totals = |of: fn(&Changed) -> i64| -> Vec<i64> { changed.iter().map(of).collect() };
    // All rows are read: only then has the server said that it is committed.
    let stands = sqlx::query_file_scalar!(
        "src/db/write.sql",
        &accounts(|c| c.account.tenant.uuid()),
        &accounts(|c| c.account.id.uuid()),
        &totals(|c| c.version_before),
        &totals(|c| c.account.version),
        &totals(|c| c.account.debits_posted_minor),
        &totals(|c| c.account.credits_posted_minor),
        &totals(|c| c.account.debits_pending_minor),
        &totals(|c| c.account.credits_pending_minor),
        &changed.iter().map(|c| c.account.last_posted_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        unless.now,
        &unless.overdue_on,
        OVERDUE_MAX,
        &ids(|r| r.tenant.uuid()),
        &ids(|r| r.id.uuid()),
        &texts(|r| &r.key) as &[&str],
        &effects.iter().map(|e| e.position).collect::<Vec<_>>(),
        &effects.iter().map(|e| e.record.kind).collect::<Vec<_>>() as &[Kind],
        &effects.iter().map(|e| e.record.subject.map(TransferId::uuid)).collect::<Vec<_>>()
            as &[Option<Uuid>],
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
    .fetch_all(connection)
    .await;
    match stands {
        Ok(stands) => Ok(stands == [true]),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NOT_AS_REMEMBERED) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
