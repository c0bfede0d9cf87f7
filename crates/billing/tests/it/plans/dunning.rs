//! Periods whose money is not there.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;

use crate::plans::office::{BASIC, Office};

/// A plan that was paid for April, and nothing for May.
async fn unpaid() -> Office {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(BASIC).await;
    office.choose("basic", "month").await;
    office.later(TimeDelta::days(30)).await;
    office
}

#[tokio::test]
async fn an_unpaid_period_keeps_the_plan_for_a_week_and_then_ends() {
    let office = Box::pin(unpaid()).await;
    let due = office.get("/plan").await;
    assert_eq!((&due["state"], &due["missing"]["minor"]), (&json!("past_due"), &json!(BASIC)));
    assert_eq!(due["grace_ends_at"], "2027-05-08T06:30:00Z");
    for _ in 0..6 {
        office.later(TimeDelta::days(1)).await;
        assert_eq!(office.get("/plan").await["plan"]["code"], "basic");
    }
    office.later(TimeDelta::days(1)).await;
    let over = office.get("/plan").await;
    assert_eq!((&over["state"], &over["plan"]["code"]), (&json!("free"), &json!("free")));
    assert_eq!(office.invoices().await, [format!("start paid {BASIC}"), format!("renewal void {BASIC}")]);
    // Money that comes later is credit, and nobody asks for it any more.
    office.pay_in(BASIC).await;
    office.later(TimeDelta::days(60)).await;
    assert_eq!(office.paid_credit().await, BASIC);
    // The vendor was told each time: first on the day, then on the days of the schedule.
    let told: i64 = sqlx::query_scalar(
        "select count(*) from sync_events where payload::jsonb ->> 'kind' = 'plan' and payload::jsonb -> 'data' ->> 'news' = 'unpaid'",
    )
    .fetch_one(office.test.db.pool())
    .await
    .unwrap();
    assert_eq!(told, 4);
}

#[tokio::test]
async fn credit_that_comes_in_the_grace_pays_at_once_for_the_same_period() {
    let office = Box::pin(unpaid()).await;
    office.later(TimeDelta::days(4)).await;
    office.pay_in(2 * BASIC).await;
    let paid = office.get("/plan").await;
    assert_eq!((&paid["state"], &paid["period_end"]), (&json!("active"), &json!("2027-06-01T06:30:00Z")));
    assert_eq!((&paid["open_invoice"], office.paid_credit().await), (&json!(null), BASIC));
    office.later(TimeDelta::days(27)).await;
    assert_eq!(office.paid_credit().await, 0);
    assert_eq!(office.get("/plan").await["state"], "active");
    office.check_books().await;
}

#[tokio::test]
async fn another_plan_is_not_chosen_before_this_one_is_paid_or_cancelled() {
    let office = Box::pin(unpaid()).await;
    let (status, body) = office.try_choose(&office.vendor, "pro", "month", None).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/plan-past-due")));
    let over = office.cancel(true).await;
    assert_eq!((&over["state"], &over["open_invoice"]), (&json!("free"), &json!(null)));
    assert_eq!(office.try_choose(&office.vendor, "pro", "month", None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn credit_that_the_operator_blocked_pays_no_plan() {
    let office = Office::open().await;
    office.pay_in(10_000_00).await;
    let path = format!("/operator/credits/{}/freeze", office.tenant);
    let freeze = json!({"frozen": true, "reason": "a complaint"});
    assert_eq!(office.call(&office.operator(), Method::PUT, &path, Some(&freeze)).await.0, StatusCode::OK);
    office.choose("basic", "month").await;
    assert_eq!(office.get("/plan").await["state"], "free");
    let thaw = json!({"frozen": false, "reason": "settled"});
    office.call(&office.operator(), Method::PUT, &path, Some(&thaw)).await;
    let (status, paid) = office.call(&office.vendor, Method::POST, "/plan/payment", None).await;
    assert_eq!((status, &paid["state"]), (StatusCode::OK, &json!("active")));
}

#[tokio::test]
async fn granted_credit_pays_no_plan() {
    let office = Office::open().await;
    let path = format!("/operator/credits/{}/grants", office.tenant);
    let grant = json!({
        "client_id": office.id(), "amount": {"minor": 10_000_00, "currency": "INR"}, "reason": "a good customer",
    });
    assert_eq!(
        office.call(&office.operator(), Method::POST, &path, Some(&grant)).await.0,
        StatusCode::CREATED
    );
    let waiting = office.choose("basic", "month").await;
    assert_eq!((&waiting["state"], &waiting["missing"]["minor"]), (&json!("free"), &json!(BASIC)));
}
