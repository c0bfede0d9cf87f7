//! Migrations go forward only, once, whichever node comes first.

use std::time::Duration;

use chrono::TimeDelta;
use platform::{Clock, Entropy, lease, migrate};
use testkit::TestDb;
use uuid::Uuid;

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let test = TestDb::create().await;
    migrate::migrate(&test.db, &Clock::system(), &Entropy::system()).await.unwrap();
    let applied: i64 =
        sqlx::query_scalar("select count(*) from _sqlx_migrations").fetch_one(test.db.pool()).await.unwrap();
    assert!(applied >= 1);
}

#[tokio::test]
async fn nodes_that_start_together_migrate_one_after_the_other() {
    let test = TestDb::create().await;
    sqlx::raw_sql("drop schema public cascade; create schema public").execute(test.db.pool()).await.unwrap();
    let nodes =
        (0..4).map(|_| async { migrate::migrate(&test.db, &Clock::system(), &Entropy::system()).await });
    for result in futures::future::join_all(nodes).await {
        result.unwrap();
    }
    sqlx::query("select 1 from jobs").fetch_optional(test.db.pool()).await.unwrap();
}

#[tokio::test]
async fn whoever_starts_after_a_kill_waits_only_until_the_lease_is_over() {
    let test = TestDb::create().await;
    let now = test.clock.now();
    let mut connection = test.db.acquire().await.unwrap();
    let killed = Uuid::from_u128(1);
    assert!(lease::take(&mut connection, "migrations", killed, now, TimeDelta::seconds(15)).await.unwrap());
    drop(connection);
    let entropy = Entropy::system();
    let moment = Duration::from_millis(300);
    let waits = tokio::time::timeout(moment, migrate::migrate(&test.db, &test.clock, &entropy)).await;
    assert!(waits.is_err(), "it waits");
    test.clock.advance(TimeDelta::seconds(15));
    migrate::migrate(&test.db, &test.clock, &entropy).await.unwrap();
    let mut connection = test.db.acquire().await.unwrap();
    let free = lease::take(&mut connection, "migrations", killed, now, TimeDelta::seconds(15)).await.unwrap();
    assert!(free, "it was given back");
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_with_its_version() {
    let test = TestDb::create().await;
    sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (29990101000000, 'later', true, '', 0)")
        .execute(test.db.pool())
        .await
        .unwrap();
    let error = migrate::migrate(&test.db, &Clock::system(), &Entropy::system()).await.unwrap_err();
    assert!(matches!(error, migrate::Error::FromTheFuture(29_990_101_000_000)), "{error}");
}

#[tokio::test]
async fn an_edited_migration_is_refused_with_its_version() {
    let test = TestDb::create().await;
    sqlx::query("update _sqlx_migrations set checksum = '\\x00'").execute(test.db.pool()).await.unwrap();
    let error = migrate::migrate(&test.db, &Clock::system(), &Entropy::system()).await.unwrap_err();
    assert!(matches!(error, migrate::Error::Edited(_)), "{error}");
}

#[tokio::test]
async fn a_lease_is_one_holders_until_it_is_released_or_over() {
    let test = TestDb::create().await;
    let mut connection = test.db.acquire().await.unwrap();
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let minute = TimeDelta::minutes(1);
    let now = test.clock.now();
    assert!(lease::take(&mut connection, "x", one, now, minute).await.unwrap());
    assert!(lease::take(&mut connection, "x", one, now, minute).await.unwrap(), "its holder renews it");
    assert!(!lease::take(&mut connection, "x", other, now, minute).await.unwrap());
    assert!(lease::take(&mut connection, "x", other, now + minute, minute).await.unwrap(), "it is over");
    lease::release(&mut connection, "x", other).await.unwrap();
    assert!(lease::take(&mut connection, "x", one, now, minute).await.unwrap());
}
