//! Whose rows are in this context's tables.

use platform::personal::{Fate, NONE, PERSON, Subject, Table, VISIT};
use sqlx::PgConnection;
use uuid::Uuid;

const BOOKS: Fate =
    Fate::Stays("what credit was given and spent belongs to the books; it names a business by its id alone");
const PAPERS: Fate =
    Fate::Stays("the law wants invoices kept for six years, with the names that stand on them");

/// Every table, in the order in which rows can go.
pub(crate) const TABLES: &[Table] = &[
    Table::new("tax_profiles", "Your tax registration and address.").business(Fate::Goes),
    Table::new("documents", "Invoices, bills of supply, receipts and credit notes.")
        .business(PAPERS)
        .guest(VISIT, PAPERS),
    Table::new("document_series", "How far the numbers of documents are.").business(BOOKS),
    Table::new("plan_invoices", "The platform's invoices for your plan.").business(PAPERS),
    Table::new("subscriptions", "Your plan.").business(Fate::Goes),
    Table::new("coupon_redemptions", "Coupons you used.")
        .business(Fate::Stays("a coupon works once for a business")),
    Table::new("credit_recharges", "How credit is bought by itself.").business(Fate::Goes),
    Table::new("credit_member_wants", "Work that waited because a member's month was spent.")
        .person(PERSON, Fate::Goes)
        .business(Fate::Goes),
    Table::new("credit_member_limits", "What members may spend a month.")
        .person(PERSON, Fate::Goes)
        .business(Fate::Goes),
    Table::new("credit_wants", "Work that waited for credit.").business(Fate::Goes),
    Table::new("credit_stored_days", "How much of yours was kept at the end of a day, and what it cost.")
        .business(BOOKS),
    Table::new("credit_storage_counts", "Days that were counted of everybody."),
    Table::new("credit_charged_lots", "Which credit a charge was taken from.").business(BOOKS),
    Table::new("credit_holds", "Credit that is set aside for work.").business(BOOKS),
    Table::new("credit_usage", "What credit was spent on.")
        .business(BOOKS)
        .says_who()
        .guest(NONE, Fate::Stays("what a visit cost the stall; it names the visit by its id alone")),
    Table::new("credit_refunds", "Credit that was given back.").business(BOOKS).says_who(),
    Table::new("credit_settlements", "What you owed and paid from your credit.").business(BOOKS).says_who(),
    Table::new("credit_top_ups", "Credit you bought.").business(BOOKS).says_who(),
    Table::new("credit_lots", "Credit you have and had.")
        .business(BOOKS)
        .says_who()
        .without(&["content_hash"], "tells a retry from another gift and nothing else"),
    Table::new("credit_wallets", "Your wallet of credit.").business(BOOKS),
    Table::new("credit_prices", "What work costs.").says_who(),
    Table::new("credit_bank_lines", "Lines of the platform's bank account that an operator brought.")
        .says_who(),
    Table::new("plans", "Plans that are offered.").says_who(),
    Table::new("coupons", "Coupons that were given out.").says_who(),
];

/// Whether a plan goes on for one of the businesses.
pub(crate) async fn plan_runs(connection: &mut PgConnection, subject: &Subject) -> Result<bool, sqlx::Error> {
    let businesses: Vec<Uuid> = subject.businesses.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_scalar!(
        r#"select exists (
             select 1 from subscriptions
             where tenant_id = any($1) and state <> 'free' and not cancels_at_end
         ) as "runs!""#,
        &businesses,
    )
    .fetch_one(connection)
    .await
}
