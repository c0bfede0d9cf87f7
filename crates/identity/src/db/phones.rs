//! Whose number was shown to be theirs.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::PersonId;
use uuid::Uuid;

use crate::PhoneNumber;

/// Whether a person has shown that their number is theirs; nobody has, at the same cost.
pub(crate) async fn is_verified(
    connection: &mut PgConnection,
    person: Option<PersonId>,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select phone_verified_at is not null and phone is not null as "is_verified!" from people where id = $1"#,
        person.map_or(Uuid::nil(), PersonId::uuid),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.unwrap_or_default())
}

/// Keeps that a person showed the number to be theirs; it may be another than before.
pub(crate) async fn set(
    connection: &mut PgConnection,
    person: PersonId,
    phone: &PhoneNumber,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update people set phone = $2, phone_verified_at = $3, updated_at = $3 where id = $1",
        person.uuid(),
        phone.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
