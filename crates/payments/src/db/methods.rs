//! Cards and mandates that gateways keep, and who vendors are there.

use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::{Money, PaymentMethodId, TenantId};

use crate::gateway::Method;
use crate::method::{METHODS_MAX, MethodKind, MethodState, PaymentMethod};

/// The most that is known of one vendor at one gateway.
const KNOWN_MAX: i64 = 1_000;

const UPI_ID: Column = Column::of("payment_methods", "upi_id");

/// The key of a row.
fn row(tenant: TenantId, id: PaymentMethodId) -> String {
    format!("{tenant}/{id}")
}

/// A card or a mandate as a row.
struct Row {
    tenant: TenantId,
    id: PaymentMethodId,
    gateway: String,
    kind: MethodKind,
    state: MethodState,
    brand: String,
    last4: Option<String>,
    expires_month: Option<i16>,
    expires_year: Option<i16>,
    upi_id: Option<Vec<u8>>,
    max_minor: Option<i64>,
    is_default: bool,
    created_at: DateTime<Utc>,
    at_gateway: String,
}

impl Row {
    fn open(self, fields: &Fields) -> Result<PaymentMethod, sqlx::Error> {
        let upi_id = fields.read(UPI_ID, row(self.tenant, self.id), self.upi_id.as_deref())?;
        let row = self;
        Ok(PaymentMethod {
            id: row.id,
            gateway: row.gateway,
            kind: row.kind,
            state: row.state,
            brand: row.brand,
            last4: row.last4,
            expires_month: row.expires_month,
            expires_year: row.expires_year,
            upi_id,
            most: row.max_minor.map(Money::inr),
            is_default: row.is_default,
            created_at: row.created_at,
            at_gateway: row.at_gateway,
        })
    }
}

/// What is known of what a gateway keeps, whether it is kept still or was.
#[derive(Debug)]
pub(crate) struct Known {
    pub id: PaymentMethodId,
    pub at_gateway: String,
    pub state: MethodState,
    pub is_kept: bool,
    pub created_at: DateTime<Utc>,
}

/// `select` of [`Row`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select tenant_id as "tenant: TenantId", id as "id: PaymentMethodId", gateway, kind as "kind: MethodKind", state as "state: MethodState", brand, last4,
                 expires_month, expires_year, upi_id_sealed as upi_id, max_minor, is_default, created_at, gateway_method_id as at_gateway
             from payment_methods "# + $tail,
            $($argument),*
        )
    };
}

/// The cards that are kept for a vendor, the one that is used first at the top, then the newest.
pub(crate) async fn list(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
) -> Result<Vec<PaymentMethod>, sqlx::Error> {
    select!(
        "where tenant_id = $1 and removed_at is null
         order by is_default desc, id desc
         limit $2",
        tenant.uuid(),
        METHODS_MAX
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| row.open(fields))
    .collect()
}

/// What is known of what a gateway keeps for a vendor, locked with who they are there: lists are taken in one after the other.
pub(crate) async fn lock_known(
    connection: &mut PgConnection,
    tenant: TenantId,
    gateway: &str,
    asked_at: DateTime<Utc>,
) -> Result<Vec<Known>, sqlx::Error> {
    sqlx::query!(
        "update gateway_customers set looked_at = $3 where tenant_id = $1 and gateway = $2",
        tenant.uuid(),
        gateway,
        asked_at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_as!(
        Known,
        r#"select id as "id: PaymentMethodId", gateway_method_id as at_gateway, state as "state: MethodState",
             removed_at is null as "is_kept!", created_at
         from payment_methods
         where tenant_id = $1 and gateway = $2
         order by id desc
         limit $3"#,
        tenant.uuid(),
        gateway,
        KNOWN_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Whose it is that a gateway keeps.
pub(crate) async fn owner(
    connection: &mut PgConnection,
    gateway: &str,
    at_gateway: &str,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select tenant_id as "tenant: TenantId" from payment_methods where gateway = $1 and gateway_method_id = $2 limit 1"#,
        gateway,
        at_gateway,
    )
    .fetch_optional(connection)
    .await
}

/// Which vendor somebody is at a gateway.
pub(crate) async fn tenant_of(
    connection: &mut PgConnection,
    gateway: &str,
    customer: &str,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select tenant_id as "tenant: TenantId" from gateway_customers where gateway = $1 and gateway_customer_id = $2 limit 1"#,
        gateway,
        customer,
    )
    .fetch_optional(connection)
    .await
}

/// Vendors whose gateways were not asked since `before` what they keep, the longest ago first; they count as asked from now on.
pub(crate) async fn to_look_at(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TenantId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"update gateway_customers c
         set looked_at = $2
         from (
             select tenant_id, gateway from gateway_customers
             where coalesce(looked_at, created_at) < $1
             order by coalesce(looked_at, created_at)
             limit $3
             for update skip locked
         ) stale
         where c.tenant_id = stale.tenant_id and c.gateway = stale.gateway
         returning c.tenant_id as "tenant: TenantId", c.gateway"#,
        before,
        now,
        limit,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.tenant, row.gateway)).collect())
}

