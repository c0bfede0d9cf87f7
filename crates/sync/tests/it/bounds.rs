//! What a socket may cost.

use std::time::{Duration, Instant};

use serde_json::json;
use sync::{Event, SocketLimits, Subscriber};
use tokio_tungstenite::tungstenite::Message;

use crate::device::Device;
use crate::server::{Server, event};

fn resync() -> Vec<serde_json::Value> {
    vec![json!({"type": "resync"})]
}

#[tokio::test]
async fn a_queue_with_too_many_frames_says_resync_and_closes() {
    let server = Server::with_sockets(SocketLimits { queue_frames_max: 4, ..SocketLimits::default() }).await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    server.tell_at_once(Subscriber::vendor(vendor.tenant), (1..=90).map(event).collect()).await;
    let closed = device.closed().await;
    assert_eq!(closed.code, Some(1000));
    assert_eq!(closed.before.last(), Some(&json!({"type": "resync"})));
    assert!(closed.before.len() < 90);
    // The next hello asks for nothing old and hears what follows.
    let mut device = server.device_of(&mut vendor).await;
    assert_eq!(device.seen, Some(90));
    server.tell(Subscriber::vendor(vendor.tenant), [91]).await;
    assert_eq!(device.next_event().await, 91);
}

#[tokio::test]
async fn an_event_that_is_larger_than_the_queue_says_resync() {
    let server =
        Server::with_sockets(SocketLimits { queue_bytes_max: 10_000, ..SocketLimits::default() }).await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    let large = Event { kind: "visit", visit_id: None, data: json!("x".repeat(10_000)) };
    server.tell_at_once(Subscriber::vendor(vendor.tenant), vec![large]).await;
    assert_eq!(device.closed().await.before, resync());
    // From the log it is no smaller.
    let ticket = vendor.browser.ticket(&json!({})).await;
    let mut again =
        Device::connect(server.address).await.hello(&ticket, device.epoch.as_deref(), Some(0)).await;
    assert_eq!(again.closed().await.before, resync());
}

#[tokio::test]
async fn a_socket_that_never_reads_is_dropped() {
    let limits = SocketLimits { write_max: Duration::from_millis(300), ..SocketLimits::default() };
    let server = Server::with_sockets(limits).await;
    let mut vendor = server.vendor("9876543210").await;
    let subscriber = Subscriber::vendor(vendor.tenant);
    let _deaf = server.device_of(&mut vendor).await;
    let mut reading = server.device_of(&mut vendor).await;
    assert_eq!(server.sync.open_sockets(), 2);
    let text = "x".repeat(200_000);
    // More than the buffers of the machine hold; the queue holds a megabyte of it.
    for n in 1..=100 {
        let large = Event { kind: "message", visit_id: None, data: json!({"n": n, "text": text}) };
        server.tell_at_once(subscriber, vec![large]).await;
        assert_eq!(reading.next_event().await, n, "a device that reads hears on");
    }
    server.sockets_become(1).await;
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_dropped_and_one_that_answers_pings_stays() {
    let limits = SocketLimits {
        heartbeat: Duration::from_millis(100),
        silence_max: Duration::from_millis(700),
        ..SocketLimits::default()
    };
    let server = Server::with_sockets(limits).await;
    let mut vendor = server.vendor("9876543210").await;
    let _silent = server.device_of(&mut vendor).await;
    let mut answering = server.device_of(&mut vendor).await;
    let until = Instant::now() + Duration::from_millis(1500);
    while Instant::now() < until {
        assert_eq!(answering.next_of_any_kind().await, json!({"type": "ping"}));
        answering.say(&json!({"type": "pong"})).await;
    }
    assert_eq!(server.sync.open_sockets(), 1);
}

#[tokio::test]
async fn a_socket_that_says_no_hello_is_dropped() {
    let limits = SocketLimits { hello_max: Duration::from_millis(200), ..SocketLimits::default() };
    let server = Server::with_sockets(limits).await;
    let mut device = Device::connect(server.address).await;
    assert_eq!(device.closed().await.before, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn nobody_fills_the_doorstep() {
    let limits = SocketLimits { strangers_per_address_max: 2, ..SocketLimits::default() };
    let server = Server::with_sockets(limits).await;
    let mut vendor = server.vendor("9876543210").await;
    let ticket = vendor.browser.ticket(&json!({})).await;
    let _first = Device::connect(server.address).await;
    let second = Device::connect(server.address).await;
    assert!(Device::try_connect(server.address, None).await.is_err());
    let _known = second.hello(&ticket, None, None).await;
    assert!(Device::try_connect(server.address, None).await.is_ok(), "who said hello stands there no more");
}

#[tokio::test]
async fn a_full_house_takes_no_more() {
    let server = Server::with_sockets(SocketLimits { sockets_max: 1, ..SocketLimits::default() }).await;
    let mut vendor = server.vendor("9876543210").await;
    let device = server.device_of(&mut vendor).await;
    assert!(Device::try_connect(server.address, None).await.is_err());
    drop(device);
    server.sockets_become(0).await;
    let _next = server.device_of(&mut vendor).await;
}

#[tokio::test]
async fn with_one_device_too_many_the_oldest_goes() {
    let server = Server::with_sockets(SocketLimits { per_vendor_max: 2, ..SocketLimits::default() }).await;
    let mut vendor = server.vendor("9876543210").await;
    let mut oldest = server.device_of(&mut vendor).await;
    let mut rest = [server.device_of(&mut vendor).await, server.device_of(&mut vendor).await];
    assert_eq!(oldest.closed().await.code, Some(1000));
    server.tell(Subscriber::vendor(vendor.tenant), [1]).await;
    for device in &mut rest {
        assert_eq!(device.next_event().await, 1);
    }
    assert_eq!(server.sync.open_sockets(), 2);
}

#[tokio::test]
async fn frames_that_are_too_large_or_no_text_end_the_socket() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    for message in [Message::text("x".repeat(16 * 1024 + 1)), Message::binary(vec![0; 8])] {
        let mut device = server.device_of(&mut vendor).await;
        device.send(message).await;
        device.closed().await;
        server.sockets_become(0).await;
    }
}

#[tokio::test]
async fn nonsense_is_passed_over_and_a_flood_ends_the_socket() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    for frame in
        [json!(null), json!({"type": "later"}), json!({"type": "signal", "signal": {"kind": "dancing"}})]
    {
        device.say(&frame).await;
    }
    server.tell(Subscriber::vendor(vendor.tenant), [1]).await;
    assert_eq!(device.next_event().await, 1);
    for _ in 0..700 {
        device.say(&json!({"type": "pong"})).await;
    }
    assert_eq!(device.closed().await.code, Some(1008));
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let mut device = server.device_of(&mut vendor).await;
    server.stop();
    assert_eq!(device.closed().await.code, Some(1001));
    assert_eq!(server.sync.open_sockets(), 0);
}
