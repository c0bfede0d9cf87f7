//! Invitations: links that make somebody a member, once.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{InvitationId, PersonId, TenantId};

use crate::PhoneNumber;
use crate::invitation::{Invitation, Sent};
use crate::role::Role;

pub(crate) async fn insert(
    connection: &mut PgConnection,
    sent: &Sent,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into invitations (tenant_id, id, token_hash, role, phone, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        sent.tenant.uuid(),
        sent.id.uuid(),
        token_hash.as_slice(),
        sent.role as Role,
        sent.phone.as_ref().map(PhoneNumber::as_str),
        sent.by.uuid(),
        now,
        sent.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The invitation that a secret opens: neither accepted, revoked nor expired.
pub(crate) async fn by_token(
    connection: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Sent>, sqlx::Error> {
    sqlx::query_as!(
        Sent,
        r#"select tenant_id as "tenant: TenantId", id as "id: InvitationId", role as "role: Role",
             phone as "phone: PhoneNumber", invited_by as "by: PersonId", expires_at
         from invitations
         where token_hash = $1 and ended_by is null and expires_at > $2"#,
        token_hash,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// The open invitations of a business, newest first.
pub(crate) async fn open(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Invitation>, sqlx::Error> {
    sqlx::query_as!(
        Invitation,
        r#"select invitations.id as "id: InvitationId", role as "role: Role", invitations.phone as "phone: PhoneNumber",
             people.name as invited_by, expires_at
         from invitations
         join people on people.id = invited_by
         where invitations.tenant_id = $1 and ended_by is null and expires_at > $2
         order by invitations.id desc
         limit $3"#,
        tenant.uuid(),
        now,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// What an open invitation makes of whoever accepts it.
pub(crate) async fn role(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: InvitationId,
) -> Result<Option<Role>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select role as "role: Role" from invitations where tenant_id = $1 and id = $2 and ended_by is null"#,
        tenant.uuid(),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Marks an invitation as accepted; false where it was over.
pub(crate) async fn accept(
    connection: &mut PgConnection,
    sent: &Sent,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let accepted = sqlx::query!(
        "update invitations
         set accepted_at = $4, ended_by = $3
         where tenant_id = $1 and id = $2 and ended_by is null and expires_at > $4",
        sent.tenant.uuid(),
        sent.id.uuid(),
        person.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(accepted.rows_affected() == 1)
}

/// Takes an invitation back; false where it was over.
pub(crate) async fn revoke(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: InvitationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query!(
        "update invitations
         set revoked_at = $4, ended_by = $3
         where tenant_id = $1 and id = $2 and ended_by is null",
        tenant.uuid(),
        id.uuid(),
        person.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(revoked.rows_affected() == 1)
}
