//! Payouts.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Money, TenantId};
use uuid::Uuid;

use super::accounts::{self, UPI_ID};
use crate::payout::account::AccountKind;
use crate::payout::{
    OperatorPayout, Payout, PayoutAccountId, PayoutId, PayoutRunId, PayoutState, VendorPayout,
};

/// `select` of [`Payout`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Payout,
            r#"select tenant_id as "tenant: TenantId", id as "id: PayoutId", run_id as "run: PayoutRunId",
                 account_id as "account: PayoutAccountId", amount_minor, state as "state: PayoutState", provider, sent_at,
                 provider_payout_id as at_provider, utr, fee_minor, fee_tax_minor
             from payouts "# + $tail,
            $($argument),*
        )
    };
}

/// Stores a payout; false where one of the vendor's is under way, or the vendor has one in that run, or the failed one was made
/// good before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    payout: &Payout,
    retries: Option<PayoutId>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into payouts
             (tenant_id, id, run_id, account_id, retries_id, amount_minor, state, provider, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         on conflict do nothing",
        payout.tenant.uuid(),
        payout.id.uuid(),
        payout.run.uuid(),
        payout.account.uuid(),
        retries.map(PayoutId::uuid),
        payout.amount_minor,
        payout.state as PayoutState,
        payout.provider,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: PayoutId,
) -> Result<Option<Payout>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2", tenant.uuid(), id.uuid()).fetch_optional(connection).await
}

pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: PayoutId,
) -> Result<Option<Payout>, sqlx::Error> {
    select!(
        "where tenant_id = $1 and id = $2
         for update",
        tenant.uuid(),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// The payout that a provider knows under this id.
pub(crate) async fn of_provider(
    connection: &mut PgConnection,
    provider: &str,
    provider_payout: &str,
) -> Result<Option<Payout>, sqlx::Error> {
    select!("where provider = $1 and provider_payout_id = $2", provider, provider_payout)
        .fetch_optional(connection)
        .await
}

/// Whose payout it is: the operator names it by its id alone.
pub(crate) async fn tenant_of(
    connection: &mut PgConnection,
    id: PayoutId,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select tenant_id as "tenant: TenantId" from payouts where id = $1"#, id.uuid())
        .fetch_optional(connection)
        .await
}

/// Those of several vendors who have a payout under way.
pub(crate) async fn under_way(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<TenantId>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_scalar!(
        r#"select tenant_id as "tenant: TenantId"
         from payouts
         where tenant_id = any($1) and state in ('asked', 'pending')"#,
        &tenants,
    )
    .fetch_all(connection)
    .await
}

/// Writes where a payout stands.
pub(crate) async fn update(
    connection: &mut PgConnection,
    payout: &Payout,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payouts
         set state = $3, provider_payout_id = $4, utr = $5, note = $6, updated_at = $7, fee_minor = $8, fee_tax_minor = $9
         where tenant_id = $1 and id = $2",
        payout.tenant.uuid(),
        payout.id.uuid(),
        payout.state as PayoutState,
        payout.at_provider,
        payout.utr,
        note,
        now,
        payout.fee_minor,
        payout.fee_tax_minor,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a payout may exist at its provider from now on; false where it is asked for no more.
pub(crate) async fn set_sent(
    connection: &mut PgConnection,
    payout: &Payout,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let sent = sqlx::query!(
        "update payouts
         set sent_at = coalesce(sent_at, $3), updated_at = $3
         where tenant_id = $1 and id = $2 and state = 'asked'",
        payout.tenant.uuid(),
        payout.id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(sent.rows_affected() == 1)
}

/// Writes beside a payout what an operator did to it, and why.
pub(crate) async fn note_act(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: PayoutId,
    audit: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payouts
         set audit = concat_ws('; ', audit, $3::text)
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        audit,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of a vendor's payouts, newest first.
pub(crate) async fn of_vendor(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<VendorPayout>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id as "id: PayoutId", p.amount_minor, p.state as "state: PayoutState", a.number_last4,
             a.id as "account: PayoutAccountId", a.upi_id_sealed as upi_id, p.utr, p.created_at, p.updated_at
         from payouts p
         join payout_accounts a on a.tenant_id = p.tenant_id and a.id = p.account_id
         where p.tenant_id = $1 and p.id < $2
         order by p.id desc
         limit $3"#,
        tenant.uuid(),
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    let mut payouts = Vec::with_capacity(rows.len());
    for row in rows {
        let account = accounts::row(tenant, row.account);
        payouts.push(VendorPayout {
            id: row.id,
            amount: Money::inr(row.amount_minor),
            state: row.state,
            account_last4: row.number_last4,
            upi_id: fields.read(UPI_ID, account, row.upi_id.as_deref())?,
            utr: row.utr,
            asked_at: row.created_at,
            changed_at: row.updated_at,
        });
    }
    Ok(payouts)
}

struct OperatorRow {
    id: PayoutId,
    run: PayoutRunId,
    tenant: TenantId,
    stall_name: Option<String>,
    account: PayoutAccountId,
    holder: Option<Vec<u8>>,
    amount_minor: i64,
    fee_minor: i64,
    state: PayoutState,
    provider: Option<String>,
    kind: AccountKind,
    number_last4: Option<String>,
    upi_id: Option<Vec<u8>>,
    utr: Option<String>,
    note: Option<String>,
    retried: bool,
    created_at: DateTime<Utc>,
}

impl OperatorRow {
    fn open(self, fields: &Fields) -> Result<OperatorPayout, sqlx::Error> {
        let account = accounts::row(self.tenant, self.account);
        let row = self;
        Ok(OperatorPayout {
            id: row.id,
            run: row.run,
            tenant: row.tenant,
            stall_name: row.stall_name,
            holder: accounts::holder(fields, &account, row.holder.as_deref())?,
            amount: Money::inr(row.amount_minor),
            fee: (row.fee_minor > 0).then(|| Money::inr(row.fee_minor)),
            state: row.state,
            by_hand: row.provider.is_none(),
            account_kind: row.kind,
            account_last4: row.number_last4,
            upi_id: fields.read(UPI_ID, &account, row.upi_id.as_deref())?,
            utr: row.utr,
            note: row.note,
            retried: row.retried,
            created_at: row.created_at,
        })
    }
}

/// `select` of [`OperatorRow`]s; what follows the joins is the caller's.
macro_rules! select_for_operator {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            OperatorRow,
            r#"select p.id as "id: PayoutId", p.run_id as "run: PayoutRunId", p.tenant_id as "tenant: TenantId",
                 (select i.stall_name from payment_intents i
                  where i.tenant_id = p.tenant_id and i.stall_name is not null
                  order by i.id desc limit 1) as stall_name,
                 a.id as "account: PayoutAccountId", a.holder_sealed as holder, p.amount_minor, p.fee_minor, p.state as "state: PayoutState", p.provider, a.kind as "kind: AccountKind",
                 a.number_last4, a.upi_id_sealed as upi_id, p.utr, nullif(concat_ws('; ', p.note, p.audit), '') as note,
                 exists (select from payouts r where r.tenant_id = p.tenant_id and r.retries_id = p.id) as "retried!",
                 p.created_at
             from payouts p
             join payout_accounts a on a.tenant_id = p.tenant_id and a.id = p.account_id "# + $tail,
            $($argument),*
        )
    };
}

/// A page of every vendor's payouts, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    fields: &Fields,
    state: Option<PayoutState>,
    query: PageQuery,
) -> Result<Vec<OperatorPayout>, sqlx::Error> {
    let rows = select_for_operator!(
        "where p.id < $1 and ($2::text is null or p.state = $2)
         order by p.id desc
         limit $3",
        query.before(),
        state.map(PayoutState::as_str),
        query.rows(),
    );
    rows.fetch_all(connection).await?.into_iter().map(|row| row.open(fields)).collect()
}

/// A payout as the operator sees it.
pub(crate) async fn shown(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    id: PayoutId,
) -> Result<OperatorPayout, sqlx::Error> {
    let row = select_for_operator!("where p.tenant_id = $1 and p.id = $2", tenant.uuid(), id.uuid());
    row.fetch_one(connection).await?.open(fields)
}

/// The payouts of a run that are to be made by hand, oldest first.
pub(crate) async fn to_make_by_hand(
    connection: &mut PgConnection,
    run: PayoutRunId,
    limit: i64,
) -> Result<Vec<Payout>, sqlx::Error> {
    select!(
        "where run_id = $1 and provider is null and state = 'asked'
         order by id
         limit $2",
        run.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}
