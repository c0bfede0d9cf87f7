//! Record, gateway and settlement are compared: what does not match is found, and put right.

use axum::http::StatusCode;
use chrono::{NaiveDate, TimeDelta};
use emulator::razorpay::{
    Decision, Mishap, NewDispute, NewMerchant, Outcome, Play, SettlementFault, SettlementFaultKind,
};
use emulator::{ApiFault, FaultKind};
use serde_json::{Value, json};
use testkit::statements;

use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

pub const DAY_S: u32 = 86_400;

/// The day in India.
pub fn today(stall: &Stall) -> NaiveDate {
    (stall.now() + TimeDelta::minutes(330)).date_naive()
}

/// Compares a day; gives what was counted.
pub async fn reconcile(stall: &Stall, day: NaiveDate) -> Value {
    let asked = json!({"day": day, "reason": "the month ends"});
    let (status, run) = stall.post(operator(), "/operator/reconciliations", &asked).await;
    assert_eq!((status, &run["state"]), (StatusCode::ACCEPTED, &json!("asked")), "{run}");
    stall.work().await;
    let (_, runs) = stall.get(operator(), "/operator/reconciliations").await;
    let mut runs = runs["items"].as_array().unwrap().iter();
    let done = runs.find(|other| other["id"] == run["id"]).unwrap();
    assert_eq!(done["state"], "done", "{done}");
    done.clone()
}

/// So many of these were counted: compared, matched, booked, opened, closed.
pub fn counted(run: &Value) -> [i64; 5] {
    ["compared", "matched", "booked", "opened", "closed"].map(|name| run[name].as_i64().unwrap())
}

pub async fn exceptions(stall: &Stall, state: &str) -> Vec<Value> {
    let (_, page) = stall.get(operator(), &format!("/operator/exceptions?state={state}")).await;
    page["items"].as_array().unwrap().clone()
}

