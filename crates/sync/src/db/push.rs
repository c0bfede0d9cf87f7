//! Push subscriptions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

use crate::push::Receiver;

/// Subscriptions a vendor has at most; with one more the oldest goes.
pub(crate) const PER_VENDOR_MAX: i64 = 10;

/// Keeps a subscription. One that another vendor made on the same phone is taken over: the phone shows one vendor's news.
pub(crate) async fn subscribe(
    connection: &mut PgConnection,
    (tenant, person): (TenantId, PersonId),
    id: Uuid,
    receiver: &Receiver,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from push_subscriptions where endpoint = $1 and tenant_id <> $2",
        receiver.endpoint.as_str(),
        tenant.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into push_subscriptions (tenant_id, id, person_id, endpoint, p256dh, auth, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, endpoint) do update
         set person_id = excluded.person_id, p256dh = excluded.p256dh, auth = excluded.auth,
             created_at = excluded.created_at",
        tenant.uuid(),
        id,
        person.uuid(),
        receiver.endpoint.as_str(),
        receiver.p256dh.as_slice(),
        receiver.auth.as_slice(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from push_subscriptions
         where tenant_id = $1 and id in (
             select id from push_subscriptions
             where tenant_id = $1
             order by created_at desc, id desc
             offset $2
             limit 100
         )",
        tenant.uuid(),
        PER_VENDOR_MAX,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn unsubscribe(
    connection: &mut PgConnection,
    tenant: TenantId,
    endpoint: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from push_subscriptions where tenant_id = $1 and endpoint = $2",
        tenant.uuid(),
        endpoint,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The ids of a vendor's subscriptions.
pub(crate) async fn of_vendor(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select id
         from push_subscriptions
         where tenant_id = $1
         order by created_at desc, id desc
         limit $2",
        tenant.uuid(),
        PER_VENDOR_MAX,
    )
    .fetch_all(connection)
    .await
}

/// The ids of the subscriptions of these of a vendor's people.
pub(crate) async fn of_people(
    connection: &mut PgConnection,
    tenant: TenantId,
    people: &[PersonId],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    sqlx::query_scalar!(
        "select id
         from push_subscriptions
         where tenant_id = $1 and person_id = any($2)
         order by created_at desc, id desc
         limit $3",
        tenant.uuid(),
        &people,
        PER_VENDOR_MAX,
    )
    .fetch_all(connection)
    .await
}

/// A subscription as it is stored.
pub(crate) struct Subscription {
    pub person: Option<PersonId>,
    pub endpoint: String,
    pub p256dh: Vec<u8>,
    pub auth: Vec<u8>,
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<Subscription>, sqlx::Error> {
    sqlx::query_as!(
        Subscription,
        r#"select person_id as "person: PersonId", endpoint, p256dh, auth
         from push_subscriptions
         where tenant_id = $1 and id = $2"#,
        tenant.uuid(),
        id,
    )
    .fetch_optional(connection)
    .await
}

/// Forgets a subscription that its push service no longer knows.
pub(crate) async fn forget(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from push_subscriptions where tenant_id = $1 and id = $2", tenant.uuid(), id)
        .execute(connection)
        .await?;
    Ok(())
}
