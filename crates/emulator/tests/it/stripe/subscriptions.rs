use emulator::stripe::Payment;
use serde_json::{Value, json};

use super::store::Store;
use crate::shop::text;

const DAY_S: u64 = 86_400;

/// A customer who pays with this card, and a price of ₹299 a month.
async fn customer_and_price(store: &Store, card: &str) -> (String, String) {
    let customer = text(&store.make("/v1/customers", &[("email", "asha@example.com")]).await["id"]);
    let path = format!("/v1/payment_methods/{card}/attach");
    let method = text(&store.make(&path, &[("customer", &customer)]).await["id"]);
    let settings = [("invoice_settings[default_payment_method]", method.as_str())];
    store.make(&format!("/v1/customers/{customer}"), &settings).await;
    let price = [
        ("currency", "inr"),
        ("unit_amount", "29900"),
        ("recurring[interval]", "month"),
        ("product_data[name]", "Stall, a month"),
    ];
    (customer, text(&store.make("/v1/prices", &price).await["id"]))
}

async fn subscribe(store: &Store, card: &str, more: &[(&str, &str)]) -> Value {
    let (customer, price) = customer_and_price(store, card).await;
    let params = [("customer", customer.as_str()), ("items[0][price]", price.as_str())];
    store.make("/v1/subscriptions", &[params.as_slice(), more].concat()).await
}

async fn subscription(store: &Store, id: &Value) -> Value {
    store.get(&format!("/v1/subscriptions/{}?expand[]=latest_invoice.payments", text(id))).await
}

#[tokio::test]
async fn the_first_month_is_paid_at_once() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[("metadata[stall]", "A-7")]).await;
    assert_eq!(made["status"], "active");
    let shown = subscription(&store, &made["id"]).await;
    let invoice = &shown["latest_invoice"];
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&json!("paid"), &json!(29_900)));
    assert_eq!(invoice["billing_reason"], "subscription_create");
    assert_eq!(invoice["parent"]["subscription_details"]["metadata"]["stall"], "A-7");
    let intent = text(&invoice["payments"]["data"][0]["payment"]["payment_intent"]);
    assert_eq!(store.get(&format!("/v1/payment_intents/{intent}")).await["status"], "succeeded");
    let told = store.events().await;
    for kind in ["customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid"] {
        assert!(told.iter().any(|told| told == kind), "{kind}");
    }
}

#[tokio::test]
async fn each_month_is_asked_for_and_paid_an_hour_after_it_begins() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[]).await;
    let end_s = made["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    let start_s = made["items"]["data"][0]["current_period_start"].as_i64().unwrap();
    store.advance_s(u64::try_from(end_s - start_s).unwrap()).await;
    let renewed = subscription(&store, &made["id"]).await;
    assert_eq!(renewed["items"]["data"][0]["current_period_start"], end_s);
    assert_eq!(renewed["latest_invoice"]["status"], "draft");
    store.advance_s(3_600).await;
    let paid = subscription(&store, &made["id"]).await;
    assert_eq!((&paid["status"], &paid["latest_invoice"]["status"]), (&json!("active"), &json!("paid")));
    store.advance_s(365 * DAY_S).await;
    let invoices = store.get("/v1/invoices?status=paid&limit=100").await;
    assert_eq!(invoices["data"].as_array().unwrap().len(), 14);
}

#[tokio::test]
async fn a_first_payment_that_is_declined_leaves_the_subscription_incomplete_for_a_day() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_chargeCustomerFail", &[]).await;
    assert_eq!(made["status"], "incomplete");
    let shown = subscription(&store, &made["id"]).await;
    assert_eq!(
        (&shown["latest_invoice"]["status"], &shown["latest_invoice"]["attempt_count"]),
        (&json!("open"), &json!(1))
    );
    store.advance_s(23 * 3_600).await;
    let given_up = subscription(&store, &made["id"]).await;
    assert_eq!(given_up["status"], "incomplete_expired");
    assert_eq!(given_up["latest_invoice"]["status"], "void");
}

#[tokio::test]
async fn a_payer_completes_a_subscription_with_the_intent_of_its_invoice() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[("payment_behavior", "default_incomplete")]).await;
    assert_eq!(made["status"], "incomplete");
    let shown = subscription(&store, &made["id"]).await;
    let intent = text(&shown["latest_invoice"]["payments"]["data"][0]["payment"]["payment_intent"]);
    let path = format!("/v1/payment_intents/{intent}/confirm");
    store.make(&path, &[("payment_method", "pm_card_mastercard")]).await;
    let paid = subscription(&store, &made["id"]).await;
    assert_eq!((&paid["status"], &paid["latest_invoice"]["status"]), (&json!("active"), &json!("paid")));
}

