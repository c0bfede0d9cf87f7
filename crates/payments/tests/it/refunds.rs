//! Giving money back.

use axum::http::StatusCode;
use emulator::razorpay::{NewMerchant, Play, RefundFate, Settings};
use emulator::{ApiFault, FaultKind};
use payments::NewIntent;
use serde_json::json;
use testkit::statements;

use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

async fn paid() -> Stall {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    stall
}

fn refunds_are(stall: &Stall, refunds: RefundFate) {
    let settings = Settings { refunds, ..Settings::default() };
    stall.razorpay().set_settings(&NewMerchant::demo().key_id, settings).unwrap();
}

#[tokio::test]
async fn a_refund_reverses_the_books_and_is_published_once() {
    let stall = paid().await;
    stall.refund(stall.order).await.unwrap();
    stall.refund(stall.order).await.unwrap();
    let payment = stall.payment().await;
    assert_eq!((payment["state"].as_str(), payment["method"].as_str()), (Some("refunded"), Some("upi")));
    assert_eq!(stall.published().await, (1, 1));
    assert_eq!(stall.refunds_at_gateway().await, 1);
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_under_way_is_on_hold_until_the_gateway_is_done() {
    let stall = paid().await;
    refunds_are(&stall, RefundFate::ProcessedLater { after_s: 900 });
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(AMOUNT, 0, 0, AMOUNT).await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(
        (wallet["owed"]["minor"].as_i64(), wallet["going_back"]["minor"].as_i64()),
        (Some(0), Some(AMOUNT))
    );
    stall.pass(900).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_whose_webhooks_are_lost_is_looked_at() {
    let stall = paid().await;
    refunds_are(&stall, RefundFate::ProcessedLater { after_s: 900 });
    stall.razorpay().set_webhooks(&NewMerchant::demo().key_id, Vec::new()).unwrap();
    stall.refund(stall.order).await.unwrap();
    stall.pass(900).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_that_fails_at_the_gateway_is_made_again() {
    let stall = paid().await;
    refunds_are(&stall, RefundFate::FailedLater { after_s: 60 });
    stall.refund(stall.order).await.unwrap();
    stall.pass(60).await;
    assert_eq!(stall.text("select state || attempt from refunds").await, "asked2");
    stall.books_hold(AMOUNT, 0, 0, AMOUNT).await;
    refunds_are(&stall, RefundFate::Processed);
    stall.pass(3_600).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_that_always_fails_is_left_to_the_operator_with_the_buyers_money_in_the_books() {
    let stall = paid().await;
    refunds_are(&stall, RefundFate::FailedLater { after_s: 60 });
    stall.refund(stall.order).await.unwrap();
    for _ in 0..8 {
        stall.pass(3_600).await;
        stall.pass(60).await;
    }
    assert_eq!(stall.text("select state || attempt from refunds").await, "failed5");
    stall.books_hold(AMOUNT, 0, 0, AMOUNT).await;

    let (_, failed) = stall.get(operator(), "/operator/refunds?state=failed").await;
    let failed = &failed["items"][0];
    assert_eq!((&failed["order_number"], &failed["amount"]["minor"]), (&json!("12"), &json!(AMOUNT)));
    assert_eq!(failed["note"], "it failed at the gateway again and again");
    let path = format!("/operator/refunds/{}/retry", failed["id"].as_str().unwrap());
    let reason = json!({"reason": "the bank is back"});
    assert_eq!(stall.post(stall.vendor(), &path, &reason).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.get(stall.vendor(), "/operator/refunds").await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.post(operator(), &path, &json!({"reason": " "})).await.1["field"], "reason");
    refunds_are(&stall, RefundFate::Processed);
    let (status, again) = stall.post(operator(), &path, &reason).await;
    assert_eq!((status, &again["state"], &again["attempts"]), (StatusCode::OK, &json!("asked"), &json!(6)));
    let (status, twice) = stall.post(operator(), &path, &reason).await;
    assert_eq!((status, &twice["type"]), (StatusCode::CONFLICT, &json!("/problems/refund-not-failed")));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "refunded");
    stall.books_hold(0, 0, 0, 0).await;
    let (_, done) = stall.get(operator(), "/operator/refunds?state=processed").await;
    let note = done["items"][0]["note"].as_str().unwrap();
    assert!(note.starts_with("made again 2026-") && note.ends_with(": the bank is back"), "{note}");
    let kept = "select string_agg(deed || ' ' || coalesce(reason, '-'), ', ' order by number) from audit_acts where area = 'refunds'";
    assert_eq!(stall.text(kept).await, "looked -, made_again the bank is back");
}

#[tokio::test]
async fn a_page_of_refunds_takes_two_statements() {
    let stall = Stall::without_gateway().await;
    for number in 0..3 {
        let new = NewIntent { order: stall.test.entropy.id(stall.now()), ..stall.new_intent() };
        stall.ask_for(&new).await;
        let body = json!({"client_id": uuid::Uuid::from_u128(number), "method": "cash"});
        stall.post(stall.vendor(), &format!("/orders/{}/payment/received", new.order), &body).await;
        stall.refund(new.order).await.unwrap();
        stall.pass(1).await;
    }
    stall.get(operator(), "/operator/refunds").await;
    // The refunds, and who looked at what before.
    let (page, count) = statements(stall.get(operator(), "/operator/refunds?limit=2")).await;
    assert_eq!((page.1["items"].as_array().unwrap().len(), count), (2, 2), "{}", page.1);
    let next = page.1["next"].as_str().unwrap();
    let (_, rest) = stall.get(operator(), &format!("/operator/refunds?before={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_not_made_twice() {
    let stall = paid().await;
    let lost =
        ApiFault::next_call(FaultKind::Malformed).on("POST", "/v1/payments/*/refund").after_the_effect();
    stall.razorpay().add_fault(lost).unwrap();
    stall.refund(stall.order).await.unwrap();
    stall.pass(5).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.refunds_at_gateway().await, 1);
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_made_at_the_gateways_own_screen_is_taken_in() {
    let stall = paid().await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    let merchant = NewMerchant::demo();
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/payments/{payment}/refund", stall.emulator.as_ref().unwrap().razorpay_url());
    let request = client.post(url).basic_auth(merchant.key_id, Some(merchant.key_secret));
    assert!(request.json(&serde_json::json!({})).send().await.unwrap().status().is_success());
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
    // Asking now finds it done.
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.refunds_at_gateway().await, 1);
}

#[tokio::test]
async fn what_the_vendor_took_is_the_vendors_to_give_back() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    stall.received(uuid::Uuid::from_u128(1), "cash").await;
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
    stall.refund(stall.order).await.unwrap();
    let payment = stall.payment().await;
    assert_eq!(
        (payment["state"].as_str(), payment["confirmed_by"].as_str()),
        (Some("refunded"), Some("vendor"))
    );
    assert_eq!(stall.published().await, (1, 1));
    assert_eq!(stall.text("select state || ': ' || reason from refunds").await, "by_vendor: sold out");
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn what_was_not_paid_cannot_be_given_back() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    assert!(matches!(stall.refund(stall.order).await, Err(payments::Error::NotPaid)));
}

#[tokio::test]
async fn parts_go_back_one_by_one_and_the_last_of_them_ends_it() {
    let stall = paid().await;
    stall.refund_part(50_00).await.unwrap();
    let payment = stall.payment().await;
    assert_eq!((&payment["state"], &payment["refunded"]["minor"]), (&json!("paid"), &json!(50_00)));
    let back = COMMISSION * 50_00 / AMOUNT;
    stall.books_hold(AMOUNT - 50_00, AMOUNT - COMMISSION - (50_00 - back), COMMISSION - back, 0).await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    let entry = &wallet["entries"]["items"][0];
    assert_eq!(
        ["gross", "commission", "net"].map(|name| entry[name]["minor"].as_i64().unwrap()),
        [-50_00, -back, -(50_00 - back)]
    );
    assert_eq!(entry["order_number"], "12");

    let too_much = stall.refund_part(100_01).await;
    assert!(matches!(too_much, Err(payments::Error::RefundTooLarge(left)) if left.minor() == 100_00));
    for too_little in [99, 99_01] {
        let refused = stall.refund_part(too_little).await;
        assert!(matches!(refused, Err(payments::Error::AmountTooSmall(_))), "{too_little}: {refused:?}");
    }
    stall.refund_part(33_33).await.unwrap();
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 3));
    assert_eq!(stall.refunds_at_gateway().await, 3);
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn what_is_on_its_way_cannot_go_back_again() {
    let stall = paid().await;
    refunds_are(&stall, RefundFate::ProcessedLater { after_s: 900 });
    stall.refund_part(100_00).await.unwrap();
    let payment = stall.payment().await;
    assert_eq!((payment.get("refunded"), &payment["refunding"]["minor"]), (None, &json!(100_00)));
    assert!(matches!(stall.refund_part(50_01).await, Err(payments::Error::RefundTooLarge(_))));
    stall.pass(900).await;
    assert_eq!(stall.payment().await["refunded"]["minor"], 100_00);
    assert_eq!(stall.payment().await.get("refunding"), None);
}

/// Many parts asked for at once, of odd amounts, while the gateway's news comes in whatever order: what goes back is never more than
/// came, and the books come out even.
#[tokio::test]
async fn parts_asked_for_at_once_never_come_to_more_than_was_paid() {
    let stall = paid().await;
    let mut amount = 7;
    let amounts: Vec<i64> = (0..24)
        .map(|_| {
            amount = (amount * 37 + 11) % 20_11;
            amount + 1_00
        })
        .collect();
    assert!(amounts.iter().sum::<i64>() > AMOUNT, "some must be refused");
    let asked = futures::future::join_all(amounts.iter().map(|amount| stall.ask_back(*amount))).await;
    let granted: i64 =
        amounts.iter().zip(&asked).filter(|(_, asked)| asked.is_ok()).map(|(amount, _)| amount).sum();
    assert!(granted <= AMOUNT && asked.iter().any(Result::is_err), "{granted}");
    stall.work().await;
    let counted: i64 = stall.text("select refunded_minor::text from payments").await.parse().unwrap();
    let made: i64 = stall
        .text("select sum(amount_minor)::text from refunds where state = 'processed'")
        .await
        .parse()
        .unwrap();
    assert_eq!((counted, made), (granted, granted));
    let back = COMMISSION * granted / AMOUNT;
    stall.books_hold(AMOUNT - granted, AMOUNT - COMMISSION - (granted - back), COMMISSION - back, 0).await;
    if granted < AMOUNT {
        stall.refund(stall.order).await.unwrap();
    }
    stall.books_hold(0, 0, 0, 0).await;
    assert_eq!(stall.payment().await["state"], "refunded");
}

#[tokio::test]
async fn a_constraint_refuses_what_would_give_back_more_than_came() {
    let stall = paid().await;
    let beyond = sqlx::query("update payments set refunded_minor = amount_minor + 1")
        .execute(stall.test.db.pool())
        .await;
    let error = beyond.unwrap_err();
    assert_eq!(platform::db::violated_constraint(&error), Some("payments_refunded_within_amount"));
}

#[tokio::test]
async fn parts_of_what_the_vendor_took_are_given_back_by_hand() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    stall.received(uuid::Uuid::from_u128(1), "cash").await;
    stall.refund_part(10_01).await.unwrap();
    let payment = stall.payment().await;
    assert_eq!((&payment["state"], &payment["refunded"]["minor"]), (&json!("paid"), &json!(10_01)));
    let back = COMMISSION * 10_01 / AMOUNT;
    stall.books_hold(0, -(COMMISSION - back), COMMISSION - back, 0).await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(
        (stall.payment().await["state"].as_str(), stall.published().await),
        (Some("refunded"), (1, 2))
    );
    stall.books_hold(0, 0, 0, 0).await;
}
