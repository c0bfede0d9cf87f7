//! Comparisons of days.

use chrono::{DateTime, NaiveDate, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::PersonId;

use crate::ids::RunId;
use crate::reconcile::run::{Reconciliation, ReconciliationState, Tally};

/// `select` of [`Reconciliation`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Reconciliation,
            r#"select id as "id: RunId", gateway, day, state as "state: ReconciliationState", compared, matched, booked, opened,
                 closed, reason, note, asked_at, finished_at
             from reconciliation_runs "# + $tail,
            $($argument),*
        )
    };
}

/// A page of comparisons, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    query: PageQuery,
) -> Result<Vec<Reconciliation>, sqlx::Error> {
    let rows = select!(
        "where id < $1
         order by id desc
         limit $2",
        query.before(),
        query.rows(),
    );
    rows.fetch_all(connection).await
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    run: RunId,
) -> Result<Option<Reconciliation>, sqlx::Error> {
    select!("where id = $1", run.uuid()).fetch_optional(connection).await
}

/// A comparison to be made.
pub(crate) struct New<'a> {
    pub id: RunId,
    pub gateway: &'a str,
    pub day: NaiveDate,
    /// Who wants it, and why; none where it is due by itself.
    pub asked: Option<(PersonId, &'a str)>,
    pub now: DateTime<Utc>,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into reconciliation_runs (id, gateway, day, state, asked_by, reason, asked_at)
         values ($1, $2, $3, 'asked', $4, $5, $6)",
        new.id.uuid(),
        new.gateway,
        new.day,
        new.asked.map(|(person, _)| person.uuid()),
        new.asked.map(|(_, reason)| reason),
        new.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a comparison is done, and what it counted.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    run: RunId,
    tally: &Tally,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update reconciliation_runs
         set state = 'done', compared = $2, matched = $3, booked = $4, opened = $5, closed = $6, note = null,
             finished_at = $7
         where id = $1",
        run.uuid(),
        tally.compared,
        tally.matched,
        tally.booked,
        tally.opened,
        tally.closed,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes why a comparison did not succeed this time.
pub(crate) async fn note(connection: &mut PgConnection, run: RunId, why: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update reconciliation_runs set note = $2 where id = $1 and state = 'asked'",
        run.uuid(),
        why
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which days are to be compared: those of these that were not since the time given with each, and those with open exceptions,
/// however old.
pub(crate) async fn days_due(
    connection: &mut PgConnection,
    gateway: &str,
    days: &[NaiveDate],
    not_before: &[DateTime<Utc>],
) -> Result<Vec<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select recent.day as "day!"
         from unnest($2::date[], $3::timestamptz[]) as recent (day, not_before)
         where not exists (
             select from reconciliation_runs as r
             where r.gateway = $1 and r.day = recent.day and r.asked_at >= recent.not_before
         )
         union
         select day
         from reconciliation_exceptions
         where gateway = $1 and state = 'open'
         order by 1
         limit 400"#,
        gateway,
        days,
        not_before,
    )
    .fetch_all(connection)
    .await
}
