//! Guessing passwords is slow.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::browser::{PASSWORD, Server, credentials};

const PHONE: &str = "9876543210";

async fn guess(server: &Server, address: &str, phone: &str, password: &str) -> (StatusCode, Value) {
    server.browser_at(address).post("/sessions", &credentials(phone, password)).await
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_number_get_the_same_answer() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    let wrong = guess(&server, "203.0.113.1", PHONE, "not the password").await;
    let unknown = guess(&server, "203.0.113.1", "9000000000", "not the password").await;
    assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn one_number_takes_five_guesses_and_then_one_every_ten_seconds() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    for host in 1..=5 {
        let (status, _) = guess(&server, &format!("203.0.113.{host}"), PHONE, "wrong password").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let (status, body) = guess(&server, "203.0.113.6", PHONE, PASSWORD).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("/problems/too-many-requests"))
    );
    assert_eq!(body["retry_after_s"], 10);
    assert_eq!(guess(&server, "203.0.113.6", "9000000000", "x").await.0, StatusCode::UNAUTHORIZED);
    server.test.clock.advance(TimeDelta::seconds(10));
    assert_eq!(guess(&server, "203.0.113.6", PHONE, PASSWORD).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn a_network_that_stuffs_many_numbers_is_slowed_and_others_are_not() {
    let server = Server::start().await;
    for number in 0..30 {
        let phone = format!("90000000{number:02}");
        assert_eq!(
            guess(&server, "203.0.113.1", &phone, "leaked password").await.0,
            StatusCode::UNAUTHORIZED
        );
    }
    let (status, _) = guess(&server, "203.0.113.1", "9100000000", "leaked password").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let (status, _) = guess(&server, "203.0.113.2", "9100000000", "leaked password").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn twenty_wrong_guesses_close_a_number_for_the_rest_of_the_hour_on_every_node() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    for _ in 0..20 {
        server.test.clock.advance(TimeDelta::seconds(30));
        assert_eq!(guess(&server, "203.0.113.1", PHONE, "wrong password").await.0, StatusCode::UNAUTHORIZED);
    }
    server.test.clock.advance(TimeDelta::seconds(30));
    let (status, body) = guess(&server.another_node(), "203.0.113.2", PHONE, PASSWORD).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["retry_after_s"], 3600 - 20 * 30, "until an hour after the first");
    server.test.clock.advance(TimeDelta::hours(1));
    assert_eq!(guess(&server, "203.0.113.1", PHONE, PASSWORD).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn the_right_password_clears_the_count() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    for _ in 0..3 {
        for _ in 0..15 {
            server.test.clock.advance(TimeDelta::seconds(20));
            assert_eq!(
                guess(&server, "203.0.113.1", PHONE, "wrong password").await.0,
                StatusCode::UNAUTHORIZED
            );
        }
        server.test.clock.advance(TimeDelta::seconds(20));
        assert_eq!(guess(&server, "203.0.113.1", PHONE, PASSWORD).await.0, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn guesses_made_at_the_same_moment_do_not_slip_through() {
    let server = Server::start().await;
    server.vendor(PHONE).await;
    for _ in 0..17 {
        server.test.clock.advance(TimeDelta::seconds(30));
        guess(&server, "203.0.113.1", PHONE, "wrong password").await;
    }
    server.test.clock.advance(TimeDelta::minutes(1));
    let at_once = (0..5).map(|_| guess(&server, "203.0.113.1", PHONE, "wrong password"));
    let answers = futures::future::join_all(at_once).await;
    let checked = answers.iter().filter(|(status, _)| *status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(checked, 3, "of twenty in all");
}

#[tokio::test]
async fn sign_ups_from_one_network_are_limited() {
    let server = Server::start().await;
    let sign_up = async |number: u32| {
        let body = crate::browser::account(&format!("90000000{number:02}"));
        server.browser().post("/accounts", &body).await.0
    };
    for number in 0..10 {
        assert_eq!(sign_up(number).await, StatusCode::CREATED);
    }
    assert_eq!(sign_up(10).await, StatusCode::TOO_MANY_REQUESTS);
    server.test.clock.advance(TimeDelta::seconds(30));
    assert_eq!(sign_up(10).await, StatusCode::CREATED);
}
