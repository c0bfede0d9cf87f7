//! The check finds what is wrong. Each fault is made behind the books' back, in SQL.

use chrono::TimeDelta;
use ledger::{FaultKind, Transfer};
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

#[tokio::test]
async fn what_does_not_follow_in_two_phases_is_found() {
    for (damage, kind, expected, found) in [
        (
            "update ledger_accounts set debits_pending_minor = debits_pending_minor - 1 where code = 'wallet'",
            FaultKind::WrongPending,
            "200",
            "199",
        ),
        ("delete from ledger_transfers where kind = 'void'", FaultKind::WrongPending, "500", "200"),
        (
            "update ledger_transfers set amount_minor = 301 where kind = 'void'",
            FaultKind::WrongSubject,
            "void",
            "pending of 300",
        ),
        (
            "update ledger_transfers set debit_account_debits_pending_minor = 1 where kind = 'void'",
            FaultKind::WrongPendingAfter,
            "200",
            "1",
        ),
        ("delete from ledger_timeouts", FaultKind::WrongTimeout, "2026-11-23 10:30:00+00", "none"),
        (
            "update ledger_transfers set credit_account_id = gen_random_uuid() where kind = 'immediate'",
            FaultKind::WrongCredits,
            "1000",
            "0",
        ),
    ] {
        let test = TestDb::create().await;
        let books = Books::open(&test).await;
        books.post(&test, &books.posting("top-up", &[(CLEARING, WALLET, 10_00)])).await.unwrap();
        let hour = Some(TimeDelta::hours(1));
        let voided = books.reserved(&test, "hold 1", books.reserve(WALLET, PAYABLE, 3_00, hour)).await;
        books.reserved(&test, "hold 2", books.reserve(WALLET, PAYABLE, 2_00, hour)).await;
        books.post(&test, &books.one("void", Transfer::void(voided, "hang-up"))).await.unwrap();
        let mut connection = test.db.acquire().await.unwrap();
        books.assert_sound(&mut connection).await;
        sqlx::raw_sql("set time zone 'UTC'").execute(&mut *connection).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(damage)).execute(&mut *connection).await.unwrap();
        let report = books.ledger.check(&mut connection).await.unwrap();
        let told: Vec<_> =
            report.faults.iter().map(|f| (f.kind, f.expected.as_str(), f.found.as_str())).collect();
        assert!(told.contains(&(kind, expected, found)), "{damage}: {told:?}");
        assert!(report.faults.iter().all(|fault| !fault.to_string().is_empty()));
    }
}
