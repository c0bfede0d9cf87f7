//! Credit that a vendor buys from the platform: paid through the gateway or not at all.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use emulator::razorpay::{NewMerchant, Outcome, Play, RefundFate, Settings, WebhookFault, WebhookFaultKind};
use emulator::{ApiFault, FaultKind};
use payments::{Error, NewTopUp, RETURNED, TOP_UPS};
use serde_json::{Value, json};
use types::{IntentId, Money, TopUpId};

use crate::stall::{Stall, kinds, operator, signed_in};

/// ₹500.
const PRICE: i64 = 500_00;

fn new_top_up(stall: &Stall) -> NewTopUp {
    NewTopUp {
        tenant: stall.tenant,
        id: stall.test.entropy.id(stall.now()),
        number: "C-3F9A".to_owned(),
        payee: "VyaparMitra".to_owned(),
        amount: Money::inr(PRICE),
        expires_at: stall.now() + TimeDelta::minutes(30),
        gateway: None,
        method: None,
        keep_method: false,
    }
}

async fn open(stall: &Stall, new: &NewTopUp) -> Result<IntentId, Error> {
    let mut transaction = stall.test.db.begin().await.unwrap();
    let intent = stall.payments.open_top_up(&mut transaction, new).await?;
    transaction.commit().await.unwrap();
    Ok(intent)
}

/// A top-up whose ways to pay are there.
async fn asked(stall: &Stall) -> (TopUpId, IntentId) {
    let new = new_top_up(stall);
    let intent = open(stall, &new).await.unwrap();
    stall.work().await;
    (new.id, intent)
}

async fn payment(stall: &Stall, top_up: TopUpId) -> Value {
    let mut connection = stall.test.db.acquire().await.unwrap();
    let payment = stall.payments.payment_of_top_up(&mut connection, stall.tenant, top_up).await.unwrap();
    serde_json::to_value(payment).unwrap()
}

async fn state(stall: &Stall, top_up: TopUpId) -> String {
    payment(stall, top_up).await["state"].as_str().unwrap().to_owned()
}

/// So many top-ups are paid, published and in the books, and nothing else is.
async fn are_paid(stall: &Stall, count: i64) {
    assert_eq!(stall.count("outbox_events where kind = 'top-up-paid'").await, count);
    assert_eq!(stall.published().await, (0, 0), "no order was paid");
    assert_eq!(stall.balance(TOP_UPS).await, count * PRICE);
    stall.books_hold(count * PRICE, 0, 0, 0).await;
}

fn fault(stall: &Stall, kind: WebhookFaultKind) {
    let fault = WebhookFault { times: None, ..WebhookFault::next(kind) };
    stall.razorpay().add_webhook_fault(&NewMerchant::demo().key_id, fault).unwrap();
}

async fn post_to_gateway(stall: &Stall, path: &str, body: &Value) -> Value {
    let merchant = NewMerchant::demo();
    let client = platform::http::client(Duration::from_secs(5));
    let url = format!("{}{path}", stall.emulator.as_ref().unwrap().razorpay_url());
    let request = client.post(url).basic_auth(merchant.key_id, Some(merchant.key_secret));
    request.json(body).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_top_up_is_prepared_then_paid_by_its_code() {
    let stall = Stall::with_gateway().await;
    let new = new_top_up(&stall);
    let intent = open(&stall, &new).await.unwrap();
    assert_eq!(state(&stall, new.id).await, "preparing");
    stall.work().await;
    let waiting = payment(&stall, new.id).await;
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(waiting["amount"], json!({"minor": PRICE, "currency": "INR"}));
    assert_eq!(kinds(&waiting), ["upi_link/gateway", "qr/gateway", "checkout/gateway"]);

    let qr = stall.gateway_qr(intent).await;
    let at_gateway = stall.at_gateway(&format!("/v1/payments/qr_codes/{qr}")).await;
    assert_eq!(
        (&at_gateway["name"], &at_gateway["description"]),
        (&json!("VyaparMitra"), &json!("Top-up C-3F9A"))
    );
    stall.play(&Play::qr(&qr));
    stall.work().await;
    let paid = payment(&stall, new.id).await;
    assert_eq!(
        (&paid["state"], &paid["confirmed_by"], &paid["ways"]),
        (&json!("paid"), &json!("gateway"), &json!([]))
    );
    are_paid(&stall, 1).await;
    let published = stall.text("select payload::text from outbox_events where kind = 'top-up-paid'").await;
    let event: payments::TopUpPaid = serde_json::from_str(&published).unwrap();
    assert_eq!((event.tenant, event.top_up, event.intent), (stall.tenant, new.id, intent));
    assert_eq!((event.amount, event.at), (Money::inr(PRICE), stall.now()));
}

#[tokio::test]
async fn the_vendor_hears_of_every_state_and_nobody_else_does() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    let heard = |state: &str| {
        format!(
            "sync_events where subscriber_id = '{}' and payload->>'kind' = 'top_up' and not payload ? 'visit_id'
             and payload->'data'->>'top_up_id' = '{top_up}' and payload->'data'->'payment'->>'state' = '{state}'",
            stall.tenant
        )
    };
    for state in ["waiting", "paid"] {
        assert!(stall.count(&heard(state)).await > 0, "{state}");
    }
    assert_eq!(stall.count(&format!("sync_events where subscriber_id <> '{}'", stall.tenant)).await, 0);
}

