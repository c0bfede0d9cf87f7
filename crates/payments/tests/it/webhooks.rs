//! Webhooks as they come: twice, late, in any order, forged, or not at all.

use axum::http::StatusCode;
use emulator::razorpay::{DeliveryState, NewMerchant, Outcome, Play, WebhookFault, WebhookFaultKind};
use emulator::{ApiFault, FaultKind};
use platform::fields::{Column, Fields};
use platform::keys::{Keyring, hmac_sha256};
use serde_json::{Value, json};
use testkit::statements;
use uuid::Uuid;

use crate::stall::{AMOUNT, COMMISSION, SECRET, Stall, operator};

fn fault(stall: &Stall, fault: WebhookFault) {
    stall.razorpay().add_webhook_fault(&NewMerchant::demo().key_id, fault).unwrap();
}

async fn deliver(stall: &Stall, body: &str, signature: &str, event_id: &str) -> StatusCode {
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let request = client
        .post(format!("{}/webhooks/razorpay", stall.hook))
        .header("X-Razorpay-Signature", signature)
        .header("x-razorpay-event-id", event_id)
        .body(body.to_owned());
    let status = request.send().await.unwrap().status().as_u16();
    StatusCode::from_u16(status).unwrap()
}

fn sign(body: &str) -> String {
    hex::encode(hmac_sha256(SECRET.as_bytes(), body.as_bytes()))
}

async fn is_paid_once(stall: &Stall) {
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    assert_eq!(stall.count("payments").await, 1);
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn every_event_six_times_at_once_pays_once() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    fault(
        &stall,
        WebhookFault {
            times: None,
            ..WebhookFault::next(WebhookFaultKind::Duplicate { copies: 5, at_once: true })
        },
    );
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    is_paid_once(&stall).await;
    let (stored, events) =
        (stall.count("webhook_events").await, "(select distinct event_id from webhook_events) as e");
    assert_eq!(stored, stall.count(events).await);
}

#[tokio::test]
async fn events_in_the_wrong_order_end_right() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    fault(&stall, WebhookFault::next(WebhookFaultKind::Reorder { spacing_ms: 1_000 }).times(3));
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    for _ in 0..4 {
        stall.pass(1).await;
    }
    is_paid_once(&stall).await;
}

#[tokio::test]
async fn the_story_told_backwards_after_a_refund_stays_refunded() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "refunded");
    let mut deliveries = stall.razorpay().deliveries(&NewMerchant::demo().key_id).unwrap();
    deliveries.reverse();
    for delivery in &deliveries {
        let body = String::from_utf8(delivery.body.clone()).unwrap();
        // Under other ids, as a gateway that forgot would.
        assert_eq!(
            deliver(&stall, &body, &sign(&body), &format!("again-{}", delivery.id)).await,
            StatusCode::OK
        );
        stall.work().await;
    }
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_lost_webhook_is_made_up_for_by_looking() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    fault(&stall, WebhookFault { times: None, ..WebhookFault::next(WebhookFaultKind::Lose) });
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "waiting");
    stall.pass(15).await;
    is_paid_once(&stall).await;
}

#[tokio::test]
async fn looking_becomes_rarer_and_ends() {
    let stall = Stall::with_gateway().await;
    stall.ask().await;
    let before = stall.razorpay().calls().len();
    for _ in 0..72 {
        stall.pass(1_800).await;
    }
    let looks = (stall.razorpay().calls().len() - before) / 2;
    assert!((20..60).contains(&looks), "{looks} looks in a day and a half");
    assert_eq!(stall.count("jobs where kind = 'watch-intent'").await, 0);
}

#[tokio::test]
async fn a_flipped_byte_is_refused_and_leaves_nothing_and_the_sound_one_counts() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let known = stall.count("webhook_events").await;
    fault(&stall, WebhookFault { times: None, ..WebhookFault::next(WebhookFaultKind::FlipByte) });
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.razorpay().settle().await;
    let deliveries = stall.razorpay().deliveries(&NewMerchant::demo().key_id).unwrap();
    let flipped: Vec<_> = deliveries.iter().filter(|d| d.state != DeliveryState::Delivered).collect();
    assert!(!flipped.is_empty());
    assert!(flipped.iter().all(|d| d.attempts.iter().all(|attempt| attempt.status == Some(401))));
    assert_eq!(stall.count("webhook_events").await, known);
    stall.books_hold(0, 0, 0, 0).await;
    stall.pass(5).await;
    is_paid_once(&stall).await;
}

