//! Sessions. A session is over when its time is (`expires_at`) or when nothing was asked of it for two weeks.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Language, PersonId, SessionId, TenantId};

use crate::caller::{SignedIn, Standing};
use crate::role::{OperatorRole, Role};
use crate::session::{AGE_MAX, IDLE_MAX, NOTED_EVERY, PER_PERSON_MAX};
use crate::{Person, PhoneNumber};

/// Finds who holds a token and notes, at most once a minute, that the session is in use: one statement.
pub(crate) async fn recognise(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(SignedIn, Standing)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"with noted as (
             update sessions
             set last_seen_at = $2
             where token_hash = $1 and expires_at > $2 and last_seen_at > $3 and last_seen_at <= $4
         )
         select sessions.id as "session: SessionId", people.id as "person: PersonId", name,
             phone as "phone: PhoneNumber", language as "language: Language", members.tenant_id as "tenant?: TenantId",
             members.role as "role?: Role", operator_role as "operator: OperatorRole"
         from sessions
         join people on people.id = sessions.person_id
         left join members
             on members.tenant_id = coalesce(sessions.tenant_id, people.tenant_id) and members.person_id = people.id
         where token_hash = $1 and expires_at > $2 and last_seen_at > $3"#,
        token_hash.as_slice(),
        now,
        now - IDLE_MAX,
        now - NOTED_EVERY,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let person = Person {
            id: row.person,
            name: row.name,
            phone: row.phone,
            language: row.language,
            tenant: row.tenant,
            operator: row.operator.is_some(),
        };
        let standing = Standing { role: row.role, operator: row.operator };
        (SignedIn { session: row.session, person }, standing)
    }))
}

/// Opens a session for a person in the business that they work for; the person's oldest go where there are too many.
pub(crate) async fn open(
    connection: &mut PgConnection,
    session: SessionId,
    person: PersonId,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sessions (id, person_id, tenant_id, token_hash, created_at, last_seen_at, expires_at)
         select $1, id, tenant_id, $3, $4, $4, $5 from people where id = $2",
        session.uuid(),
        person.uuid(),
        token_hash.as_slice(),
        now,
        now + AGE_MAX,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from sessions
         where id in (
             select id from sessions
             where person_id = $1
             order by created_at desc, id desc
             offset $2
             limit 100
         )",
        person.uuid(),
        PER_PERSON_MAX,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn close(connection: &mut PgConnection, session: SessionId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from sessions where id = $1", session.uuid()).execute(connection).await?;
    Ok(())
}

/// Ends every session in which a person acts for a business.
pub(crate) async fn close_in(
    connection: &mut PgConnection,
    person: PersonId,
    tenant: TenantId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from sessions
         using people
         where people.id = $1 and sessions.person_id = $1
             and coalesce(sessions.tenant_id, people.tenant_id) = $2",
        person.uuid(),
        tenant.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these sessions still live.
pub(crate) async fn living(
    connection: &mut PgConnection,
    sessions: &[SessionId],
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, sqlx::Error> {
    let ids: Vec<_> = sessions.iter().map(|session| session.uuid()).collect();
    sqlx::query_scalar!(
        r#"select id as "id: SessionId"
         from sessions
         where id = any($1) and expires_at > $2 and last_seen_at > $3"#,
        &ids,
        now,
        now - IDLE_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Deletes up to `limit` sessions that are over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from sessions
         where id in (
             select id from sessions
             where expires_at <= $1 or last_seen_at <= $2
             limit $3
         )",
        now,
        now - IDLE_MAX,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
