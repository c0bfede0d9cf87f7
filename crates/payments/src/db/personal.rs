//! Whose rows are in this context's tables.

use platform::personal::{Fate, SealedColumn, Subject, Table, VISIT};
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

const BOOKS: Fate = Fate::Stays("what was paid belongs to the books; it names a business by its id alone");

const TENANT: &[(&str, &str)] = &[("tenant_id", "uuid")];
const TENANT_AND_ID: &[(&str, &str)] = &[("tenant_id", "uuid"), ("id", "uuid")];

/// Every table, in the order in which rows can go.
pub(crate) const TABLES: &[Table] = &[
    Table::new("payment_profiles", "How you are paid.")
        .business(Fate::Goes)
        .sealed(TENANT, &[SealedColumn::new("upi_id")]),
    Table::new("payment_methods", "Cards and UPI mandates that the platform may charge.")
        .business(Fate::Goes)
        .sealed(TENANT_AND_ID, &[SealedColumn::new("upi_id")])
        .without(&["gateway_method_id", "fingerprint"], "a gateway's own key to a card"),
    Table::new("keeping_pages", "Pages of a gateway on which a card was kept.")
        .business(Fate::Goes)
        .without(&["page_url"], "a gateway's page, which is over"),
    Table::new("gateway_customers", "What a gateway calls you.").business(Fate::Goes),
    Table::new("gateway_qr_codes", "Codes that were shown to be paid.").business(Fate::Goes),
    Table::new("gateway_orders", "What a gateway calls an amount that was asked for.")
        .business(BOOKS)
        .without(&["page_url"], "a gateway's page, which is over"),
    Table::new("dispute_files", "What was sent to a payer's bank.")
        .business(Fate::Goes)
        .guest(
            "(tenant_id, dispute_id) in (
                 select disputes.tenant_id, disputes.id
                 from disputes
                 join payment_intents using (tenant_id, order_id)
                 where (tenant_id, visit_id) in (select * from unnest($3::uuid[], $4::uuid[]))
             )",
            Fate::Goes,
        )
        .without(&["content"], "the files themselves are beside, in the stall's own export"),
    Table::new("disputes", "Payments that a payer's bank disputed.").business(BOOKS).says_who(),
    Table::new("payment_intents", "Amounts that were asked for.")
        .business(Fate::Set("stall_name = '—', payee = case when payee is not null then '—' end"))
        .guest(VISIT, BOOKS)
        .without(&["payee", "keep_method", "method_id"], "of the platform's own asking, not of a sale"),
    Table::new("payments", "Payments.").business(BOOKS),
    Table::new("refunds", "Money that went back.").business(BOOKS),
    Table::new("payout_accounts", "Where you are paid out to.")
        .business(Fate::Set(
            "kind = 'upi', holder = null, holder_sealed = null, upi_id = null, upi_id_sealed = null, ifsc = null,
             number_sealed = null, number_last4 = null, provider = null, provider_account_id = null, replaced_at = coalesce(replaced_at, created_at)",
        ))
        .says_who()
        .sealed(TENANT_AND_ID, &[SealedColumn::new("holder"), SealedColumn::new("upi_id")])
        .without(&["number_sealed"], "the account's number is sealed; its last digits are here"),
    Table::new("payout_terms", "How long your money is held back.").business(BOOKS).says_who(),
    Table::new("payouts", "What was paid out.").business(BOOKS),
    Table::new("settlement_lines", "What gateways say of your payments.").business(BOOKS),
    Table::new("reconciliation_exceptions", "Where a gateway and the books differed.").business(BOOKS),
    Table::new("commission_rules", "What the platform keeps of your sales.")
        .business(BOOKS)
        .says_who()
        .without(&["content_hash"], "tells a retry from another rule and nothing else"),
    Table::new("payout_runs", "Days on which everybody was paid out.").says_who(),
    Table::new("reconciliation_runs", "Days that were compared with gateways.").says_who(),
    Table::new("settlement_files", "Files of gateways that an operator brought.").says_who(),
    Table::new("bank_statements", "Files of the platform's bank that an operator brought.").says_who(),
    Table::new("bank_lines", "What the platform's bank says of settlements and payouts."),
    Table::new("tcs_rates", "What is collected as tax at source.").says_who(),
    Table::new("tcs_payments", "Tax at source that was paid to the state.").says_who(),
    // Their bodies may name payers; they go when they are old.
    Table::new("webhook_events", "Messages of gateways.")
        .sealed(&[("id", "uuid")], &[SealedColumn::new("body").of_bytes()]),
];

/// What is still to be settled between the platform and these businesses.
pub(crate) struct Unsettled {
    pub disputes: bool,
    pub refunds: bool,
    pub payouts: bool,
}

pub(crate) async fn unsettled(
    connection: &mut PgConnection,
    subject: &Subject,
) -> Result<Unsettled, sqlx::Error> {
    let businesses: Vec<Uuid> = subject.businesses.iter().map(|tenant| tenant.uuid()).collect();
    let (stalls, visits): (Vec<Uuid>, Vec<Uuid>) =
        subject.visits.iter().map(|(tenant, visit, _)| (tenant.uuid(), visit.uuid())).unzip();
    sqlx::query_as!(
        Unsettled,
        r#"with bought as (
             select tenant_id, order_id
             from payment_intents
             where (tenant_id, visit_id) in (select * from unnest($2::uuid[], $3::uuid[]))
         )
         select
             exists (
                 select 1 from disputes
                 where state in ('open', 'evidence_sent', 'under_review')
                     and (tenant_id = any($1) or (tenant_id, order_id) in (select * from bought))
             ) as "disputes!",
             exists (
                 select 1
                 from refunds
                 join payments on payments.tenant_id = refunds.tenant_id and payments.id = refunds.payment_id
                 where refunds.state in ('asked', 'pending')
                     and (
                         refunds.tenant_id = any($1)
                         or (payments.tenant_id, payments.order_id) in (select * from bought)
                     )
             ) as "refunds!",
             exists (select 1 from payouts where state in ('asked', 'pending') and tenant_id = any($1)) as "payouts!""#,
        &businesses,
        &stalls,
        &visits,
    )
    .fetch_one(connection)
    .await
}

/// A file that went to a payer's bank.
pub(crate) struct File {
    pub tenant: TenantId,
    pub dispute: Uuid,
    pub place: i16,
    pub name: String,
    pub content: Vec<u8>,
}

/// The files of the businesses' disputes, newest dispute first, at most `limit`.
pub(crate) async fn files(
    connection: &mut PgConnection,
    subject: &Subject,
    limit: i64,
) -> Result<Vec<File>, sqlx::Error> {
    let businesses: Vec<Uuid> = subject.businesses.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_as!(
        File,
        r#"select tenant_id as "tenant: TenantId", dispute_id as dispute, place, name, content
         from dispute_files
         where tenant_id = any($1)
         order by dispute_id desc, place
         limit $2"#,
        &businesses,
        limit,
    )
    .fetch_all(connection)
    .await
}
