//! Sessions. A session is over when its time is (`expires_at`) or when nothing was asked of it for two weeks.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use sqlx::PgConnection;
use types::{Language, PersonId, SessionId, TenantId};

use super::private::Sealed;
use crate::caller::{SignedIn, Standing, Trust};
use crate::confirmation::FRESH_FOR;
use crate::devices::DeviceSession;
use crate::role::{OperatorRole, Role};
use crate::session::{AGE_MAX, IDLE_MAX, NOTED_EVERY, PER_PERSON_MAX};
use crate::{Person, TimeZone};

/// A session that begins.
pub(crate) struct NewSession {
    pub session: SessionId,
    pub person: PersonId,
    pub token_hash: [u8; 32],
    pub device: String,
    /// When the person showed that it is they, where that is so.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// Finds who holds a token: one statement, and once a minute another, which notes that the session is in use.
pub(crate) async fn recognise(
    connection: &mut PgConnection,
    fields: &Fields,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(SignedIn, Standing, Trust)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select sessions.id as "session: SessionId", people.id as "person: PersonId", people.name_sealed as person_name,
             phone_sealed as phone, email_sealed as email, language as "language: Language", time_zone as "time_zone: TimeZone",
             members.tenant_id as "tenant?: TenantId",
             members.role as "role?: Role", operator_role as "operator: OperatorRole",
             last_seen_at <= $4 as "is_to_be_noted!", coalesce(sessions.confirmed_at > $5, false) as "is_fresh!",
             coalesce(tenants.second_factor_required, false) and second_factors.confirmed_at is null
                 and not exists (select from passkeys where passkeys.person_id = people.id) as "lacks_factor!"
         from sessions
         join people on people.id = sessions.person_id
         left join members
             on members.tenant_id = coalesce(sessions.tenant_id, people.tenant_id) and members.person_id = people.id
         left join tenants on tenants.id = members.tenant_id
         left join second_factors on second_factors.person_id = people.id
         where token_hash = $1 and expires_at > $2 and last_seen_at > $3 and people.locked_at is null"#,
        token_hash.as_slice(),
        now,
        now - IDLE_MAX,
        now - NOTED_EVERY,
        now - FRESH_FOR,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.is_to_be_noted {
        note(connection, row.session, now).await?;
    }
    let sealed = Sealed { name: row.person_name, phone: row.phone, email: row.email };
    let known = sealed.open(fields, row.person)?;
    let person = Person {
        id: row.person,
        name: known.name,
        phone: known.phone,
        email: known.email,
        language: row.language,
        time_zone: row.time_zone,
        tenant: row.tenant,
        operator: row.operator.is_some(),
    };
    let standing = Standing { role: row.role, operator: row.operator };
    let trust = Trust { is_fresh: row.is_fresh, lacks_factor: row.lacks_factor };
    Ok(Some((SignedIn { session: row.session, person }, standing, trust)))
}

/// The session is in use.
async fn note(
    connection: &mut PgConnection,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2",
        session.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Opens a session for a person in the business that they work for; the person's oldest go where there are too many. False where
/// the person is locked out.
pub(crate) async fn open(
    connection: &mut PgConnection,
    new: &NewSession,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let opened = sqlx::query!(
        "insert into sessions (id, person_id, tenant_id, token_hash, created_at, last_seen_at, expires_at, device, confirmed_at)
         select $1, id, tenant_id, $3, $4, $4, $5, $6, $7 from people where id = $2 and locked_at is null",
        new.session.uuid(),
        new.person.uuid(),
        new.token_hash.as_slice(),
        now,
        now + AGE_MAX,
        new.device,
        new.confirmed_at,
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
        new.person.uuid(),
        PER_PERSON_MAX,
    )
    .execute(connection)
    .await?;
    Ok(opened.rows_affected() == 1)
}

pub(crate) async fn close(connection: &mut PgConnection, session: SessionId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from sessions where id = $1", session.uuid()).execute(connection).await?;
    Ok(())
}

/// The person of this session has shown that it is they.
pub(crate) async fn confirm(
    connection: &mut PgConnection,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update sessions set confirmed_at = $2 where id = $1", session.uuid(), now)
        .execute(connection)
        .await?;
    Ok(())
}

/// The living sessions of a person, last used first.
pub(crate) async fn of_person(
    connection: &mut PgConnection,
    person: PersonId,
    current: SessionId,
    now: DateTime<Utc>,
) -> Result<Vec<DeviceSession>, sqlx::Error> {
    sqlx::query_as!(
        DeviceSession,
        r#"select id as "id: SessionId", device, created_at as began_at, last_seen_at as seen_at, id = $2 as "current!",
             exists (select from app_tokens where app_tokens.session_id = sessions.id) as "is_app!"
         from sessions
         where person_id = $1 and expires_at > $3 and last_seen_at > $4
         order by last_seen_at desc, id
         limit $5"#,
        person.uuid(),
        current.uuid(),
        now,
        now - IDLE_MAX,
        PER_PERSON_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Ends a session where it is this person's; whether there was one.
pub(crate) async fn close_own(
    connection: &mut PgConnection,
    person: PersonId,
    session: SessionId,
) -> Result<bool, sqlx::Error> {
    let closed =
        sqlx::query!("delete from sessions where id = $1 and person_id = $2", session.uuid(), person.uuid(),)
            .execute(connection)
            .await?;
    Ok(closed.rows_affected() > 0)
}

/// Ends every session of a person but one; gives their number.
pub(crate) async fn close_others(
    connection: &mut PgConnection,
    person: PersonId,
    current: SessionId,
) -> Result<u64, sqlx::Error> {
    let closed = sqlx::query!(
        "delete from sessions where person_id = $1 and id <> $2",
        person.uuid(),
        current.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(closed.rows_affected())
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
