//! Mandates at Razorpay: registered with a top-up, charged a day after notice, paused and ended by their owner.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use emulator::razorpay::{self, Mishap, NewMerchant, Play, TokenStatus};
use emulator::{ApiFault, FaultKind};
use payments::{Error, NewTopUp, TOP_UPS};
use platform::fields::{Column, Fields, PHONE_NUMBERS};
use platform::keys::Keyring;
use serde_json::{Value, json};
use types::PaymentMethodId;

use crate::stall::Stall;

/// What registering costs, which is credit: ₹1.
const FIRST: i64 = 1_00;
/// ₹500.
const PRICE: i64 = 500_00;
/// A bank is asked in the 25th hour after the notice.
const NOTICE_S: u32 = 25 * 3_600;

/// A stall whose vendor signed up: the gateway wants a phone number.
async fn stall() -> Stall {
    let stall = Stall::with_gateway().await;
    let fields = Fields::new(&Keyring::from_hex(&"5a".repeat(32)).unwrap(), stall.test.entropy.clone());
    let number = "+919876543210";
    let sealed = fields.seal(Column::of("people", "phone"), stall.tenant, number);
    let sign_up = [
        "insert into tenants (id, opened_at) select $1, $2 where $3 <> $4",
        "insert into people (id, tenant_id, phone_sealed, phone_index, language, password_hash, created_at, updated_at)
         values ($1, $1, $3, $4, 'ta', '', $2, $2)",
        "insert into members (tenant_id, person_id, role, joined_at) select $1, $1, 'owner', $2 where $3 <> $4",
    ];
    for statement in sign_up {
        let insert = sqlx::query(statement).bind(stall.tenant.uuid()).bind(stall.now());
        let insert = insert.bind(&sealed).bind(fields.index(PHONE_NUMBERS, number));
        insert.execute(stall.test.db.pool()).await.unwrap();
    }
    stall
}

fn new_top_up(stall: &Stall, amount: i64) -> NewTopUp {
    let expires_at = stall.now() + TimeDelta::days(3);
    NewTopUp { expires_at, keep_method: true, ..stall.new_top_up(amount) }
}

async fn register(stall: &Stall, method: razorpay::Method) -> Value {
    let new = new_top_up(stall, FIRST);
    let intent = stall.open_top_up(&new).await.unwrap();
    stall.work().await;
    let asked = stall.top_up(&new).await;
    let ways = asked["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 1, "a code would register nothing: {asked}");
    assert!(ways[0]["checkout"]["customer_id"].as_str().unwrap().starts_with("cust_"), "{asked}");
    stall.play(&Play::order(&stall.gateway_order(intent).await).registering(method));
    stall.work().await;
    assert_eq!(stall.top_up(&new).await["state"], "paid");
    kept(stall).await[0].clone()
}

async fn kept(stall: &Stall) -> Vec<Value> {
    let (status, kept) = stall.get(stall.vendor(), "/payment-methods").await;
    assert_eq!(status, StatusCode::OK, "{kept}");
    kept.as_array().unwrap().clone()
}

/// A top-up that charges what is kept.
async fn charge(stall: &Stall, kept: &Value, amount: i64) -> Result<NewTopUp, Error> {
    let method = PaymentMethodId::from_uuid(kept["id"].as_str().unwrap().parse().unwrap());
    let new = NewTopUp { method: Some(method), keep_method: false, ..new_top_up(stall, amount) };
    stall.open_top_up(&new).await?;
    stall.work().await;
    Ok(new)
}

async fn turn(stall: &Stall, status: TokenStatus) {
    let token_id = stall.text("select gateway_method_id from payment_methods order by id desc limit 1").await;
    let turned = Mishap::MandateTurned { token_id, status };
    stall.razorpay().suffer(&NewMerchant::demo().key_id, &turned).unwrap();
}

#[tokio::test]
async fn a_mandate_of_a_upi_id_or_a_card_is_registered_with_a_payment_that_becomes_credit() {
    let stall = stall().await;
    let upi = register(&stall, razorpay::Method::Upi).await;
    assert_eq!(
        (&upi["kind"], &upi["upi_id"], &upi["state"], &upi["most"]["minor"], &upi["is_default"]),
        (&json!("upi"), &json!("success@razorpay"), &json!("active"), &json!(15_000_00), &json!(true))
    );
    register(&stall, razorpay::Method::Card).await;
    let cards: Vec<Value> = kept(&stall).await.into_iter().filter(|kept| kept["kind"] == "card").collect();
    assert_eq!(
        (cards.len(), &cards[0]["last4"], &cards[0]["expires_year"]),
        (1, &json!("1007"), &json!(2034))
    );
    assert_eq!(stall.balance(TOP_UPS).await, 2 * FIRST);
    let (status, terms) = stall.get(stall.vendor(), "/payment-methods/terms").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&terms[0]["most"]["minor"], &terms[0]["notice_hours"]), (&json!(15_000_00), &json!(24)));
}

