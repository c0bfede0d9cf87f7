//! Accounts that vendors are paid out to.

use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

use crate::payout::PayoutAccountId;
use crate::payout::account::{Account, AccountKind, Sealed};

pub(super) const HOLDER: Column = Column::of("payout_accounts", "holder");
pub(super) const UPI_ID: Column = Column::of("payout_accounts", "upi_id");

/// The key of an account's row.
pub(super) fn row(tenant: TenantId, id: PayoutAccountId) -> String {
    format!("{tenant}/{}", id.uuid())
}

/// Whose an account is, as the bank knows them; one that was erased is nobody's.
pub(super) fn holder(fields: &Fields, row: &str, sealed: Option<&[u8]>) -> Result<String, sqlx::Error> {
    Ok(fields.read(HOLDER, row, sealed)?.unwrap_or_else(|| "—".to_owned()))
}

struct Row {
    tenant: TenantId,
    id: PayoutAccountId,
    kind: AccountKind,
    holder: Option<Vec<u8>>,
    ifsc: Option<String>,
    number_sealed: Option<Vec<u8>>,
    number_last4: Option<String>,
    upi_id: Option<Vec<u8>>,
    provider: Option<String>,
    provider_account_id: Option<String>,
    payable_from: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn open(self, fields: &Fields) -> Result<Account, sqlx::Error> {
        let row = row(self.tenant, self.id);
        let number = self.number_sealed.zip(self.number_last4);
        Ok(Account {
            tenant: self.tenant,
            id: self.id,
            kind: self.kind,
            holder: holder(fields, &row, self.holder.as_deref())?,
            ifsc: self.ifsc,
            number: number.map(|(sealed, last4)| Sealed { sealed, last4 }),
            upi_id: fields.read(UPI_ID, &row, self.upi_id.as_deref())?,
            at_provider: self.provider.zip(self.provider_account_id),
            payable_from: self.payable_from,
            created_at: self.created_at,
        })
    }
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select tenant_id as "tenant: TenantId", id as "id: PayoutAccountId", kind as "kind: AccountKind",
                 holder_sealed as holder, ifsc, number_sealed, number_last4, upi_id_sealed as upi_id, provider, provider_account_id, payable_from, created_at
             from payout_accounts "# + $tail,
            $($argument),*
        )
    };
}

/// The account that counts.
pub(crate) async fn of_tenant(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and replaced_at is null", tenant.uuid());
    row.fetch_optional(connection).await?.map(|row| row.open(fields)).transpose()
}

/// The accounts that count of several vendors.
pub(crate) async fn of_tenants(
    connection: &mut PgConnection,
    fields: &Fields,
    tenants: &[TenantId],
) -> Result<Vec<Account>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = select!("where tenant_id = any($1) and replaced_at is null", &tenants);
    rows.fetch_all(connection).await?.into_iter().map(|row| row.open(fields)).collect()
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    id: PayoutAccountId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and id = $2", tenant.uuid(), id.uuid());
    row.fetch_optional(connection).await?.map(|row| row.open(fields)).transpose()
}

/// Has the account that counts count no more; tells whether there was one.
pub(crate) async fn replace(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let replaced = sqlx::query!(
        "update payout_accounts set replaced_at = $2 where tenant_id = $1 and replaced_at is null",
        tenant.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(replaced.rows_affected() > 0)
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    fields: &Fields,
    account: &Account,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    let row = row(account.tenant, account.id);
    sqlx::query!(
        "insert into payout_accounts
             (tenant_id, id, kind, holder_sealed, ifsc, number_sealed, number_last4, upi_id_sealed, payable_from, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        account.tenant.uuid(),
        account.id.uuid(),
        account.kind as AccountKind,
        fields.seal(HOLDER, &row, &account.holder),
        account.ifsc,
        account.number.as_ref().map(|number| number.sealed.as_slice()),
        account.number.as_ref().map(|number| number.last4.as_str()),
        account.upi_id.as_ref().map(|upi_id| fields.seal(UPI_ID, &row, upi_id)),
        account.payable_from,
        person.uuid(),
        account.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes what a provider calls an account.
pub(crate) async fn set_at_provider(
    connection: &mut PgConnection,
    account: &Account,
    provider: &str,
    id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payout_accounts set provider = $3, provider_account_id = $4 where tenant_id = $1 and id = $2",
        account.tenant.uuid(),
        account.id.uuid(),
        provider,
        id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Accounts whose number is sealed with another key than the newest, after this one, locked.
pub(crate) async fn sealed_otherwise(
    connection: &mut PgConnection,
    newest: &[u8; 5],
    after: Option<(TenantId, PayoutAccountId)>,
    limit: i64,
) -> Result<Vec<(TenantId, PayoutAccountId, Vec<u8>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant: TenantId", id as "id: PayoutAccountId", number_sealed as "sealed!"
         from payout_accounts
         where number_sealed is not null and substring(number_sealed from 1 for 5) <> $1
             and ($2::uuid is null or (tenant_id, id) > ($2, $3))
         order by tenant_id, id
         limit $4
         for no key update"#,
        newest.as_slice(),
        after.map(|(tenant, _)| tenant.uuid()),
        after.map(|(_, id)| id.uuid()),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.id, row.sealed)).collect())
}

/// The same number, sealed with another key.
pub(crate) async fn set_sealed(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: PayoutAccountId,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payout_accounts set number_sealed = $3 where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        sealed,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The first bytes of the sealed numbers, and how many begin so.
pub(crate) async fn heads_of_sealed(
    connection: &mut PgConnection,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case get_byte(number_sealed, 0) when 1 then '\x01'::bytea else substring(number_sealed from 1 for 5) end
             as "head!", count(*) as "count!"
         from payout_accounts
         where number_sealed is not null
         group by 1
         order by 1
         limit 100"#,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.head, row.count)).collect())
}
