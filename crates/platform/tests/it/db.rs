//! Transactions that lose a race are repeated.

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
