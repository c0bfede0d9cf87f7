//! Choosing plans: what they cost at once, what waits for its money, what comes later.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use platform::entitlement::{Entitlements, Quota};
use serde_json::{Value, json};

use crate::desk::profile;
use crate::plans::office::{BASIC, Office, PRO};

#[tokio::test]
async fn a_vendor_without_a_subscription_has_the_free_plan() {
    let office = Office::open().await;
    let plan = office.get("/plan").await;
    assert_eq!((&plan["state"], &plan["plan"]["code"]), (&json!("free"), &json!("free")));
    let offered = office.get("/plans").await;
    let codes: Vec<&str> =
        offered.as_array().unwrap().iter().map(|plan| plan["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["free", "basic", "pro"]);
}

#[tokio::test]
async fn a_plan_without_credit_waits_and_begins_with_the_payment() {
    let office = Office::open().await;
    let waiting = office.choose("basic", "month").await;
    assert_eq!((&waiting["state"], &waiting["missing"]["minor"]), (&json!("free"), &json!(BASIC)));
    assert_eq!(waiting["open_invoice"]["kind"], "start");
    assert_eq!(office.choose("basic", "month").await["open_invoice"]["id"], waiting["open_invoice"]["id"]);
    office.pay_in(BASIC - 1).await;
    assert_eq!(office.get("/plan").await["missing"]["minor"], 1);
    office.test.clock.advance(TimeDelta::hours(3));
    office.pay_in(1).await;
    let active = office.get("/plan").await;
    assert_eq!((&active["state"], &active["plan"]["code"]), (&json!("active"), &json!("basic")));
    assert_eq!(active["period_start"], json!(office.now()));
    assert_eq!(
        (office.paid_credit().await, office.invoices().await),
        (0, vec![format!("start paid {BASIC}")])
    );
    // 18 % are inside: 45.61 of tax in 299.
    assert_eq!(
        (office.balance("platform:subscriptions").await, office.balance("tax:output").await),
        (253_38, 45_62)
    );
    // What was paid in twice paid for it: each part of it is traced to its lot.
    let invoice = office.get("/plan/invoices").await["items"][0].clone();
    let lots: Vec<(&Value, &Value)> = invoice["lots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lot| (&lot["kind"], &lot["amount"]["minor"]))
        .collect();
    assert_eq!(lots, [(&json!("paid"), &json!(BASIC - 1)), (&json!("paid"), &json!(1))], "{invoice}");
    // The credit that comes with it is there, and pays for work alone.
    assert_eq!(office.get("/credit").await["granted"]["minor"], 50_00);
    office.check_books().await;
}

#[tokio::test]
async fn an_invoice_that_nobody_pays_is_dropped_after_a_day() {
    let office = Office::open().await;
    office.choose("basic", "month").await;
    office.later(TimeDelta::hours(24)).await;
    assert_eq!(office.invoices().await, [format!("start void {BASIC}")]);
    office.pay_in(BASIC).await;
    let plan = office.get("/plan").await;
    assert_eq!((&plan["state"], &plan["paid_credit"]["minor"]), (&json!("free"), &json!(BASIC)));
}

#[tokio::test]
async fn choosing_twice_is_choosing_once() {
    let office = Office::open().await;
    office.pay_in(10_000_00).await;
    office.choose("basic", "month").await;
    office.choose("basic", "month").await;
    assert_eq!(office.invoices().await, [format!("start paid {BASIC}")]);
    let (one, two) = tokio::join!(office.choose("pro", "month"), office.choose("pro", "month"));
    assert_eq!((&one["plan"]["code"], &two["plan"]["code"]), (&json!("pro"), &json!("pro")));
    assert_eq!(office.invoices().await.len(), 2);
}

#[tokio::test]
async fn a_larger_plan_counts_at_once_and_takes_off_what_is_not_used() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    office.choose("basic", "month").await;
    office.go_to("2027-04-16T06:30:00Z");
    let quote = office.quote("pro", "month").await;
    let figures = ["price", "unused", "due"].map(|name| quote[name]["minor"].as_i64().unwrap());
    assert_eq!(figures, [449_50, 149_50, 300_00]);
    let changed = office.choose("pro", "month").await;
    assert_eq!(
        (&changed["plan"]["code"], &changed["period_end"]),
        (&json!("pro"), &json!("2027-05-01T06:30:00Z"))
    );
    assert_eq!(office.paid_credit().await, 10_000_00 - BASIC - 300_00);
    // Half of the credit that the larger plan gives more.
    assert_eq!(office.get("/credit").await["granted"]["minor"], 50_00 + 75_00);
    office.later(TimeDelta::days(15)).await;
    assert_eq!(office.invoices().await.last().unwrap(), &format!("renewal paid {PRO}"));
    office.check_books().await;
}

#[tokio::test]
async fn a_smaller_plan_waits_for_the_end_of_the_period_and_can_be_taken_back() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    office.choose("pro", "month").await;
    let down = office.choose("basic", "month").await;
    assert_eq!((&down["plan"]["code"], &down["next_plan"]["code"]), (&json!("pro"), &json!("basic")));
    assert_eq!(down["next_charge"]["amount"]["minor"], BASIC);
    let kept = office.choose("pro", "month").await;
    assert_eq!((&kept["next_plan"], &kept["next_charge"]["amount"]["minor"]), (&json!(null), &json!(PRO)));
    office.choose("basic", "year").await;
    office.later(TimeDelta::days(30)).await;
    let yearly = office.get("/plan").await;
    assert_eq!(
        (&yearly["plan"]["code"], &yearly["period_end"]),
        (&json!("basic"), &json!("2028-05-01T06:30:00Z"))
    );
    assert_eq!(
        office.invoices().await,
        [format!("start paid {PRO}"), format!("renewal paid {}", BASIC * 10)]
    );
}

#[tokio::test]
async fn a_change_that_costs_more_than_was_agreed_to_is_refused() {
    let office = Office::open().await;
    office.pay_in(10_000_00).await;
    let choice = json!({
        "plan_id": office.plan_id("pro").await, "term": "month", "due_max": {"minor": PRO - 1, "currency": "INR"},
    });
    let (status, body) = office.call(&office.vendor, Method::PUT, "/plan", Some(&choice)).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/plan-costs-more")));
    assert_eq!(office.paid_credit().await, 10_000_00);
}

#[tokio::test]
async fn who_has_an_older_version_keeps_it_and_others_get_the_new_one() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    office.choose("basic", "month").await;
    let old = office.plan_id("basic").await;
    office.plan("basic", 399_00, 0, 100, 0).await;
    office.later(TimeDelta::days(30)).await;
    assert_eq!(office.invoices().await.last().unwrap(), &format!("renewal paid {BASIC}"));
    let other = office.another("9876543212").await;
    let choice = json!({"plan_id": old, "term": "month"});
    let (status, body) = office.call(&other, Method::PUT, "/plan", Some(&choice)).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/plan-gone")));
    let (status, shown) = office.try_choose(&other, "basic", "month", None).await;
    assert_eq!((status, &shown["missing"]["minor"]), (StatusCode::OK, &json!(399_00)));
}

