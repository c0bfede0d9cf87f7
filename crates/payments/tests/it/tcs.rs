//! Tax collected at source.

use axum::http::StatusCode;
use chrono::TimeDelta;
use emulator::razorpay::{Decision, Mishap, NewDispute, NewMerchant, Play};
use payments::Supply;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use types::{IntentId, Money, OrderId};
use uuid::Uuid;

use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

const GSTIN: &str = "27AAPFU0939F1ZV";
/// What is taxable of [`AMOUNT`] at 18 per cent, and half a per cent of it in two halves.
const TAXABLE: i64 = 127_12;
const TCS: i64 = 64;
const NET: i64 = AMOUNT - COMMISSION - TCS;
const HISTORIES: usize = 8;

fn supply(taxable: i64, place: &str) -> Supply {
    let taxable = Money::inr(taxable);
    Supply { gstin: GSTIN.to_owned(), place: place.to_owned(), to_registered: false, taxable }
}

fn rate(number: u128, percent: &str) -> Value {
    json!({"client_id": Uuid::from_u128(number), "percent": percent, "reason": "we are registered for it"})
}

async fn set(stall: &Stall, number: u128, percent: &str) {
    let (status, answer) = stall.post(operator(), "/operator/tcs", &rate(number, percent)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

async fn state(stall: &Stall, intent: IntentId, supply: Option<&Supply>) {
    let mut transaction = stall.test.db.begin().await.unwrap();
    stall.payments.state_supply(&mut transaction, stall.tenant, intent, supply).await.unwrap();
    transaction.commit().await.unwrap();
}

/// The stall's order, paid through the gateway with so much of it taxable in a state; gives what the gateway calls the payment.
async fn sold(stall: &Stall, supply: Option<&Supply>) -> String {
    let intent = stall.ask().await;
    state(stall, intent, supply).await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    stall.text("select gateway_payment_id from payments order by id desc limit 1").await
}

async fn with_rate() -> Stall {
    let stall = Stall::with_gateway().await;
    set(&stall, 1, "0.5").await;
    stall
}

async fn newest(stall: &Stall) -> Value {
    let (_, wallet) = stall.get(stall.vendor(), "/wallet?limit=1").await;
    wallet["entries"]["items"][0].clone()
}

async fn month(stall: &Stall, month: &str) -> Value {
    let (status, month) = stall.get(operator(), &format!("/operator/tcs/{month}")).await;
    assert_eq!(status, StatusCode::OK, "{month}");
    month
}

fn minors<const N: usize>(entry: &Value, names: [&str; N]) -> [Option<i64>; N] {
    names.map(|name| entry[name]["minor"].as_i64())
}

#[tokio::test]
async fn nothing_is_collected_until_a_rate_is_set_or_once_it_is_none() {
    let stall = Stall::with_gateway().await;
    sold(&stall, Some(&supply(TAXABLE, "27"))).await;
    let entry = newest(&stall).await;
    assert_eq!((entry.get("tcs"), &entry["net"]["minor"]), (None, &json!(AMOUNT - COMMISSION)));
    let (_, book) = stall.get(operator(), "/operator/tcs").await;
    assert_eq!(book, json!({"rates": []}));
    set(&stall, 1, "0.5").await;
    stall.pass(1).await;
    set(&stall, 2, "0").await;
    let (_, book) = stall.get(operator(), "/operator/tcs").await;
    assert_eq!((book.get("percent"), book["rates"].as_array().unwrap().len()), (None, 2));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_sale_through_the_gateway_pays_it_beside_the_commission() {
    let stall = with_rate().await;
    sold(&stall, Some(&supply(TAXABLE, "27"))).await;
    stall.books_hold(AMOUNT, NET, COMMISSION, 0).await;
    assert_eq!(stall.balance("tcs:payable").await, TCS);
    let names = ["gross", "commission", "tcs", "net", "balance_after"];
    let expected = [AMOUNT, COMMISSION, TCS, NET, NET].map(Some);
    assert_eq!(minors(&newest(&stall).await, names), expected);
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(
        minors(&wallet, ["owed", "on_hold", "tcs_this_month"]),
        [Some(NET), Some(NET), Some(TCS)],
        "what is held is what is owed"
    );
    let transfers = "ledger_transfers where reason = 'tax-collected-at-source'";
    assert_eq!(stall.count(transfers).await, 1);
}

#[tokio::test]
async fn nobody_pays_it_without_a_registration_nor_on_cash() {
    let stall = with_rate().await;
    sold(&stall, None).await;
    assert_eq!(newest(&stall).await.get("tcs"), None);
    let cash: OrderId = stall.test.entropy.id(stall.now());
    let new = payments::NewIntent { order: cash, ..stall.new_intent() };
    let intent = stall.ask_for(&new).await;
    state(&stall, intent, Some(&supply(TAXABLE, "27"))).await;
    let body = json!({"client_id": Uuid::from_u128(9), "method": "cash"});
    let path = format!("/orders/{cash}/payment/received");
    assert_eq!(stall.post(stall.vendor(), &path, &body).await.0, StatusCode::OK);
    stall.work().await;
    let entry = newest(&stall).await;
    assert_eq!((entry["text_key"].as_str(), entry.get("tcs")), (Some("sale-by-vendor"), None));
    assert_eq!((stall.balance("tcs:payable").await, stall.count("payments").await), (0, 2));
}

#[tokio::test]
async fn what_goes_elsewhere_before_it_is_paid_is_taxed_by_its_new_place() {
    let stall = with_rate().await;
    let intent = stall.ask().await;
    state(&stall, intent, Some(&supply(1_02, "27"))).await;
    state(&stall, intent, Some(&Supply { to_registered: true, ..supply(1_02, "29") })).await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    state(&stall, intent, None).await;
    let month = month(&stall, &stall.now().format("%Y-%m").to_string()).await;
    let line = &month["lines"][0];
    assert_eq!(minors(line, ["integrated_tax", "central_tax", "state_tax"]), [1, 0, 0].map(Some));
    assert_eq!((&line["place_of_supply"], &line["to_registered"]), (&json!("29"), &json!(true)));
}

#[tokio::test]
async fn refunds_give_it_back_in_parts_and_all_of_it_in_the_end() {
    let stall = with_rate().await;
    sold(&stall, Some(&supply(TAXABLE, "27"))).await;
    stall.refund_part(75_00).await.unwrap();
    assert_eq!(stall.balance("tcs:payable").await, TCS / 2);
    let names = ["gross", "commission", "tcs", "net"];
    let back = [-75_00, -1_87, -32, -(75_00 - 1_87 - 32)].map(Some);
    assert_eq!(minors(&newest(&stall).await, names), back);
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.balance("tcs:payable").await, 0);
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_lost_dispute_takes_its_part_along_in_the_month_in_which_it_was_lost() {
    let stall = with_rate().await;
    let payment = sold(&stall, Some(&supply(TAXABLE, "27"))).await;
    let first = stall.now().format("%Y-%m").to_string();
    let collected = month(&stall, &first).await;
    stall.refund_part(75_00).await.unwrap();
    let suffer = |mishap: Mishap| stall.razorpay().suffer(&NewMerchant::demo().key_id, &mishap).unwrap();
    let long = NewDispute { amount: Some(75_00), respond_within_s: 60 * 86_400, ..NewDispute::of(&payment) };
    let id = suffer(Mishap::Disputed(long));
    stall.work().await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(minors(&wallet, ["disputed", "available"]), [Some(75_00), Some(0)]);
    assert_eq!(stall.balance("tcs:payable").await, TCS / 2, "while it is not decided, it stays as it is");
    stall.pass(32 * 86_400).await;
    suffer(Mishap::DisputeDecided { dispute_id: id, decision: Decision::Lost });
    stall.work().await;
    assert_eq!(stall.balance("tcs:payable").await, 0);
    let entry = newest(&stall).await;
    assert_eq!(entry["text_key"], "dispute-tcs", "{entry}");
    assert_eq!(minors(&entry, ["gross", "commission", "tcs", "net"]), [0, 0, -TCS / 2, TCS / 2].map(Some));
    assert_eq!(newest(&stall).await["balance_after"]["minor"], 0, "nothing of the sale is left, nor owed");
    let next = month(&stall, &stall.now().format("%Y-%m").to_string()).await;
    let sums = ["supplied", "returned", "net", "central_tax", "state_tax"];
    let half = TAXABLE - TAXABLE / 2;
    assert_eq!(minors(&next["lines"][0], sums), [0, half, -half, -TCS / 4, -TCS / 4].map(Some));
    assert_eq!(minors(&next, ["net", "tax"]), [Some(-half), Some(-TCS / 2)]);
    let before = month(&stall, &first).await;
    let line = &collected["lines"][0];
    assert_eq!(before["lines"][0]["supplied"], line["supplied"], "what was handed in stays true");
    let report = stall.ledger.check(&mut stall.test.db.acquire().await.unwrap()).await.unwrap();
    assert_eq!((report.faults, report.debits_minor), (Vec::new(), report.credits_minor));
}

#[tokio::test]
async fn a_month_says_what_the_return_asks_for_and_what_came_back_counts_where_it_did() {
    let stall = with_rate().await;
    sold(&stall, Some(&supply(TAXABLE, "27"))).await;
    let first = stall.now().format("%Y-%m").to_string();
    let shown = month(&stall, &first).await;
    assert_eq!(minors(&shown, ["net", "tax"]), [Some(TAXABLE), Some(TCS)]);
    let line = &shown["lines"][0];
    assert_eq!((&line["gstin"], &line["stall_name"]), (&json!(GSTIN), &json!("Meena's Tomatoes")));
    let sums = ["supplied", "returned", "net", "integrated_tax", "central_tax", "state_tax"];
    assert_eq!(minors(line, sums), [TAXABLE, 0, TAXABLE, 0, TCS / 2, TCS / 2].map(Some));
    stall.pass(32 * 86_400).await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(month(&stall, &first).await, shown, "what was handed in stays true");
    let next = stall.now().format("%Y-%m").to_string();
    let back = month(&stall, &next).await;
    assert_eq!(minors(&back["lines"][0], sums), [0, TAXABLE, -TAXABLE, 0, -TCS / 2, -TCS / 2].map(Some));
    assert_eq!(
        stall.file(operator(), &format!("/operator/tcs/{first}/csv")).await.lines().nth(1),
        Some("3B,27AAPFU0939F1ZV,\"Meena's Tomatoes\",27,127.12,0.00,127.12,0.00,0.32,0.32")
    );
    for path in ["/operator/tcs/2026-13", "/operator/tcs/2026-13/csv"] {
        let (status, problem) = stall.get(operator(), path).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("month")));
        assert_eq!(stall.get(stall.vendor(), path).await.0, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_rate_is_written_once_begins_later_and_is_one_that_the_law_knows() {
    let stall = Stall::with_gateway().await;
    let mut later = rate(1, "0.5");
    later["effective_from"] = json!(stall.now() + TimeDelta::hours(1));
    for _ in 0..2 {
        assert_eq!(stall.post(operator(), "/operator/tcs", &later).await.0, StatusCode::CREATED);
    }
    let (_, book) = stall.get(operator(), "/operator/tcs").await;
    assert_eq!((book.get("percent"), book["rates"].as_array().unwrap().len()), (None, 1));
    stall.pass(3_600).await;
    assert_eq!(stall.get(operator(), "/operator/tcs").await.1["percent"], "0.5");
    let (status, problem) = stall.post(operator(), "/operator/tcs", &rate(1, "1")).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/client-id-reused")));
    let mut past = rate(2, "1");
    past["effective_from"] = json!(stall.now() - TimeDelta::seconds(1));
    let mut silent = rate(3, "1");
    silent["reason"] = json!(" ");
    for (rate, field) in [
        (rate(4, "2.02"), "percent"),
        (rate(5, "0.25"), "percent"),
        (past, "effective_from"),
        (silent, "reason"),
    ] {
        let (status, problem) = stall.post(operator(), "/operator/tcs", &rate).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{rate}");
    }
    assert_eq!(stall.post(stall.vendor(), "/operator/tcs", &rate(6, "1")).await.0, StatusCode::FORBIDDEN);
}

/// A sale with what is taxable of it, whether it stays in the state, and the parts that go back.
#[derive(Debug, Clone)]
struct Sale {
    paise: i64,
    taxable: i64,
    place: &'static str,
    parts: Vec<i64>,
}

fn sale() -> impl Strategy<Value = Sale> {
    (10_00..20_000_00_i64, 0..=1_000_i64, any::<bool>(), prop::collection::vec(1_00..4_000_00_i64, 0..5))
        .prop_map(|(paise, share, stays, parts)| Sale {
            paise,
            taxable: paise * share / 1_000,
            place: if stays { "27" } else { "29" },
            parts,
        })
}

#[tokio::test]
async fn whatever_goes_back_the_books_are_even_and_no_more_goes_back_than_was_taken() {
    let mut runner = TestRunner::deterministic();
    let stall = with_rate().await;
    let mut owed_to_the_state = 0;
    for _ in 0..HISTORIES {
        let sale = sale().new_tree(&mut runner).unwrap().current();
        let order: OrderId = stall.test.entropy.id(stall.now());
        let new = payments::NewIntent { order, amount: Money::inr(sale.paise), ..stall.new_intent() };
        let intent = stall.ask_for(&new).await;
        let supply = supply(sale.taxable, sale.place);
        state(&stall, intent, Some(&supply)).await;
        stall.work().await;
        stall.play(&Play::qr(&stall.gateway_qr(intent).await));
        stall.work().await;
        let taken = stall.balance("tcs:payable").await - owed_to_the_state;
        let mut left = sale.paise;
        for part in &sale.parts {
            // The gateway neither makes nor leaves less than a rupee.
            if left - part < 1_00 {
                break;
            }
            left -= part;
            let mut transaction = stall.test.db.begin().await.unwrap();
            let amount = Money::inr(*part);
            let (tenant, payments) = (stall.tenant, &stall.payments);
            payments.refund_part(&mut transaction, tenant, order, amount, "wilted").await.unwrap();
            transaction.commit().await.unwrap();
            stall.work().await;
            let kept = stall.balance("tcs:payable").await - owed_to_the_state;
            assert!((0..=taken).contains(&kept), "{kept} of {taken} in {sale:?}");
            let exact = taken * left / sale.paise;
            assert!((exact..=exact + 2).contains(&kept), "{kept} is not {exact} of {taken} in {sale:?}");
        }
        let report = stall.ledger.check(&mut stall.test.db.acquire().await.unwrap()).await.unwrap();
        assert_eq!((report.faults, report.debits_minor), (Vec::new(), report.credits_minor), "{sale:?}");
        if sale.parts.len().is_multiple_of(2) {
            stall.refund(order).await.unwrap();
            assert_eq!(stall.balance("tcs:payable").await, owed_to_the_state, "{sale:?}");
        }
        owed_to_the_state = stall.balance("tcs:payable").await;
    }
}

#[tokio::test]
async fn a_month_is_paid_to_the_state_once_after_it_is_over() {
    let stall = with_rate().await;
    sold(&stall, Some(&supply(TAXABLE, "27"))).await;
    let (_, months) = stall.get(operator(), "/operator/tcs-months").await;
    let this = months[0]["month"].as_str().unwrap().to_owned();
    assert_eq!((&months[0]["tax"]["minor"], &months[0]["is_over"]), (&json!(TCS), &json!(false)));
    let path = format!("/operator/tcs/{this}/payment");
    let put = |body: Value| {
        let (stall, path) = (&stall, &path);
        async move { stall.call(operator(), axum::http::Method::PUT, path, Some(&body)).await }
    };
    let today = stall.now().format("%Y-%m-%d").to_string();
    let early = json!({"challan": "26110700012345", "paid_on": today, "amount": {"minor": 1_00, "currency": "INR"},
        "reason": "receipt of the bank"});
    assert_eq!(put(early.clone()).await.1["type"], "/problems/tcs-not-due");
    stall.test.clock.advance(TimeDelta::days(40));
    let today = stall.now().format("%Y-%m-%d").to_string();
    let paid = |amount: i64, challan: &str, on: &str| json!({"challan": challan, "paid_on": on, "amount": {"minor": amount, "currency": "INR"}, "reason": "receipt of the bank"});
    for (body, field) in [
        (paid(4_00, "26110700012345", &today), "amount"),
        (paid(1_00, "no challan", &today), "challan"),
        (paid(1_00, "26110700012345", "2020-01-01"), "paid_on"),
    ] {
        let (status, problem) = put(body).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{problem}"
        );
    }
    // Rounded to the rupee, as the state's challans are; the same again is the same.
    for _ in 0..2 {
        let (status, shown) = put(paid(1_00, "26110700012345", &today)).await;
        assert_eq!(
            (status, &shown["payment"]["challan"]),
            (StatusCode::OK, &json!("26110700012345")),
            "{shown}"
        );
        stall.work().await;
    }
    assert_eq!((stall.balance("tcs:payable").await, stall.balance("bank:tcs").await), (0, -TCS));
    assert_eq!(put(paid(1_00, "26110700099999", &today)).await.1["type"], "/problems/tcs-paid");
    let (_, months) = stall.get(operator(), "/operator/tcs-months").await;
    let first = months.as_array().unwrap().iter().find(|month| month["month"] == this.as_str()).unwrap();
    assert_eq!((&first["is_over"], &first["payment"]["booked"]), (&json!(true), &json!(true)), "{months}");
    assert_eq!(first["payment"]["reason"], "receipt of the bank");
    assert_ne!(stall.get(stall.vendor(), "/operator/tcs-months").await.0, StatusCode::OK);
}
