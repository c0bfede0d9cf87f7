//! What a posting does, and what is refused.

use ledger::{Cause, Error, Limit, NewAccount, Side, Transfer};
use sqlx::AssertSqlSafe;
use testkit::TestDb;
use types::{AccountId, Money};
use uuid::Uuid;

use crate::books::{ACCOUNTS, Books, CLEARING, PAYABLE, WALLET};

#[tokio::test]
async fn a_posting_moves_money_between_its_accounts() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books
        .post(&test, &books.posting("sale", &[(CLEARING, PAYABLE, 147_00), (CLEARING, WALLET, 3_00)]))
        .await
        .unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, CLEARING).await, 150_00);
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 147_00);
    assert_eq!(books.balance(&mut connection, WALLET).await, 3_00);
}

#[tokio::test]
async fn the_same_posting_again_moves_nothing_and_answers_as_the_first_time() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let posting = books.posting("sale", &[(CLEARING, PAYABLE, 150_00), (PAYABLE, WALLET, 3_00)]);
    let first = books.post(&test, &posting).await.unwrap();
    test.clock.advance(chrono::TimeDelta::days(400));
    assert_eq!(books.post(&test, &posting).await.unwrap(), first);
    assert_eq!(books.balance(&mut test.db.acquire().await.unwrap(), CLEARING).await, 150_00);
}

#[tokio::test]
async fn a_key_used_for_other_content_is_refused() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let posting = books.posting("sale", &[(CLEARING, PAYABLE, 150_00), (PAYABLE, WALLET, 3_00)]);
    books.post(&test, &posting).await.unwrap();
    let mut other_cause = posting.clone();
    other_cause.cause = Cause::new("refund", posting.cause.id);
    let others = [
        books.posting("sale", &[(CLEARING, PAYABLE, 150_01), (PAYABLE, WALLET, 3_00)]),
        books.posting("sale", &[(CLEARING, PAYABLE, 150_00)]),
        books.posting("sale", &[(PAYABLE, WALLET, 3_00), (CLEARING, PAYABLE, 150_00)]),
        other_cause,
    ];
    for other in others {
        let refused = books.post(&test, &other).await;
        assert!(matches!(refused, Err(Error::KeyReused(ref key)) if key == "sale"), "{refused:?}");
    }
}

#[tokio::test]
async fn two_tenants_may_use_the_same_key() {
    let test = TestDb::create().await;
    let (one, two) = (Books::open(&test).await, Books::open(&test).await);
    one.post(&test, &one.posting("sale", &[(CLEARING, PAYABLE, 1_00)])).await.unwrap();
    two.post(&test, &two.posting("sale", &[(CLEARING, PAYABLE, 2_00)])).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(one.balance(&mut connection, PAYABLE).await, 1_00);
    assert_eq!(two.balance(&mut connection, PAYABLE).await, 2_00);
}

#[tokio::test]
async fn another_tenants_account_is_unknown() {
    let test = TestDb::create().await;
    let (one, two) = (Books::open(&test).await, Books::open(&test).await);
    let mut posting = one.posting("sale", &[]);
    posting.transfers.push(Transfer::new(
        one.accounts[CLEARING],
        two.accounts[PAYABLE],
        Money::inr(1_00),
        "sale",
    ));
    let refused = one.post(&test, &posting).await;
    assert!(matches!(refused, Err(Error::UnknownAccount(id)) if id == two.accounts[PAYABLE]));
}

#[tokio::test]
async fn when_one_linked_transfer_is_refused_none_is_posted_and_the_transaction_goes_on() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let mut transaction = test.db.begin().await.unwrap();
    let overdrawn = books.posting("a", &[(CLEARING, PAYABLE, 5_00), (WALLET, PAYABLE, 1)]);
    let refused = books.ledger.post(&mut transaction, &overdrawn).await;
    assert!(matches!(refused, Err(Error::LimitReached { ref code }) if code == "wallet"), "{refused:?}");
    // The key is still free: nothing was posted under it.
    books.ledger.post(&mut transaction, &books.posting("a", &[(CLEARING, WALLET, 1_00)])).await.unwrap();
    transaction.commit().await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 0);
    assert_eq!(books.balance(&mut connection, WALLET).await, 1_00);
}