/// The one exception that is open, of this kind.
async fn the_open(stall: &Stall, kind: &str) -> Value {
    let mut open = exceptions(stall, "open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let one = open.remove(0);
    assert_eq!(one["kind"], kind, "{one}");
    one
}

async fn act(stall: &Stall, exception: &Value, act: &str) -> (StatusCode, Value) {
    let path = format!("/operator/exceptions/{}/{act}", exception["id"].as_str().unwrap());
    stall.post(operator(), &path, &json!({"reason": "seen at the gateway"})).await
}

/// Repairs an exception; the day is then found right, and nothing is open.
async fn repaired(stall: &Stall, exception: &Value) -> Value {
    let (status, repaired) = act(stall, exception, "repair").await;
    assert_eq!((status, &repaired["state"]), (StatusCode::OK, &json!("repaired")), "{repaired}");
    let note = repaired["note"].as_str().unwrap();
    assert!(note.starts_with("repaired 2026-") && note.ends_with(": seen at the gateway"), "{note}");
    stall.work().await;
    let again = reconcile(stall, exception["day"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!((&again["opened"], &again["compared"]), (&json!(0), &again["matched"]), "{again}");
    assert_eq!(exceptions(stall, "open").await, Vec::<Value>::new());
    repaired
}

/// A stall to which the gateway tells nothing, and which does not look by itself.
pub async fn deaf() -> (Stall, String) {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    fall_deaf(&stall).await;
    let order = stall.gateway_order(intent).await;
    (stall, order)
}

async fn fall_deaf(stall: &Stall) {
    stall.razorpay().set_webhooks(&NewMerchant::demo().key_id, Vec::new()).unwrap();
    sqlx::query("delete from jobs").execute(stall.test.db.pool()).await.unwrap();
}

/// A stall with a paid order, to which nothing more is told; and what the gateway calls the payment.
pub async fn paid() -> (Stall, String) {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    fall_deaf(&stall).await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    (stall, payment)
}

pub fn suffer(stall: &Stall, mishap: &Mishap) -> String {
    stall.razorpay().suffer(&NewMerchant::demo().key_id, mishap).unwrap()
}

pub fn settle_wrong(stall: &Stall, payment: &str, fault: SettlementFaultKind) {
    let fault = SettlementFault::of(payment, fault);
    stall.razorpay().add_settlement_fault(&NewMerchant::demo().key_id, fault).unwrap();
}

#[tokio::test]
async fn a_quiet_day_has_no_exception() {
    let (stall, _) = paid().await;
    let day = today(&stall);
    assert_eq!(counted(&reconcile(&stall, day).await), [1, 1, 0, 0, 0]);
    stall.refund(stall.order).await.unwrap();
    assert_eq!(counted(&reconcile(&stall, day).await), [2, 2, 0, 0, 0]);
    assert_eq!(counted(&reconcile(&stall, day - TimeDelta::days(1)).await), [0, 0, 0, 0, 0]);
    stall.pass(9 * DAY_S).await;
    reconcile(&stall, day + TimeDelta::days(2)).await;
    assert_eq!(counted(&reconcile(&stall, day).await), [2, 2, 0, 0, 0]);
    assert_eq!(stall.count("reconciliation_exceptions").await, 0);
}

#[tokio::test]
async fn a_payment_whose_news_was_lost_is_taken_in() {
    let (stall, order) = deaf().await;
    stall.play(&Play::order(&order));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "waiting");
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 0, 0, 1, 0]);
    let lost = the_open(&stall, "missing-here").await;
    assert_eq!((&lost["amount"]["minor"], &lost["repair"]), (&json!(AMOUNT), &json!("take_in_payment")));
    assert_eq!(lost["tenant_id"], json!(stall.tenant));
    repaired(&stall, &lost).await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn money_taken_twice_is_sent_back() {
    let (stall, payment) = paid().await;
    let twin = suffer(&stall, &Mishap::CapturedTwice { payment_id: payment });
    reconcile(&stall, today(&stall)).await;
    let twice = the_open(&stall, "captured-twice").await;
    assert_eq!((&twice["subject"], &twice["repair"]), (&json!(twin), &json!("send_back")));
    repaired(&stall, &twice).await;
    assert_eq!(stall.refunds_at_gateway().await, 1);
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_refund_made_in_the_dashboard_is_taken_in() {
    let (stall, payment) = paid().await;
    let mishap = Mishap::RefundedInDashboard { payment_id: payment.clone(), amount: None };
    let refund = suffer(&stall, &mishap);
    reconcile(&stall, today(&stall)).await;
    let refunded = the_open(&stall, "refunded-at-gateway").await;
    assert_eq!((&refunded["subject"], &refunded["gateway_payment_id"]), (&json!(refund), &json!(payment)));
    repaired(&stall, &refunded).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn parts_given_back_in_the_dashboard_are_taken_in_each_by_itself() {
    let (stall, payment) = paid().await;
    for amount in [50_00, 100_00] {
        suffer(&stall, &Mishap::RefundedInDashboard { payment_id: payment.clone(), amount: Some(amount) });
        reconcile(&stall, today(&stall)).await;
        let part = the_open(&stall, "refunded-at-gateway").await;
        assert_eq!((&part["repair"], &part["amount"]["minor"]), (&json!("take_in_refund"), &json!(amount)));
        repaired(&stall, &part).await;
    }
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(
        stall.text("select string_agg(amount_minor::text, '+' order by amount_minor) from refunds").await,
        "5000+10000"
    );
    assert_eq!(stall.published().await, (1, 2));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn what_was_given_back_in_the_dashboard_beyond_what_is_left_is_for_people() {
    let (stall, payment) = paid().await;
    // Asked for here and not made yet when the dashboard gives a part of the same money back.
    let mut transaction = stall.test.db.begin().await.unwrap();
    stall.payments.refund(&mut transaction, stall.tenant, stall.order, "sold out").await.unwrap();
    transaction.commit().await.unwrap();
    suffer(&stall, &Mishap::RefundedInDashboard { payment_id: payment, amount: Some(50_00) });
    stall.work().await;
    assert_eq!(stall.text("select state from refunds").await, "failed");
    reconcile(&stall, today(&stall)).await;
    let part = the_open(&stall, "refunded-at-gateway").await;
    let (status, refused) = act(&stall, &part, "repair").await;
    assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/not-repairable")));
    the_open(&stall, "refunded-at-gateway").await;
}

#[tokio::test]
async fn what_a_lost_dispute_took_off_a_settlement_is_booked() {
    let (stall, payment) = paid().await;
    let due = "insert into job_schedules (name, next_run_at) values ('watch-disputes', $1)";
    sqlx::query(due).bind(stall.now()).execute(stall.test.db.pool()).await.unwrap();
    let id = suffer(&stall, &Mishap::Disputed(NewDispute::of(&payment)));
    suffer(&stall, &Mishap::DisputeDecided { dispute_id: id, decision: Decision::Lost });
    stall.pass(3_600).await;
    let run = reconcile(&stall, today(&stall)).await;
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new(), "{run}");
    assert_eq!(run["booked"], 1);
    assert_eq!(stall.balance("bank:settlements").await, -AMOUNT);
    assert_eq!(stall.balance("gateway:razorpay").await, AMOUNT, "the payment itself is settled later");
}

#[tokio::test]
async fn a_top_up_given_back_in_the_dashboard_is_for_people() {
    let stall = Stall::with_gateway().await;
    let new = payments::NewTopUp {
        tenant: stall.tenant,
        id: stall.test.entropy.id(stall.now()),
        number: "C-3F9A".to_owned(),
        payee: "VyaparMitra".to_owned(),
        amount: types::Money::inr(500_00),
        expires_at: stall.now() + TimeDelta::minutes(30),
        gateway: None,
        method: None,
        keep_method: false,
    };
    let mut transaction = stall.test.db.begin().await.unwrap();
    let intent = stall.payments.open_top_up(&mut transaction, &new).await.unwrap();
    transaction.commit().await.unwrap();
    stall.work().await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    fall_deaf(&stall).await;
    let payment_id = stall.text("select gateway_payment_id from payments").await;
    suffer(&stall, &Mishap::RefundedInDashboard { payment_id, amount: None });
    reconcile(&stall, today(&stall)).await;
    let refunded = the_open(&stall, "refunded-at-gateway").await;
    assert_eq!(
        (&refunded["repair"], act(&stall, &refunded, "repair").await.0),
        (&json!("look"), StatusCode::CONFLICT)
    );
}

#[tokio::test]
async fn what_the_gateway_forgot_is_dismissed_and_stays_so() {
    let (stall, payment) = paid().await;
    suffer(&stall, &Mishap::Forgotten { payment_id: payment });
    reconcile(&stall, today(&stall)).await;
    let forgotten = the_open(&stall, "missing-at-gateway").await;
    assert_eq!(act(&stall, &forgotten, "repair").await.0, StatusCode::CONFLICT);
    let (status, dismissed) = act(&stall, &forgotten, "dismiss").await;
    assert_eq!((status, &dismissed["state"]), (StatusCode::OK, &json!("dismissed")));
    assert!(dismissed["note"].as_str().unwrap().starts_with("dismissed 2026-"), "{dismissed}");
    let (status, twice) = act(&stall, &forgotten, "dismiss").await;
    assert_eq!((status, &twice["type"]), (StatusCode::CONFLICT, &json!("/problems/exception-closed")));
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 0, 0, 0, 0]);
    assert_eq!((exceptions(&stall, "open").await.len(), exceptions(&stall, "dismissed").await.len()), (0, 1));
}

#[tokio::test]
async fn a_payment_that_is_for_nothing_here_is_for_people() {
    let (stall, _) = deaf().await;
    let order = json!({"amount": 75_000, "currency": "INR"});
    let order = at_gateway(&stall, "/v1/orders", &order).await["id"].as_str().unwrap().to_owned();
    stall.play(&Play::order(&order));
    reconcile(&stall, today(&stall)).await;
    let foreign = the_open(&stall, "missing-here").await;
    assert_eq!((&foreign["repair"], &foreign["tenant_id"]), (&json!("look"), &Value::Null));
}

#[tokio::test]
async fn an_amount_that_is_not_the_gateways_is_found_in_record_and_books() {
    let (stall, _) = paid().await;
    let halved = "update payments set amount_minor = amount_minor / 2";
    sqlx::query(halved).execute(stall.test.db.pool()).await.unwrap();
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 0, 0, 2, 0]);
    let mut open = exceptions(&stall, "open").await;
    open.sort_by_key(|exception| std::cmp::Reverse(exception["kind"].to_string()));
    let kinds: Vec<&str> = open.iter().map(|exception| exception["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["books-differ", "amount-differs"]);
    assert_eq!(
        (&open[1]["expected"]["minor"], &open[1]["found"]["minor"]),
        (&json!(AMOUNT / 2), &json!(AMOUNT))
    );
    let doubled = "update payments set amount_minor = amount_minor * 2";
    sqlx::query(doubled).execute(stall.test.db.pool()).await.unwrap();
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 0, 0, 2]);
    let closed = &exceptions(&stall, "repaired").await[0];
    assert!(closed["note"].as_str().unwrap().starts_with("became right by itself 2026-"), "{closed}");
}