/// Notes whether it can be charged now.
pub(crate) async fn set_state(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
    state: MethodState,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_methods set state = $3 where tenant_id = $1 and id = $2",
        tenant.uuid(),
        method.uuid(),
        state as MethodState,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A card that is kept.
pub(crate) async fn find(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    method: PaymentMethodId,
) -> Result<Option<PaymentMethod>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2 and removed_at is null", tenant.uuid(), method.uuid())
        .fetch_optional(connection)
        .await?
        .map(|row| row.open(fields))
        .transpose()
}

/// A card that is kept no longer.
pub(crate) async fn find_removed(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    method: PaymentMethodId,
) -> Result<Option<PaymentMethod>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2 and removed_at is not null", tenant.uuid(), method.uuid())
        .fetch_optional(connection)
        .await?
        .map(|row| row.open(fields))
        .transpose()
}

/// Keeps a card or a mandate; false where it is kept already, or was.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    id: PaymentMethodId,
    (gateway, method, state): (&str, &Method, MethodState),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into payment_methods
             (tenant_id, id, gateway, gateway_method_id, fingerprint, kind, state, brand, last4, expires_month, expires_year,
              upi_id_sealed, max_minor, is_default, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, false, $14)
         on conflict do nothing",
        tenant.uuid(),
        id.uuid(),
        gateway,
        method.id,
        method.fingerprint,
        method.kind as MethodKind,
        state as MethodState,
        method.brand,
        method.last4,
        method.expires.map(|(month, _)| month),
        method.expires.map(|(_, year)| year),
        method.upi_id.as_ref().map(|upi_id| fields.seal(UPI_ID, row(tenant, id), upi_id)),
        method.max_minor,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Has a card used first.
pub(crate) async fn set_default(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_methods set is_default = false where tenant_id = $1 and is_default and id <> $2",
        tenant.uuid(),
        method.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update payment_methods set is_default = true where tenant_id = $1 and id = $2 and removed_at is null",
        tenant.uuid(),
        method.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has the newest card used first where none is.
pub(crate) async fn choose_default(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_methods
         set is_default = true
         where tenant_id = $1
             and id = (
                 select id from payment_methods
                 where tenant_id = $1 and removed_at is null
                 order by id desc
                 limit 1
             )
             and not exists (select from payment_methods where tenant_id = $1 and is_default)",
        tenant.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a card no longer; false where it is not kept.
pub(crate) async fn remove(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!(
        "update payment_methods
         set removed_at = $3, is_default = false
         where tenant_id = $1 and id = $2 and removed_at is null",
        tenant.uuid(),
        method.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(removed.rows_affected() == 1)
}

/// Who a vendor is at a gateway.
pub(crate) async fn customer(
    connection: &mut PgConnection,
    tenant: TenantId,
    gateway: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select gateway_customer_id from gateway_customers where tenant_id = $1 and gateway = $2",
        tenant.uuid(),
        gateway,
    )
    .fetch_optional(connection)
    .await
}

/// Keeps who a vendor is at a gateway; who they are already, they stay.
pub(crate) async fn insert_customer(
    connection: &mut PgConnection,
    tenant: TenantId,
    (gateway, customer): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into gateway_customers (tenant_id, gateway, gateway_customer_id, created_at)
         values ($1, $2, $3, $4)
         on conflict do nothing",
        tenant.uuid(),
        gateway,
        customer,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
