//! Undoing a posting by another.

use ledger::{Error, Kind, Transfer};
use platform::page::PageQuery;
use testkit::TestDb;

use crate::books::{Books, CLEARING, PAYABLE, WALLET};

#[tokio::test]
async fn a_reversal_moves_back_what_the_posting_moved_and_names_it() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let sale = [(CLEARING, WALLET, 150_00), (WALLET, PAYABLE, 147_00)];
    books.post(&test, &books.posting("sale", &sale)).await.unwrap();
    let reversed = books.reverse(&test, "undo", "sale").await.unwrap();
    assert_eq!(reversed.transfers.len(), 2);
    let mut connection = test.db.acquire().await.unwrap();
    for account in [CLEARING, WALLET, PAYABLE] {
        assert_eq!(books.balance(&mut connection, account).await, 0);
    }
    let (tenant, wallet) = (books.tenant, books.accounts[WALLET]);
    let page = books.ledger.entries(&mut connection, tenant, wallet, PageQuery::default()).await.unwrap();
    assert_eq!(page.items.iter().filter(|entry| entry.kind == Kind::Reversal).count(), 2);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn a_posting_is_reversed_once_and_the_same_reversal_again_answers_as_the_first_time() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("sale", &[(CLEARING, PAYABLE, 150_00)])).await.unwrap();
    let first = books.reverse(&test, "undo", "sale").await.unwrap();
    assert_eq!(books.reverse(&test, "undo", "sale").await.unwrap(), first);
    let twice = books.reverse(&test, "undo again", "sale").await;
    assert!(matches!(twice, Err(Error::AlreadyReversed(_))), "{twice:?}");
    let of_reversal = books.reverse(&test, "redo", "undo").await;
    assert!(
        matches!(of_reversal, Err(Error::NotReversible(id)) if id == first.transfers[0]),
        "{of_reversal:?}"
    );
    let of_nothing = books.reverse(&test, "redo", "nothing").await;
    assert!(matches!(of_nothing, Err(Error::UnknownPosting(ref key)) if key == "nothing"), "{of_nothing:?}");
    assert_eq!(books.balance(&mut test.db.acquire().await.unwrap(), CLEARING).await, 0);
}

#[tokio::test]
async fn what_has_been_spent_since_is_not_taken_back() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("top-up", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 1, None)).await;
    let refused = books.reverse(&test, "undo", "top-up").await;
    assert!(matches!(refused, Err(Error::LimitReached { ref code }) if code == "wallet"), "{refused:?}");
}

#[tokio::test]
async fn what_was_posted_in_two_phases_is_reversed_and_what_is_pending_is_not() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("top-up", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    let pending = books.reserved(&test, "hold", books.reserve(WALLET, PAYABLE, 2_00, None)).await;
    let of_pending = books.reverse(&test, "undo", "hold").await;
    assert!(matches!(of_pending, Err(Error::NotReversible(id)) if id == pending), "{of_pending:?}");
    books.post(&test, &books.one("capture", Transfer::post(pending, None, "call"))).await.unwrap();
    books.reverse(&test, "undo", "capture").await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [5_00, 0, 0, 5_00]);
    books.assert_sound(&mut connection).await;
}
