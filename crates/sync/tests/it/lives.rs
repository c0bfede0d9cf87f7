//! Sockets end with the session or pass that opened them.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::json;
use sync::SocketLimits;

use crate::server::Server;

async fn server() -> Server {
    let tend_every = Duration::from_millis(100);
    Server::with_sockets(SocketLimits { tend_every, ..SocketLimits::default() }).await
}

#[tokio::test]
async fn signing_out_ends_the_sockets_of_that_session_only() {
    let server = server().await;
    let mut here = server.vendor("9876543210").await;
    let mut there = here.clone();
    let credentials = json!({"phone": "9876543210", "password": "violet kettle rain"});
    there.browser = server.browser();
    let (status, _) = there.browser.call(Method::POST, "/sessions", &credentials).await;
    assert_eq!(status, StatusCode::CREATED);
    let mut ended = server.device_of(&mut here).await;
    let mut living = server.device_of(&mut there).await;
    here.browser.call(Method::DELETE, "/sessions/current", &json!({})).await;
    assert_eq!(ended.closed().await.code, Some(1008));
    server.tell(sync::Subscriber::vendor(here.tenant), [1]).await;
    assert_eq!(living.next_event().await, 1);
}

#[tokio::test]
async fn a_pass_that_is_over_ends_its_sockets() {
    let server = server().await;
    let vendor = server.vendor("9876543210").await;
    let mut buyer = server.buyer_at(vendor.tenant).await;
    let mut device = server.device_of_buyer(&mut buyer).await;
    server.test.clock.advance(TimeDelta::days(6));
    device.hears_nothing().await;
    server.test.clock.advance(TimeDelta::days(1));
    assert_eq!(device.closed().await.code, Some(1008));
}
