//! Who may open a socket.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::device::Device;
use crate::server::Server;

const POLICY: Option<u16> = Some(1008);

async fn status_of_connecting(server: &Server, origin: Option<&str>) -> StatusCode {
    match Device::try_connect(server.address, origin).await {
        Ok(_) => StatusCode::SWITCHING_PROTOCOLS,
        Err(Error::Http(response)) => StatusCode::from_u16(response.status().as_u16()).unwrap(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_page_of_another_origin_opens_no_socket() {
    let server = Server::start().await;
    assert_eq!(status_of_connecting(&server, Some("https://evil.example")).await, StatusCode::FORBIDDEN);
    assert_eq!(status_of_connecting(&server, Some("null")).await, StatusCode::FORBIDDEN);
    assert_eq!(status_of_connecting(&server, Some("http://stall.example")).await, StatusCode::FORBIDDEN);
    let ours = status_of_connecting(&server, Some("https://stall.example")).await;
    assert_eq!(ours, StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(status_of_connecting(&server, None).await, StatusCode::SWITCHING_PROTOCOLS, "a program");
}

#[tokio::test]
async fn a_call_that_is_no_socket_is_told_so() {
    let server = Server::start().await;
    let (status, body) = server.browser().call(Method::GET, "/socket", &json!({})).await;
    assert_eq!((status, &body["type"]), (StatusCode::BAD_REQUEST, &json!("/problems/bad-request")));
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let ticket = vendor.browser.ticket(&json!({})).await;
    let _first = Device::connect(server.address).await.hello(&ticket, None, None).await;
    let mut second = Device::connect(server.address).await;
    second.say_hello(&ticket, None, None).await;
    assert_eq!(second.closed().await.code, POLICY);
}

#[tokio::test]
async fn a_ticket_of_a_race_opens_one_socket() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let ticket = vendor.browser.ticket(&json!({})).await;
    let tries = (0..8).map(async |_| {
        let mut device = Device::connect(server.address).await;
        device.say_hello(&ticket, None, None).await;
        let welcome = device.is_welcome().await;
        (device, welcome)
    });
    let devices = futures::future::join_all(tries).await;
    assert_eq!(devices.iter().filter(|(_, welcome)| *welcome).count(), 1);
}

#[tokio::test]
async fn a_ticket_ends_after_thirty_seconds() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let ticket = vendor.browser.ticket(&json!({})).await;
    server.test.clock.advance(TimeDelta::seconds(30));
    let mut device = Device::connect(server.address).await;
    device.say_hello(&ticket, None, None).await;
    assert_eq!(device.closed().await.code, POLICY);
}

#[tokio::test]
async fn a_ticket_is_not_in_the_database() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    let ticket = vendor.browser.ticket(&json!({})).await;
    let found: i64 = sqlx::query_scalar(
        "select count(*) from socket_tickets
         where position($1 in socket_tickets::text) > 0 or position(convert_to($1, 'UTF8') in ticket_hash) > 0",
    )
    .bind(&ticket)
    .fetch_one(server.test.db.pool())
    .await
    .unwrap();
    assert_eq!(found, 0);
}

#[tokio::test]
async fn a_visit_of_somebody_else_gives_no_ticket() {
    let server = Server::start().await;
    let vendor = server.vendor("9876543210").await;
    let (mut mine, theirs) = (server.buyer_at(vendor.tenant).await, server.buyer_at(vendor.tenant).await);
    let (status, body) =
        mine.browser.call(Method::POST, "/socket-tickets", &json!({"visit_id": theirs.visit})).await;
    assert_eq!((status, &body["type"]), (StatusCode::FORBIDDEN, &json!("/problems/no-pass")));
    let (status, _) =
        server.browser().call(Method::POST, "/socket-tickets", &json!({"visit_id": mine.visit})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = mine.browser.call(Method::POST, "/socket-tickets", &json!({})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "a buyer is no vendor");
}

#[tokio::test]
async fn nobody_hears_what_another_is_told() {
    let server = Server::start().await;
    let (mut vendor, other) = (server.vendor("9876543210").await, server.vendor("9876543211").await);
    let mut buyer = server.buyer_at(vendor.tenant).await;
    let other_buyer = server.buyer_at(vendor.tenant).await;
    let mut vendors = server.device_of(&mut vendor).await;
    let mut buyers = server.device_of_buyer(&mut buyer).await;
    server.tell(sync::Subscriber::vendor(other.tenant), [7]).await;
    server.tell(other_buyer.subscriber, [8]).await;
    server.tell(sync::Subscriber::vendor(vendor.tenant), [1]).await;
    server.tell(buyer.subscriber, [2]).await;
    assert_eq!(vendors.next_event().await, 1);
    assert_eq!(buyers.next_event().await, 2);
    vendors.hears_nothing().await;
    buyers.hears_nothing().await;
}

#[tokio::test]
async fn whoever_asks_for_tickets_without_end_waits() {
    let server = Server::start().await;
    let mut vendor = server.vendor("9876543210").await;
    for _ in 0..30 {
        vendor.browser.ticket(&json!({})).await;
    }
    let (status, body) = vendor.browser.call(Method::POST, "/socket-tickets", &json!({})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["retry_after_s"], 2);
}

#[tokio::test]
async fn a_first_frame_that_is_no_hello_ends_the_socket() {
    let server = Server::start().await;
    for frame in [json!({"type": "signal"}), json!("hello"), json!({"type": "hello", "ticket": "x"})] {
        let mut device = Device::connect(server.address).await;
        device.say(&frame).await;
        assert_eq!(device.closed().await.code, POLICY, "{frame}");
    }
}
