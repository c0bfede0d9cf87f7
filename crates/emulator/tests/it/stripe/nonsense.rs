//! Extreme and malformed parameters are answered, whatever they are.

use super::store::{Store, answer};
use crate::shop::text;

const VALUES: [&str; 11] = [
    "",
    "0",
    "-1",
    "1e9",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "true",
    "pm_card_visa",
    "₹ \u{0} \u{202e}",
    "javascript:alert(1)",
];

const CALLS: [(&str, &[&str]); 12] = [
    ("/v1/customers", &["name", "email", "metadata", "metadata[k]", "address", "address[city]", "shipping"]),
    (
        "/v1/payment_intents",
        &[
            "amount",
            "currency",
            "customer",
            "confirm",
            "payment_method",
            "payment_method_types[]",
            "automatic_payment_methods[enabled]",
            "return_url",
            "setup_future_usage",
            "expand[]",
        ],
    ),
    ("/v1/payment_intents/PI", &["amount", "currency", "payment_method", "description", "return_url"]),
    (
        "/v1/payment_intents/PI/confirm",
        &["payment_method", "return_url", "off_session", "payment_method_data[type]"],
    ),
    ("/v1/payment_intents/PI/capture", &["amount_to_capture"]),
    ("/v1/payment_intents/PI/cancel", &["cancellation_reason"]),
    ("/v1/refunds", &["charge", "payment_intent", "amount", "reason"]),
    (
        "/v1/checkout/sessions",
        &[
            "mode",
            "line_items[0][quantity]",
            "line_items[0][price_data][unit_amount]",
            "line_items[0][price_data][currency]",
            "line_items[0][price]",
            "line_items",
            "expires_at",
            "success_url",
        ],
    ),
    ("/v1/payouts", &["amount", "currency"]),
    (
        "/v1/prices",
        &["currency", "unit_amount", "recurring[interval]", "recurring[interval_count]", "product"],
    ),
    (
        "/v1/subscriptions",
        &["customer", "items[0][price]", "items[0][quantity]", "trial_period_days", "trial_end", "items"],
    ),
    ("/v1/payment_methods", &["type", "card[token]", "card", "billing_details"]),
];

/// Parameters that make each call succeed, or at least be understood.
fn sound(path: &str, customer: &str, price: &str) -> Vec<(String, String)> {
    let pairs: &[(&str, &str)] = match path {
        "/v1/payment_intents" => {
            &[("amount", "500"), ("currency", "inr"), ("payment_method_types[]", "card")]
        }
        "/v1/checkout/sessions" => &[
            ("mode", "payment"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "inr"),
            ("line_items[0][price_data][unit_amount]", "15000"),
            ("line_items[0][price_data][product_data][name]", "Tomatoes"),
            ("success_url", "https://shop.example/"),
        ],
        "/v1/payouts" => &[("amount", "1"), ("currency", "inr")],
        "/v1/prices" => &[
            ("currency", "inr"),
            ("unit_amount", "500"),
            ("recurring[interval]", "day"),
            ("product_data[name]", "Tomatoes"),
        ],
        "/v1/subscriptions" => {
            &[("customer", customer), ("items[0][price]", price), ("payment_behavior", "default_incomplete")]
        }
        "/v1/payment_methods" => &[("type", "card"), ("card[token]", "tok_visa")],
        _ => &[],
    };
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn every_call_answers_extreme_parameters() {
    let store = Store::open().await;
    let customer = text(&store.make("/v1/customers", &[]).await["id"]);
    let price = [
        ("currency", "inr"),
        ("unit_amount", "500"),
        ("recurring[interval]", "day"),
        ("product_data[name]", "Tomatoes"),
    ];
    let price = text(&store.make("/v1/prices", &price).await["id"]);
    let intent = [("amount", "500"), ("currency", "inr"), ("payment_method_types[]", "card")];
    let intent = text(&store.make("/v1/payment_intents", &intent).await["id"]);
    for (path, names) in CALLS {
        for (name, value) in names.iter().flat_map(|name| VALUES.map(|value| (*name, value))) {
            let mut params = sound(path, &customer, &price);
            params.retain(|(kept, _)| kept != name);
            params.push((name.to_owned(), value.to_owned()));
            let params: Vec<(&str, &str)> =
                params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let (status, answered) = store.post(&path.replace("PI", &intent), &params).await;
            assert!([200, 400, 402, 404].contains(&status), "{path} {name}={value}: {status} {answered}");
        }
    }
    store.advance_s(400 * 86_400).await;
}

#[tokio::test]
async fn lists_and_bodies_that_make_no_sense_are_refused() {
    let store = Store::open().await;
    for query in
        ["limit=0", "limit=x", "starting_after=pi_x", "created[gt]=x", "colour=red", "expand[]=a&expand[b]=c"]
    {
        let (status, _) =
            answer(store.request(reqwest::Method::GET, &format!("/v1/payment_intents?{query}"))).await;
        assert!(status == 400 || query.starts_with("expand"), "{query}");
    }
    let json =
        store.request(reqwest::Method::POST, "/v1/customers").json(&serde_json::json!({ "name": "Asha" }));
    let (status, refused) = answer(json).await;
    assert_eq!(status, 400);
    assert!(text(&refused["error"]["message"]).contains("application/x-www-form-urlencoded"));
    for key in [None, Some("a key")] {
        let mut huge = store.posting("/v1/customers", &[]).body("name=".to_owned() + &"x".repeat(300_000));
        if let Some(key) = key {
            huge = huge.header("Idempotency-Key", key);
        }
        assert_eq!(answer(huge).await.0, 400, "{key:?}");
    }
    assert_eq!(store.events().await, [""; 0]);
}