#[tokio::test]
async fn every_webhook_six_times_at_once_pays_once() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    fault(&stall, WebhookFaultKind::Duplicate { copies: 5, at_once: true });
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    assert_eq!(state(&stall, top_up).await, "paid");
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn a_lost_webhook_is_made_up_for_by_looking() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    fault(&stall, WebhookFaultKind::Lose);
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    assert_eq!(state(&stall, top_up).await, "waiting");
    stall.pass(15).await;
    assert_eq!(state(&stall, top_up).await, "paid");
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn another_amount_than_the_one_asked_for_goes_back_and_the_operator_sees_it() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    let qr = json!({
        "type": "upi_qr", "usage": "single_use", "fixed_amount": true, "payment_amount": PRICE - 1,
        "close_by": (stall.now() + TimeDelta::hours(1)).timestamp(),
        "notes": {"tenant_id": stall.tenant, "intent_id": intent},
    });
    let qr = post_to_gateway(&stall, "/v1/payments/qr_codes", &qr).await;
    stall.play(&Play::qr(qr["id"].as_str().unwrap()));
    stall.work().await;
    let attempted = payment(&stall, top_up).await;
    assert_eq!(attempted["state"], "failed");
    assert_eq!(kinds(&attempted), ["upi_link/gateway", "qr/gateway", "checkout/gateway"]);
    assert_eq!(stall.refunds_at_gateway().await, 1);
    are_paid(&stall, 0).await;

    let (_, refunds) = stall.get(operator(), "/operator/refunds").await;
    let refund = &refunds["items"][0];
    assert_eq!(
        [&refund["paid_for"], &refund["order_number"], &refund["stall_name"], &refund["reason"]],
        [&json!("top_up"), &json!("C-3F9A"), &json!("VyaparMitra"), &json!("not the amount asked for")]
    );
    let (_, webhooks) = stall.get(operator(), "/operator/webhooks?state=done").await;
    let notes: Vec<_> =
        webhooks["items"].as_array().unwrap().iter().map(|webhook| &webhook["note"]).collect();
    assert!(notes.contains(&&json!("no more is wanted: the money goes back")), "{notes:?}");

    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn of_two_payments_at_once_one_goes_back() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    assert_eq!(state(&stall, top_up).await, "paid");
    assert_eq!(stall.refunds_at_gateway().await, 1);
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn two_top_ups_and_an_order_at_once_are_all_paid() {
    let stall = Stall::with_gateway().await;
    let (_, one) = asked(&stall).await;
    let (_, other) = asked(&stall).await;
    let order = stall.ask().await;
    for intent in [one, other, order] {
        stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    }
    stall.work().await;
    assert_eq!(stall.count("payment_intents where state = 'paid'").await, 3);
    assert_eq!(stall.count("outbox_events where kind = 'top-up-paid'").await, 2);
    assert_eq!((stall.published().await, stall.balance(TOP_UPS).await), ((1, 0), 2 * PRICE));
    let (sold, kept) = (crate::stall::AMOUNT, crate::stall::COMMISSION);
    stall.books_hold(2 * PRICE + sold, sold - kept, kept, 0).await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(
        wallet["entries"]["items"].as_array().unwrap().len(),
        1,
        "the wallet tells of sales: {wallet}"
    );
}

