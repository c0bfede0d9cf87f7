//! Complaints.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{GuestId, Language, PersonId};
use uuid::Uuid;

use crate::export::Whose;
use crate::grievance::About;

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

/// A complaint; the arguments are those of the tail.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id, person_id as "person: PersonId", about as "about: About", language as "language: Language",
             words_sealed as words, asked_at, due_at, answer_sealed as answer, answered_at
         from grievances
         "# + $tail,
            $($argument),*
        )
    };
}

fn guests(whose: &Whose) -> Vec<Uuid> {
    whose.guests().into_iter().map(GuestId::uuid).collect()
}

/// Keeps a complaint; false where another has its sender's id.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    row: &Row,
    whose: &Whose,
    client_id: Uuid,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into grievances (id, person_id, guest_ids, client_id, about, language, words_sealed, asked_at, due_at)
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
    select!(
        "where client_id = $3 and (person_id = $1 or guest_ids && $2)",
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
    select!(
        "where person_id = $1 or guest_ids && $2
         order by id desc
         limit $3",
        whose.person_id().map(PersonId::uuid),
        &guests(whose),
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
    select!(
        "where id < $1 and ($2::bool is null or (answered_at is not null) = $2)
         order by id desc
         limit $3",
        query.before(),
        answered,
        query.rows(),
    )
    .fetch_all(connection)
    .await
}

/// Locks a complaint.
pub(crate) async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<Option<Row>, sqlx::Error> {
    select!(
        "where id = $1
         for update",
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
        "update grievances set answer_sealed = $2, answered_by = $3, answered_at = $4 where id = $1",
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
