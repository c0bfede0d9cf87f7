//! Transactions that lose a race are repeated; connections at hand are as good as those of the pool.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use platform::Db;
use platform::db::repeat;
use sqlx::Row;
use testkit::TestDb;

async fn balance(db: &Db, id: i32) -> i32 {
    sqlx::query_scalar("select balance from accounts where id = $1")
        .bind(id)
        .fetch_one(db.pool())
        .await
        .unwrap()
}

async fn two_accounts(test: &TestDb) {
    sqlx::raw_sql("create table accounts (id int primary key, balance int not null); insert into accounts values (1, 100), (2, 100)")
        .execute(test.db.pool())
        .await
        .unwrap();
}

/// A transfer that locks its rows in the order given: two of them in opposite order deadlock.
async fn transfer(db: &Db, from: i32, to: i32, attempts: &AtomicU32) -> Result<(), sqlx::Error> {
    attempts.fetch_add(1, Ordering::SeqCst);
    let mut transaction = db.begin().await?;
    for (id, change) in [(from, -10), (to, 10)] {
        sqlx::query("update accounts set balance = balance + $2 where id = $1")
            .bind(id)
            .bind(change)
            .execute(&mut *transaction)
            .await?;
        // Holds the first lock until the other side holds its own.
        sqlx::query("select pg_sleep(0.05)").execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

#[tokio::test]
async fn a_deadlock_is_repeated_until_both_transfers_are_done() {
    let test = TestDb::create().await;
    two_accounts(&test).await;
    let attempts = AtomicU32::new(0);
    let (there, back) = tokio::join!(
        repeat(|| transfer(&test.db, 1, 2, &attempts)),
        repeat(|| transfer(&test.db, 2, 1, &attempts)),
    );
    assert!(there.is_ok() && back.is_ok(), "{there:?} {back:?}");
    assert_eq!((balance(&test.db, 1).await, balance(&test.db, 2).await), (100, 100));
    assert!(attempts.load(Ordering::SeqCst) > 2, "the two did deadlock");
}

async fn spoil_then_fail(db: &Db, attempts: &AtomicU32) -> Result<(), sqlx::Error> {
    attempts.fetch_add(1, Ordering::SeqCst);
    let mut transaction = db.begin().await?;
    sqlx::query("update accounts set balance = 0").execute(&mut *transaction).await?;
    sqlx::query("select 1 / 0").execute(&mut *transaction).await?;
    transaction.commit().await
}

#[tokio::test]
async fn an_error_that_is_no_lost_race_rolls_back_and_is_not_repeated() {
    let test = TestDb::create().await;
    two_accounts(&test).await;
    let attempts = AtomicU32::new(0);
    assert!(repeat(|| spoil_then_fail(&test.db, &attempts)).await.is_err());
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
    assert_eq!(balance(&test.db, 1).await, 100);
}

/// The driver forgets a `begin` that it was not let finish: whoever has the connection next would write into a transaction that nobody
/// commits.
#[tokio::test]
async fn a_transaction_that_nobody_waited_for_is_not_left_open() {
    let test = TestDb::create().await;
    let db = Db::connect(test.connect_options(), 1).await.unwrap();
    let alone = "select now() = statement_timestamp()";
    let mut broken_off = 0;
    let row = sqlx::raw_sql(alone).fetch_one(db.pool()).await.unwrap();
    assert!(row.get::<bool, _>(0), "control");
    for micros in (0..1_500).map(|n| n % 300) {
        let begun = tokio::time::timeout(Duration::from_micros(micros), db.begin()).await;
        broken_off += u32::from(begun.is_err());
        drop(begun);
        // Of a transaction that was open before, the clock stands still.
        tokio::time::sleep(Duration::from_micros(200)).await;
        // In one message, the moment of both is its own.
        let row = sqlx::raw_sql(alone).fetch_one(db.pool()).await.unwrap();
        assert!(row.get::<bool, _>(0), "after {micros} µs");
    }
    assert!(broken_off > 0);
}

async fn backend(connection: &mut sqlx::PgConnection) -> i32 {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(connection).await.unwrap()
}

/// One connection of four is kept at hand.
async fn with_one_at_hand(test: &TestDb) -> (Db, i32) {
    let db = Db::connect(test.connect_options(), 4).await.unwrap();
    let mut ready = db.ready().await.unwrap();
    let backend = backend(&mut ready).await;
    ready.done();
    (db, backend)
}

#[tokio::test]
async fn what_is_at_hand_is_used_again_and_no_more_than_a_quarter_is() {
    let test = TestDb::create().await;
    let (db, first) = with_one_at_hand(&test).await;
    assert_eq!(db.pool().num_idle(), 0, "it was not given back");
    let (mut one, mut other) = (db.ready().await.unwrap(), db.ready().await.unwrap());
    assert_eq!(backend(&mut one).await, first);
    assert_ne!(backend(&mut other).await, first);
    one.done();
    other.done();
    while db.pool().num_idle() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((db.pool().num_idle(), db.pool().size()), (1, 2), "there was room for one");
    assert_eq!(backend(&mut db.ready().await.unwrap()).await, first);
}

#[tokio::test]
async fn a_statement_that_nobody_waited_for_leaves_nothing_to_whoever_is_next() {
    let test = TestDb::create().await;
    let (db, first) = with_one_at_hand(&test).await;
    let cut_off = async {
        let mut ready = db.ready().await.unwrap();
        sqlx::query("select 7, pg_sleep(0.3)").execute(&mut *ready).await.unwrap();
        ready.done();
    };
    assert!(tokio::time::timeout(Duration::from_millis(50), cut_off).await.is_err());
    while db.pool().num_idle() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut ready = db.ready().await.unwrap();
    assert_eq!(backend(&mut ready).await, first, "it came back through the pool, which asked it");
}

#[tokio::test]
async fn a_connection_at_hand_that_was_lost_is_found_out() {
    let test = TestDb::create().await;
    let (db, first) = with_one_at_hand(&test).await;
    let ended = sqlx::query_scalar::<_, bool>("select pg_terminate_backend($1, 5000)").bind(first);
    assert!(ended.fetch_one(test.db.pool()).await.unwrap());
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_ne!(backend(&mut db.ready().await.unwrap()).await, first);
}

#[tokio::test]
async fn nothing_is_at_hand_when_the_pools_close() {
    let test = TestDb::create().await;
    let (db, _) = with_one_at_hand(&test).await;
    let ready = db.ready().await.unwrap();
    let closing = tokio::spawn({
        let db = db.clone();
        async move { db.close().await }
    });
    while !db.pool().is_closed() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ready.done();
    tokio::time::timeout(Duration::from_secs(5), closing).await.expect("they close").unwrap();
}