#[tokio::test]
async fn a_top_up_ends_by_itself_and_late_money_counts_all_the_same() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    let late = Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(1_830) };
    stall.play(&Play::order(&stall.gateway_order(intent).await).with(late));
    stall.pass(1_799).await;
    assert_eq!(state(&stall, top_up).await, "failed");
    stall.pass(1).await;
    let expired = payment(&stall, top_up).await;
    assert_eq!((&expired["state"], &expired["ways"]), (&json!("expired"), &json!([])));
    let qr = stall.at_gateway(&format!("/v1/payments/qr_codes/{}", stall.gateway_qr(intent).await)).await;
    assert_eq!(qr["status"], "closed");
    are_paid(&stall, 0).await;
    stall.pass(30).await;
    assert_eq!(state(&stall, top_up).await, "paid");
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn what_is_paid_does_not_end_and_is_not_asked_for_again() {
    let stall = Stall::with_gateway().await;
    let new = new_top_up(&stall);
    let intent = open(&stall, &new).await.unwrap();
    stall.work().await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.pass(3_600).await;
    assert_eq!(state(&stall, new.id).await, "paid");
    assert!(matches!(open(&stall, &new).await, Err(Error::AlreadyPaid)));
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn without_a_gateway_or_below_its_least_amount_there_is_no_top_up() {
    let stall = Stall::without_gateway().await;
    assert!(matches!(open(&stall, &new_top_up(&stall)).await, Err(Error::NoGateway)));
    assert_eq!(stall.count("payment_intents").await, 0);
    let stall = Stall::with_gateway().await;
    let small = NewTopUp { amount: Money::inr(99), ..new_top_up(&stall) };
    let refused = open(&stall, &small).await;
    assert!(matches!(refused, Err(Error::AmountTooSmall(least)) if least == Money::inr(1_00)));
    assert_eq!(stall.count("payment_intents").await, 0);
}

#[tokio::test]
async fn no_top_up_is_paid_to_the_vendor_who_owes_it() {
    let stall = Stall::with_gateway().await;
    let profile = json!({"upi_id": "meena@okbank", "cash": true});
    stall.call(stall.vendor(), Method::PUT, "/payment-profile", Some(&profile)).await;
    let away = ApiFault::next_call(FaultKind::Status { status: 503, retry_after_s: None });
    stall.razorpay().add_fault(ApiFault { times: None, ..away }).unwrap();
    let (top_up, _) = asked(&stall).await;
    for _ in 0..4 {
        stall.pass(6).await;
    }
    let waited = payment(&stall, top_up).await;
    assert_eq!((&waited["state"], &waited["ways"]), (&json!("preparing"), &json!([])));
    stall.razorpay().clear_faults();
    stall.pass(120).await;
    assert_eq!(kinds(&payment(&stall, top_up).await), ["upi_link/gateway", "qr/gateway", "checkout/gateway"]);
    let word = json!({"client_id": uuid::Uuid::from_u128(1), "method": "cash"});
    let (status, _) = stall.post(stall.vendor(), &format!("/orders/{top_up}/payment/received"), &word).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_top_up_that_the_gateway_refuses_has_failed() {
    let stall = Stall::with_gateway().await;
    let refusal = ApiFault::next_call(FaultKind::Status { status: 400, retry_after_s: None });
    stall.razorpay().add_fault(refusal.on("POST", "/v1/orders")).unwrap();
    let (top_up, _) = asked(&stall).await;
    let failed = payment(&stall, top_up).await;
    assert_eq!((&failed["state"], &failed["ways"]), (&json!("failed"), &json!([])));
    stall.pass(1_800).await;
    assert_eq!(state(&stall, top_up).await, "expired");
}

#[tokio::test]
async fn the_vendor_answers_for_the_sheet_and_nobody_else() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    let (other, _) = asked(&stall).await;
    stall.razorpay().set_webhooks(&NewMerchant::demo().key_id, Vec::new()).unwrap();
    let played = stall.play(&Play::order(&stall.gateway_order(intent).await));
    let answer = serde_json::to_value(played.callback.unwrap()).unwrap();
    let path = |top_up: TopUpId| format!("/credit/top-ups/{top_up}/payment/checkout");
    let stranger = signed_in(Some(stall.test.entropy.id(stall.now())), false);
    assert_eq!(stall.post(stranger, &path(top_up), &answer).await.0, StatusCode::NOT_FOUND);
    assert_eq!(stall.post(stall.buyer(), &path(top_up), &answer).await.0, StatusCode::UNAUTHORIZED);
    let (_, of_another) = stall.post(stall.vendor(), &path(other), &answer).await;
    assert_eq!(of_another["type"], "/problems/checkout-forged");
    let mut forgery = answer.clone();
    forgery["razorpay_signature"] = json!("00".repeat(32));
    let (_, forged) = stall.post(stall.vendor(), &path(top_up), &forgery).await;
    assert_eq!(forged["type"], "/problems/checkout-forged");
    are_paid(&stall, 0).await;

    let (status, paid) = stall.post(stall.vendor(), &path(top_up), &answer).await;
    assert_eq!((status, &paid["state"]), (StatusCode::OK, &json!("paid")));
    assert_eq!(stall.post(stall.vendor(), &path(top_up), &answer).await, (status, paid));
    are_paid(&stall, 1).await;
}

#[tokio::test]
async fn a_top_up_given_back_at_the_gateways_own_screen_is_in_the_books_and_published() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    post_to_gateway(&stall, &format!("/v1/payments/{payment}/refund"), &json!({})).await;
    stall.work().await;
    assert_eq!(state(&stall, top_up).await, "refunded");
    for kind in ["top-up-paid", "top-up-taken-back", "top-up-refunded"] {
        assert_eq!(stall.count(&format!("outbox_events where kind = '{kind}'")).await, 1, "{kind}");
    }
    assert_eq!((stall.balance(TOP_UPS).await, stall.balance(RETURNED).await), (PRICE, -PRICE));
    stall.books_hold(0, 0, 0, 0).await;
    assert_eq!(stall.count("webhook_events where state = 'failed'").await, 0);
}

