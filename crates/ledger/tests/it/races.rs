//! Many at once, and connections that die.

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use ledger::{Error, Posting};
use platform::db::repeat;
use sqlx::PgConnection;
use testkit::TestDb;

use crate::books::{Books, CLEARING, PAYABLE, TILL, WALLET};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_parallel_debits_of_the_last_credit_exactly_one_succeeds() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    books.post(&test, &books.posting("top-up", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    let spends: Vec<Posting> =
        (0..100).map(|n| books.posting(&format!("spend {n}"), &[(WALLET, PAYABLE, 5_00)])).collect();
    let results = join_all(spends.iter().map(|spend| repeat(|| books.post(&test, spend)))).await;
    let (ok, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(ok.len(), 1);
    assert!(refused.iter().all(|r| matches!(r, Err(Error::LimitReached { .. }))), "{refused:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, WALLET).await, 0);
    books.assert_sound(&mut connection).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postings_that_touch_the_same_accounts_in_opposite_order_all_succeed() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let there_and_back = (0..200).map(|n| {
        let (debit, credit) = if n % 2 == 0 { (CLEARING, PAYABLE) } else { (PAYABLE, CLEARING) };
        books.posting(&n.to_string(), &[(debit, credit, 1), (TILL, PAYABLE, 1)])
    });
    let postings: Vec<Posting> = there_and_back.collect();
    // Not repeated: with one lock order there is no deadlock to be repeated for.
    let posted = stream::iter(&postings).map(|posting| books.post(&test, posting)).buffered(9);
    let results: Vec<_> = posted.collect().await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, CLEARING).await, 0);
    assert_eq!(books.balance(&mut connection, TILL).await, 200);
    books.assert_sound(&mut connection).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_posting_sent_many_times_at_once_is_posted_once() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let posting = books.posting("sale", &[(CLEARING, PAYABLE, 1_00), (PAYABLE, WALLET, 2)]);
    let results = join_all((0..50).map(|_| repeat(|| books.post(&test, &posting)))).await;
    let first = results[0].as_ref().unwrap();
    assert!(results.iter().all(|r| r.as_ref().unwrap() == first));
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, CLEARING).await, 1_00);
    books.assert_sound(&mut connection).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_postings_that_race_for_one_key_over_different_accounts_the_loser_learns_that_it_is_used() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    for round in 0..20 {
        let key = format!("key {round}");
        let one = books.posting(&key, &[(CLEARING, PAYABLE, 1)]);
        let other = books.posting(&key, &[(TILL, WALLET, 1)]);
        let (one, other) =
            tokio::join!(repeat(|| books.post(&test, &one)), repeat(|| books.post(&test, &other)));
        let loser = if one.is_ok() { other } else { one };
        assert!(matches!(loser, Err(Error::KeyReused(ref used)) if *used == key), "{loser:?}");
    }
    books.assert_sound(&mut test.db.acquire().await.unwrap()).await;
}

/// Posts on a connection that another, which is not of the pool, cuts while it commits, until it is gone. Whether the posting stands is then
/// unknown to the caller.
async fn post_and_cut(
    test: &TestDb,
    apart: &mut PgConnection,
    books: &Books,
    posting: &Posting,
) -> Result<(), sqlx::Error> {
    let mut transaction = test.db.begin().await?;
    let pid =
        sqlx::query_scalar!(r#"select pg_backend_pid() as "pid!""#).fetch_one(&mut *transaction).await?;
    books.ledger.post(&mut transaction, posting).await.unwrap();
    let cut = sqlx::query_scalar!("select pg_terminate_backend($1, 5000)", pid).fetch_one(apart);
    let (committed, cut) = tokio::join!(transaction.commit(), cut);
    assert_eq!(cut.unwrap(), Some(true));
    committed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_posting_whose_connection_died_at_the_commit_is_repeated_by_its_key_and_stands_once() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let mut apart = test.db.connect_apart().await.unwrap();
    let rounds = 60;
    let mut lost = 0;
    for round in 0..rounds {
        let posting = books.posting(&format!("sale {round}"), &[(CLEARING, PAYABLE, 1_00)]);
        lost += i32::from(post_and_cut(&test, &mut apart, &books, &posting).await.is_err());
        books.post(&test, &posting).await.unwrap();
    }
    assert!(lost > 0, "no commit was ever cut");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, PAYABLE).await, rounds * 1_00);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn a_posting_whose_connection_died_before_the_commit_never_was() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let posting = books.posting("sale", &[(CLEARING, PAYABLE, 1_00)]);
    let mut transaction = test.db.begin().await.unwrap();
    let pid = sqlx::query_scalar!(r#"select pg_backend_pid() as "pid!""#);
    let pid = pid.fetch_one(&mut *transaction).await.unwrap();
    books.ledger.post(&mut transaction, &posting).await.unwrap();
    let cut = sqlx::query_scalar!("select pg_terminate_backend($1)", pid).fetch_one(test.db.pool());
    assert_eq!(cut.await.unwrap(), Some(true));
    transaction.commit().await.unwrap_err();
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 0);
    books.post(&test, &posting).await.unwrap();
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 1_00);
}