#[tokio::test]
async fn forgeries_are_refused_and_not_stored() {
    let stall = Stall::with_gateway().await;
    let body = r#"{"event":"payment.captured","payload":{"payment":{"entity":{"id":"pay_00000000000001"}}}}"#;
    let of_another_body = sign("{}");
    for signature in ["", "00", "zz", &of_another_body, &sign(body)[..62], &format!("{}00", sign(body))] {
        assert_eq!(deliver(&stall, body, signature, "forged").await, StatusCode::UNAUTHORIZED, "{signature}");
    }
    let huge = "x".repeat(300 * 1024);
    assert_eq!(deliver(&stall, &huge, &sign(&huge), "huge").await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(stall.count("webhook_events").await, 0);
}

#[tokio::test]
async fn the_same_event_twice_at_once_is_one() {
    let stall = Stall::with_gateway().await;
    let body = r#"{"event":"payment.captured","payload":{"payment":{"entity":{"id":"pay_00000000000001"}}}}"#;
    let signature = sign(body);
    let copies = (0..8).map(|_| deliver(&stall, body, &signature, "evt_1"));
    let statuses = futures::future::join_all(copies).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(stall.count("webhook_events").await, 1);
    assert_eq!(stall.count("jobs where kind = 'process-webhook'").await, 1);
    stall.work().await;
    assert_eq!(
        stall.text("select state || ': ' || note from webhook_events").await,
        "ignored: the gateway knows no such payment"
    );
}

#[tokio::test]
async fn what_is_signed_is_kept_as_it_came_even_where_it_makes_no_sense() {
    let stall = Stall::with_gateway().await;
    let fields = Fields::new(&Keyring::from_hex(&"5a".repeat(32)).unwrap(), stall.test.entropy.clone());
    for (body, note) in [
        ("not json \u{0}", "it cannot be read"),
        (r#"{"event":"payment.captured"}"#, "it is about no payment"),
        (
            r#"{"event":"payment.captured","payload":{"payment":{"entity":{"id":"../orders"}}}}"#,
            "the gateway knows no such payment",
        ),
    ] {
        assert_eq!(deliver(&stall, body, &sign(body), &body.len().to_string()).await, StatusCode::OK);
        stall.work().await;
        let kept =
            "select id, body_sealed, note from webhook_events where event_id = $1 and state = 'ignored'";
        let kept = sqlx::query_as(kept).bind(body.len().to_string()).fetch_one(stall.test.db.pool());
        let (id, sealed, said): (Uuid, Vec<u8>, String) = kept.await.unwrap();
        let opened = fields.open_bytes(Column::of("webhook_events", "body"), id, &sealed).unwrap();
        assert_eq!((opened, said.as_str()), (body.as_bytes().to_vec(), note), "{body}");
    }
}

#[tokio::test]
async fn money_for_nothing_that_was_asked_is_noted() {
    let stall = Stall::with_gateway().await;
    let merchant = NewMerchant::demo();
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/orders", stall.emulator.as_ref().unwrap().razorpay_url());
    let request = client.post(url).basic_auth(merchant.key_id, Some(merchant.key_secret));
    let order: Value =
        request.json(&json!({"amount": 500, "currency": "INR"})).send().await.unwrap().json().await.unwrap();
    stall.play(&Play::order(order["id"].as_str().unwrap()));
    stall.work().await;
    let noted =
        "webhook_events where state = 'ignored' and note = 'the payment is for nothing that was asked here'";
    assert_eq!(stall.count(noted).await, 3);
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn the_operator_lists_and_replays_and_nobody_else() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    // The gateway cannot be asked when its webhooks come.
    let away = ApiFault::next_call(FaultKind::Status { status: 401, retry_after_s: None });
    stall.razorpay().add_fault(ApiFault { times: None, ..away.on("GET", "/v1/payments/*") }).unwrap();
    stall.play(&Play::order(&stall.gateway_order(intent).await).with(Outcome::Success));
    stall.razorpay().settle().await;
    stall.jobs_only().await;
    let (_, failed) = stall.get(operator(), "/operator/webhooks?state=failed").await;
    assert_eq!(failed["items"].as_array().unwrap().len(), 3, "{failed}");
    assert_eq!(
        failed["items"][0]["note"],
        "the gateway did not do as it was asked: the gateway answered with status 401"
    );

    let path = format!("/operator/webhooks/{}/replay", failed["items"][0]["id"].as_str().unwrap());
    let reason = json!({"reason": "keys were wrong"});
    assert_eq!(stall.post(stall.vendor(), &path, &reason).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.get(stall.vendor(), "/operator/webhooks").await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.post(operator(), &path, &json!({"reason": " "})).await.1["field"], "reason");
    stall.razorpay().clear_faults();
    let (status, replayed) = stall.post(operator(), &path, &reason).await;
    assert_eq!((status, &replayed["state"]), (StatusCode::OK, &json!("received")));
    stall.work().await;
    is_paid_once(&stall).await;
    let (_, done) = stall.get(operator(), "/operator/webhooks?state=done&limit=1").await;
    let note = done["items"][0]["note"].as_str().unwrap();
    assert!(
        note.starts_with("the order is paid; replayed 2026-11-23T09:30:00Z by ")
            && note.ends_with(": keys were wrong"),
        "{note}"
    );
}

#[tokio::test]
async fn a_page_of_webhooks_is_one_statement() {
    let stall = Stall::with_gateway().await;
    for n in 0..5 {
        let body = format!(r#"{{"event":"test.{n}"}}"#);
        deliver(&stall, &body, &sign(&body), &n.to_string()).await;
    }
    let (page, count) = statements(stall.get(operator(), "/operator/webhooks?limit=2")).await;
    assert_eq!((page.1["items"].as_array().unwrap().len(), count), (2, 1));
    let next = page.1["next"].as_str().unwrap();
    let (_, rest) = stall.get(operator(), &format!("/operator/webhooks?before={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn old_webhooks_are_deleted() {
    let stall = Stall::with_gateway().await;
    let body = r#"{"event":"test"}"#;
    deliver(&stall, body, &sign(body), "old").await;
    stall.work().await;
    stall.test.clock.advance(chrono::TimeDelta::days(91));
    deliver(&stall, body, &sign(body), "young").await;
    let purge = "insert into jobs (id, kind, payload, priority, state, run_at, attempts_max, created_at)
         select gen_random_uuid(), 'purge-webhooks', '{}', 0, 'ready', received_at, 3, received_at from webhook_events limit 1";
    sqlx::query(purge).execute(stall.test.db.pool()).await.unwrap();
    stall.work().await;
    assert_eq!(stall.text("select string_agg(event_id, ',') from webhook_events").await, "young");
}
