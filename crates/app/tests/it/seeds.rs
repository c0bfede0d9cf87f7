//! Rows that only a gateway, a payout run or a comparison would bring, for tests that look at who reaches them.

use testkit::TestDb;
use uuid::Uuid;

use crate::story::id;

/// Each names the ids in one order: top-up, dispute, payout, exception, refund, and the paid order of the business.
const MONEY: [&str; 6] = [
    "insert into credit_top_ups
         (tenant_id, id, client_id, number, amount_minor, by_itself, upi_id, created_at, expires_at)
     select tenant_id, $1, $1, 'C-1', 10000, false, 'desk@upi', created_at, created_at + interval '7 days'
     from orders where id = $6",
    "insert into disputes
         (tenant_id, id, payment_id, order_id, gateway, gateway_dispute_id, amount_minor, held_minor, commission_minor,
          reason, phase, state, created_at, updated_at)
     select tenant_id, $2, id, order_id, 'razorpay', 'disp_1', amount_minor, 0, 0, 'fraud', 'chargeback', 'open', created_at,
         created_at
     from payments where order_id = $6",
    "insert into payout_accounts (tenant_id, id, kind, holder, upi_id, payable_from, created_by, created_at)
     select tenant_id, $3, 'upi', 'Owner', 'owner@upi', created_at, $3, created_at from orders where id = $6",
    "insert into payouts (tenant_id, id, run_id, account_id, amount_minor, state, created_at, updated_at)
     select tenant_id, $3, $3, $3, 100, 'asked', created_at, created_at from orders where id = $6",
    "insert into reconciliation_exceptions
         (id, gateway, day, kind, subject, tenant_id, amount_minor, detail, repair, state, run_id, found_at, updated_at)
     select $4, 'razorpay', current_date, 'not-settled', 'pay_1', tenant_id, 100, 'not settled', 'look', 'open', $4, created_at,
         created_at
     from orders where id = $6",
    "insert into refunds (tenant_id, id, payment_id, amount_minor, reason, state, created_at, updated_at)
     select tenant_id, $5, id, 100, 'sorry', 'failed', created_at, created_at from payments where order_id = $6",
];

/// A top-up that waits, a dispute of the order's payment, a payout that was asked for, what a comparison found and a refund that failed;
/// gives their ids by kind.
pub async fn money(test: &TestDb, order: Uuid) -> [(&'static str, String); 5] {
    let ids = [id(), id(), id(), id(), id()];
    for seed in MONEY {
        // A statement that does not name them all is told their type all the same.
        let typed = format!(
            "with known as (select $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid) {seed}"
        );
        let mut insert = sqlx::query(sqlx::AssertSqlSafe(typed));
        for id in ids.into_iter().chain([order]) {
            insert = insert.bind(id);
        }
        assert_eq!(insert.execute(test.db.pool()).await.unwrap().rows_affected(), 1, "{seed}");
    }
    let [top_up, dispute, payout, exception, refund] = ids.map(|id| id.to_string());
    [
        ("top_up", top_up),
        ("dispute", dispute),
        ("payout", payout),
        ("exception", exception),
        ("refund", refund),
    ]
}
