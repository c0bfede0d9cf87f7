//! What is taken next is what is then taken; a blocked credit is said; paid invoices are among the documents.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::plans::office::{BASIC, Office};

async fn next(office: &Office) -> Value {
    office.get("/plan").await["next_charge"].clone()
}

async fn freeze(office: &Office, frozen: bool) {
    let path = format!("/operator/credits/{}/freeze", office.tenant);
    let body = json!({"frozen": frozen, "reason": "a complaint"});
    assert_eq!(office.call(&office.operator(), Method::PUT, &path, Some(&body)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_is_said_to_be_taken_at_a_renewal_is_taken_then() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    assert_eq!(next(&office).await, Value::Null, "nothing is taken for the free plan");
    office.pay_in(BASIC).await;
    office.choose("basic", "month").await;
    let said = next(&office).await;
    assert_eq!((&said["cause"], &said["at"]), (&json!("renewal"), &json!("2027-05-01T06:30:00Z")));
    assert_eq!((&said["amount"]["minor"], &said["missing"]["minor"]), (&json!(BASIC), &json!(BASIC)));
    assert_eq!(said["tax"]["minor"], 45_62);
    office.pay_in(BASIC).await;
    assert_eq!(next(&office).await["missing"]["minor"], 0);
    let (kept, tax) = (office.balance("platform:subscriptions").await, office.balance("tax:output").await);
    office.later(TimeDelta::days(30)).await;
    let taken =
        (office.balance("platform:subscriptions").await - kept, office.balance("tax:output").await - tax);
    assert_eq!(taken, (BASIC - 45_62, 45_62));
    office.cancel(true).await;
    assert_eq!(next(&office).await, Value::Null, "nothing follows");
}

#[tokio::test]
async fn a_trial_says_what_its_end_costs_and_an_unpaid_period_when_it_is_asked_for_again() {
    let office = Office::open().await;
    office.plan("try", 500_00, 0, 300, 14).await;
    office.go_to("2027-04-01T06:30:00Z");
    office.choose("try", "month").await;
    let said = next(&office).await;
    assert_eq!((&said["cause"], &said["at"]), (&json!("trial_end"), &json!("2027-04-15T06:30:00Z")));
    assert_eq!((&said["amount"]["minor"], &said["missing"]["minor"]), (&json!(500_00), &json!(500_00)));
    office.later(TimeDelta::days(14)).await;
    let said = next(&office).await;
    assert_eq!((&said["cause"], &said["amount"]["minor"]), (&json!("retry"), &json!(500_00)));
    let again = said["at"].as_str().unwrap();
    assert!(again.starts_with("2027-04-16T"), "a day later: {said}");
    office.pay_in(500_00).await;
    office.later(TimeDelta::days(1)).await;
    assert_eq!(next(&office).await["cause"], "renewal");
}

#[tokio::test]
async fn a_plan_that_waits_for_its_money_says_so_and_a_blocked_credit_is_a_problem() {
    let office = Office::open().await;
    office.choose("basic", "month").await;
    let said = next(&office).await;
    assert_eq!(
        (&said["cause"], &said["at"], &said["missing"]["minor"]),
        (&json!("waiting"), &json!(null), &json!(BASIC))
    );
    freeze(&office, true).await;
    office.pay_in(BASIC).await;
    let pay = || office.call(&office.vendor, Method::POST, "/plan/payment", None);
    let (status, body) = pay().await;
    assert_eq!((status, &body["type"]), (StatusCode::FORBIDDEN, &json!("/problems/credit-frozen")), "{body}");
    assert_eq!(office.paid_credit().await, BASIC, "nothing was taken");
    freeze(&office, false).await;
    let (status, paid) = pay().await;
    assert_eq!((status, &paid["state"]), (StatusCode::OK, &json!("active")), "{paid}");
    freeze(&office, true).await;
    assert_eq!(pay().await.0, StatusCode::OK, "nothing is open, so nothing is in the way");
}

#[tokio::test]
async fn paid_invoices_of_the_plan_are_among_the_vendors_documents() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(BASIC).await;
    office.choose("basic", "month").await;
    office.later(TimeDelta::days(30)).await;
    let listed = office.get("/documents").await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "what is not paid is no document: {listed}");
    let invoice = office.get("/plan/invoices").await["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&items[0]["kind"], &items[0]["number"]),
        (&json!("subscription_invoice"), &invoice["number"])
    );
    assert_eq!((&items[0]["id"], &items[0]["total"]["minor"]), (&invoice["id"], &json!(BASIC)));
    let other = office.another("9876543212").await;
    assert_eq!(office.call(&other, Method::GET, "/documents", None).await.1["items"], json!([]));
}
