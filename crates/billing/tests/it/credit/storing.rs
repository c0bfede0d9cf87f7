//! What is kept in files is charged by the day.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::credit::purse::Purse;

/// Looks every hour whether a day is over, and a megabyte for a day costs a rupee.
async fn open() -> Purse {
    let purse = Purse::open().await;
    sqlx::query("insert into job_schedules (name, next_run_at) values ('count-storage', $1)")
        .bind(purse.test.clock.now())
        .execute(purse.test.db.pool())
        .await
        .unwrap();
    purse
}

async fn price(purse: &Purse) {
    let price = json!({
        "client_id": Uuid::from_u128(u128::from_le_bytes(purse.test.entropy.bytes())), "provider": "storage",
        "measure": "stored_byte_days", "per": 1_000_000, "price_micros": 1_000_000, "reason": "what disks cost",
    });
    let (status, body) = purse.call(&purse.operator(), Method::POST, "/operator/prices", Some(&price)).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}

/// A paper of a dispute, so large.
async fn keep(purse: &Purse, bytes: i32) {
    sqlx::query(
        "insert into dispute_files (tenant_id, dispute_id, place, kind, name, media_type, content, sha256, created_at)
         values ($1, $2, 1, 'pack', 'evidence.pdf', 'application/pdf', decode(repeat('00', $3), 'hex'), '', $4)",
    )
    .bind(purse.tenant.uuid())
    .bind(Uuid::from_u128(u128::from_le_bytes(purse.test.entropy.bytes())))
    .bind(bytes)
    .bind(purse.test.clock.now())
    .execute(purse.test.db.pool())
    .await
    .unwrap();
}

/// Lets days pass, and looks once each.
async fn days(purse: &Purse, days: u32) {
    for _ in 0..days {
        purse.test.clock.advance(TimeDelta::days(1));
        purse.settle().await;
    }
}

/// The days that were charged, the newest first: which, and how much in paise.
async fn charged(purse: &Purse) -> Vec<(String, i64)> {
    let usage = purse.get("/credit/usage?limit=100").await;
    let one = |usage: &Value| {
        let day = usage["kept"]["day"].as_str().unwrap().to_owned();
        (day, usage["charged"]["minor"].as_i64().unwrap())
    };
    usage["items"].as_array().unwrap().iter().map(one).collect()
}

fn of(day: &str, minor: i64) -> (String, i64) {
    (day.to_owned(), minor)
}

#[tokio::test]
async fn a_day_is_charged_once_for_what_was_kept_over_its_end() {
    let purse = open().await;
    keep(&purse, 1_000_000).await;
    days(&purse, 2).await;
    price(&purse).await;
    purse.grant(1_000_00, None).await;
    days(&purse, 1).await;
    assert_eq!(charged(&purse).await, [of("2026-11-25", 1_00)], "days before there was a price cost nothing");
    keep(&purse, 1_505_000).await;
    days(&purse, 1).await;
    assert_eq!(charged(&purse).await, [of("2026-11-26", 2_50), of("2026-11-25", 1_00)]);
    let usage = purse.get("/credit/usage").await["items"][0].clone();
    let kept = json!({"day": "2026-11-26", "recordings_bytes": 0, "papers_bytes": 2_505_000});
    assert_eq!((&usage["kept"], &usage["exact_micros"]), (&kept, &json!(2_505_000)));
    assert_eq!((&usage["cause"]["kind"], &usage["provider"]), (&json!("storage"), &json!("storage")));
    let table = purse.text("/credit/usage.csv").await;
    assert!(
        table.contains(",storage,,stored_byte_days,2505000,byte-days,2.505000,2.50,,2026-11-26"),
        "{table}"
    );
    // Counted again, as by a second node or after a crash before the count was noted: charged once.
    sqlx::query("delete from credit_storage_counts where day > '2026-11-24'")
        .execute(purse.test.db.pool())
        .await
        .unwrap();
    purse.test.clock.advance(TimeDelta::hours(2));
    purse.settle().await;
    assert_eq!(purse.standing().await, (1_000_00 - 3_50, 0));
    // What is gone counts no more; half a paisa of the day before is carried into whatever comes next.
    sqlx::query("delete from dispute_files where length(content) < 1200000")
        .execute(purse.test.db.pool())
        .await
        .unwrap();
    days(&purse, 1).await;
    assert_eq!(charged(&purse).await[0], of("2026-11-27", 1_51), "1.505 and the half paisa from before");
    sqlx::query("delete from dispute_files").execute(purse.test.db.pool()).await.unwrap();
    days(&purse, 2).await;
    assert_eq!(purse.standing().await, (1_000_00 - 5_01, 0));
    purse.check_books().await;
}

#[tokio::test]
async fn days_without_credit_wait_delete_nothing_and_are_charged_after_a_top_up() {
    let purse = open().await;
    price(&purse).await;
    keep(&purse, 1_000_000).await;
    days(&purse, 3).await;
    let credit = purse.get("/credit").await;
    assert_eq!((&credit["paused_jobs"], &credit["available"]["minor"]), (&json!(1), &json!(0)));
    assert_eq!(charged(&purse).await, []);
    purse.freeze(true).await;
    purse.grant(2_50, None).await;
    purse.pass(120).await;
    assert_eq!(charged(&purse).await, [], "nothing is spent while spending is stopped");
    purse.freeze(false).await;
    purse.pass(120).await;
    assert_eq!(charged(&purse).await, [of("2026-11-24", 1_00), of("2026-11-23", 1_00)], "the oldest first");
    assert_eq!(purse.standing().await, (50, 0));
    purse.grant(50, None).await;
    purse.pass(120).await;
    assert_eq!(charged(&purse).await[0], of("2026-11-25", 1_00));
    let files: i64 = sqlx::query_scalar("select count(*) from dispute_files")
        .fetch_one(purse.test.db.pool())
        .await
        .unwrap();
    assert_eq!(files, 1);
    // More than thirty days later the older ones are waived.
    days(&purse, 40).await;
    purse.grant(1_000_00, None).await;
    purse.pass(120).await;
    let all = charged(&purse).await;
    assert_eq!(all.len(), 3 + 30, "{all:?}");
    let waived: i64 = sqlx::query_scalar("select count(*) from credit_stored_days where state = 'waived'")
        .fetch_one(purse.test.db.pool())
        .await
        .unwrap();
    assert_eq!(waived, 10);
    purse.check_books().await;
}

#[tokio::test]
async fn days_that_nobody_counted_are_counted_late_as_they_were() {
    let purse = open().await;
    price(&purse).await;
    purse.grant(1_000_00, None).await;
    keep(&purse, 1_000_000).await;
    days(&purse, 1).await;
    let at_first: DateTime<Utc> = purse.test.clock.now();
    // Ten days without a server: the last seven are counted, each as it was at its end.
    purse.test.clock.advance(TimeDelta::days(9));
    keep(&purse, 3_000_000).await;
    purse.test.clock.advance(TimeDelta::days(1));
    purse.settle().await;
    let all = charged(&purse).await;
    assert_eq!(all.len(), 1 + 7, "{all:?} from {at_first} on");
    assert_eq!((&all[0], &all[1]), (&of("2026-12-03", 4_00), &of("2026-12-02", 1_00)));
    purse.check_books().await;
}
