//! What no device can ask for is deleted.

use chrono::TimeDelta;
use platform::jobs::{Draft, Job};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sync::Subscriber;

use crate::server::{Server, event};

async fn count(server: &Server, table: &str) -> i64 {
    let statement = match table {
        "events" => "select count(*) from sync_events",
        "heads" => "select count(*) from sync_heads",
        _ => "select count(*) from socket_tickets",
    };
    sqlx::query_scalar(statement).fetch_one(server.test.db.pool()).await.unwrap()
}

/// The job as the schedule enqueues it.
#[derive(Serialize, Deserialize)]
struct PurgeLog {}

impl Job for PurgeLog {
    const KIND: &'static str = "purge-sync-log";
}

/// Lets the time pass and the job come round.
async fn pass(server: &Server, time: TimeDelta) {
    server.test.clock.advance(time);
    let mut connection = server.test.db.acquire().await.unwrap();
    server.jobs.enqueue(&mut connection, Draft::of_nobody(&PurgeLog {})).await.unwrap();
    assert_eq!(server.run_jobs().await, 1);
}

#[tokio::test]
async fn events_live_eight_days_and_numbers_go_on() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let buyer = server.buyer_at(vendor.tenant).await;
    let subscriber = Subscriber::vendor(vendor.tenant);
    vendor.browser.ticket(&json!({})).await;
    server.tell(subscriber, 1..=3).await;
    server.tell(buyer.subscriber, 1..=3).await;
    pass(&server, TimeDelta::days(8)).await;
    assert_eq!(count(&server, "events").await, 6);
    assert_eq!(count(&server, "tickets").await, 0);
    pass(&server, TimeDelta::hours(1)).await;
    assert_eq!(count(&server, "events").await, 0);
    assert_eq!(server.device_of(&mut vendor).await.seen, Some(3));
    assert_eq!(count(&server, "heads").await, 2);
    pass(&server, TimeDelta::days(23)).await;
    assert_eq!(count(&server, "heads").await, 1, "a guest who is long gone has no log; a vendor always has");
}

#[tokio::test]
async fn of_a_long_log_the_last_ten_thousand_are_kept() {
    let server = Server::start().await;
    let vendor = server.vendor("9876543210").await;
    let subscriber = Subscriber::vendor(vendor.tenant);
    for n in 0..3 {
        server.tell_at_once(subscriber, (0..4000).map(|m| event(n * 4000 + m)).collect()).await;
    }
    pass(&server, TimeDelta::hours(1)).await;
    let (first, last): (i64, i64) = sqlx::query_as("select min(seq), max(seq) from sync_events")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert_eq!((first, last), (2001, 12_000));
}