#[tokio::test]
async fn a_charge_is_pending_until_notice_is_over_and_is_taken_once() {
    let stall = stall().await;
    let upi = register(&stall, razorpay::Method::Upi).await;
    let new = charge(&stall, &upi, PRICE).await.unwrap();
    let pending = stall.top_up(&new).await;
    let taken_at: chrono::DateTime<chrono::Utc> = pending["taken_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(pending["state"], "checking");
    assert_eq!(taken_at - stall.now(), TimeDelta::seconds(NOTICE_S.into()));
    stall.pass(NOTICE_S - 60).await;
    assert_eq!(stall.top_up(&new).await["state"], "checking");
    stall.pass(120).await;
    assert_eq!(stall.top_up(&new).await["state"], "paid");
    assert_eq!(stall.balance(TOP_UPS).await, FIRST + PRICE);
    stall.pass(86_400).await;
    assert_eq!(stall.count("payments").await, 2);
}

#[tokio::test]
async fn a_bank_that_says_no_after_the_notice_fails_the_charge_once() {
    let stall = stall().await;
    let upi = register(&stall, razorpay::Method::Upi).await;
    let key = NewMerchant::demo().key_id;
    let settings = stall.razorpay().settings(&key).unwrap();
    let refused = Some("insufficient_funds".to_owned());
    stall
        .razorpay()
        .set_settings(&key, razorpay::Settings { mandate_debits_fail: refused, ..settings })
        .unwrap();
    let new = charge(&stall, &upi, PRICE).await.unwrap();
    stall.pass(NOTICE_S + 60).await;
    assert_eq!(stall.top_up(&new).await["state"], "failed");
    assert_eq!(stall.count("outbox_events where kind = 'top-up-failed'").await, 1);
    assert_eq!(stall.balance(TOP_UPS).await, FIRST);
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_made_once() {
    for path in ["/v1/orders", "/v1/payments/create/recurring"] {
        let stall = stall().await;
        let upi = register(&stall, razorpay::Method::Upi).await;
        let lost = FaultKind::Status { status: 504, retry_after_s: None };
        stall.razorpay().add_fault(ApiFault::next_call(lost).on("POST", path).after_the_effect()).unwrap();
        let new = charge(&stall, &upi, PRICE).await.unwrap();
        stall.pass(3_600).await;
        stall.pass(NOTICE_S).await;
        assert_eq!(stall.top_up(&new).await["state"], "paid", "{path}");
        assert_eq!(stall.balance(TOP_UPS).await, FIRST + PRICE, "{path}");
        let charges =
            stall.razorpay().calls().iter().filter(|call| call.path.ends_with("/recurring")).count();
        assert_eq!(charges, 1, "{path}");
    }
}

#[tokio::test]
async fn what_its_owner_pauses_is_not_charged_until_it_goes_on_and_what_they_cancel_is_gone() {
    let stall = stall().await;
    let upi = register(&stall, razorpay::Method::Upi).await;
    turn(&stall, TokenStatus::Paused).await;
    stall.work().await;
    assert_eq!(kept(&stall).await[0]["state"], "paused");
    assert!(matches!(charge(&stall, &upi, PRICE).await, Err(Error::NotChargeable)));
    turn(&stall, TokenStatus::Confirmed).await;
    stall.work().await;
    let new = charge(&stall, &upi, PRICE).await.unwrap();
    // Between the notice and the bank its owner ends it.
    turn(&stall, TokenStatus::Cancelled).await;
    stall.work().await;
    assert_eq!(stall.top_up(&new).await["state"], "failed");
    assert_eq!(kept(&stall).await, Vec::<Value>::new());
    assert_eq!(stall.count("outbox_events where kind = 'top-up-failed'").await, 1);
}

#[tokio::test]
async fn what_no_webhook_told_of_is_asked_for() {
    let stall = stall().await;
    register(&stall, razorpay::Method::Upi).await;
    stall.razorpay().set_webhooks(&NewMerchant::demo().key_id, Vec::new()).unwrap();
    turn(&stall, TokenStatus::Paused).await;
    stall.work().await;
    assert_eq!(kept(&stall).await[0]["state"], "active");
    let due = sqlx::query("insert into job_schedules (name, next_run_at) values ('watch-methods', $1)");
    due.bind(stall.now() + TimeDelta::hours(7)).execute(stall.test.db.pool()).await.unwrap();
    stall.pass(7 * 3_600).await;
    assert_eq!(kept(&stall).await[0]["state"], "paused");
    turn(&stall, TokenStatus::Cancelled).await;
    stall.pass(7 * 3_600).await;
    assert_eq!(kept(&stall).await, Vec::<Value>::new());
}

#[tokio::test]
async fn nothing_above_the_limit_is_charged() {
    let stall = stall().await;
    let upi = register(&stall, razorpay::Method::Upi).await;
    assert!(matches!(charge(&stall, &upi, 15_000_01).await, Err(Error::NotChargeable)));
    assert!(charge(&stall, &upi, 15_000_00).await.is_ok());
}

#[tokio::test]
async fn a_mandate_that_is_removed_is_ended_at_the_gateway() {
    let stall = stall().await;
    let upi = register(&stall, razorpay::Method::Upi).await;
    let path = format!("/payment-methods/{}", upi["id"].as_str().unwrap());
    assert_eq!(stall.call(stall.vendor(), Method::DELETE, &path, None).await.0, StatusCode::OK);
    stall.work().await;
    assert_eq!(kept(&stall).await, Vec::<Value>::new());
    assert!(matches!(charge(&stall, &upi, PRICE).await, Err(Error::NotFound)));
    let deleted = stall.razorpay().calls().into_iter().filter(|call| call.method == "DELETE").count();
    assert_eq!(deleted, 1);
}

#[tokio::test]
async fn a_payment_outside_the_sheet_for_mandates_registers_nothing() {
    let stall = stall().await;
    let new = new_top_up(&stall, FIRST);
    let intent = stall.open_top_up(&new).await.unwrap();
    stall.work().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    assert_eq!(stall.top_up(&new).await["state"], "paid");
    assert_eq!(kept(&stall).await, Vec::<Value>::new());
}