#[tokio::test]
async fn a_plan_sets_how_many_products_there_may_be() {
    let office = Office::open().await;
    let allowed = || async {
        let mut connection = office.test.db.acquire().await.unwrap();
        office.plans.allowed(&mut connection, office.tenant, Quota::Products).await.unwrap()
    };
    assert_eq!(allowed().await, Some(100));
    office.pay_in(BASIC).await;
    office.choose("basic", "month").await;
    assert_eq!(allowed().await, Some(200));
}

#[tokio::test]
async fn the_invoice_is_printed_in_the_vendor_s_language_with_tax_by_state() {
    let office = Office::open().await;
    let tamil_nadu = {
        let mut profile = profile("none");
        profile["state_code"] = json!("33");
        profile
    };
    assert_eq!(
        office.call(&office.vendor, Method::PUT, "/tax-profile", Some(&tamil_nadu)).await.0,
        StatusCode::OK
    );
    office.pay_in(BASIC).await;
    office.choose("basic", "month").await;
    let invoice = office.get("/plan/invoices").await["items"][0].clone();
    assert_eq!(invoice["number"], "SUB/26-27/0001");
    let path = format!("/plan/invoices/{}/invoice.pdf", invoice["id"].as_str().unwrap());
    let (status, pdf) = office.bytes(&office.vendor, Method::GET, &path, None).await;
    assert_eq!((status, &pdf[..5]), (StatusCode::OK, &b"%PDF-"[..]));
    let snapshot: Value = sqlx::query_scalar("select snapshot from plan_invoices")
        .fetch_one(office.test.db.pool())
        .await
        .unwrap();
    let tax = &snapshot["lines"][0]["tax"];
    assert_eq!((&tax["igst"]["minor"], &tax["cgst"]["minor"]), (&json!(45_61), &json!(0)));
    assert_eq!(snapshot["buyer"]["name"], "Meena Stores");
    let other = office.another("9876543212").await;
    assert_eq!(office.bytes(&other, Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_plan_says_which_field_is_wrong() {
    let office = Office::open().await;
    let money = |minor: i64| json!({"minor": minor, "currency": "INR"});
    let good = json!({
        "client_id": office.id(), "code": "max", "name": "Max", "month": money(100), "year": money(1000), "trial_days": 0,
        "products_max": 10, "included": money(0), "reason": "because",
    });
    let bad = [
        ("code", json!("MAX!")),
        ("name", json!(" ")),
        ("month", money(0)),
        ("year", money(99)),
        ("trial_days", json!(91)),
        ("products_max", json!(501)),
        ("included", money(-1)),
        ("reason", json!("")),
    ];
    for (field, value) in bad {
        let mut plan = good.clone();
        plan[field] = value;
        let (status, body) =
            office.call(&office.operator(), Method::POST, "/operator/plans", Some(&plan)).await;
        assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}");
    }
    assert_eq!(
        office.call(&office.vendor, Method::POST, "/operator/plans", Some(&good)).await.0,
        StatusCode::FORBIDDEN
    );
    let first = office.call(&office.operator(), Method::POST, "/operator/plans", Some(&good)).await;
    assert_eq!(office.call(&office.operator(), Method::POST, "/operator/plans", Some(&good)).await, first);
}
