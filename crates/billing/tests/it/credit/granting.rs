//! Credit that is given, frozen and lost.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use platform::meter::{Error, Measure, Meter};
use serde_json::json;
use uuid::Uuid;

use crate::credit::purse::Purse;

#[tokio::test]
async fn a_grant_is_made_once_however_often_it_is_sent() {
    let purse = Purse::open().await;
    let grant = json!({
        "client_id": Uuid::from_u128(5), "amount": {"minor": 5_00, "currency": "INR"}, "reason": "a good customer",
    });
    let first = purse.send_grant(&grant).await;
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(purse.send_grant(&grant).await, first);
    let other = json!({
        "client_id": Uuid::from_u128(5), "amount": {"minor": 6_00, "currency": "INR"}, "reason": "a good customer",
    });
    let (status, body) = purse.send_grant(&other).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/client-id-reused")));
    assert_eq!(purse.standing().await, (5_00, 0));
}

#[tokio::test]
async fn what_cannot_be_granted_says_which_field_is_wrong() {
    let purse = Purse::open().await;
    let grant = |change: serde_json::Value| {
        let mut grant = json!({
            "client_id": Uuid::from_u128(6), "amount": {"minor": 5_00, "currency": "INR"}, "reason": "because",
        });
        grant.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        grant
    };
    let past = purse.test.clock.now();
    let bad = [
        (json!({"amount": {"minor": 0, "currency": "INR"}}), "amount"),
        (json!({"amount": {"minor": -5, "currency": "INR"}}), "amount"),
        (json!({"amount": {"minor": 1_00_000_01, "currency": "INR"}}), "amount"),
        (json!({"expires_at": past}), "expires_at"),
        (json!({"priority": 101}), "priority"),
        (json!({"reason": "  "}), "reason"),
    ];
    for (change, field) in bad {
        let (status, body) = purse.send_grant(&grant(change)).await;
        assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}");
    }
    let nobody = format!("/operator/credits/{}/grants", Uuid::from_u128(99));
    let (status, _) = purse.call(&purse.operator(), Method::POST, &nobody, Some(&grant(json!({})))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let own = format!("/operator/credits/{}/grants", purse.tenant);
    assert_eq!(purse.post(&own, &grant(json!({}))).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn frozen_credit_is_not_spent_and_work_goes_on_when_it_thaws() {
    let purse = Purse::open().await;
    purse.grant(1_00, None).await;
    let under_way = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.freeze(true).await;
    assert!(matches!(purse.reserve(Measure::AudioMs, 1).await, Err(Error::Frozen)));
    assert!(matches!(purse.credits.extend(under_way, 60_000).await, Err(Error::Frozen)));
    purse.credits.capture(under_way, 60_000).await.unwrap();
    purse.enqueue_waiting().await;
    purse.run_jobs().await;
    let credit = purse.get("/credit").await;
    assert_eq!((&credit["frozen"], &credit["paused_jobs"]), (&json!(true), &json!(1)));
    purse.freeze(false).await;
    purse.run_jobs().await;
    let credit = purse.get("/credit").await;
    assert_eq!((&credit["paused_jobs"], &credit["available"]["minor"]), (&json!(0), &json!(40)));
}

#[tokio::test]
async fn work_that_waits_goes_on_by_itself_after_a_grant() {
    let purse = Purse::open().await;
    purse.enqueue_waiting().await;
    purse.run_jobs().await;
    assert_eq!(purse.get("/credit").await["paused_jobs"], json!(1));
    let (_, listed) = purse.call(&purse.operator(), Method::GET, "/operator/credits", None).await;
    assert_eq!(
        (&listed["items"][0]["paused_jobs"], &listed["items"][0]["name"]),
        (&json!(1), &json!("Annam")),
        "{listed}"
    );
    purse.grant(1_00, None).await;
    purse.run_jobs().await;
    assert_eq!(purse.standing().await, (70, 0));
}

#[tokio::test]
async fn work_is_tried_again_only_when_there_is_credit_for_what_it_wanted() {
    let purse = Purse::open().await;
    let tries = async || {
        let count = "select attempts from jobs where kind = 'waiting'";
        sqlx::query_scalar::<_, i16>(count).fetch_one(purse.test.db.pool()).await.unwrap()
    };
    purse.enqueue_waiting().await;
    purse.run_jobs().await;
    assert_eq!(tries().await, 1);
    purse.grant(29, None).await;
    for _ in 0..3 {
        purse.test.clock.advance(TimeDelta::minutes(1));
        purse.run_jobs().await;
        purse.run_jobs().await;
    }
    assert_eq!(tries().await, 1, "a paisa is missing");
    purse.grant(1, None).await;
    purse.run_jobs().await;
    assert_eq!(purse.standing().await, (0, 0));
    assert_eq!(purse.get("/credit").await["paused_jobs"], json!(0));
}

#[tokio::test]
async fn work_that_became_cheaper_is_tried_again_within_the_hour() {
    let purse = Purse::open().await;
    purse.enqueue_waiting().await;
    purse.run_jobs().await;
    purse.grant(10, None).await;
    purse.test.clock.advance(TimeDelta::seconds(1));
    purse.price("audio_ms", 60_000, 100_000).await;
    purse.test.clock.advance(TimeDelta::minutes(61));
    purse.run_jobs().await;
    purse.run_jobs().await;
    assert_eq!(purse.standing().await, (0, 0));
}

#[tokio::test]
async fn work_that_came_to_wait_at_the_moment_of_a_grant_is_found() {
    let purse = Purse::open().await;
    purse.enqueue_waiting().await;
    purse.run_jobs().await;
    // As if the grant's own resumption had come a moment too early.
    purse.grant(1_00, None).await;
    sqlx::query("update jobs set state = 'paused' where kind = 'waiting'")
        .execute(purse.test.db.pool())
        .await
        .unwrap();
    purse.test.clock.advance(TimeDelta::minutes(2));
    purse.run_jobs().await;
    purse.run_jobs().await;
    assert_eq!(purse.standing().await, (70, 0));
}

#[tokio::test]
async fn what_is_left_of_an_expired_lot_is_lost_but_not_what_work_holds() {
    let purse = Purse::open().await;
    purse.grant(50, Some(1)).await;
    purse.test.clock.advance(TimeDelta::hours(24) - TimeDelta::minutes(5));
    let begun = purse.reserve(Measure::AudioMs, 60_000).await.unwrap();
    purse.test.clock.advance(TimeDelta::minutes(5));
    assert!(matches!(purse.reserve(Measure::AudioMs, 1).await, Err(Error::NoCredit)));
    purse.run_jobs().await;
    purse.credits.capture(begun, 40_000).await.unwrap();
    purse.test.clock.advance(TimeDelta::minutes(2));
    purse.run_jobs().await;
    let credit = purse.get("/credit").await;
    assert_eq!((&credit["lots"], &credit["available"]["minor"]), (&json!([]), &json!(0)));
    purse.check_books().await;
}

#[tokio::test]
async fn a_top_up_without_a_gateway_says_so() {
    let purse = Purse::open().await;
    assert_eq!(purse.get("/credit").await["can_top_up"], json!(false));
    let ask =
        |paise: i64| json!({"client_id": Uuid::from_u128(4), "amount": {"minor": paise, "currency": "INR"}});
    let (status, body) = purse.post("/credit/top-ups", &ask(1_00)).await;
    assert_eq!((status, &body["type"]), (StatusCode::NOT_FOUND, &json!("/problems/no-gateway")));
    for paise in [0, -1, 99, 50_000_01] {
        let (status, body) = purse.post("/credit/top-ups", &ask(paise)).await;
        let expected = json!("/problems/top-up-out-of-range");
        assert_eq!((status, &body["type"]), (StatusCode::UNPROCESSABLE_ENTITY, &expected), "{paise}");
    }
    assert_eq!(purse.get("/credit/top-ups").await["items"], json!([]));
}

#[tokio::test]
async fn whoever_asks_for_top_ups_without_end_waits() {
    let purse = Purse::open().await;
    let ask = json!({"client_id": Uuid::from_u128(4), "amount": {"minor": 1_00, "currency": "INR"}});
    for _ in 0..10 {
        assert_eq!(purse.post("/credit/top-ups", &ask).await.0, StatusCode::NOT_FOUND);
    }
    let (status, body) = purse.post("/credit/top-ups", &ask).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("/problems/too-many-requests"))
    );
    purse.test.clock.advance(TimeDelta::seconds(30));
    assert_eq!(purse.post("/credit/top-ups", &ask).await.0, StatusCode::NOT_FOUND);
}
