//! Keys by which other programs call.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use serde_json::Value;
use sqlx::PgConnection;
use types::{ApiKeyId, Language, PersonId, SessionId, TenantId};

use super::private::{self, Sealed};
use crate::api_key::signature::{Checked, WITHIN};
use crate::api_key::{ApiKey, Calling};
use crate::caller::{SignedIn, Standing, Trust};
use crate::role::{Permission, Role};
use crate::session::NOTED_EVERY;
use crate::{Person, TimeZone, VendorCaller};

/// Words of the database as rights; one that is no more is none.
fn read(words: &[String]) -> Vec<Permission> {
    let one = |word: &String| serde_json::from_value(Value::String(word.clone())).ok();
    words.iter().filter_map(one).collect()
}

fn write(scopes: &[Permission]) -> Vec<String> {
    let one = |scope: &Permission| serde_json::to_value(scope).ok()?.as_str().map(str::to_owned);
    scopes.iter().filter_map(one).collect()
}

/// The living keys of a business, the newest first.
pub(crate) async fn of(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ApiKey>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select api_keys.id as "id: ApiKeyId", api_keys.name, ends, scopes, public_key is not null as "signs!",
             people.id as "maker: PersonId", people.name_sealed as made_by, made_at, expires_at, used_at
         from api_keys
         join people on people.id = person_id
         where api_keys.tenant_id = $1 and expires_at > $2
         order by api_keys.id desc
         limit $3"#,
        tenant.uuid(),
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        keys.push(ApiKey {
            id: row.id,
            name: row.name,
            ends: row.ends,
            scopes: read(&row.scopes),
            signs: row.signs,
            made_by: private::name(fields, row.maker, row.made_by.as_deref())?,
            made_at: row.made_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        });
    }
    Ok(keys)
}

/// Keeps a new key.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    vendor: VendorCaller,
    key: &ApiKey,
    token_hash: &[u8; 32],
    public_key: Option<&[u8; 32]>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into api_keys
             (tenant_id, id, person_id, name, token_hash, ends, scopes, public_key, made_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vendor.tenant.uuid(),
        key.id.uuid(),
        vendor.person.uuid(),
        key.name,
        token_hash.as_slice(),
        key.ends,
        &write(&key.scopes),
        public_key.map(<[u8; 32]>::as_slice),
        key.made_at,
        key.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a key where it is this business's; whether it was.
pub(crate) async fn end(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: ApiKeyId,
) -> Result<bool, sqlx::Error> {
    let ended =
        sqlx::query!("delete from api_keys where tenant_id = $1 and id = $2", tenant.uuid(), id.uuid())
            .execute(connection)
            .await?;
    Ok(ended.rows_affected() > 0)
}

/// The key is used.
async fn note(connection: &mut PgConnection, key: ApiKeyId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update api_keys set used_at = $2 where id = $1 and (used_at is null or used_at < $2)",
        key.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the key that a token is, with its maker as a member of its business: one statement, and once a minute another, which notes that
/// the key is used.
pub(crate) async fn recognise(
    connection: &mut PgConnection,
    fields: &Fields,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(SignedIn, Standing, Trust, Calling)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select api_keys.id as "id: ApiKeyId", scopes, public_key, people.id as "person: PersonId", people.name_sealed as person_name,
             phone_sealed as phone, email_sealed as email, language as "language: Language", time_zone as "time_zone: TimeZone",
             api_keys.tenant_id as "tenant: TenantId",
             members.role as "role: Role", used_at is null or used_at <= $3 as "is_to_be_noted!",
             tenants.second_factor_required and second_factors.confirmed_at is null
                 and not exists (select from passkeys where passkeys.person_id = people.id) as "lacks_factor!"
         from api_keys
         join people on people.id = api_keys.person_id
         join members on members.tenant_id = api_keys.tenant_id and members.person_id = people.id
         join tenants on tenants.id = api_keys.tenant_id
         left join second_factors on second_factors.person_id = people.id
         where token_hash = $1 and expires_at > $2 and people.locked_at is null"#,
        token_hash.as_slice(),
        now,
        now - NOTED_EVERY,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.is_to_be_noted {
        note(connection, row.id, now).await?;
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
        tenant: Some(row.tenant),
        operator: false,
    };
    let standing = Standing { role: Some(row.role), operator: None };
    let trust = Trust { is_fresh: false, lacks_factor: row.lacks_factor };
    let key = Calling {
        id: row.id,
        scopes: read(&row.scopes),
        public_key: row.public_key.and_then(|key| key.try_into().ok()),
        signed: false,
    };
    // No session: what outlives the call finds none under this id.
    let session = SessionId::from_uuid(row.id.uuid());
    Ok(Some((SignedIn { session, person }, standing, trust, key)))
}

/// Keeps what was in a signed request; whether it was there for the first time.
pub(crate) async fn spend_nonce(
    connection: &mut PgConnection,
    key: ApiKeyId,
    checked: &Checked,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query!(
        "insert into api_key_nonces (key_id, nonce, expires_at) values ($1, $2, $3) on conflict do nothing",
        key.uuid(),
        checked.nonce,
        checked.created + WITHIN,
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Deletes up to `limit` nonces whose requests are too old by now; gives their number.
pub(crate) async fn purge_nonces(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from api_key_nonces
         where (key_id, nonce) in (
             select key_id, nonce from api_key_nonces
             where expires_at < $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}

/// Deletes up to `limit` keys that work no more since a while; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from api_keys
         where (tenant_id, id) in (
             select tenant_id, id from api_keys
             where expires_at < $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
