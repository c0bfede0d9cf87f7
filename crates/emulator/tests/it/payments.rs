use emulator::razorpay::{Outcome, Play};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{NOW_S, Receiver, Shop, answer, http, text};

#[tokio::test]
async fn an_order_has_exactly_the_documented_fields() {
    let shop = Shop::open().await;
    let order = shop.order_with(json!({ "receipt": "r-1" })).await;
    let shown = shop.get(&format!("/v1/orders/{order}")).await;
    assert_eq!(
        shown,
        json!({
            "id": order, "entity": "order", "amount": 75_000, "amount_paid": 0, "amount_due": 75_000,
            "currency": "INR", "receipt": "r-1", "offer_id": null, "status": "created", "attempts": 0,
            "notes": [], "created_at": NOW_S
        })
    );
}

#[tokio::test]
async fn a_upi_payment_has_exactly_the_documented_fields() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let payment = shop.play(&Play::order(&order)).payment;
    let names: Vec<&String> = payment.as_object().unwrap().keys().collect();
    let mut documented = vec![
        "id",
        "entity",
        "amount",
        "currency",
        "status",
        "order_id",
        "invoice_id",
        "international",
        "method",
        "amount_refunded",
        "refund_status",
        "captured",
        "description",
        "card_id",
        "bank",
        "wallet",
        "vpa",
        "email",
        "contact",
        "notes",
        "fee",
        "tax",
        "error_code",
        "error_description",
        "error_source",
        "error_step",
        "error_reason",
        "acquirer_data",
        "created_at",
        "upi",
    ];
    documented.sort_unstable();
    assert_eq!(names, documented);
    assert_eq!(payment["acquirer_data"]["rrn"].as_str().map(str::len), Some(12));
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_the_vendors_sentence_and_field() {
    let shop = Shop::open().await;
    for (body, field, sentence) in [
        (json!({ "currency": "INR" }), json!("amount"), "The amount field is required."),
        (json!({ "amount": 99, "currency": "INR" }), json!("amount"), "The amount must be at least INR 1.00"),
        (json!({ "amount": "x", "currency": "INR" }), json!("amount"), "The amount must be an integer."),
        (
            json!({ "amount": 500_000_01, "currency": "INR" }),
            json!("amount"),
            "Amount exceeds maximum amount allowed.",
        ),
        (json!({ "amount": 100 }), json!("currency"), "The currency field is required."),
        (json!({ "amount": 100, "currency": "USD" }), json!("currency"), "Currency is not supported"),
        (
            json!({ "amount": 100, "currency": "INR", "receipt": "r".repeat(41) }),
            json!("receipt"),
            "receipt: the length must be no more than 40.",
        ),
        (
            json!({ "amount": 100, "currency": "INR", "x": 1 }),
            Value::Null,
            "x is/are not required and should not be sent",
        ),
    ] {
        let (status, refusal) = shop.post("/v1/orders", body).await;
        let error = &refusal["error"];
        assert_eq!((status, &error["code"]), (400, &json!("BAD_REQUEST_ERROR")));
        assert_eq!((&error["field"], text(&error["description"]).as_str()), (&field, sentence));
        assert_eq!(error["metadata"], json!({}));
    }
}

#[tokio::test]
async fn hostile_bodies_and_paths_are_refused() {
    let shop = Shop::open().await;
    let orders = || shop.request(Method::POST, "/v1/orders");
    for body in ["", "[", "\u{0}", "[[[[]]]]", "{\"amount\": 1e999, \"currency\": \"INR\"}"] {
        assert_eq!(answer(orders().body(body.to_owned())).await.0, 400, "{body:?}");
    }
    assert_eq!(answer(orders().body("x".repeat(70_000))).await.0, 400);
    for path in
        ["/v1/orders/order_1", "/v1/orders/%00", "/v1/nothing", "/v1/payments/pay_../../x", "/v2/orders"]
    {
        assert_eq!(answer(shop.request(Method::GET, path)).await.0, 400, "{path}");
    }
    assert_eq!(answer(shop.request(Method::DELETE, "/v1/orders")).await.0, 400);
    let (_, refusal) = answer(shop.request(Method::GET, &format!("/v1/orders/{}", "y".repeat(5_000)))).await;
    assert!(text(&refusal["error"]["description"]).len() < 100);
}

#[tokio::test]
async fn a_caller_needs_its_own_key() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let url = format!("{}/v1/orders/{order}", shop.emulator.razorpay_url());
    let sentence = |refusal: Value| text(&refusal["error"]["description"]);
    let (status, refusal) = answer(http().get(&url)).await;
    assert_eq!(
        (status, sentence(refusal).as_str()),
        (401, "Please provide your api key for authentication purposes.")
    );
    let (status, refusal) = answer(http().get(&url).basic_auth(&shop.key_id, Some("wrong"))).await;
    assert_eq!((status, sentence(refusal).as_str()), (401, "The api secret provided is invalid"));

    let other = emulator::razorpay::NewMerchant {
        key_id: "rzp_test_other".to_owned(),
        key_secret: "another".to_owned(),
        ..emulator::razorpay::NewMerchant::demo()
    };
    shop.emulator.razorpay().open_account(other).unwrap();
    let (status, refusal) = answer(http().get(&url).basic_auth("rzp_test_other", Some("another"))).await;
    assert_eq!((status, sentence(refusal).as_str()), (400, "The id provided does not exist"));
}

