//! Pending transfers, and how they end.

use chrono::TimeDelta;
use ledger::{Error, Posting, Transfer};
use testkit::TestDb;
use types::{Money, TransferId};
use uuid::Uuid;

use crate::books::{Books, CLEARING, PAYABLE, TILL, WALLET};

async fn with_funds(test: &TestDb, paise: i64) -> Books {
    let books = Books::open(test).await;
    books.post(test, &books.posting("top-up", &[(CLEARING, WALLET, paise)])).await.unwrap();
    books
}

#[tokio::test]
async fn what_is_reserved_is_not_available_and_not_yet_posted() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 7_00, None)).await;
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [10_00, 7_00, 0, 3_00]);
    assert_eq!(books.told(&mut connection, PAYABLE).await, [0, 0, 7_00, 0]);
    let refused = books.post(&test, &books.posting("spend", &[(WALLET, PAYABLE, 3_01)])).await;
    assert!(matches!(refused, Err(Error::LimitReached { ref code }) if code == "wallet"), "{refused:?}");
    // What is only on its way in cannot be spent either.
    books.reserved(&test, "incoming", books.reserve(CLEARING, WALLET, 50_00, None)).await;
    let refused = books.post(&test, &books.one("more", books.reserve(WALLET, PAYABLE, 3_01, None))).await;
    assert!(matches!(refused, Err(Error::LimitReached { .. })), "{refused:?}");
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn the_limit_of_a_debit_account_counts_what_is_pending_on_its_credit_side() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("cash in", &[(TILL, PAYABLE, 5_00)])).await.unwrap();
    books.reserved(&test, "hold", books.reserve(CLEARING, TILL, 4_00, None)).await;
    let refused = books.post(&test, &books.posting("out", &[(CLEARING, TILL, 1_01)])).await;
    assert!(matches!(refused, Err(Error::LimitReached { ref code }) if code == "till"), "{refused:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, TILL).await, [5_00, 0, 4_00, 1_00]);
}

#[tokio::test]
async fn posting_a_part_releases_the_rest() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let pending = books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 7_00, None)).await;
    let part = Transfer::post(pending, Some(Money::inr(2_50)), "call");
    books.post(&test, &books.one("capture", part)).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [7_50, 0, 0, 7_50]);
    assert_eq!(books.told(&mut connection, PAYABLE).await, [2_50, 0, 0, 2_50]);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn voiding_releases_all() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let pending = books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 7_00, None)).await;
    books.post(&test, &books.one("void", Transfer::void(pending, "hang-up"))).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [10_00, 0, 0, 10_00]);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn a_pending_transfer_ends_once() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let pending = books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 7_00, None)).await;
    let capture = books.one("capture", Transfer::post(pending, None, "call"));
    let first = books.post(&test, &capture).await.unwrap();
    // The same again is the same answer, also with the amount spelled out.
    let whole = books.one("capture", Transfer::post(pending, Some(Money::inr(7_00)), "call"));
    assert_eq!(books.post(&test, &capture).await.unwrap(), first);
    assert_eq!(books.post(&test, &whole).await.unwrap(), first);
    for other in [Transfer::post(pending, Some(Money::inr(1)), "call"), Transfer::void(pending, "hang-up")] {
        let refused = books.post(&test, &books.one("other", other.clone())).await;
        assert!(matches!(refused, Err(Error::AlreadyPosted(id)) if id == pending), "{refused:?}");
        let reused = books.post(&test, &books.one("capture", other)).await;
        assert!(matches!(reused, Err(Error::KeyReused(_))), "{reused:?}");
    }
    let voided = books.reserved(&test, "hold 2", books.reserve(WALLET, PAYABLE, 1_00, None)).await;
    books.post(&test, &books.one("void", Transfer::void(voided, "hang-up"))).await.unwrap();
    let refused = books.post(&test, &books.one("late", Transfer::post(voided, None, "call"))).await;
    assert!(matches!(refused, Err(Error::AlreadyVoided(id)) if id == voided), "{refused:?}");
}

#[tokio::test]
async fn more_than_is_pending_or_what_never_was_is_not_posted() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let pending = books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 7_00, None)).await;
    let sale = books.posting("sale", &[(CLEARING, PAYABLE, 1)]);
    let sale = books.post(&test, &sale).await.unwrap().transfers[0];
    let nobody = TransferId::from_uuid(Uuid::from_u128(1));
    let refused = async |transfer| books.post(&test, &books.one("no", transfer)).await.unwrap_err();
    let more = Transfer::post(pending, Some(Money::inr(7_01)), "call");
    assert!(matches!(refused(more).await, Error::ExceedsPending(id) if id == pending));
    assert!(
        matches!(refused(Transfer::void(nobody, "call")).await, Error::UnknownTransfer(id) if id == nobody)
    );
    assert!(matches!(refused(Transfer::post(sale, None, "call")).await, Error::NotPending(id) if id == sale));
    let other = with_funds(&test, 1).await;
    let elsewhere = other.post(&test, &other.one("no", Transfer::void(pending, "call"))).await;
    assert!(matches!(elsewhere, Err(Error::UnknownTransfer(id)) if id == pending));
}

