//! Being paid: by the gateway's code, at the vendor's own address, in cash.

use axum::http::StatusCode;
use emulator::razorpay::Play;
use identity::{Caller, Pass};
use serde_json::json;
use uuid::Uuid;

use crate::stall::{AMOUNT, COMMISSION, Stall, kinds, signed_in, way};

#[tokio::test]
async fn an_intent_is_prepared_then_paid_by_its_code_through_the_webhook() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask_for(&stall.new_intent()).await;
    let preparing = stall.payment().await;
    assert_eq!((&preparing["state"], &preparing["ways"]), (&json!("preparing"), &json!([])));

    stall.work().await;
    let waiting = stall.payment().await;
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(waiting["amount"], json!({"minor": AMOUNT, "currency": "INR"}));
    assert_eq!(kinds(&waiting), ["upi_link/gateway", "qr/gateway", "checkout/gateway", "cash/vendor"]);
    let qr = stall.gateway_qr(intent).await;
    let at_gateway = stall.at_gateway(&format!("/v1/payments/qr_codes/{qr}")).await;
    assert_eq!(way(&waiting, "upi_link")["uri"], at_gateway["image_content"]);
    assert!(way(&waiting, "qr")["image_svg"].as_str().unwrap().contains("<svg"));
    let checkout = &way(&waiting, "checkout")["checkout"];
    assert_eq!(checkout["order_id"], stall.gateway_order(intent).await.as_str());
    assert!(checkout["script_url"].as_str().unwrap().ends_with("/v1/checkout.js"));

    stall.play(&Play::qr(&qr));
    stall.work().await;
    let paid = stall.payment().await;
    assert_eq!(paid["state"], "paid");
    assert_eq!(
        (&paid["method"], &paid["confirmed_by"], &paid["ways"]),
        (&json!("upi"), &json!("gateway"), &json!([]))
    );
    assert_eq!(paid["reference"].as_str().unwrap().len(), 12, "the bank's number");
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn both_sides_hear_of_every_state() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    for subscriber in [stall.tenant.uuid(), stall.guest.uuid()] {
        let last = format!(
            "select payload->'data'->>'state' || ' ' || (payload->'data'->>'order_id') || ' ' || (payload->>'visit_id')
             from sync_events where subscriber_id = '{subscriber}' and payload->>'kind' = 'payment'
             order by seq desc limit 1"
        );
        assert_eq!(stall.text(&last).await, format!("paid {} {}", stall.order, stall.visit));
    }
}

#[tokio::test]
async fn paying_the_order_closes_the_code() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    let qr = stall.at_gateway(&format!("/v1/payments/qr_codes/{}", stall.gateway_qr(intent).await)).await;
    assert_eq!((&qr["status"], &qr["close_reason"]), (&json!("closed"), &json!("on_demand")));
}

#[tokio::test]
async fn without_a_gateway_the_vendor_is_paid_at_their_own_address() {
    let stall = Stall::without_gateway().await;
    let profile = json!({"upi_id": " meena@okbank ", "cash": true});
    let put = stall.call(stall.vendor(), axum::http::Method::PUT, "/payment-profile", Some(&profile)).await;
    assert_eq!(
        put,
        (
            StatusCode::OK,
            json!({"upi_id": "meena@okbank", "cash": true, "commission": [{"kind": "percent", "percent": "2.5"}]})
        )
    );

    let intent = stall.ask().await;
    let payment = stall.payment().await;
    assert_eq!(payment["state"], "waiting");
    assert_eq!(kinds(&payment), ["upi_link/vendor", "qr/vendor", "cash/vendor"]);
    assert_eq!(
        way(&payment, "upi_link")["uri"],
        format!(
            "upi://pay?pa=meena@okbank&pn=Meena%27s%20Tomatoes&am=150.00&tr={}&tn=Order%2012&cu=INR",
            intent.uuid().simple()
        )
    );
    let client_id = Uuid::from_u128(1);
    let (status, paid) = stall.received(client_id, "upi").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&paid["state"], &paid["method"], &paid["confirmed_by"]),
        (&json!("paid"), &json!("upi"), &json!("vendor"))
    );
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn whoever_set_up_nothing_is_paid_in_cash() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    assert_eq!(kinds(&stall.payment().await), ["cash/vendor"]);
}

#[tokio::test]
async fn the_vendors_word_counts_once() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    let client_id = Uuid::from_u128(1);
    let first = stall.received(client_id, "cash").await;
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(stall.received(client_id, "cash").await, first);
    let (status, body) = stall.received(client_id, "upi").await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/client-id-reused")));
    let (status, body) = stall.received(Uuid::from_u128(2), "cash").await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/already-paid")));
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn two_words_at_once_are_one() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    let words = futures::future::join_all((1..=6).map(|n| stall.received(Uuid::from_u128(n), "cash"))).await;
    assert_eq!(words.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 1);
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn cash_taken_closes_the_gateways_code() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    assert_eq!(stall.received(Uuid::from_u128(1), "cash").await.0, StatusCode::OK);
    stall.work().await;
    let qr = stall.at_gateway(&format!("/v1/payments/qr_codes/{}", stall.gateway_qr(intent).await)).await;
    assert_eq!(qr["status"], "closed");
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn money_is_not_for_strangers_eyes_or_hands() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    let path = format!("/orders/{}/payment", stall.order);
    let other_stall = signed_in(Some(stall.test.entropy.id(stall.now())), false);
    let other_visit = Caller::guest(vec![Pass {
        visit: stall.test.entropy.id(stall.now()),
        tenant: stall.tenant,
        guest: stall.test.entropy.id(stall.now()),
        stall_name: String::new(),
        expires_at: stall.now(),
    }]);
    assert_eq!(stall.get(other_stall.clone(), &path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stall.get(other_visit, &path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.get(Caller::nobody(), &path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.get(stall.vendor(), &path).await.0, StatusCode::OK);
    let word = json!({"client_id": Uuid::from_u128(1), "method": "cash"});
    let path = format!("{path}/received");
    assert_eq!(stall.post(other_stall, &path, &word).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stall.post(stall.buyer(), &path, &word).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(stall.payment().await["state"], "waiting");
}

#[tokio::test]
async fn an_amount_below_what_the_gateway_takes_is_paid_without_it() {
    let stall = Stall::with_gateway().await;
    let new = payments::NewIntent { amount: types::Money::inr(99), ..stall.new_intent() };
    stall.ask_for(&new).await;
    stall.work().await;
    assert_eq!(kinds(&stall.payment().await), ["cash/vendor"]);
    assert_eq!(stall.razorpay().calls().len(), 0);
}
