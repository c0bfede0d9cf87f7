//! Invitations: links that make somebody a member, once.

use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::{CrewId, InvitationId, PersonId, TenantId};

use super::private::{self, phone_index};
use crate::invitation::{Invitation, Sent};
use crate::role::Role;

const PHONE: Column = Column::of("invitations", "phone");

/// The key of an invitation's row.
fn row(tenant: TenantId, id: InvitationId) -> String {
    format!("{tenant}/{id}")
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    fields: &Fields,
    sent: &Sent,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let phone = sent.phone.as_ref();
    sqlx::query!(
        "insert into invitations
             (tenant_id, id, token_hash, role, phone_sealed, phone_index, invited_by, created_at, expires_at, crew_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        sent.tenant.uuid(),
        sent.id.uuid(),
        token_hash.as_slice(),
        sent.role as Role,
        phone.map(|phone| fields.seal(PHONE, row(sent.tenant, sent.id), phone.as_str())),
        phone.map(|phone| phone_index(fields, phone)),
        sent.by.uuid(),
        now,
        sent.expires_at,
        sent.crew.map(CrewId::uuid),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The invitation that a secret opens: neither accepted, revoked nor expired.
pub(crate) async fn by_token(
    connection: &mut PgConnection,
    fields: &Fields,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Sent>, sqlx::Error> {
    let found = sqlx::query!(
        r#"select tenant_id as "tenant: TenantId", id as "id: InvitationId", role as "role: Role",
             phone_sealed as phone, crew_id as "crew: CrewId", invited_by as "by: PersonId", expires_at
         from invitations
         where token_hash = $1 and ended_by is null and expires_at > $2"#,
        token_hash,
        now,
    )
    .fetch_optional(connection)
    .await?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(Sent {
        phone: fields.read(PHONE, row(found.tenant, found.id), found.phone.as_deref())?,
        tenant: found.tenant,
        id: found.id,
        role: found.role,
        crew: found.crew,
        by: found.by,
        expires_at: found.expires_at,
    }))
}

/// The open invitations of a business, newest first.
pub(crate) async fn open(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Invitation>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select invitations.id as "id: InvitationId", role as "role: Role", invitations.phone_sealed as phone,
             people.id as "by: PersonId", people.name_sealed as invited_by, crew_id as "crew: CrewId", expires_at
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
    .await?;
    let mut invitations = Vec::with_capacity(rows.len());
    for found in rows {
        invitations.push(Invitation {
            phone: fields.read(PHONE, row(tenant, found.id), found.phone.as_deref())?,
            invited_by: private::name(fields, found.by, found.invited_by.as_deref())?,
            id: found.id,
            role: found.role,
            crew_id: found.crew,
            expires_at: found.expires_at,
        });
    }
    Ok(invitations)
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
