//! Visits that people keep.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{GuestId, PersonId, TenantId, VisitId};

use crate::Pass;
use crate::kept_visits::KeptVisit;

/// Keeps a phone's visits that nobody keeps; the first who asks has them.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    person: PersonId,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into kept_visits (tenant_id, guest_id, visit_id, person_id, stall_name, expires_at, kept_at)
         select tenant_id, guest_id, visit_id, $1, stall_name, expires_at, $3
         from guest_passes
         where token_hash = $2 and expires_at > $3
         on conflict on constraint kept_visits_once do nothing",
        person.uuid(),
        token_hash.as_slice(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many of a phone's visits nobody keeps.
pub(crate) async fn open(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "open!"
         from guest_passes
         where token_hash = $1 and expires_at > $2
             and not exists (
                 select from kept_visits
                 where kept_visits.tenant_id = guest_passes.tenant_id and kept_visits.guest_id = guest_passes.guest_id
             )"#,
        token_hash.as_slice(),
        now,
    )
    .fetch_one(connection)
    .await
}

/// The visits that a person keeps, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<KeptVisit>, sqlx::Error> {
    sqlx::query_as!(
        KeptVisit,
        r#"select visit_id as "visit_id: VisitId", tenant_id as "tenant_id: TenantId", stall_name, kept_at
         from kept_visits
         where person_id = $1
         order by kept_at desc, guest_id desc
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}

/// What opens the visits that a person keeps, newest first.
pub(crate) async fn passes(
    connection: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Pass>, sqlx::Error> {
    sqlx::query_as!(
        Pass,
        r#"select visit_id as "visit: VisitId", tenant_id as "tenant: TenantId", guest_id as "guest: GuestId",
             stall_name, expires_at
         from kept_visits
         where person_id = $1
         order by kept_at desc, guest_id desc
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}
