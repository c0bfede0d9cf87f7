//! The check finds what is wrong. Each fault is made behind the books' back, in SQL.

use ledger::FaultKind;
use sqlx::AssertSqlSafe;
use testkit::TestDb;

use crate::books::{Books, CLEARING, PAYABLE, WALLET};

async fn faults_after(damage: &str) -> Vec<(FaultKind, String, String, String)> {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let sale = [(CLEARING, PAYABLE, 147_00), (CLEARING, WALLET, 3_00)];
    books.post(&test, &books.posting("sale", &sale)).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    let sound = books.ledger.check(&mut connection).await.unwrap();
    assert!(sound.is_sound(), "{sound:?}");
    assert_eq!((sound.accounts, sound.transfers, sound.debits_minor), (4, 2, 150_00));
    sqlx::raw_sql(AssertSqlSafe(damage)).execute(&mut *connection).await.unwrap();
    let report = books.ledger.check(&mut connection).await.unwrap();
    assert!(!report.is_sound());
    assert!(report.faults.iter().all(|f| f.tenant == books.tenant && !f.to_string().is_empty()));
    report.faults.into_iter().map(|f| (f.kind, f.place, f.expected, f.found)).collect()
}

fn fault(kind: FaultKind, place: &str, expected: &str, found: &str) -> (FaultKind, String, String, String) {
    (kind, place.to_owned(), expected.to_owned(), found.to_owned())
}

#[tokio::test]
async fn a_balance_that_was_tampered_with_is_found() {
    let found =
        faults_after("update ledger_accounts set credits_posted_minor = 14800 where code = 'payable'").await;
    assert_eq!(
        found,
        [
            fault(FaultKind::Unbalanced, "INR", "15000", "15100"),
            fault(FaultKind::WrongCredits, "payable", "14700", "14800"),
        ]
    );
}

#[tokio::test]
async fn two_errors_that_cancel_out_are_found() {
    let found = faults_after(
        "update ledger_accounts set debits_posted_minor = debits_posted_minor + 5, credits_posted_minor = credits_posted_minor + 5
         where code = 'payable'",
    )
    .await;
    assert_eq!(
        found,
        [
            fault(FaultKind::WrongDebits, "payable", "0", "5"),
            fault(FaultKind::WrongCredits, "payable", "14700", "14705"),
        ]
    );
}

#[tokio::test]
async fn a_transfer_that_was_deleted_is_found() {
    let found = faults_after("delete from ledger_transfers where position = 2").await;
    assert_eq!(found.iter().filter(|f| f.0 == FaultKind::MissingTransfers).count(), 4, "{found:?}");
    assert!(found.contains(&fault(FaultKind::WrongDebits, "clearing", "14700", "15000")));
    assert!(found.contains(&fault(FaultKind::WrongCredits, "wallet", "0", "300")));
}

#[tokio::test]
async fn a_transfer_that_says_a_wrong_balance_is_found() {
    let found =
        faults_after("update ledger_transfers set debit_balance_after_minor = 1 where position = 1").await;
    assert_eq!(found, [fault(FaultKind::WrongBalanceAfter, "clearing", "14700", "1")]);
}

#[tokio::test]
async fn a_transfer_in_another_currency_is_found() {
    let found = faults_after("update ledger_transfers set currency = 'USD' where position = 1").await;
    assert_eq!(
        found.iter().filter(|f| f.0 == FaultKind::WrongCurrency && f.3 == "USD").count(),
        2,
        "{found:?}"
    );
}