#[tokio::test]
async fn a_renewal_that_is_declined_is_tried_again_and_then_ends_the_subscription() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[]).await;
    let path = "/v1/payment_methods/pm_card_chargeCustomerFail/attach";
    let method = store.make(path, &[("customer", &text(&made["customer"]))]).await;
    let url = format!("/v1/subscriptions/{}", text(&made["id"]));
    store.make(&url, &[("default_payment_method", &text(&method["id"]))]).await;
    store.advance_s(31 * DAY_S + 3_600).await;
    let late = subscription(&store, &made["id"]).await;
    assert_eq!((&late["status"], &late["latest_invoice"]["attempt_count"]), (&json!("past_due"), &json!(1)));
    store.advance_s(15 * DAY_S).await;
    let ended = subscription(&store, &made["id"]).await;
    assert_eq!(
        (&ended["status"], &ended["cancellation_details"]["reason"]),
        (&json!("canceled"), &json!("payment_failed"))
    );
    assert_eq!(ended["latest_invoice"]["attempt_count"], 4);
    let failed = store.get("/v1/events?type=invoice.payment_failed").await;
    assert_eq!(failed["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn an_overdue_renewal_is_paid_by_hand_with_another_card() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[]).await;
    let customer = text(&made["customer"]);
    let fails =
        store.make("/v1/payment_methods/pm_card_chargeCustomerFail/attach", &[("customer", &customer)]).await;
    let url = format!("/v1/subscriptions/{}", text(&made["id"]));
    store.make(&url, &[("default_payment_method", &text(&fails["id"]))]).await;
    store.advance_s(31 * DAY_S + 3_600).await;
    let works = store.make("/v1/payment_methods/pm_card_visa/attach", &[("customer", &customer)]).await;
    let invoice = text(&subscription(&store, &made["id"]).await["latest_invoice"]["id"]);
    let pay = format!("/v1/invoices/{invoice}/pay");
    assert_eq!(store.post(&pay, &[]).await.0, 402);
    let paid = store.make(&pay, &[("payment_method", &text(&works["id"]))]).await;
    assert_eq!(paid["status"], "paid");
    assert_eq!(subscription(&store, &made["id"]).await["status"], "active");
    assert_eq!(store.post(&pay, &[]).await.0, 400);
}

#[tokio::test]
async fn a_trial_costs_nothing_and_is_followed_by_a_paid_month() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[("trial_period_days", "14")]).await;
    assert_eq!(made["status"], "trialing");
    let trial = subscription(&store, &made["id"]).await;
    assert_eq!(
        (&trial["latest_invoice"]["total"], &trial["latest_invoice"]["status"]),
        (&json!(0), &json!("paid"))
    );
    store.advance_s(11 * DAY_S).await;
    assert!(store.events().await.contains(&"customer.subscription.trial_will_end".to_owned()));
    store.advance_s(3 * DAY_S + 3_600).await;
    let paid = subscription(&store, &made["id"]).await;
    assert_eq!((&paid["status"], &paid["latest_invoice"]["amount_paid"]), (&json!("active"), &json!(29_900)));
}

#[tokio::test]
async fn a_subscription_ends_at_once_or_with_its_period() {
    let store = Store::open().await;
    let made = subscribe(&store, "pm_card_visa", &[]).await;
    let url = format!("/v1/subscriptions/{}", text(&made["id"]));
    let ending = store.make(&url, &[("cancel_at_period_end", "true")]).await;
    assert_eq!((&ending["status"], &ending["cancel_at_period_end"]), (&json!("active"), &json!(true)));
    store.advance_s(31 * DAY_S).await;
    assert_eq!(store.get(&url).await["status"], "canceled");
    assert_eq!(store.get("/v1/subscriptions").await["data"], json!([]));
    let other = subscribe(&store, "pm_card_visa", &[]).await;
    let url = format!("/v1/subscriptions/{}", text(&other["id"]));
    let (status, ended) = super::store::answer(store.request(reqwest::Method::DELETE, &url)).await;
    assert_eq!((status, &ended["status"]), (200, &json!("canceled")));
    assert_eq!(store.events().await.last().map(String::as_str), Some("customer.subscription.deleted"));
}

#[tokio::test]
async fn a_payer_subscribes_at_the_checkout() {
    let store = Store::open().await;
    let (_, price) = customer_and_price(&store, "pm_card_visa").await;
    let params = [
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("subscription_data[metadata][stall]", "A-7"),
        ("success_url", "https://shop.example/thanks"),
    ];
    let session = store.make("/v1/checkout/sessions", &params).await;
    let id = text(&session["id"]);
    let tried = store.stripe().pay(&Payment::of(&id).by("pm_card_visa_chargeDeclined")).unwrap();
    assert_eq!((&tried.session["status"], &tried.session["subscription"]), (&json!("open"), &json!(null)));
    let paid = store.stripe().pay(&Payment::of(&id)).unwrap().session;
    assert_eq!((&paid["payment_status"], &paid["payment_intent"]), (&json!("paid"), &json!(null)));
    let made = subscription(&store, &paid["subscription"]).await;
    assert_eq!((&made["status"], &made["metadata"]["stall"]), (&json!("active"), &json!("A-7")));
    assert_eq!(made["latest_invoice"]["id"], paid["invoice"]);
    assert_eq!(made["customer"], paid["customer"]);
    store.advance_s(31 * DAY_S + 3_600).await;
    assert_eq!(subscription(&store, &made["id"]).await["latest_invoice"]["status"], "paid");
}

#[tokio::test]
async fn a_subscription_that_cannot_be_is_refused() {
    let store = Store::open().await;
    let (customer, price) = customer_and_price(&store, "pm_card_visa").await;
    let bare = text(&store.make("/v1/customers", &[]).await["id"]);
    let once = [("currency", "inr"), ("unit_amount", "500"), ("product_data[name]", "Tomatoes")];
    let once = text(&store.make("/v1/prices", &once).await["id"]);
    for (params, param) in [
        (vec![("items[0][price]", price.as_str())], json!("customer")),
        (vec![("customer", customer.as_str())], json!("items")),
        (vec![("customer", customer.as_str()), ("items[0][price]", once.as_str())], json!("items[0][price]")),
        (vec![("customer", bare.as_str()), ("items[0][price]", price.as_str())], json!(null)),
        (
            vec![
                ("customer", customer.as_str()),
                ("items[0][price]", price.as_str()),
                ("payment_behavior", "error_if_incomplete"),
            ],
            json!("payment_behavior"),
        ),
    ] {
        let (status, refused) = store.post("/v1/subscriptions", &params).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &param), "{refused}");
    }
}
