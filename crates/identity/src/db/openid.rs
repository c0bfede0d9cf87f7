//! Accounts elsewhere, and sign-ins that are under way there.

use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::{OutsideAccountId, PersonId};

use crate::openid::{Begun, Binding, OutsideRow, Outsider};

const SHOWN_AS: Column = Column::of("outside_accounts", "shown_as");
const WAITING_AS: Column = Column::of("openid_sign_ins", "shown_as");

/// Keeps what a sign-in is bound to.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    begun: &Begun,
    ends_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let Binding { nonce, verifier, redirect, .. } = &begun.binding;
    sqlx::query!(
        "insert into openid_sign_ins (token_hash, issuer_name, nonce, verifier, redirect, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        token_hash.as_slice(),
        begun.issuer,
        nonce,
        verifier,
        redirect,
        ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a sign-in that is under way: it is not redeemed again.
pub(crate) async fn take(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Begun>, sqlx::Error> {
    let row = sqlx::query!(
        "delete from openid_sign_ins
         where token_hash = $1 and subject is null and expires_at > $2
         returning issuer_name, nonce, verifier, redirect",
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Begun {
        issuer: row.issuer_name,
        binding: Binding {
            state: String::new(),
            nonce: row.nonce,
            verifier: row.verifier,
            redirect: row.redirect,
        },
    }))
}

/// Keeps who came back, for whoever links it.
pub(crate) async fn wait(
    connection: &mut PgConnection,
    fields: &Fields,
    token_hash: &[u8; 32],
    subject: &Outsider,
    ends_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into openid_sign_ins
             (token_hash, issuer_name, nonce, verifier, redirect, issuer, subject, shown_as_sealed, expires_at)
         values ($1, '', '', '', '', $2, $3, $4, $5)",
        token_hash.as_slice(),
        subject.issuer,
        subject.subject,
        fields.seal(WAITING_AS, row(token_hash), &subject.shown_as),
        ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The key of a sign-in's row, as the database writes it.
fn row(token_hash: &[u8; 32]) -> String {
    format!("\\x{}", hex::encode(token_hash))
}

/// Who came back and waits to be linked.
pub(crate) async fn waiting(
    connection: &mut PgConnection,
    fields: &Fields,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Outsider>, sqlx::Error> {
    let found = sqlx::query!(
        r#"select issuer as "issuer!", subject as "subject!", shown_as_sealed as shown_as
         from openid_sign_ins
         where token_hash = $1 and subject is not null and expires_at > $2"#,
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let shown_as = fields.read(WAITING_AS, row(token_hash), found.shown_as.as_deref())?;
    Ok(Some(Outsider {
        issuer: found.issuer,
        subject: found.subject,
        shown_as: shown_as.unwrap_or_default(),
    }))
}

pub(crate) async fn forget(connection: &mut PgConnection, token_hash: &[u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from openid_sign_ins where token_hash = $1", token_hash.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose account elsewhere this is; its use is noted.
pub(crate) async fn owner(
    connection: &mut PgConnection,
    subject: &Outsider,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update outside_accounts
         set used_at = $3
         where issuer = $1 and subject = $2
         returning person_id as "person: PersonId""#,
        subject.issuer,
        subject.subject,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// A person's accounts elsewhere, the newest first.
pub(crate) async fn of(
    connection: &mut PgConnection,
    fields: &Fields,
    person: PersonId,
    limit: i64,
) -> Result<Vec<OutsideRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: OutsideAccountId", issuer, shown_as_sealed as shown_as, linked_at, used_at
         from outside_accounts
         where person_id = $1
         order by id desc
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let mut linked = Vec::with_capacity(rows.len());
    for found in rows {
        let shown_as = fields.read(SHOWN_AS, found.id, found.shown_as.as_deref())?;
        linked.push(OutsideRow {
            id: found.id,
            issuer: found.issuer,
            shown_as: shown_as.unwrap_or_default(),
            linked_at: found.linked_at,
            used_at: found.used_at,
        });
    }
    Ok(linked)
}

/// Links an account elsewhere; not one that is linked already, whoever's it is.
pub(crate) async fn link(
    connection: &mut PgConnection,
    fields: &Fields,
    id: OutsideAccountId,
    person: PersonId,
    subject: &Outsider,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let linked = sqlx::query!(
        "insert into outside_accounts (id, person_id, issuer, subject, shown_as_sealed, linked_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint outside_accounts_once do nothing",
        id.uuid(),
        person.uuid(),
        subject.issuer,
        subject.subject,
        fields.seal(SHOWN_AS, id, &subject.shown_as),
        now,
    )
    .execute(connection)
    .await?;
    Ok(linked.rows_affected() > 0)
}

/// Unlinks an account elsewhere where it is this person's; whether it was.
pub(crate) async fn unlink(
    connection: &mut PgConnection,
    person: PersonId,
    id: OutsideAccountId,
) -> Result<bool, sqlx::Error> {
    let unlinked = sqlx::query!(
        "delete from outside_accounts where id = $2 and person_id = $1",
        person.uuid(),
        id.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(unlinked.rows_affected() > 0)
}

/// Deletes up to `limit` sign-ins that are over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from openid_sign_ins
         where token_hash in (
             select token_hash from openid_sign_ins
             where expires_at <= $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
