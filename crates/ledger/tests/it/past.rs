//! What an account held at a time.

use chrono::TimeDelta;
use ledger::{Balance, Error};
use testkit::TestDb;
use types::{AccountId, Money};
use uuid::Uuid;

use crate::books::{Books, CLEARING, PAYABLE, WALLET};

#[tokio::test]
async fn a_balance_at_a_time_counts_all_up_to_and_including_it() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let start = test.clock.now();
    books
        .post(&test, &books.posting("one", &[(CLEARING, WALLET, 5_00), (WALLET, PAYABLE, 1_00)]))
        .await
        .unwrap();
    test.clock.advance(TimeDelta::hours(1));
    books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 3_00, None)).await;
    let mut connection = test.db.acquire().await.unwrap();
    let mut at = async |minutes| {
        let at = start + TimeDelta::minutes(minutes);
        let balance: Balance =
            books.ledger.balance_at(&mut connection, books.tenant, books.accounts[WALLET], at).await.unwrap();
        [balance.posted, balance.debits_pending, balance.available()].map(Money::minor)
    };
    assert_eq!(at(-1).await, [0, 0, 0]);
    assert_eq!(at(0).await, [4_00, 0, 4_00]);
    assert_eq!(at(59).await, [4_00, 0, 4_00]);
    assert_eq!(at(60).await, [4_00, 3_00, 1_00]);
    assert_eq!(at(600).await, [4_00, 3_00, 1_00]);
    let nobody = AccountId::from_uuid(Uuid::from_u128(1));
    let unknown = books.ledger.balance_at(&mut connection, books.tenant, nobody, start).await;
    assert!(matches!(unknown, Err(Error::UnknownAccount(id)) if id == nobody));
}

#[tokio::test]
async fn a_balance_at_a_time_is_found_by_index_in_a_long_history() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let start = test.clock.now();
    let mut transaction = test.db.begin().await.unwrap();
    for n in 0..300 {
        let posting = books.posting(&n.to_string(), &[(CLEARING, WALLET, 1); 10]);
        books.ledger.post(&mut transaction, &posting).await.unwrap();
        test.clock.advance(TimeDelta::minutes(1));
    }
    sqlx::query("analyze ledger_transfers").execute(&mut *transaction).await.unwrap();
    sqlx::query("set local enable_seqscan = off").execute(&mut *transaction).await.unwrap();
    let at = start + TimeDelta::minutes(100);
    let (tenant, wallet) = (books.tenant, books.accounts[WALLET]);
    let balance = books.ledger.balance_at(&mut transaction, tenant, wallet, at).await.unwrap();
    assert_eq!((balance.posted, balance.version), (Money::inr(10_10), 1010));
    let plan: Vec<String> = sqlx::query_scalar(
        "explain (analyze, costs off, timing off, summary off)
         select credit_version from ledger_transfers
         where tenant_id = $1 and credit_account_id = $2 and posted_at <= $3
         order by posted_at desc, credit_version desc limit 1",
    )
    .bind(tenant.uuid())
    .bind(wallet.uuid())
    .bind(at)
    .fetch_all(&mut *transaction)
    .await
    .unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("ledger_transfers_credit_time") && plan.contains("rows=1 "), "{plan}");
}
