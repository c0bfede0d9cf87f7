//! Many callers in one commit.

use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use ledger::{Batcher, BatcherOptions, Error, Posting, Transfer};
use platform::Db;
use testkit::{TestDb, statements};
use types::Money;

use crate::books::{Books, CLEARING, PAYABLE, TILL, WALLET};

/// Answers in the order of the postings, which arrive in this order.
async fn post_all(batcher: &Batcher, postings: Vec<Posting>) -> Vec<Result<ledger::Posted, Error>> {
    join_all(postings.into_iter().map(|posting| batcher.post(posting))).await
}

#[tokio::test]
async fn each_caller_gets_its_own_answer_and_one_that_fails_does_not_fail_its_neighbours() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let answers = post_all(
        &batcher,
        vec![
            books.posting("too early", &[(WALLET, PAYABLE, 5_00)]),
            books.posting("top-up", &[(CLEARING, WALLET, 5_00)]),
            books.posting("too much", &[(CLEARING, PAYABLE, 1), (WALLET, PAYABLE, 5_01)]),
            books.posting("nothing", &[(WALLET, PAYABLE, 0)]),
            books.posting("spend", &[(WALLET, PAYABLE, 5_00)]),
            books.posting("too late", &[(WALLET, PAYABLE, 1)]),
        ],
    )
    .await;
    assert!(matches!(answers[0], Err(Error::LimitReached { .. })), "{answers:?}");
    assert!(matches!(answers[2], Err(Error::LimitReached { .. })), "{answers:?}");
    assert!(matches!(answers[3], Err(Error::NotPositive)), "{answers:?}");
    assert!(matches!(answers[5], Err(Error::LimitReached { .. })), "{answers:?}");
    assert!(answers[1].is_ok() && answers[4].is_ok(), "{answers:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [0, 0, 0, 0]);
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 5_00);
    books.assert_sound(&mut connection).await;
}

#[tokio::test]
async fn a_key_is_honoured_within_a_batch_and_against_history() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let before = books.post(&test, &books.posting("before", &[(CLEARING, PAYABLE, 1_00)])).await.unwrap();
    let answers = post_all(
        &batcher,
        vec![
            books.posting("before", &[(CLEARING, PAYABLE, 1_00)]),
            books.posting("sale", &[(CLEARING, PAYABLE, 2_00)]),
            books.posting("sale", &[(CLEARING, PAYABLE, 2_00)]),
            books.posting("sale", &[(CLEARING, PAYABLE, 2_01)]),
            books.posting("before", &[(CLEARING, PAYABLE, 1_01)]),
        ],
    )
    .await;
    assert_eq!(*answers[0].as_ref().unwrap(), before);
    assert_eq!(answers[1].as_ref().unwrap(), answers[2].as_ref().unwrap());
    assert!(matches!(answers[3], Err(Error::KeyReused(ref key)) if key == "sale"), "{answers:?}");
    assert!(matches!(answers[4], Err(Error::KeyReused(ref key)) if key == "before"), "{answers:?}");
    let again = batcher.post(books.posting("sale", &[(CLEARING, PAYABLE, 2_00)])).await.unwrap();
    assert_eq!(*answers[1].as_ref().unwrap(), again);
    assert_eq!(books.balance(&mut test.db.acquire().await.unwrap(), CLEARING).await, 3_00);
}

#[tokio::test]
async fn a_batch_takes_as_many_statements_as_one_posting() {
    let test = TestDb::create().await;
    let (one, other) = (Books::open(&test).await, Books::open(&test).await);
    let db = Db::connect(test.connect_options(), 1).await.unwrap();
    let mut counts = Vec::new();
    // The first time, the driver asks for the types that it does not know.
    for (round, size) in [1, 1, 3, 60].into_iter().enumerate() {
        let options = BatcherOptions { linger: Duration::from_millis(500), ..BatcherOptions::default() };
        let (batcher, work) = Batcher::new(one.ledger.clone(), db.clone(), options);
        let postings = (0..size).map(|n| {
            let books = if n % 2 == 0 { &one } else { &other };
            books.posting(&format!("{round}: {n}"), &[(CLEARING, WALLET, 5), (WALLET, PAYABLE, 2)])
        });
        let postings: Vec<_> = postings.collect();
        // All have arrived before the work begins: they are one batch.
        let calls = tokio::spawn(async move { post_all(&batcher, postings).await });
        tokio::task::yield_now().await;
        let ((), count) = statements(work).await;
        assert!(calls.await.unwrap().iter().all(Result::is_ok));
        counts.push(count);
    }
    assert_eq!(counts[1..], [counts[1]; 3]);
    assert!(counts[1] <= 5, "{counts:?}");
    db.pool().close().await;
}

