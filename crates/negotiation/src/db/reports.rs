//! Reports, and stalls that are closed for now.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{GuestId, Language, PersonId, ReportId, TenantId, VisitId};
use uuid::Uuid;

use crate::message::Author;
use crate::moderation::{OperatorReport, ReportedWords};
use crate::report::{Report, ReportReason, ReportState, Reporter, Row};

/// So much of what was said is shown.
const SAID_MAX: i64 = 100;
/// So many reports a stall is shown.
const SHOWN_MAX: i64 = 50;

/// `select` with what whoever made a report sees of it; what follows the table's name is the caller's.
macro_rules! reports {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Report,
            r#"select id as "id: ReportId", visit_id as "visit_id: VisitId", reason as "reason: ReportReason",
             state as "state: ReportState", reported_at, decided_at
         from reports
         "# + $tail,
            $($argument),*
        )
    };
}

pub async fn add(connection: &mut PgConnection, row: &Row, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into reports (tenant_id, id, visit_id, guest_id, by_side, by_person_id, reason, words_sealed, state, reported_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9)",
        row.tenant.uuid(),
        row.id.uuid(),
        row.visit.uuid(),
        row.guest.uuid(),
        row.by as Reporter,
        row.person.map(PersonId::uuid),
        row.reason as ReportReason,
        row.words_sealed.as_deref(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many reports these guests made since then.
pub async fn of_guests_since(
    connection: &mut PgConnection,
    guests: &[Uuid],
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from reports
         where guest_id = any($1) and by_side = 'buyer' and reported_at > $2"#,
        guests,
        since,
    )
    .fetch_one(connection)
    .await
}

/// How many reports a stall's members made since then.
pub async fn of_stall_since(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from reports
         where tenant_id = $1 and by_side = 'vendor' and reported_at > $2"#,
        tenant.uuid(),
        since,
    )
    .fetch_one(connection)
    .await
}

/// What a side reported of a visit.
pub async fn of_visit(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    by: Reporter,
) -> Result<Option<Report>, sqlx::Error> {
    reports!(
        "where tenant_id = $1 and visit_id = $2 and by_side = $3",
        tenant.uuid(),
        visit.uuid(),
        by as Reporter,
    )
    .fetch_optional(connection)
    .await
}

/// What buyers reported of a stall and somebody decided, the newest first.
pub async fn decided_of_stall(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<Vec<Report>, sqlx::Error> {
    reports!(
        "where tenant_id = $1 and by_side = 'buyer' and decided_at > $2
         order by decided_at desc
         limit $3",
        tenant.uuid(),
        since,
        SHOWN_MAX,
    )
    .fetch_all(connection)
    .await
}

/// What a stall's members reported, the newest first.
pub async fn made_by_stall(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<Vec<Report>, sqlx::Error> {
    reports!(
        "where tenant_id = $1 and by_side = 'vendor' and reported_at > $2
         order by id desc
         limit $3",
        tenant.uuid(),
        since,
        SHOWN_MAX,
    )
    .fetch_all(connection)
    .await
}

/// A page of all reports, the newest first; without the stalls' names.
pub async fn page(
    connection: &mut PgConnection,
    state: Option<ReportState>,
    query: PageQuery,
) -> Result<Vec<OperatorReport>, sqlx::Error> {
    sqlx::query_as!(
        OperatorReport,
        r#"select reports.id as "id: ReportId", reports.tenant_id as "tenant_id: TenantId", '' as "stall_name!",
             visit_id as "visit_id: VisitId", by_side as "by: Reporter", reason as "reason: ReportReason",
             state as "state: ReportState", reported_at, closed_stalls.tenant_id is not null as "stall_closed!"
         from reports
         left join closed_stalls on closed_stalls.tenant_id = reports.tenant_id
         where reports.id < $1 and ($2::text is null or state = $2)
         order by reports.id desc
         limit $3"#,
        query.before(),
        state as Option<ReportState>,
        query.rows(),
    )
    .fetch_all(connection)
    .await
}

/// A report, its sealed words and whose visit it is about; without the stall's name.
pub async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: ReportId,
) -> Result<Option<(OperatorReport, Option<Vec<u8>>, GuestId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select visit_id as "visit_id: VisitId", guest_id as "guest_id: GuestId", by_side as "by: Reporter",
             reason as "reason: ReportReason", words_sealed, state as "state: ReportState", reported_at,
             closed_stalls.tenant_id is not null as "stall_closed!"
         from reports
         left join closed_stalls on closed_stalls.tenant_id = reports.tenant_id
         where reports.tenant_id = $1 and reports.id = $2"#,
        tenant.uuid(),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let report = OperatorReport {
            id,
            tenant_id: tenant,
            stall_name: String::new(),
            visit_id: row.visit_id,
            by: row.by,
            reason: row.reason,
            state: row.state,
            reported_at: row.reported_at,
            stall_closed: row.stall_closed,
        };
        (report, row.words_sealed, row.guest_id)
    }))
}