#[tokio::test]
async fn a_part_of_a_top_up_goes_back_and_what_the_gateway_refuses_is_withdrawn() {
    let stall = Stall::with_gateway().await;
    let (top_up, intent) = asked(&stall).await;
    assert!(matches!(give_back(&stall, top_up, 1_00).await, Err(Error::NotPaid)));
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    assert!(matches!(give_back(&stall, top_up, PRICE + 1).await, Err(Error::RefundTooLarge(_))));
    assert!(matches!(give_back(&stall, top_up, 99).await, Err(Error::AmountTooSmall(_))));
    give_back(&stall, top_up, 200_00).await.unwrap();
    assert_eq!((state(&stall, top_up).await, stall.balance(RETURNED).await), ("paid".to_owned(), -200_00));
    assert_eq!(stall.count("outbox_events where kind = 'top-up-refunded'").await, 1);

    let settings = Settings { refunds: RefundFate::FailedLater { after_s: 60 }, ..Settings::default() };
    stall.razorpay().set_settings(&NewMerchant::demo().key_id, settings).unwrap();
    give_back(&stall, top_up, 300_00).await.unwrap();
    assert!(matches!(give_back(&stall, top_up, 1_00).await, Err(Error::RefundTooLarge(_))));
    for _ in 0..12 {
        stall.pass(3_700).await;
    }
    assert_eq!(stall.count("refunds where state = 'withdrawn'").await, 1);
    assert_eq!(stall.count("outbox_events where kind = 'top-up-refund-refused'").await, 1);
    assert_eq!(stall.balance(RETURNED).await, -200_00, "the money is in the credit's account again");
    stall.books_hold(300_00, 0, 0, 0).await;

    let settings = Settings { refunds: RefundFate::Processed, ..Settings::default() };
    stall.razorpay().set_settings(&NewMerchant::demo().key_id, settings).unwrap();
    give_back(&stall, top_up, 300_00).await.unwrap();
    assert_eq!(state(&stall, top_up).await, "refunded");
    stall.books_hold(0, 0, 0, 0).await;
}

async fn give_back(stall: &Stall, top_up: TopUpId, paise: i64) -> Result<(), Error> {
    let mut transaction = stall.test.db.begin().await.unwrap();
    let amount = Money::inr(paise);
    stall.payments.refund_top_up(&mut transaction, stall.tenant, top_up, amount, "not spent").await?;
    transaction.commit().await.unwrap();
    stall.work().await;
    Ok(())
}
