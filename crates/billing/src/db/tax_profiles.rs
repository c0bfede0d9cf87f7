//! Sellers' tax profiles.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::TenantId;

use crate::TaxProfile;
use crate::tax_profile::{CheckedProfile, Registration};

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<TaxProfile>, sqlx::Error> {
    sqlx::query_as!(
        TaxProfile,
        r#"select registration as "registration: Registration", gstin, legal_name, address, city, pin, state_code
         from tax_profiles
         where tenant_id = $1"#,
        tenant.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn put(
    connection: &mut PgConnection,
    tenant: TenantId,
    profile: &CheckedProfile,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into tax_profiles (tenant_id, registration, gstin, legal_name, address, state_code, city, pin, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id) do update
         set registration = excluded.registration, gstin = excluded.gstin, legal_name = excluded.legal_name,
           address = excluded.address, state_code = excluded.state_code, city = excluded.city, pin = excluded.pin,
           updated_at = excluded.updated_at",
        tenant.uuid(),
        profile.registration as Registration,
        profile.gstin.as_ref().map(crate::Gstin::as_str),
        profile.legal_name,
        profile.address,
        profile.state.code(),
        profile.city,
        profile.pin.map(String::from),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