#[tokio::test]
async fn what_a_batcher_knows_is_posted_in_one_statement() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let db = Db::connect(test.connect_options(), 1).await.unwrap();
    let mut counts = Vec::new();
    for (round, pairs) in [1, 1, 6].into_iter().enumerate() {
        let (batcher, work) = Batcher::new(books.ledger.clone(), db.clone(), BatcherOptions::default());
        let books = &books;
        let calls = async move {
            batcher
                .post(books.posting(&format!("top-up {round}"), &[(CLEARING, WALLET, 100)]))
                .await
                .unwrap();
            for n in 0..pairs {
                let hold = books.reserve(WALLET, PAYABLE, 2, None);
                let held = batcher.post(books.one(&format!("hold {round} {n}"), hold)).await.unwrap();
                let take = Transfer::post(held.transfers[0], None, "call");
                batcher.post(books.one(&format!("take {round} {n}"), take)).await.unwrap();
            }
        };
        let (_, count) = statements(Box::pin(async { tokio::join!(calls, work) })).await;
        counts.push(count);
    }
    assert_eq!(counts[2] - counts[1], 5 * 2);
    db.pool().close().await;
}

#[tokio::test]
async fn what_others_post_meanwhile_is_found_in_the_books_and_not_in_memory() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    batcher.post(books.posting("top-up", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    books.post(&test, &books.posting("elsewhere", &[(WALLET, PAYABLE, 5_00)])).await.unwrap();
    let spent = batcher.post(books.posting("too late", &[(WALLET, PAYABLE, 1)])).await;
    assert!(matches!(spent, Err(Error::LimitReached { .. })), "{spent:?}");
    books.post(&test, &books.posting("again", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    let hold = books.reserve(WALLET, PAYABLE, 5_00, Some(chrono::TimeDelta::minutes(5)));
    let held = batcher.post(books.one("hold", hold)).await.unwrap();
    let void = Transfer::void(held.transfers[0], "hang-up");
    books.post(&test, &books.one("void", void.clone())).await.unwrap();
    let again = batcher.post(books.one("void again", void)).await;
    assert!(matches!(again, Err(Error::AlreadyVoided(_))), "{again:?}");
    // What was made before answers as the first time, though there would be nothing to spend now.
    let spend = books.posting("spend", &[(WALLET, PAYABLE, 5_00)]);
    let first = batcher.post(spend.clone()).await.unwrap();
    assert_eq!(batcher.post(spend).await.unwrap(), first);
    books.assert_sound(&mut test.db.acquire().await.unwrap()).await;
}

#[tokio::test]
async fn what_waits_for_an_account_keeps_nobody_waiting_who_needs_others() {
    let test = TestDb::create().await;
    let (one, other) = (Books::open(&test).await, Books::open(&test).await);
    let batcher = one.batcher(&test);
    for books in [&one, &other] {
        batcher.post(books.posting("top-up", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    }
    let mut holding = test.db.begin().await.unwrap();
    sqlx::query("select from ledger_accounts where tenant_id = $1 for update")
        .bind(one.tenant.uuid())
        .execute(&mut *holding)
        .await
        .unwrap();
    let mut held = Box::pin(post_all(
        &batcher,
        vec![
            one.posting("spend", &[(WALLET, PAYABLE, 5_00)]),
            one.posting("too late", &[(WALLET, PAYABLE, 1)]),
        ],
    ));
    tokio::select! {
        biased;
        answers = &mut held => panic!("nobody can have posted: {answers:?}"),
        free = batcher.post(other.posting("spend", &[(WALLET, PAYABLE, 5_00)])) => { free.unwrap(); }
    }
    holding.rollback().await.unwrap();
    let answers = held.await;
    assert!(answers[0].is_ok() && matches!(answers[1], Err(Error::LimitReached { .. })), "{answers:?}");
    one.assert_sound(&mut test.db.acquire().await.unwrap()).await;
}

#[tokio::test]
async fn more_than_the_queue_holds_is_refused_at_once_and_the_rest_is_posted() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let options = BatcherOptions { queue_max: 3, ..BatcherOptions::default() };
    let (batcher, work) = Batcher::new(books.ledger.clone(), test.db.clone(), options);
    let postings = (0..5).map(|n| books.posting(&n.to_string(), &[(CLEARING, PAYABLE, 1)])).collect();
    let calls = tokio::spawn(async move { post_all(&batcher, postings).await });
    tokio::task::yield_now().await;
    work.await;
    let answers = calls.await.unwrap();
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(Error::Busy))).count(), 2, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
    assert_eq!(books.balance(&mut test.db.acquire().await.unwrap(), PAYABLE).await, 3);
}

#[tokio::test]
async fn without_its_work_a_batcher_says_that_it_stopped() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let (batcher, work) = Batcher::new(books.ledger.clone(), test.db.clone(), BatcherOptions::default());
    drop(work);
    let stopped = batcher.post(books.posting("sale", &[(CLEARING, PAYABLE, 1)])).await;
    assert!(matches!(stopped, Err(Error::Stopped)), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_parallel_debits_of_the_last_credit_through_both_entries_exactly_one_succeeds() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    batcher.post(books.posting("top-up", &[(CLEARING, WALLET, 5_00)])).await.unwrap();
    let spend = |n: usize| books.posting(&format!("spend {n}"), &[(WALLET, PAYABLE, 5_00)]);
    let batched = post_all(&batcher, (0..100).map(spend).collect());
    let direct = (100..108).map(spend).map(|spend| {
        let (books, test) = (&books, &test);
        async move { books.post(test, &spend).await }
    });
    let (batched, direct) = tokio::join!(batched, join_all(direct));
    let (ok, refused): (Vec<_>, Vec<_>) = batched.into_iter().chain(direct).partition(Result::is_ok);
    assert_eq!(ok.len(), 1);
    assert!(refused.iter().all(|r| matches!(r, Err(Error::LimitReached { .. }))), "{refused:?}");
    books.assert_sound(&mut test.db.acquire().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_entries_take_their_locks_in_one_order() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let posting = |n: usize| {
        let (debit, credit) = if n.is_multiple_of(2) { (CLEARING, PAYABLE) } else { (PAYABLE, CLEARING) };
        books.posting(&n.to_string(), &[(debit, credit, 1), (TILL, PAYABLE, 1)])
    };
    let batched = post_all(&batcher, (0..200).map(posting).collect());
    let direct: Vec<Posting> = (200..300).map(posting).collect();
    // Not repeated: with one lock order there is no deadlock to be repeated for.
    let posted = stream::iter(&direct).map(|posting| books.post(&test, posting)).buffered(8);
    let (batched, direct): (_, Vec<_>) = tokio::join!(batched, posted.collect());
    assert!(batched.iter().chain(&direct).all(Result::is_ok), "{direct:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, TILL).await, 300);
    books.assert_sound(&mut connection).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_reserve_and_capture_one_after_the_other_share_commits() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    batcher.post(books.posting("top-up", &[(CLEARING, WALLET, 1_000_00)])).await.unwrap();
    let callers = (0..40).map(|caller| {
        let (books, batcher) = (&books, &batcher);
        async move {
            for n in 0..5 {
                let reserve = books.reserve(WALLET, PAYABLE, 5_00, Some(chrono::TimeDelta::minutes(5)));
                let reserved = batcher.post(books.one(&format!("hold {caller} {n}"), reserve)).await.unwrap();
                let capture = Transfer::post(reserved.transfers[0], Some(Money::inr(3_00)), "call");
                batcher.post(books.one(&format!("take {caller} {n}"), capture)).await.unwrap();
            }
        }
    });
    join_all(callers).await;
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.told(&mut connection, WALLET).await, [400_00, 0, 0, 400_00]);
    books.assert_sound(&mut connection).await;
}