#[tokio::test]
async fn a_total_past_64_bits_is_refused() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("all", &[(CLEARING, PAYABLE, i64::MAX)])).await.unwrap();
    let refused = books.post(&test, &books.posting("one more", &[(CLEARING, WALLET, 1)])).await;
    assert!(matches!(refused, Err(Error::Overflow)), "{refused:?}");
}

#[tokio::test]
async fn an_account_is_opened_once_and_never_as_something_else() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let mut connection = test.db.acquire().await.unwrap();
    let again = books.ledger.open_account(&mut connection, books.tenant, &ACCOUNTS[WALLET]).await.unwrap();
    assert_eq!(again, books.accounts[WALLET]);
    for other in [
        NewAccount { side: Side::Debit, ..ACCOUNTS[WALLET] },
        NewAccount { limit: Limit::None, ..ACCOUNTS[WALLET] },
    ] {
        let refused = books.ledger.open_account(&mut connection, books.tenant, &other).await;
        assert!(matches!(refused, Err(Error::AccountDiffers(ref code)) if code == "wallet"), "{refused:?}");
    }
    let found = books.ledger.accounts(&mut connection, books.tenant, &["wallet", "nothing"]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id, found[0].balance(), found[0].version), (again, Money::inr(0), 0));
}

#[tokio::test]
async fn the_balance_of_an_account_that_is_not_there_is_an_error() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let nobody = AccountId::from_uuid(Uuid::from_u128(1));
    let read = books.ledger.balance(&mut test.db.acquire().await.unwrap(), books.tenant, nobody).await;
    assert!(matches!(read, Err(Error::UnknownAccount(id)) if id == nobody));
}

#[tokio::test]
#[should_panic(expected = "a posting is made in a transaction")]
async fn posting_outside_a_transaction_is_a_mistake_of_the_program() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let posting = books.posting("sale", &[(CLEARING, PAYABLE, 1)]);
    let _ = books.ledger.post(&mut test.db.acquire().await.unwrap(), &posting).await;
}

#[tokio::test]
async fn the_table_itself_refuses_an_overdrawn_account() {
    let test = TestDb::create().await;
    Books::open(&test).await;
    for column in ["debits_posted_minor", "debits_pending_minor"] {
        let overdraw = format!("update ledger_accounts set {column} = 1 where code = 'wallet'");
        let refused = sqlx::raw_sql(AssertSqlSafe(overdraw)).execute(test.db.pool()).await.unwrap_err();
        let constraint = platform::db::violated_constraint(&refused);
        assert_eq!(constraint, Some("ledger_accounts_debits_reserved_within_credits"));
    }
}

#[tokio::test]
async fn several_accounts_are_opened_in_the_order_asked_whether_they_were_there_or_not() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let fresh = NewAccount { code: "fees", ..ACCOUNTS[CLEARING] };
    let mut connection = test.db.acquire().await.unwrap();
    let asked = [ACCOUNTS[WALLET], fresh, ACCOUNTS[CLEARING]];
    let opened = books.ledger.open_accounts(&mut connection, books.tenant, &asked).await.unwrap();
    assert_eq!((opened[0], opened[2]), (books.accounts[WALLET], books.accounts[CLEARING]));
    assert_eq!(books.ledger.open_accounts(&mut connection, books.tenant, &asked).await.unwrap(), opened);
    let bad = NewAccount { code: "Fees!", ..ACCOUNTS[CLEARING] };
    let refused = books.ledger.open_accounts(&mut connection, books.tenant, &[fresh, bad]).await;
    assert!(matches!(refused, Err(Error::BadCode(_))), "{refused:?}");
}