#[tokio::test]
async fn a_posting_that_is_not_in_the_books_is_written() {
    let (stall, _) = paid().await;
    // Under another id it looks as if it had never been posted.
    let moved = "update payments set id = gen_random_uuid()";
    sqlx::query(moved).execute(stall.test.db.pool()).await.unwrap();
    reconcile(&stall, today(&stall)).await;
    let missing = the_open(&stall, "books-differ").await;
    assert_eq!((&missing["repair"], &missing["found"]["minor"]), (&json!("post_again"), &json!(0)));
    repaired(&stall, &missing).await;
    stall.books_hold(2 * AMOUNT, 2 * (AMOUNT - COMMISSION), 2 * COMMISSION, 0).await;
}

#[tokio::test]
async fn a_payment_begun_before_midnight_and_taken_in_after_it_matches_on_both_days() {
    let stall = Stall::with_gateway().await;
    // From three in the afternoon to five minutes before midnight.
    stall.pass(9 * 3_600 - 300).await;
    let intent = stall.ask().await;
    let late = Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(600) };
    let before = today(&stall);
    stall.play(&Play::order(&stall.gateway_order(intent).await).with(late));
    stall.pass(600).await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(counted(&reconcile(&stall, before).await), [1, 1, 0, 0, 0]);
    assert_eq!(today(&stall), before + TimeDelta::days(1));
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_day_compared_twice_at_once_is_found_once() {
    let (stall, order) = deaf().await;
    stall.play(&Play::order(&order));
    let asked = json!({"day": today(&stall), "reason": "twice"});
    for _ in 0..2 {
        stall.post(operator(), "/operator/reconciliations", &asked).await;
    }
    stall.work().await;
    assert_eq!(stall.count("reconciliation_runs where state = 'done'").await, 2);
    let lost = the_open(&stall, "missing-here").await;
    repaired(&stall, &lost).await;
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn days_come_round_by_themselves_and_again_while_something_is_open() {
    let (stall, order) = deaf().await;
    let due = "insert into job_schedules (name, next_run_at) values ('reconcile-days', $1)";
    sqlx::query(due).bind(stall.now()).execute(stall.test.db.pool()).await.unwrap();
    stall.play(&Play::order(&order));
    let day = today(&stall);
    stall.pass(DAY_S).await;
    let lost = the_open(&stall, "missing-here").await;
    assert_eq!(lost["day"], json!(day));
    assert_eq!(act(&stall, &lost, "repair").await.0, StatusCode::OK);
    let runs = |of: NaiveDate| format!("reconciliation_runs where state = 'done' and day = '{of}'");
    assert_eq!(stall.count(&runs(day)).await, 1);
    for _ in 0..3 {
        stall.pass(DAY_S).await;
    }
    // Settled on the third day, and right since.
    assert_eq!(stall.count(&runs(day)).await, 1);
    assert_eq!(stall.balance("bank:settlements").await, AMOUNT - 3_54);
    for _ in 0..4 {
        stall.pass(DAY_S).await;
    }
    assert_eq!(stall.count(&runs(day)).await, 2, "looked at once more, when all of it should be settled");
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_gateway_that_is_away_is_asked_again_later() {
    let (stall, _) = paid().await;
    let away = ApiFault::next_call(FaultKind::Status { status: 503, retry_after_s: None });
    stall.razorpay().add_fault(away.on("GET", "/v1/settlements/recon/combined")).unwrap();
    let asked = json!({"day": today(&stall), "reason": "the month ends"});
    stall.post(operator(), "/operator/reconciliations", &asked).await;
    stall.work().await;
    let (_, runs) = stall.get(operator(), "/operator/reconciliations").await;
    let waiting = &runs["items"][0];
    assert_eq!((&waiting["state"], &waiting["reason"]), (&json!("asked"), &json!("the month ends")));
    assert!(waiting["note"].as_str().unwrap().contains("503"), "{waiting}");
    stall.pass(30).await;
    let (_, runs) = stall.get(operator(), "/operator/reconciliations").await;
    assert_eq!((&runs["items"][0]["state"], &runs["items"][0]["note"]), (&json!("done"), &Value::Null));
}

#[tokio::test]
async fn every_page_of_the_gateways_lists_is_read() {
    let (stall, _) = deaf().await;
    let order = json!({"amount": 10_000, "currency": "INR"});
    for _ in 0..101 {
        let order = at_gateway(&stall, "/v1/orders", &order).await["id"].as_str().unwrap().to_owned();
        stall.play(&Play::order(&order));
    }
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [101, 0, 0, 101, 0]);
    stall.pass(2 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [101, 0, 0, 101, 0]);
    let (_, page) = stall.get(operator(), "/operator/exceptions?state=open&limit=100").await;
    let next = page["next"].as_str().unwrap();
    let (_, rest) = stall.get(operator(), &format!("/operator/exceptions?limit=100&before={next}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn pages_of_runs_and_exceptions_are_one_statement_each() {
    let (stall, _) = paid().await;
    for paise in [1_00, 2_00, 3_00] {
        suffer(&stall, &Mishap::Adjusted { paise });
    }
    for _ in 0..3 {
        reconcile(&stall, today(&stall)).await;
        stall.pass(1).await;
    }
    for path in ["/operator/reconciliations?limit=2", "/operator/exceptions?state=open&limit=2"] {
        let (page, count) = statements(stall.get(operator(), path)).await;
        assert_eq!((page.1["items"].as_array().unwrap().len(), count), (2, 1), "{path}: {}", page.1);
        let next = page.1["next"].as_str().unwrap();
        let (_, rest) = stall.get(operator(), &format!("{path}&before={next}")).await;
        assert_eq!(rest["items"].as_array().unwrap().len(), 1, "{path}");
    }
}

#[tokio::test]
async fn reconciling_is_the_operators_and_takes_a_reason() {
    let (stall, order) = deaf().await;
    stall.play(&Play::order(&order));
    let day = json!({"day": today(&stall), "reason": "the month ends"});
    for path in ["/operator/reconciliations", "/operator/exceptions"] {
        assert_eq!(stall.get(stall.vendor(), path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(stall.post(stall.vendor(), "/operator/reconciliations", &day).await.0, StatusCode::FORBIDDEN);
    for wrong in [
        json!({"day": today(&stall), "reason": " "}),
        json!({"day": today(&stall) + TimeDelta::days(1), "reason": "early"}),
        json!({"day": "yesterday", "reason": "late"}),
    ] {
        let (status, refused) = stall.post(operator(), "/operator/reconciliations", &wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {refused}");
    }
    reconcile(&stall, today(&stall)).await;
    let lost = the_open(&stall, "missing-here").await;
    for act in ["repair", "dismiss"] {
        let path = format!("/operator/exceptions/{}/{act}", lost["id"].as_str().unwrap());
        let reason = json!({"reason": "mine"});
        assert_eq!(stall.post(stall.vendor(), &path, &reason).await.0, StatusCode::FORBIDDEN);
        assert_eq!(stall.post(operator(), &path, &json!({"reason": ""})).await.1["field"], "reason");
        let nothing = format!("/operator/exceptions/{}/{act}", uuid::Uuid::from_u128(1));
        assert_eq!(stall.post(operator(), &nothing, &reason).await.0, StatusCode::NOT_FOUND);
    }
    the_open(&stall, "missing-here").await;
}

async fn at_gateway(stall: &Stall, path: &str, body: &Value) -> Value {
    let merchant = NewMerchant::demo();
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}{path}", stall.emulator.as_ref().unwrap().razorpay_url());
    let request = client.post(url).basic_auth(merchant.key_id, Some(merchant.key_secret)).json(body);
    request.send().await.unwrap().json().await.unwrap()
}
