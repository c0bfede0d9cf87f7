//! What goes wrong beneath the books: lost connections, deadlocks, serialization failures, refused bytes.

use std::time::Duration;

use futures::future::join_all;
use ledger::{Batcher, BatcherOptions, Error, Ledger, Posting};
use platform::Db;
use platform::db::repeat;
use sqlx::AssertSqlSafe;
use testkit::TestDb;

use crate::books::{Books, CLEARING, PAYABLE, TILL, WALLET};

/// Ends every backend of the test's database that is at `state`, this one aside; says how many.
async fn terminate(test: &TestDb, state: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!(
        "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and {state}"
    )))
    .fetch_one(test.db.pool())
    .await
    .unwrap()
}

/// Waits until some backend is at `state`.
async fn until(test: &TestDb, state: &str) {
    let query = format!(
        "select exists (select from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and {state})"
    );
    for _ in 0..2000 {
        let query = sqlx::query_scalar::<_, bool>(AssertSqlSafe(query.clone()));
        if query.fetch_one(test.db.pool()).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no backend ever was at {state}");
}

fn sales(books: &Books, count: usize) -> Vec<Posting> {
    (0..count).map(|n| books.posting(&format!("sale {n}"), &[(CLEARING, PAYABLE, 1_00)])).collect()
}

async fn post_all(batcher: &Batcher, postings: &[Posting]) -> Vec<Result<ledger::Posted, Error>> {
    join_all(postings.iter().map(|posting| batcher.post(posting.clone()))).await
}

/// The sales stand once each, and their keys give the same answers again.
async fn assert_posted_once(
    test: &TestDb,
    books: &Books,
    postings: &[Posting],
    answers: &[Result<ledger::Posted, Error>],
) {
    for (posting, answer) in postings.iter().zip(answers) {
        assert_eq!(books.post(test, posting).await.unwrap(), *answer.as_ref().unwrap());
    }
    let mut connection = test.db.acquire().await.unwrap();
    let total = i64::try_from(postings.len()).unwrap() * 1_00;
    assert_eq!(books.balance(&mut connection, PAYABLE).await, total);
    books.assert_sound(&mut connection).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_whose_connection_dies_between_its_statements_is_posted_on_another() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let mut holding = test.db.begin().await.unwrap();
    sqlx::query("select from ledger_accounts where code = 'payable' for update")
        .execute(&mut *holding)
        .await
        .unwrap();
    let postings = sales(&books, 20);
    let kill = async {
        until(&test, "wait_event_type = 'Lock'").await;
        assert_eq!(terminate(&test, "wait_event_type = 'Lock'").await, 1);
        holding.rollback().await.unwrap();
    };
    let (answers, ()) = tokio::join!(post_all(&batcher, &postings), kill);
    assert_posted_once(&test, &books, &postings, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_whose_connection_dies_in_the_midst_of_its_commit_is_posted_on_another() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    // What is deferred runs within the commit: there it waits long enough to be hit.
    sqlx::raw_sql(
        "create sequence lingered;
         create function linger() returns trigger language plpgsql as $$ begin
             if nextval('lingered') = 1 then perform pg_sleep(30); end if;
             return null;
         end $$;
         create constraint trigger lingers after insert on ledger_transfers deferrable initially deferred
             for each row when (new.key = 'sale 0') execute function linger();",
    )
    .execute(test.db.pool())
    .await
    .unwrap();
    let postings = sales(&books, 20);
    let kill = async {
        until(&test, "wait_event = 'PgSleep'").await;
        assert_eq!(terminate(&test, "wait_event = 'PgSleep'").await, 1);
    };
    let (answers, ()) = tokio::join!(post_all(&batcher, &postings), kill);
    assert_posted_once(&test, &books, &postings, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_connections_are_cut_at_whatever_moment_every_posting_stands_once() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let postings = sales(&books, 400);
    let (mut answers, mut cut) = (Vec::new(), 0);
    for group in postings.chunks(20) {
        let killing = async {
            tokio::time::sleep(Duration::from_micros(300 * u64::try_from(answers.len() % 17).unwrap())).await;
            // Those at work, or every second time also those that rest: the next batch finds its own dead.
            let busy = if answers.len() % 40 == 0 { "true" } else { "state <> 'idle'" };
            terminate(&test, &format!("{busy} and backend_type = 'client backend'")).await
        };
        let (answered, killed) = tokio::join!(post_all(&batcher, group), killing);
        cut += killed;
        answers.extend(answered);
    }
    assert!(cut > 0, "no connection was ever cut");
    assert_posted_once(&test, &books, &postings, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_that_is_the_victim_of_a_deadlock_is_posted_again() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let mut ids = books.accounts;
    ids.sort_unstable();
    let lock =
        |n: usize| sqlx::query("select from ledger_accounts where id = $1 for update").bind(ids[n].uuid());
    // Somebody who does not keep the order of locks, and who is patient enough for the batch to be the victim.
    let mut disorderly = test.db.begin().await.unwrap();
    sqlx::query("set local deadlock_timeout = '20s'").execute(&mut *disorderly).await.unwrap();
    lock(3).execute(&mut *disorderly).await.unwrap();
    let all = [books.posting("all", &[(CLEARING, WALLET, 1_00), (TILL, PAYABLE, 1_00)])];
    let disorder = async {
        until(&test, "wait_event_type = 'Lock'").await;
        lock(0).execute(&mut *disorderly).await.unwrap();
        disorderly.rollback().await.unwrap();
    };
    let before = deadlocks(&test).await;
    let (answers, ()) = tokio::join!(post_all(&batcher, &all), disorder);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    for _ in 0..400 {
        if deadlocks(&test).await > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(deadlocks(&test).await > before, "there was no deadlock");
    books.assert_sound(&mut test.db.acquire().await.unwrap()).await;
}

async fn deadlocks(test: &TestDb) -> i64 {
    let count = "select deadlocks from pg_stat_database where datname = current_database()";
    sqlx::query_scalar(count).fetch_one(test.db.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn serialization_failures_are_repeated_through_both_entries() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let strict = test.connect_options().options([("default_transaction_isolation", "serializable")]);
    let strict = Db::connect(strict, 8).await.unwrap();
    let ledger = Ledger::new(test.clock.clone(), test.entropy.clone());
    let (batcher, work) = Batcher::new(ledger.clone(), strict.clone(), BatcherOptions::default());
    tokio::spawn(work);
    let postings = sales(&books, 60);
    let direct = async |posting: &Posting| {
        let mut transaction = strict.begin().await?;
        let posted = ledger.post(&mut transaction, posting).await?;
        transaction.commit().await?;
        Ok::<_, Error>(posted)
    };
    // Few enough at once that six attempts are sure to be enough.
    for (batched, alone) in postings.chunks(6).map(|chunk| chunk.split_at(4)) {
        let (batched, one, two) = tokio::join!(
            post_all(&batcher, batched),
            repeat(|| direct(&alone[0])),
            repeat(|| direct(&alone[1]))
        );
        assert!(batched.iter().chain([&one, &two]).all(Result::is_ok), "{batched:?} {one:?} {two:?}");
    }
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 60_00);
    books.assert_sound(&mut connection).await;
    strict.pool().close().await;
}

#[tokio::test]
async fn a_posting_that_the_database_itself_refuses_is_alone_in_its_misfortune() {
    let test = TestDb::create().await;
    let books = Books::open(&test).await;
    let batcher = books.batcher(&test);
    let mut postings = sales(&books, 3);
    // PostgreSQL stores no such character.
    postings[1].transfers[0].reason = "sa\0le".into();
    let answers = post_all(&batcher, &postings).await;
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert!(matches!(answers[1], Err(Error::NotCommitted(_))), "{answers:?}");
    let mut connection = test.db.acquire().await.unwrap();
    assert_eq!(books.balance(&mut connection, PAYABLE).await, 2_00);
    books.assert_sound(&mut connection).await;
}