/// Locks a report; gives where it stands and who made it.
pub async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: ReportId,
) -> Result<Option<(ReportState, Reporter)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select state as "state: ReportState", by_side as "by: Reporter"
         from reports
         where tenant_id = $1 and id = $2
         for update"#,
        tenant.uuid(),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.state, row.by)))
}

pub async fn decide(
    connection: &mut PgConnection,
    (tenant, id): (TenantId, ReportId),
    state: ReportState,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update reports
         set state = $3, decided_by = $4, decided_at = $5
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        state as ReportState,
        by.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What both could hear in a visit, oldest first.
pub async fn said(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
) -> Result<Vec<ReportedWords>, sqlx::Error> {
    let mut said = sqlx::query_as!(
        ReportedWords,
        r#"select author as "author: Author", text, language as "language: Language", created_at as at
         from messages
         where tenant_id = $1 and visit_id = $2 and audience = 'both' and author <> 'app' and state = 'heard'
         order by seq desc
         limit $3"#,
        tenant.uuid(),
        visit.uuid(),
        SAID_MAX,
    )
    .fetch_all(connection)
    .await?;
    said.reverse();
    Ok(said)
}

/// How many other reports there were of the same stall, or of the same guest.
pub async fn others(
    connection: &mut PgConnection,
    (tenant, guest, by): (TenantId, GuestId, Reporter),
    id: ReportId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from reports
         where tenant_id = $1 and by_side = $3 and (by_side = 'buyer' or guest_id = $2) and id <> $4 and reported_at > $5"#,
        tenant.uuid(),
        guest.uuid(),
        by as Reporter,
        id.uuid(),
        since,
    )
    .fetch_one(connection)
    .await
}

/// Since when a stall is closed.
pub async fn closed_since(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select closed_at from closed_stalls where tenant_id = $1", tenant.uuid())
        .fetch_optional(connection)
        .await
}

/// Closes a stall; whether it was open.
pub async fn close_stall(
    connection: &mut PgConnection,
    tenant: TenantId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let closed = sqlx::query!(
        "insert into closed_stalls (tenant_id, closed_at, closed_by)
         values ($1, $2, $3)
         on conflict (tenant_id) do nothing",
        tenant.uuid(),
        now,
        by.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// Opens a stall again; whether it was closed.
pub async fn open_stall(connection: &mut PgConnection, tenant: TenantId) -> Result<bool, sqlx::Error> {
    let opened = sqlx::query!("delete from closed_stalls where tenant_id = $1", tenant.uuid())
        .execute(connection)
        .await?;
    Ok(opened.rows_affected() == 1)
}

/// Forgets reports that were decided long ago, or made long ago and never decided; how many.
pub async fn forget(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query!(
        "delete from reports
         where (tenant_id, id) in
             (select tenant_id, id from reports where coalesce(decided_at, reported_at) < $1 order by id limit $2)",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}
