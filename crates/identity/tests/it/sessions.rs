//! Sessions: how they begin, and that they end.

use axum::http::StatusCode;
use chrono::TimeDelta;
use platform::jobs::{Draft, Jobs, Worker};
use serde_json::json;
use testkit::statements;

use crate::browser::{Browser, PASSWORD, Server, credentials};

const PHONE: &str = "9876543210";

async fn sign_in(browser: &mut Browser) -> StatusCode {
    browser.post("/sessions", &credentials(PHONE, PASSWORD)).await.0
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    let known = browser.get("/me").await.1.get("person").is_some();
    let may_sell = browser.post("/sell", &json!({})).await.0 == StatusCode::OK;
    assert_eq!(known, may_sell);
    known
}

#[tokio::test]
async fn each_sign_in_has_a_new_token_and_ends_the_session_it_came_with() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let before = browser.token().to_owned();
    assert_eq!(sign_in(&mut browser).await, StatusCode::CREATED);
    assert_ne!(browser.token(), before);
    let mut thief = server.browser();
    thief.cookies = [("__Host-vyapar_session".to_owned(), before)].into();
    assert!(!is_signed_in(&mut thief).await);
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn the_token_is_not_in_the_database() {
    let server = Server::start().await;
    let browser = server.vendor(PHONE).await;
    let stored: Vec<u8> =
        sqlx::query_scalar("select token_hash from sessions").fetch_one(server.test.db.pool()).await.unwrap();
    assert_eq!(stored.len(), 32);
    let dump: String = sqlx::query_scalar("select sessions::text || people::text from sessions, people")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert!(!dump.contains(browser.token()) && !dump.contains(PASSWORD), "{dump}");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let mut copy = server.browser();
    copy.cookies.clone_from(&browser.cookies);
    assert_eq!(browser.delete("/sessions/current").await.0, StatusCode::NO_CONTENT);
    assert!(browser.cookies.is_empty());
    assert!(!is_signed_in(&mut copy).await, "a copied cookie is worth nothing any more");
    assert_eq!(browser.delete("/sessions/current").await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_session_ends_after_fourteen_days_without_use() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    for _ in 0..4 {
        server.test.clock.advance(TimeDelta::days(13));
        assert!(is_signed_in(&mut browser).await, "use keeps it alive");
    }
    server.test.clock.advance(TimeDelta::days(14));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_ends_after_ninety_days_however_much_it_is_used() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    for _ in 0..89 {
        server.test.clock.advance(TimeDelta::days(1));
        assert!(is_signed_in(&mut browser).await);
    }
    server.test.clock.advance(TimeDelta::days(1));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn use_is_noted_at_most_once_a_minute() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    let noted = "select last_seen_at from sessions";
    let seen = async || {
        sqlx::query_scalar::<_, chrono::DateTime<chrono::Utc>>(noted)
            .fetch_one(server.test.db.pool())
            .await
            .unwrap()
    };
    let first = seen().await;
    server.test.clock.advance(TimeDelta::seconds(59));
    browser.get("/me").await;
    assert_eq!(seen().await, first);
    server.test.clock.advance(TimeDelta::seconds(1));
    browser.get("/me").await;
    assert_eq!(seen().await, first + TimeDelta::minutes(1));
}

#[tokio::test]
async fn a_call_costs_one_statement_for_each_cookie() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    // Whoever is signed in is told of their number and picture besides.
    assert_eq!(statements(browser.get("/me")).await.1, 2);
    assert_eq!(statements(server.browser().get("/me")).await.1, 0);
    // A handler that asks for nothing itself.
    assert_eq!(statements(browser.post("/sell", &json!({}))).await.1, 1);
    assert_eq!(statements(server.browser().post("/sell", &json!({}))).await.1, 0);
    let guest = ("__Host-vyapar_guest".to_owned(), server.test.entropy.token());
    browser.cookies.extend([guest]);
    assert_eq!(statements(browser.post("/sell", &json!({}))).await.1, 2);
}

#[tokio::test]
async fn the_twenty_first_session_ends_the_oldest() {
    let server = Server::start().await;
    let mut first = server.vendor(PHONE).await;
    let mut second = server.browser();
    for round in 0..20 {
        server.test.clock.advance(TimeDelta::minutes(1));
        let mut browser = server.browser();
        assert_eq!(sign_in(&mut browser).await, StatusCode::CREATED);
        if round == 0 {
            second.cookies = browser.cookies;
        }
    }
    assert!(!is_signed_in(&mut first).await);
    assert!(is_signed_in(&mut second).await);
}

#[tokio::test]
async fn a_garbled_or_foreign_token_is_nobody() {
    let server = Server::start().await;
    let mut browser = server.vendor(PHONE).await;
    for token in [server.test.entropy.token(), "x".repeat(43), "'".repeat(43), "\"\u{1}".to_owned()] {
        browser.cookies.insert("__Host-vyapar_session".to_owned(), token.replace('\u{1}', "~"));
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn what_is_over_is_cleared_away_and_what_lives_stays() {
    let server = Server::start().await;
    let mut old = server.vendor(PHONE).await;
    server.browser().post("/sessions", &credentials("9000000000", "wrong password")).await;
    server.test.clock.advance(TimeDelta::days(15));
    let mut fresh = server.browser();
    sign_in(&mut fresh).await;
    let jobs = Jobs::new(server.test.db.clone(), server.test.clock.clone(), server.test.entropy.clone());
    purge(&server, &jobs).await;
    let sessions: i64 =
        sqlx::query_scalar("select count(*) from sessions").fetch_one(server.test.db.pool()).await.unwrap();
    let failures: i64 = sqlx::query_scalar("select count(*) from sign_in_failures where failures > 0")
        .fetch_one(server.test.db.pool())
        .await
        .unwrap();
    assert_eq!((sessions, failures), (1, 0));
    assert!(is_signed_in(&mut fresh).await);
    assert!(!is_signed_in(&mut old).await);
}

/// Runs the job that comes round every hour, as the worker would.
pub async fn purge(server: &Server, jobs: &Jobs) {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Purge {}
    impl platform::jobs::Job for Purge {
        const KIND: &'static str = "purge-expired-sign-ins";
    }
    let mut connection = server.test.db.acquire().await.unwrap();
    jobs.enqueue(&mut connection, Draft::of_nobody(&Purge {})).await.unwrap();
    let worker = Worker::new(jobs.clone(), server.identity.handlers(), 1);
    assert_eq!(worker.run_due().await.unwrap(), 1);
    assert!(jobs.resting(&mut connection, 10).await.unwrap().is_empty());
}
