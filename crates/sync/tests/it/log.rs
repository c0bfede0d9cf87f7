//! Every event once and in order.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::json;
use sync::{Event, Subscriber};
use testkit::statements;
use types::VisitId;

use crate::device::Device;
use crate::server::{Server, Vendor, event};

/// A device that comes back with what the last one knew.
async fn back(server: &Server, vendor: &mut Vendor, before: &Device) -> Device {
    let ticket = vendor.browser.ticket(&json!({})).await;
    Device::connect(server.address).await.hello(&ticket, before.epoch.as_deref(), before.seen).await
}

#[tokio::test]
async fn a_device_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let subscriber = Subscriber::vendor(vendor.tenant);
    server.tell(subscriber, 1..=3).await;
    let mut device = server.device_of(&mut vendor).await;
    assert_eq!(device.seen, Some(3), "a first hello asks for nothing old");
    server.tell(subscriber, 4..=5).await;
    assert_eq!(device.next_events(2).await, [4, 5]);

    device.leave().await;
    server.tell(subscriber, 6..=250).await;
    let mut device = back(&server, &mut vendor, &device).await;
    server.tell(subscriber, 251..=260).await;
    assert_eq!(device.next_events(255).await, (6..=260).collect::<Vec<_>>());
    device.hears_nothing().await;
}

#[tokio::test]
async fn a_device_that_comes_back_in_the_middle_of_the_talk_misses_nothing() {
    let server = Arc::new(Server::start().await);
    let mut vendor = server.vendor("9876543210").await;
    let subscriber = Subscriber::vendor(vendor.tenant);
    let mut device = server.device_of(&mut vendor).await;
    let talking = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.tell(subscriber, 1..=400).await }
    });
    let mut heard = Vec::new();
    while heard.len() < 400 {
        let take = 37.min(400 - heard.len());
        heard.extend(device.next_events(take).await);
        if heard.len() < 400 && heard.len() < 37 * 8 {
            device = back(&server, &mut vendor, &device).await;
        }
    }
    assert_eq!(heard, (1..=400).collect::<Vec<_>>());
    talking.await.unwrap();
}

#[tokio::test]
async fn all_devices_of_a_subscriber_hear_the_same() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut devices = Vec::new();
    for _ in 0..4 {
        devices.push(server.device_of(&mut vendor).await);
    }
    server.tell(Subscriber::vendor(vendor.tenant), 1..=5).await;
    for device in &mut devices {
        assert_eq!(device.next_events(5).await, [1, 2, 3, 4, 5]);
    }
}

#[tokio::test]
async fn news_of_another_node_arrive() {
    let server = Server::start().await;
    let other = server.another_node().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    other.tell(Subscriber::vendor(vendor.tenant), 1..=2).await;
    assert_eq!(device.next_events(2).await, [1, 2]);
}

#[tokio::test]
async fn an_event_says_its_kind_and_its_visit() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    let visit: VisitId = server.test.entropy.id(server.test.clock.now());
    let event =
        Event {
            kind: "offer", visit_id: Some(visit), data: json!({"total": null, "name": "தக்காளி \"\\\""})
        };
    server.tell_at_once(Subscriber::vendor(vendor.tenant), vec![event]).await;
    let data = json!({"total": null, "name": "தக்காளி \"\\\""});
    let event = json!({"kind": "offer", "visit_id": visit, "data": data});
    assert_eq!(device.next().await, json!({"type": "event", "seq": 1, "event": event}));
}

#[tokio::test]
async fn publishers_that_run_together_leave_no_gap_and_no_double() {
    const PUBLISHERS: i64 = 8;
    const EACH: i64 = 20;
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut buyer = server.buyer_at(vendor.tenant).await;
    let mut devices = [server.device_of(&mut vendor).await, server.device_of_buyer(&mut buyer).await];
    let both = [Subscriber::vendor(vendor.tenant), buyer.subscriber];
    let publishing = (0..PUBLISHERS).map(async |publisher| {
        for n in 0..EACH {
            let mut transaction = server.test.db.begin().await.unwrap();
            // Half of them name the subscribers the other way round: the locks are taken in one order all the same.
            let mut events: Vec<_> = both.map(|to| (to, event(publisher * EACH + n))).into();
            if publisher % 2 == 0 {
                events.reverse();
            }
            server.sync.publish_all(&mut transaction, events).await.unwrap();
            if n % 5 == 4 {
                transaction.rollback().await.unwrap();
            } else {
                transaction.commit().await.unwrap();
            }
        }
    });
    let kept: Vec<i64> = (0..PUBLISHERS * EACH).filter(|n| n % 5 != 4).collect();
    let hearing = devices.each_mut().map(async |device| device.next_events(kept.len()).await);
    let (_, heard) = tokio::join!(join_all(publishing), join_all(hearing));
    for mut heard in heard {
        heard.sort_unstable();
        assert_eq!(heard, kept);
    }
    for device in &mut devices {
        device.hears_nothing().await;
    }
}

#[tokio::test]
async fn many_events_for_many_are_one_statement() {
    let server = Server::start().await;
    let vendor = server.vendor("9876543210").await;
    let buyer = server.buyer_at(vendor.tenant).await;
    let mut transaction = server.test.db.begin().await.unwrap();
    let both = [Subscriber::vendor(vendor.tenant), buyer.subscriber];
    let events = (0..10).flat_map(|n| both.map(|to| (to, event(n)))).collect();
    let (result, count) = statements(server.sync.publish_all(&mut transaction, events)).await;
    result.unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn another_epoch_begins_at_the_head() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    server.tell(Subscriber::vendor(vendor.tenant), 1..=9).await;
    for epoch in ["01932f5e-8a5c-7c3e-9d54-0123456789ab", "not an epoch"] {
        let ticket = vendor.browser.ticket(&json!({})).await;
        let mut device = Device::connect(server.address).await.hello(&ticket, Some(epoch), Some(4)).await;
        assert_eq!(device.seen, Some(9));
        device.hears_nothing().await;
    }
}

#[tokio::test]
async fn a_log_that_does_not_reach_back_says_resync_and_closes() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let subscriber = Subscriber::vendor(vendor.tenant);
    let epoch = server.device_of(&mut vendor).await.epoch;
    server.tell(subscriber, 1..=9).await;
    sqlx::query("delete from sync_events where seq <= 5").execute(server.test.db.pool()).await.unwrap();
    for (after, reaches) in [(4, false), (5, true), (9, true), (10, false), (-1, false), (i64::MAX, false)] {
        let ticket = vendor.browser.ticket(&json!({})).await;
        let mut device = Device::connect(server.address).await;
        device.say_hello(&ticket, epoch.as_deref(), Some(after)).await;
        if reaches {
            assert_eq!(device.next().await["type"], "welcome", "after {after}");
        } else {
            let closed = device.closed().await;
            assert_eq!(
                (closed.code, closed.before),
                (Some(1000), vec![json!({"type": "resync"})]),
                "after {after}"
            );
        }
    }
}