#[tokio::test]
async fn a_failed_attempt_leaves_the_order_open_for_another() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let declined = Outcome::Failure { reason: "insufficient_funds".to_owned() };
    let failed = shop.play(&Play::order(&order).with(declined));
    assert_eq!(failed.callback, None);
    assert_eq!(failed.payment["error_reason"], "insufficient_funds");
    shop.play(&Play::order(&order));
    let shown = shop.get(&format!("/v1/orders/{order}")).await;
    assert_eq!(
        (&shown["status"], &shown["attempts"], &shown["amount_due"]),
        (&json!("paid"), &json!(2), &json!(0))
    );
    let statuses: Vec<Value> = shop.get(&format!("/v1/orders/{order}/payments")).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payment| payment["status"].clone())
        .collect();
    assert_eq!(statuses, ["captured", "failed"]);
}

#[tokio::test]
async fn a_paid_order_takes_no_further_attempt() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    shop.play(&Play::order(&order));
    let refusal = shop.emulator.razorpay().play(&Play::order(&order)).unwrap_err();
    assert!(refusal.to_string().contains("the order is already paid"));
}

#[tokio::test]
async fn a_payment_authorised_late_on_a_paid_order_is_given_back() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    let order = shop.order().await;
    let late = Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(60) };
    let second = text(&shop.play(&Play::order(&order).with(late)).payment["id"]);
    shop.play(&Play::order(&order));
    shop.notify(&receiver);
    shop.advance_s(60).await;
    assert_eq!(receiver.events(), ["payment.authorized", "refund.created", "refund.processed"]);
    let payment = shop.get(&format!("/v1/payments/{second}")).await;
    assert_eq!((&payment["status"], &payment["captured"]), (&json!("refunded"), &json!(false)));
}

#[tokio::test]
async fn an_authorised_payment_nobody_captures_is_given_back_after_its_period() {
    let shop = Shop::open().await;
    let manual =
        json!({ "payment": { "capture": "manual", "capture_options": { "manual_expiry_period": 60 } } });
    let order = shop.order_with(manual).await;
    let payment = text(&shop.play(&Play::order(&order)).payment["id"]);
    shop.advance_s(60 * 60 - 1).await;
    assert_eq!(shop.get(&format!("/v1/payments/{payment}")).await["status"], "authorized");
    shop.advance_s(1).await;
    let shown = shop.get(&format!("/v1/payments/{payment}")).await;
    assert_eq!((&shown["status"], &shown["fee"]), (&json!("refunded"), &Value::Null));
    assert_eq!(shop.get(&format!("/v1/orders/{order}")).await["status"], "attempted");
}

#[tokio::test]
async fn lists_are_newest_first_paged_and_by_time() {
    let shop = Shop::open().await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        orders.push(shop.order().await);
        shop.emulator.clock().advance(std::time::Duration::from_secs(10));
    }
    let ids = |list: Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|item| text(&item["id"])).collect()
    };
    let newest: Vec<String> = orders.iter().rev().cloned().collect();
    assert_eq!(ids(shop.get("/v1/orders").await), newest[..10]);
    assert_eq!(ids(shop.get("/v1/orders?count=3&skip=2").await), newest[2..5]);
    let (from, to) = (NOW_S + 20, NOW_S + 40);
    assert_eq!(ids(shop.get(&format!("/v1/orders?from={from}&to={to}")).await), newest[7..10]);
    assert_eq!(answer(shop.request(Method::GET, "/v1/orders?count=101")).await.0, 400);
}

#[tokio::test]
async fn the_test_card_pays_and_shows_its_card_on_request() {
    let shop = Shop::open().await;
    let order = shop.order().await;
    let play = Play { method: emulator::razorpay::Method::Card, ..Play::order(&order) };
    let payment = shop.play(&play).payment;
    let id = text(&payment["id"]);
    assert_eq!(
        (&payment["method"], &payment["vpa"], &payment["tax"]),
        (&json!("card"), &Value::Null, &json!(0))
    );
    assert_eq!(shop.get(&format!("/v1/payments/{id}")).await.get("card"), None);
    let expanded = shop.get(&format!("/v1/payments/{id}?expand[]=card")).await;
    assert_eq!(expanded["card"], shop.get(&format!("/v1/payments/{id}/card")).await);
    assert_eq!(expanded["card"]["id"], payment["card_id"]);
}
