//! Complaints.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use platform::personal::Subject;
use sqlx::PgConnection;
use types::{GuestId, Language, PersonId};
use uuid::Uuid;

use crate::export::Whose;
use crate::grievance::About;

/// Complaints of one subject that a copy has at most.
const OF_ONE_MAX: i64 = 1_000;

/// A complaint as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub id: Uuid,
    pub person: Option<PersonId>,
    pub about: About,
    pub language: Language,
    /// Sealed.
    pub words: Vec<u8>,
    pub asked_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// Sealed.
    pub answer: Option<Vec<u8>>,
    pub answered_at: Option<DateTime<Utc>>,
}

fn guests(whose: &Whose) -> Vec<Uuid> {
    whose.guests().into_iter().map(GuestId::uuid).collect()
}

/// Has whoever else writes for the same person or phone wait until this transaction ends.
pub(crate) async fn one_at_a_time(connection: &mut PgConnection, whose: &Whose) -> Result<(), sqlx::Error> {
    let first = whose.person_id().map(PersonId::uuid).or_else(|| guests(whose).into_iter().min());
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('grievances/' || $1::text, 0))",
        first.unwrap_or_default().to_string(),
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Keeps a complaint; false where another has its sender's id.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    row: &Row,
    whose: &Whose,
    client_id: Uuid,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into grievances (id, person_id, guest_ids, client_id, about, language, words, asked_at, due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict on constraint grievances_once do nothing",
        row.id,
        row.person.map(PersonId::uuid),
        &guests(whose),
        client_id,
        row.about as About,
        row.language as Language,
        row.words,
        row.asked_at,
        row.due_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The complaint that was sent with this id before, by the same.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    whose: &Whose,
    client_id: Uuid,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id, person_id as "person: PersonId", about as "about: About", language as "language: Language", words,
             asked_at, due_at, answer, answered_at
         from grievances
         where client_id = $3 and (person_id = $1 or guest_ids && $2)"#,
        whose.person_id().map(PersonId::uuid),
        &guests(whose),
        client_id,
    )
    .fetch_optional(connection)
    .await
}

/// How many of somebody's complaints wait for an answer.
pub(crate) async fn waiting_of(connection: &mut PgConnection, whose: &Whose) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from grievances
         where answered_at is null and (person_id = $1 or guest_ids && $2)"#,
        whose.person_id().map(PersonId::uuid),
        &guests(whose),
    )
    .fetch_one(connection)
    .await
}

/// Somebody's complaints, the newest first.
pub(crate) async fn of(
    connection: &mut PgConnection,
    whose: &Whose,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    of_either(connection, whose.person_id(), &guests(whose), limit).await
}

/// The same of whose data are copied.
pub(crate) async fn of_subject(
    connection: &mut PgConnection,
    subject: &Subject,
) -> Result<Vec<Row>, sqlx::Error> {
    let guests: Vec<Uuid> = subject.visits.iter().map(|(.., guest)| guest.uuid()).collect();
    of_either(connection, subject.person, &guests, OF_ONE_MAX).await
}

async fn of_either(
    connection: &mut PgConnection,
    person: Option<PersonId>,
    guests: &[Uuid],
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id, person_id as "person: PersonId", about as "about: About", language as "language: Language", words,
             asked_at, due_at, answer, answered_at
         from grievances
         where person_id = $1 or guest_ids && $2
         order by id desc
         limit $3"#,
        person.map(PersonId::uuid),
        guests,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// A page of all complaints: those that are answered, those that are not, or both.
pub(crate) async fn page(
    connection: &mut PgConnection,
    answered: Option<bool>,
    query: PageQuery,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id, person_id as "person: PersonId", about as "about: About", language as "language: Language", words,
             asked_at, due_at, answer, answered_at
         from grievances
         where id < $1 and ($2::bool is null or (answered_at is not null) = $2)
         order by id desc
         limit $3"#,
        query.before(),
        answered,
        query.rows(),
    )
    .fetch_all(connection)
    .await
}

/// Locks a complaint.
pub(crate) async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id, person_id as "person: PersonId", about as "about: About", language as "language: Language", words,
             asked_at, due_at, answer, answered_at
         from grievances
         where id = $1
         for update"#,
        id,
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn set_answer(
    connection: &mut PgConnection,
    id: Uuid,
    answer: &[u8],
    (operator, now): (PersonId, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update grievances set answer = $2, answered_by = $3, answered_at = $4 where id = $1",
        id,
        answer,
        operator.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many nobody answered whose time is over, and how many whose time is over by `soon`.
pub(crate) async fn due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    soon: DateTime<Utc>,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) filter (where due_at <= $1) as "over!", count(*) filter (where due_at > $1) as "soon!"
         from grievances
         where answered_at is null and due_at <= $2"#,
        now,
        soon,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.over, row.soon))
}

/// Up to `limit` complaints after this one that are sealed otherwise than with `newest`, locked, in the order of their ids.
pub(crate) async fn sealed_otherwise(
    connection: &mut PgConnection,
    newest: &[u8],
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"select id, person_id as "person: PersonId", about as "about: About", language as "language: Language", words,
             asked_at, due_at, answer, answered_at
         from grievances
         where id > $1 and (substring(words from 1 for 5) <> $2 or substring(answer from 1 for 5) <> $2)
         order by id
         limit $3
         for update"#,
        after.unwrap_or_default(),
        newest,
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn set_sealed(
    connection: &mut PgConnection,
    id: Uuid,
    words: &[u8],
    answer: Option<&[u8]>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update grievances set words = $2, answer = $3 where id = $1", id, words, answer)
        .execute(connection)
        .await?;
    Ok(())
}

/// The beginnings of what is sealed, and how many have each.
pub(crate) async fn heads_of_sealed(
    connection: &mut PgConnection,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select substring(sealed from 1 for 5) as "head!", count(*) as "count!"
         from (select words as sealed from grievances
               union all select answer from grievances where answer is not null) as all_sealed
         group by 1 order by 1 limit 1000"#,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.head, row.count)).collect())
}