#[tokio::test]
async fn linked_transfers_of_all_kinds_succeed_or_fail_together() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let one = books.reserved(&test, "hold 1", books.reserve(WALLET, PAYABLE, 4_00, None)).await;
    let two = books.reserved(&test, "hold 2", books.reserve(WALLET, PAYABLE, 6_00, None)).await;
    let spend =
        |paise| Transfer::new(books.accounts[WALLET], books.accounts[PAYABLE], Money::inr(paise), "sale");
    let linked = |key: &str, paise| Posting {
        transfers: vec![
            Transfer::post(one, Some(Money::inr(1_00)), "call"),
            Transfer::void(two, "hang-up"),
            books.reserve(WALLET, PAYABLE, 5_00, None),
            spend(paise),
        ],
        ..books.posting(key, &[])
    };
    let refused = books.post(&test, &linked("all", 4_01)).await;
    assert!(matches!(refused, Err(Error::LimitReached { .. })), "{refused:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [10_00, 10_00, 0, 0]);
    books.post(&test, &linked("all", 4_00)).await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [5_00, 5_00, 0, 0]);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn a_pending_transfer_whose_time_is_over_is_expired_before_anybody_noted_it() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let pending = books
        .reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 7_00, Some(TimeDelta::minutes(5))))
        .await;
    test.clock.advance(TimeDelta::minutes(5));
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [10_00, 0, 0, 10_00]);
    let late = books.post(&test, &books.one("late", Transfer::post(pending, None, "call"))).await;
    assert!(matches!(late, Err(Error::Expired(id)) if id == pending), "{late:?}");
    // What it reserved can be spent at once.
    books.post(&test, &books.posting("spend", &[(WALLET, CLEARING, 10_00)])).await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [0, 0, 0, 0]);
    assert_eq!(books.told(&mut connection, PAYABLE).await, [0, 0, 0, 0]);
    books.assert_sound(&mut connection).await;
    let late = books.post(&test, &books.one("late", Transfer::void(pending, "call"))).await;
    assert!(matches!(late, Err(Error::Expired(id)) if id == pending), "{late:?}");
}

#[tokio::test]
async fn what_is_due_is_noted_as_expired_a_limited_number_at_a_time() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    for n in 1..=5 {
        let reserve = books.reserve(WALLET, PAYABLE, 1_00, Some(TimeDelta::minutes(n)));
        books.reserved(&test, &format!("hold {n}"), reserve).await;
    }
    books.reserved(&test, "for ever", books.reserve(WALLET, PAYABLE, 1_00, None)).await;
    test.clock.advance(TimeDelta::minutes(4));
    let mut transaction = test.db.begin().await.unwrap();
    assert_eq!(books.ledger.expire_due(&mut transaction, 3).await.unwrap(), 3);
    assert_eq!(books.ledger.expire_due(&mut transaction, 3).await.unwrap(), 1);
    assert_eq!(books.ledger.expire_due(&mut transaction, 3).await.unwrap(), 0);
    assert_eq!(books.told(&mut transaction, WALLET).await, [10_00, 2_00, 0, 8_00]);
    books.assert_sound(&mut transaction).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_post_a_void_and_the_sweep_at_once_exactly_one_ends_a_pending_transfer() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 100_00).await;
    for round in 0..30 {
        let reserve = books.reserve(WALLET, PAYABLE, 1_00, Some(TimeDelta::minutes(5)));
        let pending = books.reserved(&test, &format!("hold {round}"), reserve).await;
        if round % 3 == 0 {
            test.clock.advance(TimeDelta::minutes(5));
        }
        let post = books.one(&format!("post {round}"), Transfer::post(pending, None, "call"));
        let void = books.one(&format!("void {round}"), Transfer::void(pending, "hang-up"));
        let sweep = async {
            let mut transaction = test.db.begin().await.unwrap();
            let expired = books.ledger.expire_due(&mut transaction, 10).await.unwrap();
            transaction.commit().await.unwrap();
            expired
        };
        let (posted, voided, expired) =
            tokio::join!(books.post(&test, &post), books.post(&test, &void), sweep);
        let ended = usize::from(posted.is_ok()) + usize::from(voided.is_ok()) + expired;
        assert_eq!(ended, 1, "{posted:?} {voided:?} {expired}");
    }
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await[1], 0);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn times_do_not_go_back_though_the_clock_does() {
    let test = TestDb::create().await;
    let books = with_funds(&test, 10_00).await;
    let pending = books
        .reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 1_00, Some(TimeDelta::minutes(5))))
        .await;
    test.clock.advance(TimeDelta::minutes(5));
    let last = books.post(&test, &books.posting("touch", &[(CLEARING, WALLET, 1)])).await.unwrap().at;
    test.clock.advance(TimeDelta::minutes(-30));
    // The pending transfer expired at the later time, and stays so.
    let late = books.post(&test, &books.one("late", Transfer::post(pending, None, "call"))).await;
    assert!(matches!(late, Err(Error::Expired(_))), "{late:?}");
    let again = books.post(&test, &books.posting("again", &[(CLEARING, WALLET, 1)])).await.unwrap();
    assert_eq!(again.at, last);
    books.assert_sound(&mut test.db.acquire().await.unwrap()).await;
}
